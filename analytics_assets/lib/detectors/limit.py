"""A value beyond a limit: a given one, or what the series' own past makes one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analytics_assets.detector_thresholds import SURPRISE
from analytics_assets.lib.detectors.sampling import sampling
from analytics_assets.lib.detectors.series import Family, Judgement, Series
from analytics_assets.lib.detectors.tails import guard_points, reference_points, refit_points, tails
from analytics_assets.limits import Setting

if TYPE_CHECKING:
    from analytics_assets.lib.detectors.series import Numbers


@dataclass(frozen=True)
class ThresholdMonitor:
    """Compares a value with limits; without given ones, with those that the past passes once in 5,000 points.

    Args:
        upper: the largest value that is usual; with neither limit both are learned.
        lower: the least value that is usual.
    """

    upper: float | None = None
    lower: float | None = None
    name: str = "threshold_monitor"
    family: Family = "limit"
    unit: str = "nats of surprise"
    threshold: Setting = SURPRISE

    def judge(self, series: Series, first: int = 0) -> Judgement:
        """The judgement of the points from ``first`` on; a given limit needs no past."""
        if self.upper is None and self.lower is None:
            return self._learned(series, first)
        judged = series.is_known & (np.arange(len(series)) >= first)
        lower, upper = (np.where(judged, np.nan if end is None else end, np.nan) for end in (self.lower, self.upper))
        score = np.where(judged, _how_far(series.values, lower, upper), np.nan)
        return Judgement(score, np.full(len(series), np.nan), lower, upper)

    def _learned(self, series: Series, first: int) -> Judgement:
        of_samples = sampling(series)
        values = series.values if of_samples is None else of_samples.deviations
        past = tails(values, reference_points(series), refit_points(series), first, guard_points(series))
        score, (lower, upper) = past.surprise(values), past.limits(self.threshold.value)
        if of_samples is not None:
            score = np.minimum(score, of_samples.nats)
            lower = np.maximum(0.0, of_samples.usual + lower * of_samples.scale)
            upper = np.minimum(1.0, of_samples.usual + upper * of_samples.scale)
        return Judgement(score / self.threshold.value, np.full(len(series), np.nan), lower, upper)


def _how_far(values: Numbers, lower: Numbers, upper: Numbers) -> Numbers:
    """0 within the limits; beyond one 1 and the distance from it as a share of the limit."""
    beyond = np.fmax(np.fmax(values - upper, lower - values), 0.0)
    size = np.where(values > np.nan_to_num(upper, nan=np.inf), np.abs(upper), np.abs(lower))
    return np.where(beyond > 0, 1 + beyond / np.where(size > 0, size, 1.0), 0.0)
