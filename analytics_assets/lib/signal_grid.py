"""Signals side by side on one clock, and what is left of them without their season.

A step without a sample is NaN: a gap is not a zero. NumPy is imported on first use.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from analytics_assets.lib.robust import NORMAL_MAD, median_and_scale
from analytics_assets.mining_thresholds import SEASON_DAYS, SEASON_SCALE_HOURS, SEASON_SCALE_MIN, SEASON_WEEKS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

HOUR, DAY, WEEK = 3_600, 86_400, 604_800


@dataclass(frozen=True)
class Grid:
    """Values by signal (rows) and step (columns), NaN where not measured."""

    names: tuple[str, ...]
    start: datetime
    step_seconds: int
    values: Numbers

    def rows(self, places: Sequence[int]) -> Grid:
        """Some of the signals."""
        return Grid(
            tuple(self.names[place] for place in places), self.start, self.step_seconds, self.values[list(places)]
        )

    def at(self, step: int) -> datetime:
        """When a step begins."""
        return self.start + timedelta(seconds=step * self.step_seconds)

    def step_of(self, at: datetime) -> int:
        """The step in which a moment lies; it may be outside of the grid."""
        return int((at - self.start).total_seconds() // self.step_seconds)


def grid_of(samples: Iterable[tuple[str, datetime, float | None]], step_seconds: int = HOUR) -> Grid:
    """Samples of ``(signal, beginning of a step, value)`` in any order; of two in one step, the last counts.

    What is not finite is not measured. Signals come in the order of their names; without a sample there is no row.
    """
    import numpy as np

    listed = [sample for sample in samples if sample[2] is not None and np.isfinite(sample[2])]
    if not listed:
        return Grid((), datetime(1970, 1, 1), step_seconds, np.empty((0, 0)))
    names = sorted({name for name, _, _ in listed})
    row = {name: place for place, name in enumerate(names)}
    start = min(at for _, at, _ in listed)
    # Steps are those of the clock, so that a slot of the season is the same hour for all.
    start -= timedelta(seconds=(start - datetime(1970, 1, 1)).total_seconds() % step_seconds)
    last = max(at for _, at, _ in listed)
    values = np.full((len(names), int((last - start).total_seconds() // step_seconds) + 1), np.nan)
    for name, at, value in listed:
        values[row[name], int((at - start).total_seconds() // step_seconds)] = value
    return Grid(tuple(names), start, step_seconds, values)


def without_season(grid: Grid, weeks: float = SEASON_WEEKS.value) -> Numbers:
    """The values minus what is usual at their hour, around 0; slow changes of the level stay in.

    Usual is the median of the hour of the week where the grid spans so many weeks, that of the hour of the day where it
    spans three days, else that of all.
    """
    import numpy as np

    if not grid.values.size:
        return grid.values
    centred = grid.values - _median(grid.values)[:, None]
    slots = _slots(grid, weeks)
    if slots is None:
        return centred
    # Of a series that wanders or grows, hours with a value more would have another level: it is taken out first.
    wandering = centred - _level(centred, WEEK // grid.step_seconds)
    found = _slot_medians(wandering, slots)
    left = centred - _between(np.where(np.isnan(found), 0.0, found), grid, slots)
    around: Numbers = left - _median(left)[:, None]
    return around


def free_share(grid: Grid, weeks: float = SEASON_WEEKS.value) -> Numbers:
    """By signal, the share of its known steps that ``without_season`` leaves free: one goes with each usual value."""
    import numpy as np

    known = ~np.isnan(grid.values)
    slots = _slots(grid, weeks)
    counts = known.sum(axis=1)
    if slots is None or not grid.values.size:
        used = np.minimum(counts, 1)
    else:
        used = (~np.isnan(_slot_medians(grid.values, slots))).sum(axis=1)
    share: Numbers = np.maximum(counts - used, 0) / np.maximum(counts, 1)
    return share


def evened(grid: Grid, left: Numbers, *, weekdays: bool = True) -> Numbers:
    """What ``without_season`` left, in robust standard deviations of its hour of the day, and of its day of the week.

    Busy hours vary more: two series that know nothing of each other would go together in how much they vary.

    Args:
        grid: the signals.
        left: of all of them.
        weekdays: whether days of the week have their own; of a series that remembers for hours, four Mondays tell
            little of how Mondays vary.
    """
    import numpy as np

    if not left.size:
        return left
    found = left
    seasons = [(_clock(grid) % DAY // HOUR, int(SEASON_SCALE_HOURS.value)), (_clock(grid) % WEEK // DAY, 1)]
    for slots, width in seasons[: 1 + weekdays]:
        usual = NORMAL_MAD * _slot_medians(np.abs(found), slots)
        whole = np.array([median_and_scale(row)[1] for row in found])[:, None]
        usual = np.where(np.isnan(usual), whole, usual)
        around = [np.roll(usual, shift, axis=1) for shift in range(-(width // 2), width // 2 + 1)]
        scales = np.maximum(np.mean(around, axis=0), SEASON_SCALE_MIN.value * whole)[:, slots]
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.where(scales > 0, found / scales, np.where(np.isnan(found), np.nan, 0.0))
    return found


def _clock(grid: Grid) -> NDArray[np.int64]:
    """Seconds since a Monday at midnight, by step."""
    import numpy as np

    since = int((grid.start - datetime(1970, 1, 5)).total_seconds())
    return since + np.arange(grid.values.shape[1], dtype=np.int64) * grid.step_seconds


def _slots(grid: Grid, weeks: float) -> NDArray[np.int64] | None:
    """The slot of the season in which each step lies; None where there is no telling."""
    span = grid.values.shape[1] * grid.step_seconds
    if span >= weeks * WEEK:
        return _clock(grid) % WEEK // HOUR
    if span >= SEASON_DAYS.value * DAY:
        return _clock(grid) % DAY // HOUR
    return None


def _slot_medians(values: Numbers, slots: NDArray[np.int64]) -> Numbers:
    """Median by signal and slot, NaN where it has no value."""
    import numpy as np

    counts = np.bincount(slots)
    order = np.argsort(slots, kind="stable")
    index = np.full((len(counts), int(counts.max())), values.shape[1])
    starts = np.cumsum(counts) - counts
    index[slots[order], np.arange(len(slots)) - starts[slots[order]]] = order
    padded = np.concatenate([values, np.full((len(values), 1), np.nan)], axis=1)
    return _median(padded[:, index])


def _between(usual: Numbers, grid: Grid, slots: NDArray[np.int64]) -> Numbers:
    """The usual values by step, on a line from the middle of an hour to that of the next: no jumps at full hours."""
    import numpy as np

    inside = ((_clock(grid) + grid.step_seconds / 2) % HOUR) / HOUR - 0.5
    near = (slots + np.where(inside < 0, -1, 1)) % usual.shape[1]
    along = np.abs(inside) if grid.step_seconds < HOUR else np.zeros(len(slots))
    found: Numbers = (1 - along) * usual[:, slots] + along * usual[:, near]
    return found


def _median(values: Numbers) -> Numbers:
    import numpy as np

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All-NaN slice", RuntimeWarning)
        found: Numbers = np.nanmedian(values, axis=-1)
    return found


def _level(values: Numbers, width: int) -> Numbers:
    """Mean of the known values of a whole width round each step, or nearest to it at the ends; 0 where none is.

    Half a week at an end would have another season in it than a week.
    """
    import numpy as np

    known = ~np.isnan(values)
    steps = np.arange(values.shape[1])
    low = np.clip(steps - width // 2, 0, max(0, values.shape[1] - width))
    high = np.minimum(low + width, values.shape[1])
    sums, counts = (
        np.concatenate([np.zeros((len(values), 1)), np.cumsum(each, axis=1)], axis=1)
        for each in (np.where(known, values, 0.0), known)
    )
    total, count = sums[:, high] - sums[:, low], counts[:, high] - counts[:, low]
    level: Numbers = total / np.maximum(count, 1)
    return level
