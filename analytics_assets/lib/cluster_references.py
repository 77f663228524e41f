"""Clouds without groups that are otherwise like the points: what groups are held against.

A cloud of normal points would not do. Costs are skewed, attempts are small integers, error rates are mostly 0 and
shares have bounds: each of them looks more grouped than a normal cloud and none of them makes a group. So a reference
has of every column

- its distribution with all humps but one evened out: the likeliest density that falls from there to both sides (U.
  Grenander, "On the theory of mortality measurement", Skandinavisk Aktuarietidskrift 39 (1956), 125-153). It is as
  skewed, as long in its tails and as bounded, on the same lattice where values have one, and with as many 0;
- its rank correlation with the other columns, by a Gaussian copula;
- its rows without a value.

What is left to tell points from such clouds are groups: humps with little between them, in one column or in several.
Of 480 worlds without groups 2 have some; two kinds of runs are mostly found from three standard deviations in four of
eleven figures on (``mining`` in benchmarks/RESULTS.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics_assets.mining_thresholds import CLUSTER_LATTICE, CLUSTER_ZEROS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Scale:
    """How a feature is compared: by its logarithm or not, in robust deviations from its median."""

    is_logarithmic: bool
    median: float = 0.0
    spread: float = 1.0

    def of(self, values: Numbers) -> Numbers:
        """The distances from the median."""
        import numpy as np

        compared = np.log1p(np.maximum(0.0, values)) if self.is_logarithmic else values
        distances: Numbers = (compared - self.median) / self.spread
        return distances


@dataclass(frozen=True)
class OneHump:
    """A distribution with one hump: the ends of its pieces and the share of values below each end.

    ``is_lattice``: only the upper ends of the pieces are values.
    """

    ends: Numbers
    below: Numbers
    is_lattice: bool

    def at(self, shares: Numbers) -> Numbers:
        """The values that these shares of all values, 0 to 1, are below."""
        import numpy as np

        if self.is_lattice:
            lattice: Numbers = self.ends[1:][np.searchsorted(self.below[1:-1], shares, side="right")]
            return lattice
        return np.interp(shares, self.below, self.ends)


@dataclass(frozen=True)
class _Column:
    """One hump, and the 0 beside it: where it lies, its share, and the share of values below it."""

    hump: OneHump
    zero: float = 0.0
    zeros: float = 0.0
    below_zero: float = 0.0

    def at(self, shares: Numbers) -> Numbers:
        import numpy as np

        is_zero = (shares >= self.below_zero) & (shares < self.below_zero + self.zeros)
        rest = np.where(shares < self.below_zero, shares, shares - self.zeros) / (1 - self.zeros)
        return np.where(is_zero, self.zero, self.hump.at(np.clip(rest, 0.0, 1.0)))


class References:
    """Clouds like the rows of a matrix, NaN where it has NaN."""

    def __init__(self, matrix: Numbers, scales: Sequence[Scale]) -> None:
        """Take the rows, in the units of the features: each of them varies."""
        import numpy as np

        self._is_known = ~np.isnan(matrix)
        columns = zip(matrix.T, self._is_known.T, scales, strict=True)
        self._columns = [_column(column[known], scale) for column, known, scale in columns]
        self._mixed = _root(_copula(matrix, self._is_known))

    def cloud(self, rng: np.random.Generator) -> Numbers:
        """As many rows as there are, in distances from the median."""
        import numpy as np
        from scipy.stats import norm

        shares = norm.cdf(rng.standard_normal(self._is_known.shape) @ self._mixed.T)
        drawn = np.column_stack([one.at(own) for one, own in zip(self._columns, shares.T, strict=True)])
        return np.where(self._is_known, drawn, np.nan)


def one_hump(values: Numbers, scale: Scale) -> OneHump:
    """The distribution of the distances of these values with all humps but the highest evened out.

    From there the density falls to both sides, or stays: of all such densities the one under which the values are the
    likeliest. Values on a lattice keep to it.
    """
    import numpy as np
    from scipy.optimize import isotonic_regression

    distinct, counts = np.unique(values, return_counts=True)
    step = _step(distinct) if 2 * len(distinct) <= len(values) else 0.0
    if step:
        lattice = distinct[0] + step * np.arange(-1, round((distinct[-1] - distinct[0]) / step) + 1)
        ends, widths = scale.of(lattice), np.ones(len(lattice) - 1)
        inside = np.zeros(len(widths))
        inside[np.round((distinct - distinct[0]) / step).astype(int)] = counts
        mode = int(inside.argmax())
    else:
        # What several rows share is spread over the gap below it; the lowest value is only an end.
        ends, inside = scale.of(distinct), counts[1:].astype(np.float64)
        widths, mode = np.diff(ends), _densest(scale.of(values), ends)
    densities = inside / widths
    parts = [
        isotonic_regression(part, weights=weights, increasing=rises).x
        for part, weights, rises in (
            (densities[:mode], widths[:mode], True),
            (densities[mode:], widths[mode:], False),
        )
        if len(part)
    ]
    below = np.concatenate([[0.0], np.cumsum(np.concatenate(parts) * widths)])
    return OneHump(ends, below / below[-1], bool(step))


def _column(known: Numbers, scale: Scale) -> _Column:
    import numpy as np

    is_zero = known == 0
    zeros = float(is_zero.mean())
    others = known[~is_zero]
    # 0 is often another sort of answer than a little: no error, no cost. It is no hump of the others.
    if zeros < CLUSTER_ZEROS.value or len(np.unique(scale.of(others))) < 2:  # noqa: PLR2004 - one value has no humps
        return _Column(one_hump(known, scale))
    return _Column(one_hump(others, scale), float(scale.of(np.zeros(1))[0]), zeros, float((known < 0).mean()))


def _step(distinct: Numbers) -> float:
    """The step of the lattice that the values lie on, 0 where they lie on none."""
    import numpy as np

    gaps = np.diff(distinct)
    steps = gaps / gaps.min()
    # Shares are written with so many digits that a step is told by a thousandth of itself.
    is_lattice = steps.sum() <= CLUSTER_LATTICE.value and np.allclose(steps, np.round(steps), rtol=0, atol=0.001)
    return float(gaps.min()) if is_lattice else 0.0


def _densest(values: Numbers, ends: Numbers) -> int:
    """The piece in the middle of the shortest interval that holds a quarter of all values."""
    import numpy as np

    ordered = np.sort(values)
    width = max(1, len(ordered) // 4)
    middle = ordered[int((ordered[width:] - ordered[:-width]).argmin()) + width // 2]
    return int(np.clip(np.searchsorted(ends, middle), 1, len(ends) - 1)) - 1


def _copula(matrix: Numbers, is_known: Flags) -> Numbers:
    """Correlations of the normal variables behind the ranks; of two that are never known together, 0.

    Equal values share the mean of their normal scores, which hides a part of the correlation behind them: it is put
    back by what the scores vary less than normal ones.
    """
    import numpy as np
    from scipy.stats import norm

    scores = np.zeros(matrix.shape)
    spread = np.ones(matrix.shape[1])
    for place, known in enumerate(is_known.T):
        values = matrix[known, place]
        normal = norm.ppf((np.arange(len(values)) + 0.5) / len(values))
        _, groups, counts = np.unique(values, return_inverse=True, return_counts=True)
        sums = np.concatenate([[0.0], np.cumsum(normal)])
        last = np.cumsum(counts)
        means = (sums[last] - sums[last - counts]) / counts
        scores[known, place] = means[groups]
        spread[place] = means[groups].var() / normal.var()
    together = is_known.T.astype(np.float64) @ is_known
    found = np.clip(scores.T @ scores / np.maximum(together, 1) / np.outer(spread, spread), -1.0, 1.0)
    np.fill_diagonal(found, 1.0)
    return found


def _root(correlations: Numbers) -> Numbers:
    """What mixes independent normal variables so: of the nearest matrix that is one of correlations."""
    import numpy as np

    values, vectors = np.linalg.eigh(correlations)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    mixed: Numbers = root / np.sqrt((root**2).sum(axis=1, keepdims=True))
    return mixed
