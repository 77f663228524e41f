"""How rare a value is: by the tails of the values before it.

Beyond a high quantile the distances of most distributions fall off about exponentially (J. Pickands, "Statistical
inference using extreme order statistics", Annals of Statistics 3 (1975), 119-131), so few values tell how rare a larger
one is. Nothing is asked of the middle: a metric that is busy by day and idle by night has two, and its own tails.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from analytics_assets.detector_thresholds import (
    GUARD_DAYS,
    JUDGED_MIN_POINTS,
    REFERENCE_DAYS,
    REFERENCE_POINTS,
    REFIT_SECONDS,
    RESOLUTION,
    RESOLUTION_OF_ZERO,
    TAIL_LEAST_EXCESS,
    TAIL_MIN_POINTS,
    TAIL_SHARE,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analytics_assets.lib.detectors.series import Numbers, Series

DAY = 86_400.0
ROWS_AT_ONCE = 512
"""Windows sorted together: 512 of 2,016 points are 8 MB."""


@dataclass(frozen=True, eq=False)
class Tails:
    """Both tails of what came before each point; NaN where too little did.

    Args:
        low: where the lower tail begins.
        high: where the upper tail begins.
        low_excess: mean distance of the values of the lower tail from its beginning, above 0.
        high_excess: likewise of the upper tail.
        rarity: nats by which a value at the beginning of a tail is rare.
    """

    low: Numbers
    high: Numbers
    low_excess: Numbers
    high_excess: Numbers
    rarity: Numbers

    def surprise(self, values: Numbers) -> Numbers:
        """Nats of surprise of each value, 0 within the tails' beginnings: minus the logarithm of how often it comes."""
        above = (values - self.high) / self.high_excess
        below = (self.low - values) / self.low_excess
        farther = np.fmax(above, below)
        return np.where(farther > 0, farther + self.rarity, np.where(np.isnan(farther), np.nan, 0.0))

    def limits(self, nats: float) -> tuple[Numbers, Numbers]:
        """The values that are as surprising as that, below and above."""
        reach = np.maximum(0.0, nats - self.rarity)
        return self.low - reach * self.low_excess, self.high + reach * self.high_excess


def reference_points(series: Series) -> int:
    """Points that are the past of a point: those of a week, and of a long step as many as a tail needs."""
    per_week = REFERENCE_DAYS.value * DAY / (series.step_seconds or DAY)
    return int(max(per_week, REFERENCE_POINTS.value))


def guard_points(series: Series) -> int:
    """Points before one in which an episode may have begun: those of a day."""
    return max(1, round(GUARD_DAYS.value * DAY / (series.step_seconds or DAY)))


def refit_points(series: Series) -> int:
    """Points between two looks at the past: an hour of a short step."""
    return max(1, round(REFIT_SECONDS.value / (series.step_seconds or REFIT_SECONDS.value)))


def tails(values: Numbers, window: int, every: int, first: int = 0, guard: int = 0) -> Tails:
    """The tails of the ``window`` values before each point; values that are NaN count for nothing.

    Args:
        values: in order of time.
        window: values that are looked back at.
        every: points that share a past: the window of point i ends before the multiple of ``every`` at or below i.
        first: points before it have no tails.
        guard: values just before a point that are not in its past, so that an episode does not make itself usual.
    """
    n = len(values)
    found = np.full((5, n), np.nan)
    starts = np.arange(first - first % every, n, every)
    padded = np.concatenate([np.full(window + guard, np.nan), values])
    for chunk in np.array_split(starts, max(1, -(-len(starts) // ROWS_AT_ONCE))):
        if len(chunk):
            # The window of start i is padded[i : i + window]: the values before i - guard.
            rows = np.sort(sliding_window_view(padded, window)[chunk], axis=1)
            ends = np.minimum(chunk + every, n)
            found[:, chunk[0] : ends[-1]] = np.repeat(_of_sorted(rows), ends - chunk, axis=1)
    found[:, :first] = np.nan
    return Tails(*found)


def tail_limit(values: Numbers, nats: float) -> float:
    """The value above which one is as surprising as that; NaN of fewer values than a past needs."""
    return float(Tails(*_of_sorted(np.sort(values)[None])).limits(nats)[1][0])


def _of_sorted(rows: Numbers) -> Numbers:
    """The five figures of each sorted row; NaN stand at its end."""
    known = (~np.isnan(rows)).sum(axis=1)
    enough = known >= JUDGED_MIN_POINTS.value
    size = np.where(enough, known, rows.shape[1])
    count = np.maximum(TAIL_MIN_POINTS.value, np.ceil(TAIL_SHARE.value * size)).astype(int)
    count = np.minimum(count, np.maximum(1, size - 1))
    places = np.arange(count.max())
    # Only what belongs to a tail is added; a row of fewer values has a shorter one.
    in_tail = places < count[:, None]
    lowest = np.where(in_tail, rows[:, : len(places)], 0.0)
    highest = np.where(in_tail, np.take_along_axis(rows, size[:, None] - 1 - places, axis=1), 0.0)

    def at(place: NDArray[np.intp]) -> Numbers:
        return np.asarray(np.take_along_axis(rows, place[:, None], axis=1)[:, 0])

    middle, low, high = at(size // 2), at(count), at(size - count - 1)
    low_excess = low - lowest.sum(axis=1) / count
    high_excess = highest.sum(axis=1) / count - high
    floor = RESOLUTION.value * np.maximum(np.abs(middle), np.maximum(np.abs(low), np.abs(high)))
    floor = np.where(floor > 0, floor, RESOLUTION_OF_ZERO.value)
    low_excess = np.maximum(np.maximum(low_excess, TAIL_LEAST_EXCESS.value * (middle - low)), floor)
    high_excess = np.maximum(np.maximum(high_excess, TAIL_LEAST_EXCESS.value * (high - middle)), floor)
    figures = np.array([low, high, low_excess, high_excess, np.log(size / count)])
    return np.where(enough, figures, np.nan)
