"""Is the outcome of some transactions another one than that of others? Tests over many pairs of groups at once.

Transactions are not independent: on a bad day everything fails, and whoever worked most on that day seems to be why. So
two tests must agree, and the larger p-value counts: Fisher's, which is exact for few transactions, and one whose
variance is that between spans of time (K.-Y. Liang and S. L. Zeger, "Longitudinal data analysis using generalized
linear models", Biometrika 73 (1986), 13-22). Of 40 worlds without an effect but with three bad days, Fisher's alone
finds a rule in 8, both in none (``mining`` in benchmarks/RESULTS.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics_assets.mining_thresholds import RULE_BLOCKS, RULE_MIN_BLOCKS

if TYPE_CHECKING:
    from datetime import datetime

    import numpy as np
    from numpy.typing import NDArray

    Counts = NDArray[np.int64]
    Numbers = NDArray[np.float64]
    Flags = NDArray[np.bool_]


ROWS_AT_ONCE = 256


@dataclass(frozen=True)
class Sides:
    """Pairs of groups by span: arrays of one row per pair, one column per span of time.

    ``inside`` and ``others`` are transactions, ``inside_hits`` and ``others_hits`` those with the outcome.
    """

    inside_hits: Counts
    inside: Counts
    others_hits: Counts
    others: Counts

    @property
    def totals(self) -> tuple[Counts, Counts, Counts, Counts]:
        """The four counts of each pair over all spans."""
        return (
            self.inside_hits.sum(axis=-1),
            self.inside.sum(axis=-1),
            self.others_hits.sum(axis=-1),
            self.others.sum(axis=-1),
        )

    def p_values(self) -> Numbers:
        """Of each pair, how often chance alone sets both sides as far apart, two-sided; 1 where a side is empty."""
        import numpy as np

        return np.maximum(fisher(*self.totals), self._between_spans())

    def _between_spans(self) -> Numbers:
        """The t-test with the variance between spans; 0, so that Fisher's counts, where there are too few of them."""
        import numpy as np
        from scipy.stats import t

        hits, size, other_hits, other_size = (np.maximum(total, 0)[:, None] for total in self.totals)
        rate, other_rate = hits / np.maximum(size, 1), other_hits / np.maximum(other_size, 1)
        parts = (self.inside_hits - rate * self.inside) / np.maximum(size, 1)
        parts = parts - (self.others_hits - other_rate * self.others) / np.maximum(other_size, 1)
        spans = ((self.inside + self.others) > 0).sum(axis=1)
        spread = np.sqrt((parts**2).sum(axis=1) * spans / np.maximum(spans - 1, 1))
        apart = np.abs(rate - other_rate)[:, 0]
        scores = np.where(spread > 0, apart / np.where(spread > 0, spread, 1.0), np.inf)
        p_values = 2 * t.sf(scores, np.maximum(spans - 1, 1))
        return np.where(spans < RULE_MIN_BLOCKS.value, 0.0, p_values)


def fisher(inside_hits: Counts, inside: Counts, others_hits: Counts, others: Counts) -> Numbers:
    """Fisher's exact test of each pair, two-sided as twice the smaller side; 1 where a side is empty.

    >>> import numpy as np
    >>> [round(float(p), 4) for p in fisher(*(np.array([n, 0]) for n in (8, 10, 2, 10)))]
    [0.023, 1.0]
    """
    import numpy as np
    from scipy.stats import hypergeom

    inside_hits, inside, others_hits, others = map(np.asarray, (inside_hits, inside, others_hits, others))
    asked = (inside > 0) & (others > 0)
    hits, size = inside_hits[asked], inside[asked]
    both, all_hits = size + others[asked], hits + others_hits[asked]
    more, fewer = hypergeom.sf(hits - 1, both, all_hits, size), hypergeom.cdf(hits, both, all_hits, size)
    p_values = np.ones(inside.shape)
    p_values[asked] = np.minimum(1.0, 2 * np.minimum(more, fewer))
    return p_values


def differs(first: tuple[int, int, int, int], second: tuple[int, int, int, int]) -> float:
    """How often chance alone makes two differences of rates as unlike, two-sided; 1 where one cannot be told.

    Each is (hits, transactions, hits of the others, the others). Rates have one more of either outcome (A. Agresti and
    B. Caffo, The American Statistician 54 (2000), 280-288), so that a side without a hit has a variance.
    """
    from math import sqrt
    from statistics import NormalDist

    distance, variance = 0.0, 0.0
    for sign, (hits, size, other_hits, other_size) in ((1, first), (-1, second)):
        if not size or not other_size:
            return 1.0
        for side, k, n in ((sign, hits, size), (-sign, other_hits, other_size)):
            rate = (k + 1) / (n + 2)
            distance += side * rate
            variance += rate * (1 - rate) / (n + 2)
    return 2 * NormalDist().cdf(-abs(distance) / sqrt(variance))


def spans_of(times: Sequence[datetime]) -> Counts:
    """The span of the window that each time is in, 0 to 29; all in one where they have one time."""
    import numpy as np

    if not times:
        return np.zeros(0, dtype=np.int64)
    seconds = np.array(times, dtype="datetime64[us]").astype(np.int64).astype(np.float64)
    width = (seconds.max() - seconds.min()) / RULE_BLOCKS.value
    if not width:
        return np.zeros(len(times), dtype=np.int64)
    spans: Counts = np.minimum((seconds - seconds.min()) // width, RULE_BLOCKS.value - 1).astype(np.int64)
    return spans


def by_span(masks: Flags, spans: Counts) -> Counts:
    """How many transactions of each mask (a row) are in each of the 30 spans (a column)."""
    import numpy as np

    is_in = np.eye(int(RULE_BLOCKS.value), dtype=np.float32)[spans]
    counts = np.zeros((len(masks), is_in.shape[1]), dtype=np.int64)
    # In parts: all masks as numbers would take gigabytes.
    for first in range(0, len(masks), ROWS_AT_ONCE):
        part = slice(first, first + ROWS_AT_ONCE)
        counts[part] = np.rint(masks[part].astype(np.float32) @ is_in)
    return counts
