"""How large an effect is between two samples, and whether chance alone would make it.

Shares are compared by Newcombe's interval and Fisher's test, costs and durations by ranks and medians, and many
comparisons at once by Benjamini and Hochberg's adjustment. Nothing is random: the bootstrap has a fixed seed.
NumPy and SciPy are imported on first use.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, sqrt
from statistics import NormalDist
from typing import NamedTuple

from analytics_assets.lib.rates import Interval, wilson_interval
from analytics_assets.thresholds import BOOTSTRAP_SAMPLES, POWER, SAMPLE_VALUES, SIGNIFICANT, WILSON_Z

SEED = 0


class RankTest(NamedTuple):
    """What the ranks of two samples say.

    Args:
        p_value: how often chance alone sets them as far apart, two-sided.
        superiority: P(a value of a is above one of b), a tie counting half: 0.5 where neither is larger.
    """

    p_value: float
    superiority: float


def newcombe_interval(
    successes_a: int, n_a: int, successes_b: int, n_b: int, z: float = WILSON_Z.value
) -> Interval | None:
    """The interval of the difference of two rates, a - b, within -1 to 1; None when a side has no run.

    With p, l and u a rate and its Wilson limits, it reaches from d - sqrt((pa - la)^2 + (ub - pb)^2) to
    d + sqrt((ua - pa)^2 + (pb - lb)^2): method 10 of R. G. Newcombe, "Interval estimation for the difference
    between independent proportions: comparison of eleven methods", Statistics in Medicine 17 (1998), 873-890.

    >>> low, high = newcombe_interval(56, 70, 48, 80)
    >>> f"{low:.4f} to {high:.4f}"
    '0.0524 to 0.3339'
    """
    a, b = wilson_interval(successes_a, n_a, z), wilson_interval(successes_b, n_b, z)
    if a is None or b is None:
        return None
    rate_a, rate_b = successes_a / n_a, successes_b / n_b
    difference = rate_a - rate_b
    below = sqrt((rate_a - a.low) ** 2 + (b.high - rate_b) ** 2)
    above = sqrt((a.high - rate_a) ** 2 + (rate_b - b.low) ** 2)
    # The difference of two shares never leaves -1 to 1; rounding puts an end that is exact a hair off.
    return Interval(max(-1.0, difference - below), min(1.0, difference + above))


def proportions_p_value(successes_a: int, n_a: int, successes_b: int, n_b: int) -> float | None:
    """Fisher's exact test of two rates, two-sided; None when a side has no run.

    The score test finds real differences with fewer runs, and with few calls chance a finding too often: two successes
    against two failures have p = 0.046 there and 0.33 here. Who is told that a change did harm must be able to rely on
    the stated rate at any number of runs, and Fisher's test never exceeds it.
    """
    from scipy.stats import fisher_exact

    if not 0 <= successes_a <= n_a or not 0 <= successes_b <= n_b:
        raise ValueError(f"{successes_a} successes of {n_a} and {successes_b} of {n_b}")
    if not n_a or not n_b:
        return None
    table = [[successes_a, n_a - successes_a], [successes_b, n_b - successes_b]]
    return min(1.0, float(fisher_exact(table).pvalue))


def needed_runs(
    rate: float, expected: float, power: float = POWER.value, significance: float = SIGNIFICANT.value
) -> int | None:
    """Runs on each side that show a change from one rate to another with this power; None where they do not differ.

    Two-sided: ((z_a sqrt(2 m (1 - m)) + z_b sqrt(p (1 - p) + q (1 - q))) / (p - q))^2, m the mean of both rates
    (J. L. Fleiss, "Statistical Methods for Rates and Proportions", 2nd ed. 1981, chapter 3, without the correction
    for continuity).

    >>> needed_runs(0.75, 0.10), needed_runs(0.30, 0.15), needed_runs(0.10, 0.05)
    (8, 121, 435)
    """
    if not (0 <= rate <= 1 and 0 <= expected <= 1):
        raise ValueError(f"rates are shares of 0 to 1, not {rate} and {expected}")
    if rate == expected:
        return None
    by_chance = NormalDist().inv_cdf(1 - significance / 2)
    seen = NormalDist().inv_cdf(power)
    mean = (rate + expected) / 2
    spread = by_chance * sqrt(2 * mean * (1 - mean)) + seen * sqrt(rate * (1 - rate) + expected * (1 - expected))
    return ceil((spread / (rate - expected)) ** 2)


def rank_test(a: Sequence[float], b: Sequence[float]) -> RankTest | None:
    """The Mann-Whitney test of two samples; None when one is empty.

    It asks for no distribution, so a few runs of a hundred times the usual cost do not decide it.
    """
    from scipy.stats import mannwhitneyu

    if not len(a) or not len(b):
        return None
    result = mannwhitneyu(a, b, alternative="two-sided")
    return RankTest(float(result.pvalue), float(result.statistic) / (len(a) * len(b)))


def median_difference(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Median of a minus median of b; None when one is empty.

    >>> median_difference([1, 2, 9], [4])
    -2.0
    """
    import numpy as np

    return float(np.median(a) - np.median(b)) if len(a) and len(b) else None


def median_difference_interval(a: Sequence[float], b: Sequence[float]) -> Interval | None:
    """The 95 % percentile bootstrap interval of ``median_difference``; None with fewer than two values on a side.

    B. Efron and R. J. Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13. The seed is fixed: the same
    values have the same interval. Of a large sample ``evenly_spaced`` values stand for it, which widens the interval.
    """
    import numpy as np

    if min(len(a), len(b)) < 2:  # noqa: PLR2004 - one value drawn again and again would have an interval of no width
        return None
    rng = np.random.default_rng(SEED)
    medians = []
    for values in (evenly_spaced(a), evenly_spaced(b)):
        drawn = rng.choice(values, size=(int(BOOTSTRAP_SAMPLES.value), len(values)), replace=True)
        medians.append(np.median(drawn, axis=1))
    low, high = np.quantile(medians[0] - medians[1], [SIGNIFICANT.value / 2, 1 - SIGNIFICANT.value / 2])
    return Interval(float(low), float(high))


def evenly_spaced(values: Sequence[float], most: int = int(SAMPLE_VALUES.value)) -> list[float]:
    """The values in order; of more than ``most``, that many at evenly spaced ranks, both ends among them.

    >>> evenly_spaced([5, 1, 4, 2, 3], most=3)
    [1, 3, 5]
    """
    ordered = sorted(values)
    if len(ordered) <= most:
        return ordered
    step = (len(ordered) - 1) / (most - 1)
    return [ordered[round(rank * step)] for rank in range(most)]


def adjusted_p_values(p_values: Sequence[float | None]) -> list[float | None]:
    """Benjamini-Hochberg adjusted p-values, in the given order; None stays None and counts for nothing.

    Of what is then called significant at 0.05, at most 5 % is expected to be chance: Y. Benjamini and Y. Hochberg,
    "Controlling the false discovery rate", Journal of the Royal Statistical Society B 57 (1995), 289-300.

    >>> adjusted_p_values([0.01, None, 0.04, 0.03])
    [0.03, None, 0.04, 0.04]
    """
    known = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    least = 1.0
    for rank in range(len(known), 0, -1):
        p, place = known[rank - 1]
        least = min(least, p * len(known) / rank)
        adjusted[place] = least
    return adjusted
