"""What would be usual at each point: the flat, daily or weekly expectation that was nearest of late, and its scale.

Three candidates: what is usual of a week, at this hour of the day, and at this hour of the week. Which one counts at a
point is decided by the absolute errors of the week before it, so a series without a season is not given one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from analytics_assets.detector_thresholds import (
    DAILY_CYCLES,
    JUDGED_MIN_POINTS,
    PHASE_SECONDS,
    POOLED_WORTH,
    RESOLUTION,
    RESOLUTION_OF_ZERO,
    RESOLUTION_RATE,
    SEASON_BETTER,
    WEEKLY_AFTER_DAYS,
    WEEKLY_CYCLES,
)
from analytics_assets.lib.detectors.sampling import sampling
from analytics_assets.lib.detectors.tails import DAY, reference_points, refit_points
from analytics_assets.lib.robust import NORMAL_MAD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analytics_assets.lib.detectors.series import Numbers, Series

    Places = NDArray[np.intp]

WEEK = 7 * DAY
ROUNDING = 1e-12
TRAILING_VALUES, PHASE_VALUES = 125, 3
"""Values that stand for a window, and for each side of an hour."""


@dataclass(frozen=True, eq=False)
class Expectation:
    """Of each point: the expected value and the robust standard deviation around it; NaN where nothing is usual yet."""

    expected: Numbers
    scale: Numbers

    def deviations(self, series: Series) -> Numbers:
        """Distances from what is expected, in robust standard deviations; of a rate no more than its samples prove."""
        distances = (series.values - self.expected) / self.scale
        of_samples = sampling(series, self.expected)
        if of_samples is None:
            return distances
        return np.sign(distances) * np.minimum(np.abs(distances), np.sqrt(2 * of_samples.nats))


@lru_cache(maxsize=1)  # two detectors ask for the same one, one after the other
def expectation(series: Series) -> Expectation:
    """The expectation at each point, by the points before it."""
    n = len(series)
    if n <= JUDGED_MIN_POINTS.value:
        return Expectation(np.full(n, np.nan), np.full(n, np.nan))
    window, every = reference_points(series), refit_points(series)
    flat = _Reference.trailing(n, window, every)
    candidates = [flat] + [
        _Reference.seasonal(series, cycle, int(cycles.value), after)
        for cycle, cycles, after in (
            (DAY, DAILY_CYCLES, 2 * DAY),
            (WEEK, WEEKLY_CYCLES, WEEKLY_AFTER_DAYS.value * DAY),
        )
        if series.step_seconds <= PHASE_SECONDS.value and series.seconds[-1] - series.seconds[0] >= after
    ]
    expected = np.array([reference.centre(series) for reference in candidates])
    enough = np.cumsum(series.is_known) - series.is_known >= JUDGED_MIN_POINTS.value
    chosen = _nearest(np.abs(series.values - expected), window)
    own = np.take_along_axis(expected, chosen[None], axis=0)[0]
    scale = np.full(n, np.nan)
    for place, reference in enumerate(candidates):
        if (chosen == place).any():
            errors = np.abs(series.values - expected[place])
            scale = np.where(chosen == place, _scale(errors, reference, flat), scale)
    scale = np.maximum(scale, _floor(series, own, flat))
    return Expectation(np.where(enough, own, np.nan), np.where(enough, scale, np.nan))


@dataclass(frozen=True, eq=False)
class _Reference:
    """Which earlier points each point is compared with.

    Args:
        places: a row of points for each row of references; one behind the last point is none.
        rows: the row of each point.
    """

    places: Places
    rows: Places

    @classmethod
    def trailing(cls, n: int, window: int, every: int) -> _Reference:
        """The ``window`` points before; points between two looks share them."""
        starts = np.arange(0, n, every)
        # Evenly thinned: the median of 125 values is known to a tenth of a deviation, at a quarter of the time.
        back = np.arange(1, window + 1, max(1, window // TRAILING_VALUES))
        places = starts[:, None] - back
        return cls(np.where(places < 0, n, places), np.arange(n) // every)

    @classmethod
    def seasonal(cls, series: Series, cycle: float, cycles: int, after: float) -> _Reference:
        """The points around the same time of the earlier cycles; none before there were enough cycles."""
        seconds, step = series.seconds, series.step_seconds
        reach = max(1, round(PHASE_SECONDS.value / step))
        every = max(1, reach // PHASE_VALUES)
        middles = seconds[:, None] - np.arange(1, cycles + 1) * cycle
        left = np.searchsorted(seconds, middles - reach * step)
        places = left[:, :, None] + np.arange(0, 2 * reach + 1, every)
        held = np.minimum(places, len(seconds) - 1)
        # A gap moves what follows it near; and what is around a point itself is not its past.
        near = seconds[held] <= middles[:, :, None] + reach * step
        early = (places < np.arange(len(seconds))[:, None, None]) & ((seconds - seconds[0]) >= after)[:, None, None]
        flat = np.where(near & early, places, len(seconds)).reshape(len(seconds), -1)
        return cls(flat, np.arange(len(seconds)))

    def of(self, values: Numbers) -> Numbers:
        """The values that each row refers to; NaN where there is none."""
        return np.asarray(np.append(values, np.nan).take(self.places))

    def centre(self, series: Series) -> Numbers:
        """The usual value at each point: the median, of a rate its samples' mean."""
        rows = self.of(series.values)
        if series.is_rate and series.samples is not None:
            # The median of a rate that is seldom above 0 is 0: what is usual is the share of all samples.
            weights = np.where(np.isnan(rows), 0.0, np.nan_to_num(self.of(series.samples)))
            total = weights.sum(axis=1)
            means = (np.nan_to_num(rows) * weights).sum(axis=1) / np.where(total > 0, total, np.nan)
            return np.asarray(means[self.rows])
        return np.asarray(medians(rows)[self.rows])


def medians(rows: Numbers) -> Numbers:
    """The median of each row's values that are not NaN; NaN of a row without any."""
    ordered = np.sort(rows, axis=1)
    known = (~np.isnan(rows)).sum(axis=1)
    upper, lower = np.minimum(known // 2, rows.shape[1] - 1), np.maximum(known - 1, 0) // 2
    both = np.take_along_axis(ordered, upper[:, None], 1) + np.take_along_axis(ordered, lower[:, None], 1)
    return np.asarray(both[:, 0] / 2)


def _nearest(errors: Numbers, window: int) -> Places:
    """Which candidate erred least in the window before each point; a season must be clearly better than none."""
    known = ~np.isnan(errors) & ~np.isnan(errors[0])
    ratio = np.ones_like(errors)
    for place in range(1, len(errors)):
        own, flat = (_before(np.where(known[place], error, 0.0), window) for error in (errors[place], errors[0]))
        judged = _before(known[place].astype(float), window) >= JUDGED_MIN_POINTS.value / 2
        # Sums of the same errors differ by a rounding: what is not above it is nothing.
        own, flat = (np.where(total > ROUNDING, total, 0.0) for total in (own, flat))
        worth = np.divide(own, flat, out=np.ones_like(own), where=flat > 0) / SEASON_BETTER.value
        ratio[place] = np.where(judged & known[place], worth, np.inf)
    return np.asarray(ratio.argmin(axis=0))


def _before(values: Numbers, window: int) -> Numbers:
    """The sum of the ``window`` values before each."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    starts = np.maximum(0, np.arange(len(values)) - window)
    return np.asarray(sums[:-1] - sums[starts])


def _scale(errors: Numbers, reference: _Reference, flat: _Reference) -> Numbers:
    """Robust standard deviation of the errors at this phase, drawn towards that of all phases."""
    pooled = (NORMAL_MAD * medians(flat.of(errors)))[flat.rows]
    rows = reference.of(errors)
    own = (NORMAL_MAD * medians(rows))[reference.rows]
    worth = (~np.isnan(rows)).sum(axis=1)[reference.rows]
    drawn = np.sqrt((worth * np.nan_to_num(own) ** 2 + POOLED_WORTH.value * pooled**2) / (worth + POOLED_WORTH.value))
    return np.where(np.isnan(pooled), np.nan, drawn)


def _floor(series: Series, expected: Numbers, flat: _Reference) -> Numbers:
    """The least deviation that counts as one: by the resolution, of a rate also by its samples."""
    if series.is_rate:
        floor = np.full(len(series), RESOLUTION_RATE.value)
        if series.samples is None:
            return floor
        n = np.maximum(1.0, np.nan_to_num(series.samples, nan=1.0))
        rate = np.clip(expected, RESOLUTION_RATE.value, 1 - RESOLUTION_RATE.value)
        return np.asarray(np.maximum(floor, np.sqrt(rate * (1 - rate) / n)))
    usual = np.maximum(np.abs(expected), medians(flat.of(np.abs(series.values)))[flat.rows])
    return np.where(usual > 0, RESOLUTION.value * usual, RESOLUTION_OF_ZERO.value)
