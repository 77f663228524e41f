"""Which signals begin to deviate together more often than chance makes them?

Beginnings of anomalies are marked on an hourly grid. Each signal is then shifted round in time by a random number of
hours: that keeps how many beginnings it has and how they crowd, and breaks what it has to do with others. How
surprising a pair's common beginnings are is compared with the most surprising of all pairs in each such world
(Westfall and Young), so that the p-values hold for all pairs together, whatever depends on what.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from math import lgamma
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from analytics_assets.pattern_thresholds import (
    ONSET_DAYS,
    ONSET_MIN,
    ONSET_SAME_SIGN,
    ONSET_SHIFTS,
    ONSET_SIGNALS,
    ONSET_WINDOW,
)
from analytics_assets.thresholds import SIGNIFICANT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Counts = NDArray[np.int64]

SEED = 0
_HOURS = int(ONSET_DAYS.value * 24)
_ROUNDING = 1e-9
_TAIL = 60
"""Further terms of a tail: of a mean below 30 what comes after them is nothing."""
_LEAST = 1e-300


class Coincidence(NamedTuple):
    """Two signals that begin together. ``first`` is the earlier one where ``offset_hours`` is above 0.

    Args:
        first: signal.
        second: signal.
        together: beginnings of the rarer one with one of the other within three hours.
        of: beginnings of the rarer one.
        expected: how many of them chance makes.
        offset_hours: median hours from the beginning of the first to that of the second; 0 where neither leads.
        p_adjusted: how often the most surprising of all pairs is as surprising by chance.
    """

    first: str
    second: str
    together: int
    of: int
    expected: float
    offset_hours: float
    p_adjusted: float


def coincidences(beginnings: Mapping[str, Sequence[datetime]], end: datetime) -> list[Coincidence]:
    """The pairs of signals that begin together beyond chance, in the 14 days before ``end``; surest first.

    Asked are the 60 signals with most beginnings, of those with three or more.
    """
    import numpy as np

    start = end - timedelta(hours=_HOURS)
    marked = {name: _marked(times, start) for name, times in beginnings.items()}
    names = sorted(
        (name for name, places in marked.items() if len(places) >= ONSET_MIN.value),
        key=lambda name: (-len(marked[name]), name),
    )[: int(ONSET_SIGNALS.value)]
    if len(names) < 2:  # noqa: PLR2004 -- a pair
        return []
    firsts, seconds = np.triu_indices(len(names), k=1)
    grid = np.zeros((len(names), _HOURS))
    for place, name in enumerate(names):
        grid[place, marked[name]] = 1
    together = np.stack([_together(grid[i], grid[j]) for i, j in zip(firsts, seconds, strict=True)])
    rarer = np.minimum(grid.sum(axis=1)[firsts], grid.sum(axis=1)[seconds]).astype(int)
    expected = together.mean(axis=1)
    surprise = _surprises(expected, int(rarer.max()))
    pairs = np.arange(len(firsts))
    observed = surprise[pairs, together[:, 0]]
    rng = np.random.default_rng(SEED)
    highest = np.empty(int(ONSET_SHIFTS.value))
    for world in range(len(highest)):
        shifts = rng.integers(0, _HOURS, len(names))
        highest[world] = surprise[pairs, together[pairs, (shifts[seconds] - shifts[firsts]) % _HOURS]].max()
    p_values = (1 + (highest[None, :] >= observed[:, None] - _ROUNDING).sum(axis=1)) / (1 + len(highest))
    found = [
        _told(
            (names[firsts[place]], names[seconds[place]]),
            _offsets(marked[names[firsts[place]]], marked[names[seconds[place]]]),
            (int(together[place, 0]), int(rarer[place]), float(expected[place])),
            float(p_values[place]),
        )
        for place in np.flatnonzero(p_values < SIGNIFICANT.value)
    ]
    return sorted(found, key=lambda one: (one.p_adjusted, -one.together, one.first, one.second))


def _marked(times: Sequence[datetime], start: datetime) -> list[int]:
    """Hours of the window in which it begins."""
    places = {int((moment - start) // timedelta(hours=1)) for moment in times if moment >= start}
    return sorted(place for place in places if place < _HOURS)


def _together(first: Numbers, second: Numbers) -> Counts:
    """By hours that the second is moved against the first: how many of the rarer one begin near one of the other."""
    import numpy as np

    is_first_rarer = first.sum() <= second.sum()
    rare, other = (first, second) if is_first_rarer else (second, first)
    near = range(-int(ONSET_WINDOW.value), int(ONSET_WINDOW.value) + 1)
    wide = np.max([np.roll(other, lag) for lag in near], axis=0)
    counts = np.rint(np.fft.irfft(np.conj(np.fft.rfft(wide)) * np.fft.rfft(rare), _HOURS)).astype(int)
    # At place s the rarer one is moved back by s: for the second that is the other way round.
    return counts if is_first_rarer else np.roll(counts[::-1], 1)


def _surprises(expected: Numbers, most: int) -> Numbers:
    """One row per pair, a column per number of common beginnings: -log P(as many or more) of a Poisson number."""
    import numpy as np

    numbers = np.arange(most + _TAIL)
    log_factorials = np.array([lgamma(number + 1) for number in numbers])
    means = np.maximum(expected, _ROUNDING)[:, None]
    terms = np.exp(numbers * np.log(means) - means - log_factorials)
    # Summed from the far end: a small tail is not the difference of two large numbers.
    tails = np.cumsum(terms[:, ::-1], axis=1)[:, ::-1]
    return np.asarray(-np.log(np.maximum(tails[:, : most + 1], _LEAST)))


def _offsets(first: Sequence[int], second: Sequence[int]) -> list[int]:
    """Hours from each beginning of the rarer one to the nearest of the other, where that is near; first to second."""
    rare, other, sign = (first, second, 1) if len(first) <= len(second) else (second, first, -1)
    nearest = [min((there - here for there in other), key=abs) for here in rare]
    return [sign * gap for gap in nearest if abs(gap) <= ONSET_WINDOW.value]


def _told(names: tuple[str, str], offsets: list[int], counts: tuple[int, int, float], p_value: float) -> Coincidence:
    middle = float(median(offsets)) if offsets else 0.0
    same = sum(1 for gap in offsets if gap * middle > 0) / len(offsets) if offsets else 0.0
    if same < ONSET_SAME_SIGN.value:
        middle = 0.0
    first, second = names if middle >= 0 else names[::-1]
    return Coincidence(first, second, *counts, abs(middle), p_value)
