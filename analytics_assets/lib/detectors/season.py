"""A value far from what is usual at this hour."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics_assets.detector_thresholds import SEASONAL_DEVIATIONS, SURPRISE
from analytics_assets.lib.detectors.expectation import expectation
from analytics_assets.lib.detectors.series import Family, Judgement, Series
from analytics_assets.lib.detectors.tails import guard_points, reference_points, refit_points, tails
from analytics_assets.limits import Setting


@dataclass(frozen=True)
class SeasonalDeviation:
    """Robust deviations (median and MAD) from what is usual at this hour of the day or week.

    A series whose deviations were often large has a wider band: that of its own tails.
    """

    name: str = "seasonal_deviation"
    family: Family = "season"
    unit: str = "robust standard deviations"
    threshold: Setting = SEASONAL_DEVIATIONS

    def judge(self, series: Series, first: int = 0) -> Judgement:
        """The judgement of the points from ``first`` on."""
        usual = expectation(series)
        deviations = usual.deviations(series)
        past = tails(deviations, reference_points(series), refit_points(series), first, guard_points(series))
        low, high = past.limits(SURPRISE.value)
        # Where the deviations have no past yet, the plain threshold holds.
        reach_down = np.fmax(self.threshold.value, -low)
        reach_up = np.fmax(self.threshold.value, high)
        score = np.where(deviations >= 0, deviations / reach_up, -deviations / reach_down)
        lower, upper = usual.expected - reach_down * usual.scale, usual.expected + reach_up * usual.scale
        if series.is_rate:
            lower, upper = np.maximum(lower, 0.0), np.minimum(upper, 1.0)
        judged = np.arange(len(series)) >= first
        told = (score, usual.expected, lower, upper, usual.scale)
        return Judgement(*(np.where(judged, array, np.nan) for array in told))
