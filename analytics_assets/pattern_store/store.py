"""The life of a pattern: active while it is stated, held while nobody can look, resolved when it is over, back again.

A pattern is told by its type and subject, so its id stays while its numbers move. That a source says nothing of it ends
it only where the source looked: at enough of its subjects, at this one, and at newer records than those that showed it.

One look is not enough: levels that are adjusted among many signals move each other, and a neighbour's bad hour makes a
pattern flicker. It stays active until three looks in a row at newer records do not state it, two of a source that looks
once a day, and 24 hours of records have passed since it was stated, whichever is later. Records that land late move no
end of a window: a look at a window that has more of them counts too, and of looks at that same window three are enough.
To run again on what was seen already is no look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from analytics_assets.pattern_store.looks import Look, Row, look_of
from analytics_assets.pattern_store.observed import OBSERVED, relative_size
from analytics_assets.pattern_store.strengths import Memory, remember
from analytics_assets.pattern_store.verdicts import Verdict, standing
from analytics_assets.pattern_thresholds import REJECTED_CHANGE, RESOLVED_PATTERNS_KEPT, UNSTATED_HOURS
from analytics_assets.warehouse.columns import is_old

_SAID = tuple(column.name for column in OBSERVED if column.name not in ("detected_at", "last_observed_at"))


class State(StrEnum):
    """Where a pattern stands."""

    ACTIVE = "active"
    """It is stated, or was until a moment ago."""
    HELD = "held"
    """It is not stated, and nobody could look: it is taken to hold."""
    RESOLVED = "resolved"
    """Its source looked and does not state it any more."""
    REJECTED = "rejected"
    """A person says that it is none; so while it stays as it was."""


@dataclass(frozen=True)
class Statement:
    """What a source states now: the values of ``OBSERVED``, and those of the table's own columns as a JSON object."""

    source: str
    said: Row
    pattern_data: str = "{}"


def advance(
    earlier: Iterable[Row],
    observed: Iterable[Statement],
    coverage: Mapping[str, Look],
    decisions: Iterable[Verdict],
    *,
    as_of: datetime | None,
    is_old: Callable[[datetime], bool] = is_old,
) -> list[Row]:
    """The rows after this look: one per pattern that is stated, and per one that was and is not forgotten, by id.

    Args:
        earlier: the rows of the look before.
        observed: what all sources state now; of two statements with one id the first counts.
        coverage: what each source looked at.
        decisions: of people, in any order.
        as_of: end of the newest window of all sources: the clock of what is kept.
        is_old: whether records that end then are stale by now. Each pattern is as old as its own source's records.
    """
    before = {row["id"]: row for row in earlier}
    verdicts = standing(decisions)
    stated: dict[str, Statement] = {}
    for statement in observed:
        stated.setdefault(statement.said["id"], statement)
    rows = []
    for key in sorted({*before, *stated}):
        known, said = before.get(key), stated.get(key)
        if said is not None:
            row = _stated(known, said, look_of(coverage, said.source))
        else:
            assert known is not None, "a key comes from one of the two"
            row = (
                {"unstated_looks": 0, "unstated_until": None, "observed_batch": None, "unstated_batch": None}
                | known
                | _unstated(known, look_of(coverage, known["source"]))
            )
        row |= _decided(known, row, verdicts.get(key))
        if not _is_forgotten(row, as_of):
            rows.append(row | _end(row, is_old))
    return rows


def _end(row: Row, is_old: Callable[[datetime], bool]) -> Row:
    """Where the newest window ends that was looked at for this pattern."""
    end = max(row["observed_until"], row["unstated_until"] or row["observed_until"])
    return {"as_of": end, "is_stale": is_old(end)}


def _stated(before: Row | None, statement: Statement, look: Look) -> Row:
    """It is stated now: for the first time, still, or again."""
    said = statement.said
    row = {name: said[name] for name in _SAID} | {
        "pattern_data": statement.pattern_data,
        "source": statement.source,
        "state": State.ACTIVE.value,
        "resolved_at": None,
        "resolved_reason": None,
        "unstated_looks": 0,
        "unstated_until": None,
        "observed_batch": look.batch_of(said["subject"]),
        "unstated_batch": None,
    }
    if before is None:
        return row | {
            "detected_at": said["detected_at"],
            "last_observed_at": said["last_observed_at"],
            "observed_until": said["detected_at"],
            "observation_count": 1,
            "reopened_count": 0,
            "memory": remember(None, said["detected_at"], said["strength"], said["location"]).to_json(),
        }
    # A refresh that brings nothing new finds the same again: that is no further observation.
    is_newer = said["detected_at"] > before["observed_until"] or said["last_observed_at"] > before["last_observed_at"]
    return row | {
        "detected_at": before["detected_at"],
        "last_observed_at": max(said["last_observed_at"], before["last_observed_at"]),
        "observed_until": max(said["detected_at"], before["observed_until"]),
        "observation_count": before["observation_count"] + int(is_newer),
        "reopened_count": before["reopened_count"] + int(before["resolved_at"] is not None),
        "memory": remember(
            Memory.of_json(before["memory"]), said["detected_at"], said["strength"], said["location"]
        ).to_json(),
    }


def _unstated(before: Row, look: Look) -> Row:
    """It is not stated now: over where its source looked often enough, held where it could not. Its end is noted once.

    A store that an earlier version wrote has no count of looks: it begins at none.
    """
    if before["resolved_at"] is not None:
        return {"state": State.RESOLVED.value}
    held = look.held_because(before)
    if held is not None:
        return {"state": State.HELD.value, "resolved_reason": held}
    assert look.as_of is not None, "a source without a record resolves nothing"
    looked, until = int(before.get("unstated_looks") or 0), before.get("unstated_until")
    batch = before.get("unstated_batch")
    if until is None or look.as_of > until or look.has_more(before, "unstated_batch"):
        looked, until, batch = looked + 1, look.as_of, look.batch_of(before["subject"])
    silent = f"{look.source} looked at records up to {until:%Y-%m-%d %H:%M} and does not state it"
    counted = {"unstated_looks": looked, "unstated_until": until, "unstated_batch": batch}
    passed = until - before["observed_until"]
    # The very window that showed it, with records that came late: no night has passed that could be the reason.
    is_long_ago = not passed or passed >= timedelta(hours=UNSTATED_HOURS.value)
    if looked < look.looks_to_end or not is_long_ago:
        needed = f"{look.looks_to_end} and {UNSTATED_HOURS.value:.0f} {UNSTATED_HOURS.unit} end it"
        return counted | {"state": State.ACTIVE.value, "resolved_reason": f"{silent}: look {looked}; {needed}"}
    return counted | {
        "state": State.RESOLVED.value,
        "resolved_at": until,
        "resolved_reason": f"{silent} any more, for {looked} looks",
    }


def _decided(before: Row | None, row: Row, verdict: Verdict | None) -> Row:
    """What a person said of it. A rejection holds for what was rejected: not for twice or half of it."""
    if verdict is None:
        nobody: Row = {"human_verdict": None, "decided_at": None, "decided_by": None, "decision_notes": None}
        return nobody | {"decided_strength": None, "is_active": _is_found(row)}
    is_known = before is not None and before["decided_at"] == verdict.decided_at
    seen = before["decided_strength"] if is_known and before else (before or row)["strength"]
    decided: Row = {
        "human_verdict": verdict.decision,
        "decided_at": verdict.decided_at,
        "decided_by": verdict.decided_by,
        "decision_notes": verdict.notes,
        "decided_strength": seen,
        "is_active": _is_found(row),
    }
    if verdict.decision != State.REJECTED:
        return decided
    strength = row["strength"]
    if seen is not None and strength is not None and relative_size(seen, strength) > REJECTED_CHANGE.value:
        return decided | {"human_verdict": None}
    return decided | {"state": State.REJECTED.value, "is_active": False}


def _is_found(row: Row) -> bool:
    return row["state"] in (State.ACTIVE, State.HELD)


def _is_forgotten(row: Row, as_of: datetime | None) -> bool:
    """Whether it ended long ago. What a person decided on is kept: the decision would name nothing."""
    if row["resolved_at"] is None or row["decided_at"] is not None or as_of is None:
        return False
    return bool(row["resolved_at"] < as_of - timedelta(days=RESOLVED_PATTERNS_KEPT.value))
