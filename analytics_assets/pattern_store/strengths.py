"""Did a pattern become stronger or weaker, or move, or does it only vary? Told from its looks since the last change.

Its memory has looks at least an hour apart: the newest three, and of those before them, evenly thinned, up to 24. Its
strength has changed when the newest three are beyond the older half of the others, all on one side, by more than a
fifth and by more than four of their standard deviations. The older half alone: what changes slowly widens the rest.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from math import sqrt
from statistics import fmean, median

from analytics_assets.pattern_store.observed import relative_size
from analytics_assets.pattern_thresholds import (
    LOOK_SPACING,
    STRENGTH_CHANGE,
    STRENGTH_CONFIRMED,
    STRENGTH_LOOKS,
    STRENGTH_MIN_LOOKS,
    STRENGTH_NOISE,
)

Seen = tuple[str, float]
"""End of a window as an ISO 8601 text, and the strength."""


@dataclass(frozen=True)
class Memory:
    """What is remembered of a pattern's strength and location since they changed last.

    Args:
        level: the strength since the last change, or since it appeared.
        place: the location since then.
        usual: older looks.
        recent: the newest three looks at most.
        moved_to: locations of the newest looks that are another one, oldest first.
        every: of the looks that become older, each so manieth is kept.
        passed: how many have become older.
        newest: end of the newest window that was looked at.
        changed_at: end of the window that showed the last change; None before the first one.
        change: strengthening, weakening or shifting.
        predicted: strength that the trend of the looks before the last change told for it.
        level_before: strength before the last change.
        place_before: location before it.
    """

    level: float | None = None
    place: str | None = None
    usual: tuple[Seen, ...] = ()
    recent: tuple[Seen, ...] = ()
    moved_to: tuple[str, ...] = ()
    every: int = 1
    passed: int = 0
    newest: str | None = None
    changed_at: str | None = None
    change: str | None = None
    predicted: float | None = None
    level_before: float | None = None
    place_before: str | None = None

    def to_json(self) -> str:
        """As the table keeps it."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def of_json(cls, text: str) -> Memory:
        """As it was kept."""
        given = json.loads(text)
        looks = {name: tuple((at, value) for at, value in given.pop(name)) for name in ("usual", "recent")}
        return cls(**given | looks | {"moved_to": tuple(given["moved_to"])})


def remember(memory: Memory | None, at: datetime, strength: float | None, location: str | None) -> Memory:
    """The memory after a look at a window that ended at ``at``; one within an hour of the newest adds nothing."""
    if memory is None:
        first = () if strength is None else ((at.isoformat(), strength),)
        return Memory(level=strength, place=location, recent=first, newest=at.isoformat())
    assert memory.newest is not None, "a memory begins with a look"
    if at - datetime.fromisoformat(memory.newest) < timedelta(hours=LOOK_SPACING.value):
        return memory
    looked = replace(memory, newest=at.isoformat())
    if strength is not None:
        looked = _with_strength(looked, (at.isoformat(), strength))
    moved = (*looked.moved_to, location) if location is not None and location != looked.place else ()
    return _judged(replace(looked, moved_to=tuple(str(place) for place in moved)), at, location)


def _with_strength(memory: Memory, seen: Seen) -> Memory:
    recent, usual, every, passed = (*memory.recent, seen), memory.usual, memory.every, memory.passed
    if len(recent) > STRENGTH_CONFIRMED.value:
        passed += 1
        usual = (*usual, recent[0]) if passed % every == 0 else usual
        recent = recent[1:]
    if len(usual) > STRENGTH_LOOKS.value:
        usual, every = usual[::2], every * 2
    level = memory.level if memory.level is not None else seen[1]
    return replace(memory, usual=usual, recent=recent, every=every, passed=passed, level=level)


def _judged(memory: Memory, at: datetime, location: str | None) -> Memory:
    """With what has changed noted, if something has: then a new memory begins with what shows it."""
    level = _new_level(memory)
    changed = replace(
        memory,
        changed_at=at.isoformat(),
        level_before=memory.level,
        place_before=memory.place,
        predicted=predicted(memory.usual, at),
    )
    if level is not None:
        known = _usual_level(memory)
        assert known is not None, "another level is one beside a usual one"
        return replace(
            changed,
            level_before=known,
            change="strengthening" if level > known else "weakening",
            level=level,
            place=location or memory.place,
            usual=(),
            moved_to=(),
            every=1,
            passed=0,
        )
    if len(memory.moved_to) >= STRENGTH_CONFIRMED.value and len(set(memory.moved_to)) == 1:
        if memory.place is None:
            return replace(memory, place=location, moved_to=())
        return replace(changed, change="shifting", place=location, moved_to=())
    newest = memory.moved_to[-int(STRENGTH_CONFIRMED.value) + 1 :]
    return replace(memory, moved_to=newest)


def _older(memory: Memory) -> list[float]:
    """The older half of what is usual; at least five."""
    return [value for _, value in memory.usual[: max(int(STRENGTH_MIN_LOOKS.value) // 2, len(memory.usual) // 2)]]


def _usual_level(memory: Memory) -> float | None:
    return median(_older(memory)) if len(memory.usual) >= STRENGTH_MIN_LOOKS.value else None


def _new_level(memory: Memory) -> float | None:
    """The strength of the newest three looks, where it is another one; None where it is not."""
    usual = _usual_level(memory)
    if usual is None:
        return None
    values = [value for _, value in memory.recent]
    level = median(values)
    noise = max(_spread(_older(memory)), _spread([value for _, value in memory.usual]) / 2)
    if relative_size(usual, level) <= STRENGTH_CHANGE.value:
        return None
    beyond = [
        (value - usual) * (level - usual) > 0 and abs(value - usual) > STRENGTH_NOISE.value * noise for value in values
    ]
    return level if all(beyond) else None


def _spread(values: list[float]) -> float:
    """The standard deviation; the library's own is exact, and twenty times as slow."""
    middle = fmean(values)
    return sqrt(fmean((value - middle) ** 2 for value in values))


def predicted(looks: tuple[Seen, ...], at: datetime) -> float | None:
    """What the line through the looks (Theil-Sen) tells for ``at``; None of fewer than ten."""
    if len(looks) < STRENGTH_MIN_LOOKS.value:
        return None
    import numpy as np

    from analytics_assets.lib.monotone_trend import pair_slopes

    days = np.array([(datetime.fromisoformat(end) - at) / timedelta(days=1) for end, _ in looks])
    values = np.array([value for _, value in looks])
    return float(np.median(values - np.median(pair_slopes(days, values)) * days))


def prediction_accuracy(told: float | None, arrived: float | None) -> float | None:
    """1 less the relative error of a prediction; None where there was none, or no strength.

    >>> prediction_accuracy(10.0, 8.0), prediction_accuracy(None, 12.0)
    (0.8, None)
    """
    return None if told is None or arrived is None else 1 - relative_size(told, arrived)
