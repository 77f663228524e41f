"""When did a level change for good, and is it more than memory?

The statistic is the largest cumulative sum of the ranks' deviations from their mean, of a series without its daily
season. Over its standard deviation it has the distribution of a Brownian bridge's maximum (A. N. Pettitt, Applied
Statistics 28 (1979), 126-135, for independent values). A series that remembers wanders: the deviation is the long-run
one, the larger of what the first lag, taken from above, and what a day of lags say.

Penalised segmentation (PELT) was measured beside it and finds changes in noise that remembers (benchmarks/RESULTS.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from math import exp, sqrt
from typing import TYPE_CHECKING

import numpy as np

from analytics_assets.detector_thresholds import (
    MEMORY_ERRORS,
    MOST_MEMORY,
    SHIFT_LOOKS,
    SHIFT_MIN_POINTS,
    SHIFT_SEASON_DAYS,
    WEEKLY_AFTER_DAYS,
)
from analytics_assets.lib.detectors.tails import DAY
from analytics_assets.thresholds import SIGNIFICANT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analytics_assets.lib.detectors.series import Numbers, Series

HOUR, WEEK_DAYS = 3600, 7
BRIDGE_TERMS = 20
"""Of the series; from the fourth on they are below a double's rounding where p is below a half."""


@dataclass(frozen=True)
class Shift:
    """The newest lasting change of a level: of a rate the shares of all samples, else medians, in the signal's unit.

    Args:
        changed_at: first point of the new level.
        p_value: how often a series that only remembers has one as large, over all looks. Measured at 0.05: 3 to 4 % of
            autoregressive series of 0.5 to 0.95, under 1 % of white noise; a random walk has no level, and many.
    """

    changed_at: datetime
    before: float
    after: float
    n_before: int
    n_after: int
    p_value: float


def level_shift(series: Series) -> Shift | None:
    """The newest significant lasting change; None where there is none, or where there are too few points for one.

    After a change the rest is looked at again, so a newer one is found behind a larger; ``n_before`` are the points
    since the change before it. Both sides last at least 24 points.
    """
    known = np.flatnonzero(series.is_known)
    values = _without_season(series.values[known], series.seconds[known])
    least = int(SHIFT_MIN_POINTS.value)
    found: tuple[int, int, float] | None = None
    start = 0
    for look in range(1, int(SHIFT_LOOKS.value) + 1):
        if len(values) - start < 4 * least:
            break
        place, p_value = strongest_change(values[start:], least)
        if p_value * look >= SIGNIFICANT.value:
            break
        found = (start, start + place, p_value * look)
        start += place
    if found is None:
        return None
    first, changed, p_value = found
    before, after = (_level(series, known[span]) for span in (slice(first, changed), slice(changed, None)))
    when = series.times[known[changed]].astype(datetime)
    return Shift(when, before, after, changed - first, len(known) - changed, p_value)


def strongest_change(values: Numbers, least: int) -> tuple[int, float]:
    """Place of the first value after the strongest change, and its p-value; 1 of values that never differ.

    Args:
        values: at least twice ``least``, without NaN.
        least: values on each side.
    """
    ranks = _ranks(values)
    n = len(ranks)
    sums = np.abs(np.cumsum(ranks - ranks.mean()))[least - 1 : n - least]
    place = least + int(sums.argmax())
    rest = np.concatenate([ranks[:place] - ranks[:place].mean(), ranks[place:] - ranks[place:].mean()])
    # Without its change a walk has less variance than it had; with it, a true change hides itself: each is half right.
    variance = (long_run_variance(rest) + long_run_variance(ranks - ranks.mean())) / 2
    return (place, bridge_p_value(float(sums.max()) / sqrt(variance * n))) if variance else (place, 1.0)


def long_run_variance(rest: Numbers) -> float:
    """Variance of the mean of many, times their number: that of one value, and of all it has in common with others."""
    n = len(rest)
    variance = float(rest @ rest) / n
    if not variance:
        return 0.0
    lags = min(n // 4, max(int(SHIFT_MIN_POINTS.value), int(sqrt(n))))
    together = np.array([float(rest[lag:] @ rest[:-lag]) for lag in range(1, lags + 1)]) / n
    weights = 1 - np.arange(1, lags + 1) / (lags + 1)
    seen = float(together[0]) / variance
    # An estimate from above: what is called a change must be more than any memory that the series may well have.
    error = MEMORY_ERRORS.value * sqrt(max(0.0, 1 - seen * seen) / n)
    memory = min(MOST_MEMORY.value, max(0.0, seen + (1 + 4 * seen) / n + error))
    of_all_lags = variance + 2 * float(weights @ together)
    return max(of_all_lags, variance * (1 + memory) / (1 - memory))


def bridge_p_value(height: float) -> float:
    """How often a Brownian bridge is farther than that from 0 at its farthest.

    >>> f"{bridge_p_value(1.358):.3f} {bridge_p_value(1.628):.3f} {bridge_p_value(0.0):.0f}"
    '0.050 0.010 1'
    """
    if height <= 0:
        return 1.0
    total: float = sum((1 if j % 2 else -1) * exp(-2 * j * j * height * height) for j in range(1, BRIDGE_TERMS + 1))
    return min(1.0, max(0.0, 2 * total))


def _without_season(values: Numbers, seconds: NDArray[np.int64]) -> Numbers:
    """Values less what their hour, and of three weeks their weekday, differs by; of few days as they are."""
    if not len(values) or seconds[-1] - seconds[0] < SHIFT_SEASON_DAYS.value * DAY:
        return values
    days = (seconds - seconds[0]) // int(DAY)
    present, places = np.unique(days, return_inverse=True)
    levels = np.array([np.median(values[places == place]) for place in range(len(present))])
    # Differences within a day, and from the week around it: a change of level is in none of them.
    by_hour = _usual_differences(values - levels[places], seconds // HOUR % 24)
    if days[-1] < WEEKLY_AFTER_DAYS.value:
        return np.asarray(values - by_hour)
    around = np.array([np.median(levels[np.abs(present - day) <= WEEK_DAYS // 2]) for day in present])
    by_weekday = _usual_differences(levels - around, present % WEEK_DAYS)
    return np.asarray(values - by_hour - by_weekday[places])


def _usual_differences(differences: Numbers, phases: NDArray[np.int64]) -> Numbers:
    """The median difference of each one's phase."""
    usual = np.zeros(len(differences))
    for phase in np.unique(phases):
        usual[phases == phase] = np.median(differences[phases == phase])
    return usual


def _ranks(values: Numbers) -> Numbers:
    """Ranks from 0 on, the mean one of equal values."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(counts) - (counts + 1) / 2)[places])


def _level(series: Series, points: NDArray[np.intp]) -> float:
    values = series.values[points]
    if series.is_rate and series.samples is not None:
        n = np.nan_to_num(series.samples[points])
        if n.sum() > 0:
            return float((values * n).sum() / n.sum())
    return float(np.median(values))
