"""From judged hours to episodes: runs of anomalous hours of one signal, with what was usual and who says so.

Hours of one direction belong together where at most two hours between them are usual; an hour of the other direction
ends an episode, so episodes of a signal never overlap. NumPy is imported on first use.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from analytics_assets.detector_thresholds import EPISODE_GAP
from analytics_assets.lib.anomaly_reasons import SEASON, reason
from analytics_assets.lib.signals import HOUR, is_worse, moment
from analytics_assets.pattern_store.observed import pattern_id
from analytics_assets.pattern_thresholds import ANOMALY_SENSITIVITY

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from analytics_assets.lib.detectors import Consensus, Detector, Judgement, Series
    from analytics_assets.lib.signals import Signal

BANDS = frozenset({SEASON, "limit"})
"""Families that judge a value by itself, by how rare it is; one of changes sums up many that are each usual."""


@dataclass(frozen=True, eq=False)
class Opinion:
    """One detector's judgement of a signal; ``directions`` are 1 above what it expects, -1 below, 0 not told."""

    detector: str
    family: str
    judgement: Judgement
    directions: NDArray[np.int8]

    @classmethod
    def of(cls, detector: Detector, series: Series, judgement: Judgement) -> Opinion:
        """What this detector says of this series."""
        import numpy as np

        sides = np.sign(np.nan_to_num(series.values - judgement.expected)).astype(np.int8)
        # A value beyond its band is on that side whatever is expected; a limit expects nothing.
        sides[series.values > judgement.upper] = 1
        sides[series.values < judgement.lower] = -1
        return cls(detector.name, detector.family, judgement, sides)

    def says(self, hour: int, direction: int) -> bool:
        """Whether it finds the hour anomalous in that direction, or without one."""
        return bool(self.judgement.is_anomalous[hour]) and int(self.directions[hour]) in (direction, 0)


@dataclass(frozen=True)
class Peak:
    """The hour of an episode that is farthest from its band, and that band."""

    hour: int
    score: float
    opinion: Opinion


def episodes(
    signal: Signal,
    opinions: Sequence[Opinion],
    together: Consensus,
    coverage: float = ANOMALY_SENSITIVITY.value,
    first: int = 0,
) -> list[dict[str, Any]]:
    """One row per episode of a signal, the earliest first.

    ``tail_score`` is how rare its rarest value is, ``records`` how many are behind all its hours.

    Args:
        signal: the signal.
        opinions: all that were asked.
        together: what these say together, in the same order.
        coverage: share of usual values that the shown band of the season holds.
        first: episodes that begin before this hour are left out.
    """
    directions = _directions(opinions, len(signal.series))
    rows = []
    for hours in runs(signal, opinions, together):
        if hours[0] < first:
            continue
        row = _row(signal, opinions, together, hours, int(directions[hours[0]]), coverage)
        if row is not None:
            rows.append(row)
    return rows


def _directions(opinions: Sequence[Opinion], n: int) -> NDArray[np.int8]:
    """Where each hour lies by the sum of those that find it anomalous, the farther counting more; 0 unknown."""
    import numpy as np

    total = np.zeros(n)
    for opinion in opinions:
        judged = opinion.judgement
        total += np.where(judged.is_anomalous, np.nan_to_num(judged.score) * opinion.directions, 0.0)
    return np.sign(total).astype(np.int8)


def runs(signal: Signal, opinions: Sequence[Opinion], together: Consensus) -> list[list[int]]:
    """Anomalous hours that belong together.

    Bands learn from what they see, and would call the third hour of a burst usual: an episode goes on while values are
    as far from what is expected of their hour as the first one had to be.
    """
    import numpy as np

    directions = _directions(opinions, len(signal.series))
    is_odd = (together.level > 0) & (directions != 0)
    found: list[list[int]] = []
    if not is_odd.any():
        return found
    seconds = signal.series.seconds
    most_apart = (EPISODE_GAP.value + 1) * HOUR.total_seconds()
    goes_on = np.zeros(len(signal.series), dtype=bool)
    for hour in range(int(np.argmax(is_odd)), len(signal.series)):
        run = found[-1] if found else [hour]
        is_near = bool(found) and seconds[hour] - seconds[run[-1]] <= most_apart
        if is_odd[hour]:
            if is_near and directions[hour] == directions[run[0]]:
                run.append(hour)
            else:
                found.append([hour])
                goes_on = _as_far(signal, opinions, hour, int(directions[hour]))
        elif is_near and goes_on[hour]:
            run.append(hour)
    return found


def _as_far(signal: Signal, opinions: Sequence[Opinion], begins: int, direction: int) -> NDArray[np.bool_]:
    """Which hours lie as far from what is expected of them as the edge of the band in which an episode began."""
    import numpy as np

    values = signal.series.values
    for opinion in _season_first(opinions):
        judged = opinion.judgement
        edges = judged.upper if direction > 0 else judged.lower
        if opinion.family not in BANDS or not opinion.says(begins, direction) or np.isnan(edges[begins]):
            continue
        moved = judged.expected - judged.expected[begins]
        # A limit expects nothing: its edge stays where it was.
        return np.asarray((values - edges[begins] - np.nan_to_num(moved)) * direction > 0)
    return np.zeros(len(values), dtype=bool)


def _season_first(opinions: Sequence[Opinion]) -> list[Opinion]:
    """A person knows what is usual at an hour, so that band is shown before a limit, and that before a change's."""
    return sorted(opinions, key=lambda one: (one.family != SEASON, one.family not in BANDS, one.detector))


def _row(
    signal: Signal,
    opinions: Sequence[Opinion],
    together: Consensus,
    hours: list[int],
    direction: int,
    coverage: float,
) -> dict[str, Any] | None:
    """An episode; None where nobody who finds it has a band that a value of it lies outside of."""
    import numpy as np

    from analytics_assets.lib.detectors import LEVELS

    level = int(together.level[hours].max())
    surest = [hour for hour in hours if together.level[hour] == level]
    peak = _peak(signal, opinions, surest, direction) or _peak(signal, opinions, hours, direction)
    if peak is None:
        return None
    # One that called an hour shortly before agrees too: a detector of limits is done when one of changes begins.
    agreed = [one for one, agrees in zip(opinions, together.agrees[:, surest], strict=True) if agrees.any()]
    starts_at, last = moment(signal.series.times[hours[0]]), moment(signal.series.times[hours[-1]])
    is_ongoing = _is_ongoing(signal, hours[-1])
    lower, upper = peak.opinion.judgement.band(coverage, is_rate=signal.series.is_rate)
    samples = signal.series.samples
    figures = {
        "value": float(signal.series.values[peak.hour]),
        "expected": _expected(opinions, peak),
        "lower": _lower(signal, lower[peak.hour]),
        "upper": _known(upper[peak.hour]),
        "samples": None if samples is None else round(float(samples[peak.hour])),
    }
    return {
        "id": pattern_id("above" if direction > 0 else "below", f"{signal.name}\0{starts_at.isoformat()}"),
        **signal.key,
        "starts_at": starts_at,
        "ends_at": None if is_ongoing else last + HOUR,
        "hours": len(hours),
        "is_ongoing": is_ongoing,
        "peak_at": moment(signal.series.times[peak.hour]),
        **figures,
        "direction": "above" if direction > 0 else "below",
        "score": peak.score,
        "records": None if samples is None else round(float(np.nansum(samples[hours]))),
        "tail_score": _tail_score(opinions, hours, direction),
        "detectors": json.dumps(sorted(opinion.detector for opinion in agreed)),
        "families": json.dumps(sorted({opinion.family for opinion in agreed})),
        "detectors_asked": json.dumps(
            sorted(opinion.detector for opinion in opinions if opinion.judgement.is_judged[hours].any())
        ),
        "severity": LEVELS[level],
        "is_worse": is_worse(direction, signal.series.worse),
        "reason": reason(signal, figures, peak.opinion.family, [opinion.family for opinion in agreed]),
        **signal.ends,
    }


def _peak(signal: Signal, opinions: Sequence[Opinion], hours: Sequence[int], direction: int) -> Peak | None:
    """The farthest hour beyond the season's band; where no value is beyond that, beyond the one of any other.

    A sum is highest hours after its values were: of a change the farthest value is shown, and of rates that of many
    samples rather than that of few.
    """
    values, samples = signal.series.values, signal.series.samples
    for opinion in _season_first(opinions):
        judged = opinion.judgement
        past = (values - (judged.upper if direction > 0 else judged.lower)) * direction
        outside = [hour for hour in hours if opinion.says(hour, direction) and past[hour] > 0]
        if outside:
            far = judged.score if opinion.family in BANDS else past * (1.0 if samples is None else samples**0.5)
            hour = max(outside, key=lambda hour: float(far[hour]))
            return Peak(hour, float(judged.score[hour]), opinion)
    return None


def _expected(opinions: Sequence[Opinion], peak: Peak) -> float | None:
    """What was expected in that hour, by the detector of the band, else by any that expects something."""
    asked = [peak.opinion, *opinions]
    return next((value for one in asked if (value := _known(one.judgement.expected[peak.hour])) is not None), None)


def _tail_score(opinions: Sequence[Opinion], hours: Sequence[int], direction: int) -> float:
    """The highest score of those that tell how rare a value is, also below their threshold; sums tell no such thing."""
    import numpy as np

    scores = [
        np.where(one.directions[hours] == direction, np.nan_to_num(one.judgement.score[hours]), 0.0)
        for one in opinions
        if one.family in BANDS
    ]
    return max((float(score.max()) for score in scores), default=0.0)


def _lower(signal: Signal, lower: np.floating[Any]) -> float | None:
    """The lower end; what never was below 0 is not told to be usual there."""
    import numpy as np

    known = _known(lower)
    return known if known is None or np.nanmin(signal.series.values) < 0 else max(0.0, known)


def _known(value: np.floating[Any]) -> float | None:
    """A number; None where it is none."""
    return float(value) if value == value else None  # noqa: PLR0124 - NaN alone is not itself


def _is_ongoing(signal: Signal, last: int) -> bool:
    """Whether the last anomalous hour is the newest of the signal, and that is of now.

    A signal that fell silent does not say that its anomaly lasts.
    """
    import numpy as np

    if signal.as_of is None:
        return False
    newest = int(np.flatnonzero(signal.series.is_known)[-1])
    return last == newest and signal.as_of - moment(signal.series.times[last]) <= HOUR * (1 + EPISODE_GAP.value)


def overlaps(rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Signals of which two episodes share an hour; one that lasts has no end."""
    ordered = sorted(rows, key=lambda row: (row["signal"], row["starts_at"]))
    return {
        str(later["signal"])
        for earlier, later in pairwise(ordered)
        if earlier["signal"] == later["signal"]
        and not (earlier["ends_at"] and earlier["ends_at"] <= later["starts_at"])
    }
