"""Does a signal go up or down over days, or only to and fro?

Days are compared, not hours: a daily season then is no trend. The slope is Theil and Sen's, the median of all pairs of
days. Kendall's test of the order takes days for independent (``lib.monotone_trend`` asks it of few weeks, exactly);
days remember, so here its variance is multiplied by (1 + r) / (1 - r), r the correlation of successive days around the
slope, which as much widens the interval.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, sqrt
from typing import TYPE_CHECKING, Literal

import numpy as np

from analytics_assets.detector_thresholds import MOST_DAILY_MEMORY, TREND_DAY_COVERAGE, TREND_MIN_DAYS, VOLATILE
from analytics_assets.lib.detectors.tails import DAY
from analytics_assets.lib.monotone_trend import pair_slopes
from analytics_assets.lib.robust import NORMAL_MAD
from analytics_assets.thresholds import SIGNIFICANT, WILSON_Z

if TYPE_CHECKING:
    from analytics_assets.lib.detectors.series import Numbers, Series

Direction = Literal["increasing", "decreasing", "stable", "volatile"]


@dataclass(frozen=True)
class Trend:
    """What a signal does over its days, in its unit per day; None where it cannot be said, with the reason.

    Args:
        slope_per_day: median slope of all pairs of days.
        low: lower end of its 95 % interval.
        high: upper end.
        n_days: days with enough points.
        mean: mean of the days.
        volatility: robust deviation of the days around the slope, as a share of the mean, less what samples alone
            make of a rate; None of a mean of 0.
        p_value: how often chance alone orders the days as much, two-sided.
        reason: why nothing is said.
    """

    slope_per_day: float | None
    low: float | None
    high: float | None
    n_days: int
    mean: float | None
    volatility: float | None
    p_value: float | None
    reason: str | None

    @property
    def direction(self) -> Direction | None:
        """By its own p-value: right for one signal that was looked at alone."""
        return self.direction_if(self.p_value is not None and self.p_value < SIGNIFICANT.value)

    def direction_if(self, is_significant: bool) -> Direction | None:
        """By a verdict on the slope from elsewhere, as after adjustment over many signals."""
        if self.slope_per_day is None:
            return None
        if is_significant and self.slope_per_day:
            return "increasing" if self.slope_per_day > 0 else "decreasing"
        return "volatile" if self.volatility is not None and self.volatility > VOLATILE.value else "stable"


def trend(series: Series) -> Trend:
    """The trend over the days of a series, each day counted back from its last point."""
    days, values, sampled = daily_values(series)
    n = len(values)
    mean = float(values.mean()) if n else None
    if n < TREND_MIN_DAYS.value:
        reason = f"fewer than {TREND_MIN_DAYS.value:.0f} days with enough points"
        return Trend(None, None, None, n, mean, None, None, reason)
    slopes = pair_slopes(days, values)
    slope = float(np.median(slopes))
    rest = values - slope * days
    rest = rest - np.median(rest)
    score, variance = _kendall(values)
    variance *= _memory_factor(rest)
    z = (abs(score) - 1) / sqrt(variance) if variance and score else 0.0
    reach = WILSON_Z.value * sqrt(variance)
    low, high = ((len(slopes) + sign * reach) / 2 for sign in (-1, 1))
    return Trend(
        slope_per_day=slope,
        low=float(slopes[max(0, int(low))]),
        high=float(slopes[min(len(slopes) - 1, int(high))]),
        n_days=n,
        mean=mean,
        volatility=_volatility(rest, sampled, float(values.mean())),
        p_value=min(1.0, erfc(max(0.0, z) / sqrt(2))),
        reason=None,
    )


def daily_values(series: Series) -> tuple[Numbers, Numbers, Numbers]:
    """Days of enough points in order, the value of each, and the deviation that samples alone make.

    A day's value is the median of its points; of a rate the share of all its samples.
    """
    known = np.flatnonzero(series.is_known)
    if not len(known):
        return np.zeros(0), np.zeros(0), np.zeros(0)
    place = -((series.seconds[known[-1]] - series.seconds[known]) // int(DAY))
    days, counts = np.unique(place, return_counts=True)
    days = days[counts >= TREND_DAY_COVERAGE.value * np.median(counts)]
    values, samples = np.zeros(len(days)), np.zeros(len(days))
    for row, day in enumerate(days):
        points = known[place == day]
        values[row] = np.median(series.values[points])
        if series.is_rate and series.samples is not None and (total := float(series.samples[points].sum())) > 0:
            values[row] = (series.values[points] * series.samples[points]).sum() / total
            samples[row] = total
    # By the rate of all days: a day without a failure would seem to know it to be 0.
    usual = (values * samples).sum() / max(1.0, samples.sum())
    sampled = np.sqrt(usual * (1 - usual) / np.where(samples > 0, samples, np.inf))
    return days.astype(float), values, np.asarray(sampled)


def _kendall(values: Numbers) -> tuple[float, float]:
    """Kendall's S and its variance with ties."""
    n = len(values)
    score = float(np.sign(values[None, :] - values[:, None])[np.triu_indices(n, 1)].sum())
    ties = np.unique(values, return_counts=True)[1].astype(float)
    variance = n * (n - 1) * (2 * n + 5) - float((ties * (ties - 1) * (2 * ties + 5)).sum())
    return score, variance / 18


def _memory_factor(rest: Numbers) -> float:
    """How many times as much sums of days vary as independent ones would; 1 where days know nothing of each other."""
    spread = float(rest @ rest)
    if not spread:
        return 1.0
    n = len(rest)
    seen = float(rest[1:] @ rest[:-1]) / spread
    # Of few days the correlation comes out too low, by (1 + 4r) / n: F. H. C. Marriott and J. A. Pope, Biometrika 41.
    memory = min(MOST_DAILY_MEMORY.value, max(0.0, seen + (1 + 4 * seen) / n))
    return (1 + memory) / (1 - memory)


def _volatility(rest: Numbers, sampled: Numbers, mean: float) -> float | None:
    if not mean:
        return None
    if not sampled.any():
        return NORMAL_MAD * float(np.median(np.abs(rest))) / abs(mean)
    # Few failures a day are too skewed for a median; a variance of four weeks may be twice the true one by chance.
    beyond_samples = max(0.0, float(rest.var()) - 2 * float(np.mean(sampled**2)))
    return sqrt(beyond_samples) / abs(mean)
