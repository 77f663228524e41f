"""Which alerts are one trouble: those of a component, of components that affect each other, and of one beginning."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from analytics_assets.alert_thresholds import GROUP_HOURS, ONSET_MINUTES
from analytics_assets.alerting.condition import Row, level_of

NEAR = timedelta(hours=GROUP_HOURS.value)


def grouped(rows: Sequence[Row], related: Iterable[tuple[str, str]]) -> list[list[Row]]:
    """The groups of alerts that last, each with its lead first: the most severe, of these the earliest.

    Args:
        rows: alerts, with ``is_begin_seen``.
        related: pairs of components of which one's trouble causes or precedes the other's.
    """
    parents = list(range(len(rows)))
    for first, second in _pairs(rows, related):
        parents[_root(parents, second)] = _root(parents, first)
    groups: dict[int, list[Row]] = defaultdict(list)
    for place, row in enumerate(rows):
        groups[_root(parents, place)].append(row)
    return [sorted(group, key=_lead_first) for group in groups.values()]


def group_ids(groups: Sequence[Sequence[Row]]) -> list[str]:
    """A name for each group, in their order: the earliest that a member has, else the id of its lead.

    Where a group fell apart the part with the earliest alert keeps the name.
    """
    order = sorted(
        range(len(groups)), key=lambda place: min((row["first_seen_at"], row["id"]) for row in groups[place])
    )
    names: dict[int, str] = {}
    taken: set[str] = set()
    for place in order:
        known = [row for row in groups[place] if row.get("group_id") and row["group_id"] not in taken]
        earliest = min(known, key=lambda row: (row["first_seen_at"], row["id"]), default=None)
        names[place] = earliest["group_id"] if earliest is not None else groups[place][0]["id"]
        taken.add(names[place])
    return [names[place] for place in range(len(groups))]


def components_of(row: Row) -> list[str]:
    """The components of an alert."""
    found: list[str] = json.loads(row["affected_components"])
    return found


def _lead_first(row: Row) -> tuple[int, datetime, str]:
    return (-level_of(row["severity"]), row["first_seen_at"], row["id"])


def _pairs(rows: Sequence[Row], related: Iterable[tuple[str, str]]) -> Iterator[tuple[int, int]]:
    by_component: dict[str, list[int]] = defaultdict(list)
    order = sorted(range(len(rows)), key=lambda place: (rows[place]["first_seen_at"], rows[place]["id"]))
    for place in order:
        for component in components_of(rows[place]):
            by_component[component].append(place)
    for places in by_component.values():
        yield from _runs(rows, places, NEAR)
    for one, other in related:
        for first in by_component.get(one, ()):
            for second in by_component.get(other, ()):
                if abs(rows[first]["first_seen_at"] - rows[second]["first_seen_at"]) <= NEAR:
                    yield first, second
    # Of what was so before its records began no beginning is known, and a small matter may begin at any time.
    known = [place for place in order if rows[place]["is_begin_seen"] and level_of(rows[place]["severity"])]
    yield from _runs(rows, known, timedelta(minutes=ONSET_MINUTES.value))


def _runs(rows: Sequence[Row], places: Sequence[int], span: timedelta) -> Iterator[tuple[int, int]]:
    """Pairs of each with the first of its run: a run is no longer than the span, so that chains do not grow."""
    first = None
    for place in places:
        if first is None or rows[place]["first_seen_at"] - rows[first]["first_seen_at"] > span:
            first = place
        else:
            yield first, place


def _root(parents: list[int], place: int) -> int:
    while parents[place] != place:
        parents[place] = parents[parents[place]]
        place = parents[place]
    return place
