"""What an event did to the signals round it: did they change, by how much, for how long?

The mean of a signal after the event is compared with that before it, both without their season and in robust standard
deviations of the hour. How much such a difference is by chance is read from the signal itself: the same difference at
every other moment of the window. Series remember, so neighbouring samples are no independent witnesses: a rank test of
them calls most quiet events harmful (``leads_and_events`` in benchmarks/RESULTS.md has both).

An effect lasts to where the sum of what is beyond half of it is highest. What is clear explains what other events
within it would be held for: those say so instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import expm1, log1p
from typing import TYPE_CHECKING, Any

from analytics_assets.lib.autoregression import autoregression, innovations
from analytics_assets.lib.robust import NORMAL_MAD
from analytics_assets.lib.signal_grid import DAY, HOUR, Grid, evened, without_season
from analytics_assets.mining_thresholds import IMPACT_AHEAD, IMPACT_CLEAR, IMPACT_LEAST_SAMPLES, IMPACT_MIN_SHARE
from analytics_assets.thresholds import SIGNIFICANT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

LOOKED_AHEAD = int(IMPACT_AHEAD.value) * DAY
TAIL, TAIL_DEVIATIONS = 0.975, 2.2414
"""Of distances of normal values from their middle, that share lies within so many standard deviations."""
NOTHING = 1e-12


@dataclass(frozen=True)
class Happening:
    """Something that happened at a moment, and the systems it names."""

    id: str
    event_type: str
    occurred_at: datetime
    systems: tuple[str, ...]
    said: Mapping[str, Any]
    """What suggestions are made of: pipeline_name, head_sha, version and their earlier ones."""


@dataclass(frozen=True)
class Effect:
    """What one event did to one signal.

    Args:
        magnitude: change in robust standard deviations of the hour; None where it could not be told.
        percent: the same as percent of what was usual then; None where that is 0.
        p_value: how often the signal changes as much at other moments.
        seconds: how long it lasted; None without a clear effect.
        has_ended: whether the signal came back.
        reason: why there is no p-value.
    """

    happening: Happening
    signal: str
    magnitude: float | None = None
    percent: float | None = None
    p_value: float | None = None
    seconds: float | None = None
    has_ended: bool = False
    reason: str | None = None


def effects(grid: Grid, asked: Sequence[tuple[Happening, str]], window_seconds: float) -> list[Effect]:
    """What each event did to each signal that it is asked of.

    Args:
        grid: the signals, by steps shorter than the window.
        asked: events with the name of a signal each.
        window_seconds: how long before and after an event is compared.
    """
    import numpy as np

    left = without_season(grid)
    even = evened(grid, left, weekdays=False)
    steps = int(window_seconds // grid.step_seconds)
    weights = [autoregression(row, steps) for row in even]
    new = np.array([innovations(*each) for each in zip(even, weights, strict=True)]).reshape(even.shape)
    # What is wrong with the season repeats weekly: here it would be a jump.
    new = without_season(replace(grid, values=new))
    found = []
    rows = {name: row for row, name in enumerate(grid.names)}
    by_signal: dict[str, list[Happening]] = {}
    for happening, signal in asked:
        by_signal.setdefault(signal, []).append(happening)
    for signal, happenings in by_signal.items():
        row = rows.get(signal)
        if row is None or not np.nanmax(np.abs(even[row]), initial=0.0) > 0:
            found += [Effect(one, signal, reason="the signal never varies") for one in happenings]
            continue
        series = _Series(grid, grid.values[row], even[row], left[row], steps, _jumps(new[row], weights[row], steps))
        found += _of_signal(series, signal, happenings)
    return found


def _jumps(new: Numbers, weights: Numbers, steps: int) -> Numbers:
    """By step, how much the innovations from there on look like a lasting change.

    Such a change is a jump in them, and after it what the memory does not carry on by itself.
    """
    import numpy as np
    from scipy.signal import fftconvolve

    shape = (1 - np.concatenate([[0.0], np.cumsum(weights)]))[:steps]
    shape = np.concatenate([shape, np.full(steps - len(shape), shape[-1])])[::-1]
    known, after = ~np.isnan(new), np.zeros(steps - 1)
    power = fftconvolve(np.concatenate([known.astype(float), after]), shape**2, mode="valid")
    with np.errstate(divide="ignore", invalid="ignore"):
        alike = fftconvolve(np.concatenate([np.where(known, new, 0.0), after]), shape, mode="valid") / np.sqrt(power)
    # The step itself must be known: without its jump little is left to be seen.
    return np.where(known & (power > NOTHING), alike, np.nan)


class _Series:
    """One signal without its season, and its differences at every moment."""

    def __init__(self, grid: Grid, values: Numbers, even: Numbers, left: Numbers, steps: int, jumps: Numbers) -> None:
        self.grid, self.values, self.even, self.left, self.steps = grid, values, even, left, steps
        difference, usual = self._differences(even)
        self.jumps = jumps
        # Where it is seldom measured, a window has few samples at any time.
        self.least = max(IMPACT_LEAST_SAMPLES.value, IMPACT_MIN_SHARE.value * usual)
        self.middle, self.scale = _middle_and_spread(difference)
        self.jump_middle, self.jump_scale = _middle_and_spread(self.jumps)
        self.freedom = max(1, len(even) // (2 * steps) - 1)

    def _differences(self, values: Numbers) -> tuple[Numbers, float]:
        """Mean after minus mean before, by step, and how many samples a window has in the middle."""
        import numpy as np

        known = ~np.isnan(values)
        sums = np.concatenate([[0.0], np.cumsum(np.where(known, values, 0.0))])
        counts = np.concatenate([[0], np.cumsum(known)])
        place = np.arange(self.steps, len(values) - self.steps)
        before, after = counts[place] - counts[place - self.steps], counts[place + 1 + self.steps] - counts[place + 1]
        usual = float(np.median(np.concatenate([before, after]))) if len(place) else 0.0
        is_known = np.minimum(before, after) >= max(IMPACT_LEAST_SAMPLES.value, IMPACT_MIN_SHARE.value * usual)
        with np.errstate(divide="ignore", invalid="ignore"):
            after_mean = (sums[place + 1 + self.steps] - sums[place + 1]) / after
            before_mean = (sums[place] - sums[place - self.steps]) / before
        return np.where(is_known, after_mean - before_mean, np.nan), usual

    def change(self, at: datetime, values: Numbers) -> float | None:
        """Mean of the window after a moment minus that before; None where either has too few samples."""
        import numpy as np

        place = self.grid.step_of(at)
        if place < 0:
            return None
        before, after = values[max(0, place - self.steps) : place], values[place + 1 : place + 1 + self.steps]
        if min(np.count_nonzero(~np.isnan(before)), np.count_nonzero(~np.isnan(after))) < self.least:
            return None
        return float(np.nanmean(after) - np.nanmean(before))

    def score(self, at: datetime, change: float) -> float:
        """The surest sign of such a change that begins within an hour, in standard deviations, with its direction."""
        import numpy as np

        place = self.grid.step_of(at)
        if self.jump_scale <= 0:
            return 0.0
        near = (self.jumps[place : place + self.begins] - self.jump_middle) / self.jump_scale
        same = near[np.sign(near) == np.sign(change)]
        return float(same[np.argmax(np.abs(same))]) if len(same) else 0.0

    @property
    def begins(self) -> int:
        """Steps after an event in which its effect may begin: those of an hour."""
        return max(2, HOUR // self.grid.step_seconds + 1)

    def p_value(self, at: datetime, change: float) -> float:
        """How often chance makes as clear a sign; where the means do not differ at 0.05, how often they do so."""
        from scipy.stats import t

        if self.scale <= 0:
            return 1.0
        by_means = float(2 * t.sf(abs(change - self.middle) / self.scale, self.freedom))
        alone = float(2 * t.sf(abs(self.score(at, change)), self.freedom))
        by_jump = -expm1(self.begins * log1p(-min(alone, 1 - NOTHING)))
        return by_jump if by_means < SIGNIFICANT.value else max(by_means, by_jump)

    def ends(self, at: datetime, change: float) -> int:
        """The step after the last one of the effect: where the sum of what is beyond half of it is highest."""
        import numpy as np

        place = self.grid.step_of(at)
        before = self.even[max(0, place - self.steps) : place]
        ahead = self.even[place + 1 : place + 1 + LOOKED_AHEAD // self.grid.step_seconds]
        beyond = np.sign(change) * (ahead - np.nanmean(before)) - abs(change) / 2
        gained = np.cumsum(np.nan_to_num(beyond))
        most = np.maximum.accumulate(gained)
        # Once half of it is lost again it is over: what rises days later is something else.
        lost = np.flatnonzero((gained < most / 2) & (np.arange(len(gained)) >= self.begins))
        until = int(lost[0]) if len(lost) else len(gained)
        return place + 2 + (int(np.argmax(gained[:until])) if until else 0)

    def percent(self, at: datetime) -> float | None:
        """The change of the values themselves as percent of what was usual then."""
        import numpy as np

        change, place = self.change(at, self.left), self.grid.step_of(at)
        if change is None:
            return None
        after = self.values[place + 1 : place + 1 + self.steps]
        usual = float(np.nanmean(after)) - change
        return 100 * change / abs(usual) if usual else None


def _middle_and_spread(values: Numbers) -> tuple[float, float]:
    """Median, and standard deviation by the median and by the 97.5th percentile of distances, the larger one.

    Tails may be heavy.
    """
    import numpy as np

    known = values[~np.isnan(values)]
    if not len(known):
        return 0.0, 0.0
    middle = float(np.median(known))
    distances = np.abs(known - middle)
    tail = float(np.quantile(distances, TAIL)) / TAIL_DEVIATIONS
    return middle, max(NORMAL_MAD * float(np.median(distances)), tail)


def _of_signal(series: _Series, signal: str, happenings: Sequence[Happening]) -> list[Effect]:
    """The effects of events on one signal, the clearest first: what it explains is not asked of others."""
    import numpy as np

    ranked = []
    for one in happenings:
        change = series.change(one.occurred_at, series.even)
        ranked.append((0.0 if change is None else abs(series.score(one.occurred_at, change)), one, change))
    explained: list[tuple[int, int, str]] = []
    found = []
    for _, one, first in sorted(ranked, key=lambda entry: (-entry[0], entry[1].occurred_at, entry[1].id)):
        change, within = first, _within(series, one, explained)
        if change is not None and within:
            masked = series.even.copy()
            for begins, ends, _ in explained:
                masked[begins:ends] = np.nan
            change = series.change(one.occurred_at, masked)
        if change is None:
            reason = f"within the effect of {within}" if first is not None else "too few samples before or after"
            found.append(Effect(one, signal, reason=reason))
            continue
        ends = series.ends(one.occurred_at, change)
        length = len(series.even)
        if abs(series.score(one.occurred_at, change)) >= IMPACT_CLEAR.value and not within:
            explained.append((series.grid.step_of(one.occurred_at) + 1, ends, one.id))
        last = min(length, series.grid.step_of(one.occurred_at) + 1 + LOOKED_AHEAD // series.grid.step_seconds)
        seconds = (series.grid.at(min(ends, length)) - one.occurred_at).total_seconds()
        found.append(
            Effect(
                one,
                signal,
                magnitude=change,
                percent=series.percent(one.occurred_at),
                p_value=series.p_value(one.occurred_at, change),
                seconds=max(0.0, seconds),
                has_ended=ends < last,
            )
        )
    return found


def _within(series: _Series, one: Happening, explained: Sequence[tuple[int, int, str]]) -> str | None:
    """The event whose effect lies in the windows of this one."""
    place = series.grid.step_of(one.occurred_at)
    near = [
        name for begins, ends, name in explained if begins < place + 1 + series.steps and ends > place - series.steps
    ]
    return near[0] if near else None
