"""The life of a suggestion: pending, decided by a person, resolved when it is no longer true, reopened when it is."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from analytics_assets.suggesting.suggestion import Suggestion
from analytics_assets.thresholds import PROFILE

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Row = dict[str, Any]
"""A row of ``suggestions.suggestions``."""
DECISIONS = """
    select subject_id, decision, decided_at, decided_by, notes
    from staging.stg_decisions
    where subject_type = $subject_type
    order by decided_at, decision_id
"""


class Status(StrEnum):
    """Where a suggestion stands."""

    PENDING = "pending"
    APPLIED = "applied"
    REJECTED = "rejected"
    RESOLVED = "resolved"
    """The runs no longer say so."""
    EXPIRED = "expired"
    """Its runs are older than the window, and none came since."""
    NOT_ENOUGH_DATA = "not_enough_data"


@dataclass(frozen=True)
class Decision:
    """What a person did with a suggestion, or with another thing that an id of its kind names."""

    suggestion_id: str
    decision: str
    decided_at: datetime
    decided_by: str | None
    notes: str | None


def read_decisions(con: DuckDBPyConnection, subject_type: str = "suggestion") -> list[Decision]:
    """Every decision on subjects of a type (``suggestion``, ``pattern``), oldest first."""
    return [Decision(*row) for row in con.execute(DECISIONS, {"subject_type": subject_type}).fetchall()]


def advance(
    previous: Iterable[Row],
    proposed: Iterable[Suggestion],
    decisions: Iterable[Decision],
    *,
    as_of: datetime,
    is_stale: bool,
    now: datetime,
) -> list[Row]:
    """The rows after this analysis: one per suggestion ever made, and one per spec with too few runs.

    Args:
        previous: the rows of the analysis before.
        proposed: what the runs say now.
        decisions: every decision on a suggestion, in any order.
        as_of: end of the window of ``proposed``.
        is_stale: whether that is long ago.
        now: when this analysis was made.
    """
    before = {row["id"]: row for row in previous}
    decided: dict[str, list[Decision]] = defaultdict(list)
    for decision in sorted(decisions, key=lambda d: d.decided_at):
        decided[decision.suggestion_id].append(decision)
    now_said = {suggestion.id: suggestion for suggestion in proposed}
    rows = []
    for key in sorted({*before, *now_said}):
        row = _next(before.get(key), now_said.get(key), decided[key], as_of, now)
        if row is not None:
            rows.append(row | {"as_of": as_of, "is_stale": is_stale})
    return rows


def standing(decisions: Iterable[Decision], since: datetime | None = None) -> Decision | None:
    """The decision that holds, of those after ``since``: the first of equal ones in a row; an undone one does not.

    Args:
        decisions: on one suggestion, oldest first.
        since: when the suggestion returned last; a decision is on what was said then.
    """
    held: Decision | None = None
    for decision in decisions:
        if since is not None and decision.decided_at <= since:
            continue
        if decision.decision == "undone":
            held = None
        elif decision.decision in (Status.APPLIED, Status.REJECTED) and (
            held is None or held.decision != decision.decision
        ):
            held = decision
    return held


def _next(
    before: Row | None, said: Suggestion | None, decisions: list[Decision], as_of: datetime, now: datetime
) -> Row | None:
    """The row of one suggestion; None where a spec with too few runs has enough of them, or none at all."""
    was_made = before is not None and before["status"] != Status.NOT_ENOUGH_DATA
    # What was suggested once stays a suggestion: that its runs have become too few is its end.
    if said is None or (was_made and not said.is_enough):
        assert before is not None, "a key comes from one of the two"
        if not was_made:
            return None
        row = before | _ended(before, as_of, now)
    else:
        row = content(said) | _begun(before, said, now)
    decision = standing(decisions, since=row["reopened_at"])
    if decision is None:
        return row | {"decided_at": None, "decided_by": None, "decision_notes": None}
    return row | {
        "status": Status(decision.decision).value,
        "decided_at": decision.decided_at,
        "decided_by": decision.decided_by,
        "decision_notes": decision.notes,
    }


def _begun(before: Row | None, said: Suggestion, now: datetime) -> Row:
    """It is said now: for the first time, still, or again after its end."""
    reopened = before is not None and before["resolved_at"] is not None
    newest = said.newest_evidence_at
    return {
        "status": (Status.PENDING if said.is_enough else Status.NOT_ENOUGH_DATA).value,
        "created_at": before["created_at"] if before else now,
        "updated_at": now,
        "resolved_at": None,
        "reopened_count": (before["reopened_count"] if before else 0) + int(reopened),
        "reopened_at": now if reopened else before["reopened_at"] if before else None,
        "expires_at": None if newest is None else newest + timedelta(days=PROFILE.value),
    }


def _ended(before: Row, as_of: datetime, now: datetime) -> Row:
    """It is not said any more: the runs say otherwise, or there are none. Its end is noted once, decided on or not."""
    if before["resolved_at"] is not None:
        is_over = before["status"] in (Status.RESOLVED, Status.EXPIRED)
        return {} if is_over else {"status": Status.RESOLVED.value}
    is_old = before["expires_at"] is not None and as_of >= before["expires_at"]
    status = Status.EXPIRED if is_old else Status.RESOLVED
    return {"status": status.value, "resolved_at": now, "updated_at": now}


def content(said: Suggestion) -> Row:
    """What a suggestion says, as columns."""
    finding, counts = said.finding, said.counts
    other, interval = counts.suggested, said.difference_interval
    return {
        "id": said.id,
        "type": finding.rule.type,
        "rule": finding.rule.name,
        "spec_id": finding.subject.spec_id,
        "spec_type": finding.subject.spec_type,
        "spec_fingerprint": finding.subject.fingerprint,
        "target": finding.target,
        "confidence": said.confidence,
        "level": said.level.value,
        "data_points": counts.data_points,
        "current_runs": counts.current.runs,
        "current_failures": counts.current.failures,
        "suggested_runs": None if other is None else other.runs,
        "suggested_failures": None if other is None else other.failures,
        "current_rate": counts.current.rate,
        "suggested_rate": None if other is None else other.rate,
        "difference": said.difference,
        "difference_low": None if interval is None else interval.low,
        "difference_high": None if interval is None else interval.high,
        "basis": said.basis.value,
        "current_value": finding.current_value,
        "suggested_value": finding.suggested_value,
        # Of too few runs nothing is promised.
        "expected_fewer_failures": finding.expected_fewer_failures if said.is_enough else None,
        "expected_saving_usd": finding.expected_saving_usd if said.is_enough else None,
        "reasoning": finding.reasoning if said.is_enough else f"{finding.reasoning} Needed: {finding.missing}.",
        "falsified_by": finding.falsified_by,
        "evidence_sql": said.evidence_sql,
        "evidence_runs": json.dumps(said.evidence_runs),
        "evidence_hash": said.evidence_hash,
    }
