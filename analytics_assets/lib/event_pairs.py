"""Which events belong together, and which one follows another within minutes?

Three sorts of evidence, the strongest first. Functional: both carry the same correlation id, and events of one id are
closer in time than two at random. Causal: one follows the other within ten minutes more often than around that time of
the day, not so the other way round, in both halves of the time, and not because both follow a third. Temporal: only
that it follows.

How often one follows by chance is counted, not assumed: the earlier stream is shifted by 20 to 40 minutes both ways.
So the hour, the weekday and busy days stay what they are, and only what is nearer than that is evidence. Where counts
of the shifts vary more than Poisson's, so does chance (negative binomial), and the days must agree on it. Measured:
``leads_and_events`` in benchmarks/RESULTS.md.

P-values are adjusted among what is asked alike: whether one follows the other, of every pair of types, also of those
that were hardly seen together; and nearness within flows, of the pairs that flows have. One family of both would let
flows, which are near by nature, vouch for what only follows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median
from typing import TYPE_CHECKING, Any

from analytics_assets.lib.by_day import days_p_value
from analytics_assets.lib.count_tails import as_many_or_more
from analytics_assets.lib.significance import with_adjusted
from analytics_assets.mining_thresholds import (
    EVENT_FOLLOWS,
    EVENT_MIN_PAIRS,
    EVENT_SHIFT_LEAST,
    EVENT_SHIFT_MOST,
    EVENT_SHIFTS,
    EVENT_TYPES,
)
from analytics_assets.thresholds import SIGNIFICANT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Seconds = NDArray[np.float64]

DAY = 86_400.0
FUNCTIONAL, CAUSAL, TEMPORAL = "functional", "causal", "temporal"
Events = Sequence[Mapping[str, Any]]
"""``id``, ``link_type`` (source>target/type), ``occurred_at``, ``status`` and ``correlation_id`` of each."""


@dataclass(frozen=True)
class Followed:
    """How often a type follows another within ten minutes.

    Args:
        pairs: events of the first type that are followed.
        expected: as many as would be by chance.
        p_value: how often chance makes as many.
        newest: place of the newest event that is followed; -1 without one.
    """

    events: int
    pairs: int
    expected: float
    p_value: float
    newest: int = -1


def frequent(events: Events) -> set[str]:
    """The types that are looked at: the most frequent ones that have enough events for a pair."""
    counts = Counter(event["link_type"] for event in events)
    return {name for name, n in counts.most_common(int(EVENT_TYPES.value)) if n >= EVENT_MIN_PAIRS.value}


def left_out(events: Events) -> list[str]:
    """Types that have enough events for a pair, and are not looked at as others are more frequent."""
    counts, chosen = Counter(event["link_type"] for event in events), frequent(events)
    return sorted(name for name, n in counts.items() if n >= EVENT_MIN_PAIRS.value and name not in chosen)


def event_pairs(events: Events) -> list[dict[str, Any]]:
    """One row per pair of types that was seen together at least five times, the surest first.

    Events of one flow are functional pairs; whether they also follow one another is not asked again.
    """
    types = frequent(events)
    chosen = [event for event in events if event["link_type"] in types]
    functional = _functional(chosen)
    known = {frozenset((row["primary_event_type"], row["related_event_type"])) for row in functional}
    rows = functional + _following(chosen, known)
    for row in rows:
        row["confidence_score"] = 1 - row["p_adjusted"]
    return sorted(rows, key=lambda row: (row["p_adjusted"], -row["correlation_strength"], row["primary_event_type"]))


def _functional(events: Events) -> list[dict[str, Any]]:
    """Pairs within flows: the earlier type first, by the median of the time between."""
    from scipy.stats import binom

    flows: dict[str, dict[str, Mapping[str, Any]]] = {}
    for event in sorted(events, key=lambda event: (event["occurred_at"], event["id"])):
        if event["correlation_id"]:
            flows.setdefault(event["correlation_id"], {}).setdefault(event["link_type"], event)
    # An id that stands for many events is told by the first of each type.
    firsts = [event for flow in flows.values() for event in flow.values()]
    counts, times = Counter(event["link_type"] for event in firsts), seconds(firsts)
    together: dict[tuple[str, str], list[tuple[Mapping[str, Any], Mapping[str, Any]]]] = {}
    for flow in flows.values():
        names = sorted(flow)
        for place, name in enumerate(names):
            for other in names[place + 1 :]:
                together.setdefault((name, other), []).append((flow[name], flow[other]))
    rows = []
    for (name, other), pairs in together.items():
        if len(pairs) < EVENT_MIN_PAIRS.value:
            continue
        offset = median(_milliseconds(one, two) for one, two in pairs)
        if offset < 0:
            name, other, offset = other, name, -offset  # noqa: PLW2901 - the earlier one comes first
            pairs = [(two, one) for one, two in pairs]  # noqa: PLW2901
        near = median(abs(_milliseconds(one, two)) for one, two in pairs) / 1_000
        chance = _share_within(times[name], times[other], near)
        rows.append(
            _row(FUNCTIONAL, name, other, len(pairs), chance * len(pairs))
            | {
                "correlation_strength": len(pairs) / counts[name],
                "time_offset": offset,
                "primary_event_id": pairs[-1][0]["id"],
                "related_event_id": pairs[-1][1]["id"],
                # Half of the pairs are as near as their median: two events at random would seldom be.
                "p_value": float(binom.sf((len(pairs) + 1) // 2 - 1, len(pairs), chance)),
            }
        )
    # The test takes the number of pairs as given, so that those with few are not asked chooses no p-values.
    return with_adjusted(rows, [row["p_value"] for row in rows])


def seconds(events: Events) -> dict[str, Seconds]:
    """Times of the events by type, in order, in seconds since the first of all."""
    import numpy as np

    start = min((event["occurred_at"] for event in events), default=None)
    found: dict[str, list[float]] = {}
    for event in events:
        found.setdefault(event["link_type"], []).append((event["occurred_at"] - start).total_seconds())
    return {name: np.sort(np.array(times)) for name, times in found.items()}


def followed(first: Seconds, then: Seconds) -> Followed:
    """How often events of one stream are followed by one of another, and by how many chance would follow.

    Args:
        first: seconds, in order.
        then: seconds, in order.
    """
    import numpy as np

    within = EVENT_FOLLOWS.value
    shifts = np.linspace(
        EVENT_SHIFT_LEAST.value * within, EVENT_SHIFT_MOST.value * within, int(EVENT_SHIFTS.value) // 2
    )
    is_followed = _answered(first, then)
    pairs, places = int(is_followed.sum()), np.flatnonzero(is_followed)
    # A tenth of the shifts tells most pairs to be chance.
    for some in (shifts[::10], shifts):
        by_chance = np.array([_answered(first + shift, then) for shift in (*some, *-some)])
        counts = by_chance.sum(axis=1)
        mean = max(float(counts.mean()), 1 / len(counts))
        if pairs <= mean + sqrt(mean):
            break
    p_value = float(as_many_or_more(pairs, mean, float(counts.var(ddof=1))))
    if p_value < SIGNIFICANT.value:
        excess = np.bincount((first // DAY).astype(int), weights=is_followed - by_chance.mean(axis=0))
        p_value = max(p_value, days_p_value(excess.astype(np.float64), both_ways=False))
    return Followed(len(first), pairs, mean, p_value, int(places[-1]) if pairs else -1)


def _answered(first: Seconds, then: Seconds) -> NDArray[np.bool_]:
    """Which events are followed within ten minutes; one at the same moment does not follow."""
    import numpy as np

    low = np.searchsorted(then, first, side="right")
    found: NDArray[np.bool_] = np.searchsorted(then, first + EVENT_FOLLOWS.value, side="right") > low
    return found


def _following(events: Events, known: set[frozenset[str]]) -> list[dict[str, Any]]:
    """Pairs in which one follows the other more often than expected, in the direction in which it does so most."""
    by_type: dict[str, list[Mapping[str, Any]]] = {}
    for event in sorted(events, key=lambda event: (event["occurred_at"], event["id"])):
        by_type.setdefault(event["link_type"], []).append(event)
    times = seconds(events)
    found = {
        (first, then): followed(times[first], times[then])
        for first in times
        for then in times
        if first != then and frozenset((first, then)) not in known
    }
    asked: list[dict[str, Any]] = []
    for (first, then), forth in found.items():
        back = found[then, first]
        # Of the two directions the surer one is told; the other one counts in it: twice the p-value.
        if (forth.p_value, first) < (back.p_value, then):
            asked.append({"first": first, "then": then, "p_value": min(1.0, 2 * forth.p_value)})
    rows = []
    for tested in with_adjusted(asked, [pair["p_value"] for pair in asked]):
        first, then = tested.pop("first"), tested.pop("then")
        forth, back = found[first, then], found[then, first]
        # How often it follows is what is tested: the pairs with few are in the adjustment, though no row is theirs.
        if forth.pairs < EVENT_MIN_PAIRS.value:
            continue
        answer = _answer(by_type[first][forth.newest], by_type[then])
        excess = (forth.pairs - forth.expected) / max(1e-9, forth.events - forth.expected)
        is_one_way = tested["is_significant"] and back.p_value >= SIGNIFICANT.value
        kind = CAUSAL if is_one_way and _persists(times, first, then, found) else TEMPORAL
        rows.append(
            _row(kind, first, then, forth.pairs, forth.expected)
            | {
                "correlation_strength": min(1.0, max(0.0, excess)),
                "time_offset": _median_offset(times[first], times[then]),
                "primary_event_id": by_type[first][forth.newest]["id"],
                "related_event_id": answer["id"],
            }
            | tested
        )
    return rows


def _answer(event: Mapping[str, Any], others: Events) -> Mapping[str, Any]:
    return next(other for other in others if other["occurred_at"] > event["occurred_at"])


def _median_offset(first: Seconds, then: Seconds) -> float:
    """Median time to the next of the other, where it follows, in milliseconds."""
    import numpy as np

    earlier = first[_answered(first, then)]
    return float(np.median(then[np.searchsorted(then, earlier, side="right")] - earlier)) * 1_000


def _persists(times: Mapping[str, Seconds], first: str, then: str, found: Mapping[tuple[str, str], Followed]) -> bool:
    """Whether it follows in both halves of the time, and also where no third type came before both."""
    stream = times[first]
    half = len(stream) // 2
    parts = [stream[:half], stream[half:]]
    for third in times:
        led = [found.get((third, name)) for name in (first, then)]
        if third not in (first, then) and all(one is None or one.p_value < SIGNIFICANT.value for one in led):
            parts.append(stream[~_preceded(stream, times[third])])
    return all(len(part) and followed(part, times[then]).p_value < SIGNIFICANT.value for part in parts)


def _preceded(stream: Seconds, third: Seconds) -> NDArray[np.bool_]:
    import numpy as np

    place = np.searchsorted(third, stream, side="right") - 1
    found: NDArray[np.bool_] = (place >= 0) & (stream - third[np.maximum(place, 0)] <= EVENT_FOLLOWS.value)
    return found


def _share_within(first: Seconds, other: Seconds, near: float) -> float:
    """Share of all pairs of one event each that are so near in time."""
    import numpy as np

    inside = np.searchsorted(other, first + near, side="right") - np.searchsorted(other, first - near, side="left")
    return float(inside.sum()) / (len(first) * len(other))


def _row(kind: str, name: str, other: str, pairs: int, expected: float) -> dict[str, Any]:
    return {
        "primary_event_type": name,
        "related_event_type": other,
        "correlation_type": kind,
        "pairs": pairs,
        "expected_pairs": expected,
    }


def _milliseconds(one: Mapping[str, Any], two: Mapping[str, Any]) -> float:
    return float((two["occurred_at"] - one["occurred_at"]).total_seconds() * 1_000)
