"""How did patterns change? One row is added per change and none is changed: the last one of a pattern is its state.

Strengthening, weakening and shifting are told by the memory of the pattern, appearing, ending and returning by its
state. A cluster splits when it is over, or lost half of its members, and new ones of its type took them.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from analytics_assets.pattern_store.looks import Row
from analytics_assets.pattern_store.observed import pattern_id, relative_size
from analytics_assets.pattern_store.strengths import Memory, prediction_accuracy
from analytics_assets.pattern_thresholds import EVOLUTION_KEPT, FACTOR_WINDOW, FACTORS_SHOWN, SPLIT_SHARE

MEMBERS = ("member_ids", "sample_ids", "task_ids", "run_ids")
"""Keys of a pattern's data that list what it is made of."""
State = dict[str, Any]


def evolve(
    earlier: Iterable[Row],
    patterns: Iterable[Row],
    relationships: Iterable[Row],
    *,
    as_of: datetime | None,
    is_stale: bool,
) -> list[Row]:
    """The rows after this look: the earlier ones of remembered patterns, and one per change since, in order.

    Args:
        earlier: the rows of the look before.
        patterns: rows of ``patterns.detected_patterns``.
        relationships: rows of ``patterns.pattern_relationships``: what has to do with what.
        as_of: end of the newest window of all sources.
        is_stale: whether that is long ago.
    """
    known = {row["id"]: row for row in patterns}
    told: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(earlier, key=lambda row: (row["pattern_id"], row["change_number"])):
        if row["pattern_id"] in known:
            told[row["pattern_id"]].append(row)
    fresh = {key for key in known if key not in told}
    added: list[Row] = []
    for key, row in known.items():
        last = json.loads(told[key][-1]["current_state"]) if key in told else None
        added += _changes(row, last, known, fresh)
    recent = [*(row for rows in told.values() for row in rows), *added]
    factors = _Factors(known, relationships, recent)
    for change in added:
        change["contributing_factors"] = json.dumps(factors.of(change), sort_keys=True)
        chain = told[change["pattern_id"]]
        chain.append(change | {"change_number": chain[-1]["change_number"] + 1 if chain else 1})
    kept = [row for key in sorted(told) for row in told[key][-int(EVOLUTION_KEPT.value) :]]
    return [row | {"as_of": as_of, "is_stale": is_stale} for row in kept]


def _changes(row: Row, last: State | None, known: Mapping[str, Row], fresh: set[str]) -> list[Row]:
    """What happened to a pattern since its last state."""
    now = state_of(row)
    if last is None:
        return [_change(row, "appeared", {}, now, row["detected_at"])]
    changes = []
    memory = Memory.of_json(row["memory"])
    if memory.change is not None and memory.changed_at != last["changed_at"]:
        changes.append(_moved(row, last, now, memory))
    if now["is_over"] and not last["is_over"]:
        changes.append(_change(row, "resolved", last, now, row["resolved_at"]))
    if last["is_over"] and not now["is_over"]:
        changes.append(_change(row, "reopened", last, now, row["observed_until"]))
    if now["is_over"]:
        # It ends some looks after its parts came. It is told once, with its end.
        newer = {key for key, other in known.items() if other["detected_at"] > row["observed_until"]}
        parts = [] if last["is_over"] else _parts(row, last, known, newer)
    else:
        parts = _parts(row, last, known, fresh)
    if parts:
        changes.append(_change(row, "splitting", last, now | {"parts": parts}, row["as_of"]))
    return changes


def state_of(row: Row) -> State:
    """What of a pattern is compared from look to look."""
    memory = Memory.of_json(row["memory"])
    return {
        "is_over": row["resolved_at"] is not None,
        "strength": memory.level,
        "location": memory.place,
        "confidence": row["confidence_score"],
        "changed_at": memory.changed_at,
        "members": _members(row),
    }


def _moved(row: Row, last: State, now: State, memory: Memory) -> Row:
    """A change of the strength or the location, with what the looks before it told of it."""
    assert memory.change is not None, "asked for a change only"
    before = last | {
        "strength": memory.level_before,
        "location": memory.place_before,
        "predicted_strength": memory.predicted,
    }
    change = _change(row, memory.change, before, now, datetime.fromisoformat(str(memory.changed_at)))
    if memory.change == "shifting":
        return change
    return change | {
        "change_magnitude": relative_size(memory.level_before or 0.0, memory.level or 0.0),
        "prediction_accuracy": prediction_accuracy(memory.predicted, memory.level),
    }


def _change(row: Row, kind: str, before: State, after: State, at: datetime) -> Row:
    return {
        "id": pattern_id(kind, f"{row['id']} {at.isoformat()}"),
        "pattern_id": row["id"],
        "evolution_type": kind,
        "previous_state": json.dumps(before, sort_keys=True),
        "current_state": json.dumps(after, sort_keys=True),
        "change_magnitude": 1.0,
        "evolution_timestamp": at,
        "contributing_factors": "[]",
        "prediction_accuracy": None,
    }


def _members(row: Row) -> list[str]:
    data = json.loads(row["pattern_data"])
    listed: list[Any] = next((data[name] for name in MEMBERS if isinstance(data.get(name), list)), [])
    return sorted({str(member) for member in listed})


def _parts(row: Row, last: State, known: Mapping[str, Row], fresh: set[str]) -> list[str]:
    """The new patterns of its type that took its members; none where it did not split."""
    before = set(last["members"])
    left = set(_members(row)) & before if row["resolved_at"] is None else set()
    if not before or len(left) > SPLIT_SHARE.value * len(before):
        return []
    parts = {}
    for key in sorted(fresh):
        other = known[key]
        taken = set(_members(other)) & before if other["pattern_type"] == row["pattern_type"] else set()
        if taken and len(taken) >= SPLIT_SHARE.value * len(_members(other)):
            parts[key] = taken
    taken_by_all: set[str] = set().union(*parts.values())
    pieces = len(parts) + bool(left)
    is_split = pieces > 1 and len(taken_by_all | left) >= SPLIT_SHARE.value * len(before)
    return list(parts) if is_split else []


class _Factors:
    """What else changed near a change: related patterns first, then those of the same components."""

    def __init__(self, known: Mapping[str, Row], relationships: Iterable[Row], changes: Iterable[Row]) -> None:
        self._known = known
        self._changes: dict[str, list[Row]] = defaultdict(list)
        for change in changes:
            self._changes[change["pattern_id"]].append(change)
        self._related: dict[str, dict[str, str]] = defaultdict(dict)
        for row in relationships:
            parent, child, said = (row[n] for n in ("parent_pattern_id", "child_pattern_id", "relationship_type"))
            self._related[parent][child] = f"{said} it"
            self._related[child][parent] = "it follows" if said == "precedes" else f"it {said}"
        self._sharing: dict[str, list[str]] = defaultdict(list)
        for key, row in known.items():
            for component in json.loads(row["components"]):
                self._sharing[component].append(key)

    def of(self, change: Row) -> list[dict[str, str]]:
        """At most five; nothing of it is proved to be a cause."""
        key = change["pattern_id"]
        others: dict[str, str] = dict(self._related.get(key, {}))
        for component in json.loads(self._known[key]["components"]):
            for other in self._sharing[component][: int(FACTORS_SHOWN.value) * 20]:
                others.setdefault(other, f"same component: {component}")
        others.pop(key, None)
        found = []
        for other, how in others.items():
            near = [one for one in self._changes.get(other, ()) if _is_near(one, change)]
            if near and other in self._known:
                found.append({"pattern_id": other, "change": near[-1]["evolution_type"], "how": how})
            if len(found) == FACTORS_SHOWN.value:
                break
        return found


def _is_near(one: Row, other: Row) -> bool:
    apart = abs(one["evolution_timestamp"] - other["evolution_timestamp"])
    return bool(apart <= timedelta(hours=FACTOR_WINDOW.value))
