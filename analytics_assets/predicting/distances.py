"""How far have values moved, and may that be chance? One scale for numbers and for categories.

A distance is 0 where nothing moved and 1 where nothing is as it was. Each is the largest difference of shares that the
move makes, as the Kolmogorov-Smirnov distance is, or what stands for it:

- numbers: the Kolmogorov-Smirnov distance itself;
- many numbers: PSI is the symmetric Kullback-Leibler divergence; of two normal distributions d standard deviations
  apart it is d squared, and their Kolmogorov-Smirnov distance is 2 Phi(d / 2) - 1: so 2 Phi(sqrt(PSI) / 2) - 1;
- categories: Cramer's V as it were if both samples were equally large, less what chance alone makes of it. The usual
  V of 2,000 against 50 examples cannot pass 0.31, whatever happens.

Runs come in bursts, and fifty runs of one burst say less than fifty of a week. What successive runs share is taken off
the number of examples before a p-value is computed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from analytics_assets.predicting_thresholds import (
    DRIFT_BINS,
    DRIFT_FLOOR,
    DRIFT_LARGE,
    DRIFT_LEAST_CELL,
    DRIFT_LEAST_WORTH,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

KOLMOGOROV_SMIRNOV, CHI_SQUARE, PSI = "kolmogorov_smirnov", "chi_square", "psi"
OTHERS = "(others)"


class Moved(NamedTuple):
    """One comparison: ``statistic`` is the test's own (KS distance, chi-square, PSI), ``distance`` is 0 to 1."""

    test: str
    statistic: float
    p_value: float
    distance: float


def worth_of(values: ArrayLike) -> float:
    """What each of these numbers counts for, in the order of time, 0.02 to 1; 1: none tells of the next."""
    return _worth(_ranks(np.asarray(values, dtype=float)))


def numbers_moved(reference: ArrayLike, current: ArrayLike) -> Moved:
    """Two samples of numbers, each in the order of time and without a NaN or infinity, by size: KS, or PSI."""
    first, second = np.asarray(reference, dtype=float), np.asarray(current, dtype=float)
    if min(len(first), len(second)) < DRIFT_LARGE.value:
        return _kolmogorov_smirnov(first, second)
    edges = np.unique(np.quantile(first, np.linspace(0, 1, int(DRIFT_BINS.value) + 1)[1:-1]))
    before, after = _binned(first, edges), _binned(second, edges)
    return _psi(before, after, worth_of(first))


def categories_moved(reference: Sequence[str | None], current: Sequence[str | None]) -> Moved | None:
    """Two samples of categories, each in the order of time, by size: chi-square, or PSI; None: one cell is left.

    None counts as a category: what is not known any more has moved. Cells that would hold fewer than five examples are
    counted as one.
    """
    before, after = _cells(reference, current)
    if len(before) < 2:  # noqa: PLR2004 - one cell is always as full
        return None
    worth = _worth_of_names(reference if len(reference) >= len(current) else current)
    if min(len(reference), len(current)) < DRIFT_LARGE.value:
        return _chi_square(before, after, worth)
    return _psi(before, after, worth)


def _kolmogorov_smirnov(first: NDArray[np.float64], second: NDArray[np.float64]) -> Moved:
    from scipy.special import kolmogorov

    values = np.concatenate([first, second])
    of_first = np.searchsorted(np.sort(first), values, side="right") / len(first)
    of_second = np.searchsorted(np.sort(second), values, side="right") / len(second)
    distance = float(np.abs(of_first - of_second).max())
    # What hangs together is seen best in the longer sample, and a change is no reason to believe less of it.
    worth = worth_of(first if len(first) >= len(second) else second)
    n, m = len(first) * worth, len(second) * worth
    root = sqrt(n * m / (n + m))
    # M. A. Stephens, "Use of the Kolmogorov-Smirnov, Cramer-von Mises and related statistics", JRSS B 32 (1970).
    return Moved(KOLMOGOROV_SMIRNOV, distance, float(kolmogorov((root + 0.12 + 0.11 / root) * distance)), distance)


def _psi(before: NDArray[np.float64], after: NDArray[np.float64], worth: float) -> Moved:
    """PSI over (1/n + 1/m) is chi-square with one degree less than bins: B. Yurdakul, J. Naranjo (2020)."""
    from scipy.special import chdtrc, ndtr

    p, q = (np.maximum(cells / cells.sum(), DRIFT_FLOOR.value) for cells in (before, after))
    psi = float(np.sum((q - p) * np.log(q / p)))
    noise = (1 / before.sum() + 1 / after.sum()) / worth
    p_value = float(chdtrc(max(1, len(p) - 1), psi / noise))
    return Moved(PSI, psi, p_value, float(2 * ndtr(sqrt(psi) / 2) - 1))


def _chi_square(before: NDArray[np.float64], after: NDArray[np.float64], worth: float) -> Moved:
    from scipy.special import chdtrc

    n, m, cells = before.sum(), after.sum(), len(before)
    counts = np.array([before, after])
    expected = np.outer([n, m], (before + after) / (n + m))
    statistic = float(((counts - expected) ** 2 / expected).sum())
    p, q = before / n, after / m
    squared = float(np.sum((p - q) ** 2 / (2 * (p + q))))
    by_chance = (cells - 1) / 4 * (1 / n + 1 / m)
    p_value = float(chdtrc(cells - 1, statistic * worth))
    return Moved(CHI_SQUARE, statistic, p_value, sqrt(max(0.0, squared - by_chance)))


def _cells(
    reference: Sequence[str | None], current: Sequence[str | None]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Counts of both in the same order of categories, small ones together."""
    before, after = Counter(reference), Counter(current)
    least = DRIFT_LEAST_CELL.value * (len(reference) + len(current)) / min(len(reference), len(current))
    large = sorted((name for name in before | after if before[name] + after[name] >= least), key=str)
    counts = [[count[name] for name in large] for count in (before, after)]
    rest = [len(sample) - sum(found) for sample, found in zip((reference, current), counts, strict=True)]
    if sum(rest):
        counts = [[*found, left] for found, left in zip(counts, rest, strict=True)]
    return np.array(counts[0], dtype=float), np.array(counts[1], dtype=float)


def _binned(values: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.bincount(np.searchsorted(edges, values, side="left"), minlength=len(edges) + 1).astype(float)


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Places in order, equal values sharing theirs: one huge value must not hide that the others hang together."""
    _, places = np.unique(values, return_inverse=True)
    return places.astype(float)


def _worth(places: NDArray[np.float64]) -> float:
    """What an example counts for, 0.02 to 1: 1 over the sum of correlations of examples that lie ever farther apart.

    The sum ends where two neighbours of it are below 0 together: C. J. Geyer, "Practical Markov chain Monte Carlo",
    Statistical Science 7 (1992).
    """
    n, spread = len(places), float(places.var())
    if n < 4 or spread == 0:  # noqa: PLR2004 - two pairs at least, of something that moves
        return 1.0
    around = places - places.mean()
    size = 1 << (2 * n - 1).bit_length()
    transformed = np.fft.rfft(around, size)
    correlations = np.fft.irfft(transformed * np.conj(transformed), size)[: n // 2] / (n * spread)
    pairs = correlations[1:-1:2] + correlations[2::2]
    ends = np.flatnonzero(pairs <= 0)
    shared = float(pairs[: ends[0] if len(ends) else len(pairs)].sum())
    return max(DRIFT_LEAST_WORTH.value, 1 / (1 + 2 * shared))


def _worth_of_names(names: Sequence[str | None]) -> float:
    """The same of categories, as far as it is seen from one run to the next: how much oftener they are alike."""
    by_chance = sum((count / len(names)) ** 2 for count in Counter(names).values())
    if len(names) < 3 or by_chance == 1:  # noqa: PLR2004 - as above
        return 1.0
    same = sum(one == other for one, other in pairwise(names)) / (len(names) - 1)
    correlation = min(max((same - by_chance) / (1 - by_chance), 0.0), 1.0)
    return max(DRIFT_LEAST_WORTH.value, (1 - correlation) / (1 + correlation))
