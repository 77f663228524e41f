"""A series to forecast: consecutive steps of one frequency, of which some were not measured."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analytics_assets.forecast_thresholds import (
    CONTEST_MAX_GAP,
    CONTEST_MAX_GAP_STEPS,
    CONTEST_MAX_STEPS,
    CONTEST_MIN_SEASONS,
    CONTEST_MIN_STEPS,
    CONTEST_MSTL_ROUNDS,
    CONTEST_STL_JUMP,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


class Frequency(StrEnum):
    """How far apart the steps are, and after how many of them a series repeats itself."""

    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"

    @property
    def step(self) -> pd.Timedelta:
        """From one value to the next."""
        return pd.Timedelta({"hourly": "1h", "daily": "1D", "weekly": "7D"}[self.value])

    @property
    def seasons(self) -> tuple[int, ...]:
        """Steps of a day and of a week, of a week, or none."""
        return {"hourly": (24, 168), "daily": (7,), "weekly": ()}[self.value]

    @property
    def season(self) -> int:
        """The shortest season; 1 where there is none."""
        return self.seasons[0] if self.seasons else 1

    @property
    def week(self) -> int | None:
        """Steps of a week; None where a step is one."""
        return self.seasons[-1] if self.seasons else None

    @property
    def least(self) -> int:
        """Known steps that a forecast needs."""
        if not self.seasons:
            return int(CONTEST_MIN_STEPS.value)
        return int(CONTEST_MIN_SEASONS.value) * self.season

    @property
    def longest_gap(self) -> int:
        """Steps that may be missing in a row."""
        return int(CONTEST_MAX_GAP.value) * self.season if self.seasons else int(CONTEST_MAX_GAP_STEPS.value)


@dataclass(frozen=True)
class History:
    """What is known at one moment: ``values`` by step, NaN where not measured; the last step is the newest."""

    frequency: Frequency
    index: pd.DatetimeIndex
    values: Floats

    def __len__(self) -> int:
        return len(self.values)

    @property
    def known(self) -> int:
        """Measured steps."""
        return int(np.isfinite(self.values).sum())

    @property
    def seasons(self) -> tuple[int, ...]:
        """Those that were seen twice."""
        return tuple(s for s in self.frequency.seasons if len(self) >= CONTEST_MIN_SEASONS.value * s)

    def before(self, step: int) -> History:
        """What was known when that step began."""
        return History(self.frequency, self.index[:step], self.values[:step])

    def ahead(self, horizon: int) -> pd.DatetimeIndex:
        """The steps that follow."""
        step = self.frequency.step
        return pd.date_range(self.index[-1] + step, periods=horizon, freq=step)

    @cached_property
    def filled(self) -> Floats:
        """Values without gaps, for fitting only.

        A gap is a line between its ends, laid through the values less the mean of their place in the season: so a
        night that was not measured is filled as a night. Steps before the first or after the last value are as these.
        """
        is_known = np.isfinite(self.values)
        if is_known.all():
            return self.values
        season = self.frequency.season
        place = np.arange(len(self)) % season
        counts = np.bincount(place[is_known], minlength=season)
        sums = np.bincount(place[is_known], self.values[is_known], minlength=season)
        usual = np.where(counts > 0, sums / np.maximum(counts, 1), np.nanmean(self.values))
        steps = np.arange(len(self))
        level = np.interp(steps, steps[is_known], (self.values - usual[place])[is_known])
        filled: Floats = np.where(is_known, self.values, level + usual[place])
        return filled

    @cached_property
    def parts(self) -> dict[int, Floats]:
        """What each season adds, by MSTL: K. Bandara, R. J. Hyndman, C. Bergmeir, 2021."""
        from statsforecast.mstl import mstl

        jump = int(self.frequency.season * CONTEST_STL_JUMP.value)
        between = {"seasonal_jump": 2, "trend_jump": jump, "low_pass_jump": jump}
        rounds = int(CONTEST_MSTL_ROUNDS.value)
        table = mstl(self.filled, list(self.seasons), iterate=rounds, stl_kwargs=between)
        names = ["seasonal"] if len(self.seasons) == 1 else [f"seasonal{season}" for season in self.seasons]
        return {season: table[name].to_numpy(dtype=float) for season, name in zip(self.seasons, names, strict=True)}


def history_of(series: pd.Series[float], frequency: Frequency) -> History:
    """The usable part of a series: the newest steps, and of these what follows the last long gap.

    Args:
        series: by consecutive steps, ending with the last complete one; NaN or infinite: not measured.
        frequency: of its steps.

    Raises:
        ValueError: steps are not consecutive.
    """
    newest = series.iloc[-int(CONTEST_MAX_STEPS.value) :]
    index = pd.DatetimeIndex(newest.index)
    if len(index) > 1 and not (np.diff(index.to_numpy()) == frequency.step.to_timedelta64()).all():
        raise ValueError(f"the steps of a series are consecutive; these are not {frequency}")
    values = newest.to_numpy(dtype=np.float64, copy=True)
    values[~np.isfinite(values)] = np.nan
    known = np.flatnonzero(np.isfinite(values))
    if not len(known) or len(values) - 1 - known[-1] > frequency.longest_gap:
        start = len(values)
    else:
        long = np.flatnonzero(np.diff(known) > frequency.longest_gap + 1)
        start = int(known[long[-1] + 1]) if len(long) else int(known[0])
    usable: Floats = values[start:].astype(np.float64)
    return History(frequency, index[start:], usable)
