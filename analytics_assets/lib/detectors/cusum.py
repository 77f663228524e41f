"""A small deviation that lasts: cumulative sums of what exceeds half a shift."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analytics_assets.detector_thresholds import (
    CUSUM_CAP,
    CUSUM_CLIP,
    CUSUM_LIMIT,
    CUSUM_QUIET,
    CUSUM_SLACK,
    SURPRISE,
)
from analytics_assets.lib.detectors.expectation import expectation
from analytics_assets.lib.detectors.series import Family, Judgement, Series
from analytics_assets.lib.detectors.tails import guard_points, reference_points, refit_points, tails
from analytics_assets.limits import Setting

if TYPE_CHECKING:
    from analytics_assets.lib.detectors.series import Numbers

JUST_UNDER = 0.99
"""Of a threshold: high, and no alarm."""


@dataclass(frozen=True)
class Cusum:
    """Page's cumulative sums, upwards and downwards, of the deviations from what is usual.

    E. S. Page, "Continuous inspection schemes", Biometrika 41 (1954), 100-115. One deviation counts for three at most,
    so a single spike is no change. A series that remembers has high sums without a change: its limit is where the tails
    of its own past sums make one rare.
    """

    name: str = "cusum"
    family: Family = "change"
    unit: str = "summed robust standard deviations"
    threshold: Setting = CUSUM_LIMIT

    def judge(self, series: Series, first: int = 0) -> Judgement:
        """The judgement of the points from ``first`` on."""
        usual = expectation(series)
        deviations = usual.deviations(series)
        window, every, guard = reference_points(series), refit_points(series), guard_points(series)
        scores = []
        for sign in (1, -1):
            sums = cumulative_sums(sign * deviations)
            _, high = tails(sums, window, every, first, guard).limits(SURPRISE.value)
            score = sums / np.fmax(self.threshold.value, high)
            # What is back at the usual is no longer anomalous, however high the sum still is.
            is_over = sign * deviations <= CUSUM_SLACK.value
            scores.append(np.where(is_over, np.minimum(score, JUST_UNDER), score))
        judged = np.arange(len(series)) >= first
        score = np.where(judged, np.maximum(*scores), np.nan)
        # Sums have no band of values: that of a lasting deviation is what they leave uncounted.
        reach = CUSUM_SLACK.value * usual.scale
        expected = np.where(judged, usual.expected, np.nan)
        return Judgement(score, expected, expected - reach, expected + reach)


def cumulative_sums(deviations: Numbers) -> Numbers:
    """Sums of what exceeds the slack, never below 0 or above the cap; NaN where not measured, which ends nothing.

    Three points in a row that do not exceed it end the deviation: the sum then is 0.

    >>> cumulative_sums(np.array([2.0, 9.0, np.nan, 0.5, 0.5, 0.5, 1.0])).tolist()
    [1.25, 3.5, nan, 3.25, 3.0, 0.0, 0.25]
    """
    gains = np.minimum(deviations, CUSUM_CLIP.value) - CUSUM_SLACK.value
    sums = np.full(len(deviations), np.nan)
    reached, cap, quiet, most_quiet = 0.0, CUSUM_CAP.value, 0, int(CUSUM_QUIET.value)
    for place, gain in enumerate(gains.tolist()):
        if gain == gain:  # noqa: PLR0124 - not NaN, ten times as fast as math.isnan
            quiet = 0 if gain > 0 else quiet + 1
            reached = min(cap, max(0.0, reached + gain)) if quiet < most_quiet else 0.0
            sums[place] = reached
    return sums
