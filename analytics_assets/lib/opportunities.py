"""What could be better, by how much, with what effort, and what became of saying so.

An opportunity is identified while what it rests on holds. A person applies it (in progress) or rejects it (dismissed);
one in progress is completed when what it rests on holds no more, and open again when it returns. One that nobody
decided on and that holds no more is gone: there is nothing left to do.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from analytics_assets.lib.json_text import json_text
from analytics_assets.pattern_store.observed import pattern_id
from analytics_assets.pattern_thresholds import EFFORT_HIGH, EFFORT_LOW, EFFORT_MEDIUM, OPPORTUNITIES_KEPT
from analytics_assets.suggesting.lifecycle import Decision, standing

Row = dict[str, Any]
FEASIBILITY = {"low": EFFORT_LOW.value, "medium": EFFORT_MEDIUM.value, "high": EFFORT_HIGH.value}
"""By effort, 0 to 1: how likely it is that what should be done gets done."""


class Status(StrEnum):
    """Where an opportunity stands, in the framework's words."""

    IDENTIFIED = "identified"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    DISMISSED = "dismissed"


@dataclass(frozen=True, kw_only=True)
class Opportunity:
    """What is said now. ``improvement`` is a share of the figure it is about, 0 to 1; None where nothing says how much.

    ``confidence`` is that of its source: of a pattern or a comparison 1 - adjusted p, of a model's cost a probability.

    ``evidence_sql`` returns one row; what it returns under a name of ``supporting`` is the same figure.
    """

    opportunity_type: str
    category: str
    subject: str
    component: str
    improvement: float | None
    effort: str
    effort_reason: str
    text: str
    confidence: float
    source: str
    record_kinds: Sequence[str]
    evidence_sql: str
    supporting: Mapping[str, Any] = field(default_factory=dict)
    pattern: str | None = None
    hours: float | None = None
    usd: float | None = None
    as_of: datetime | None = None
    is_stale: bool = False

    @property
    def id(self) -> str:
        """Stays while the numbers move."""
        return f"op-{pattern_id(self.opportunity_type, self.subject)}"

    @property
    def priority(self) -> float | None:
        """Improvement in percent, times confidence, times feasibility: 0 to 100; None without an improvement."""
        return None if self.improvement is None else 100 * self.improvement * self.confidence * FEASIBILITY[self.effort]

    def row(self) -> Row:
        """The columns that it says."""
        return {
            "id": self.id,
            "opportunity_type": self.opportunity_type,
            "category": self.category,
            "subject": self.subject,
            "component_affected": self.component,
            "potential_improvement": None if self.improvement is None else 100 * self.improvement,
            "effort_estimate": self.effort,
            "effort_reason": self.effort_reason,
            "priority_score": self.priority,
            "recommendation_text": self.text,
            "supporting_data": json_text(self.supporting),
            "confidence": self.confidence,
            "expected_hours": self.hours,
            "expected_saving_usd": self.usd,
            "source": self.source,
            "record_kinds": json_text(sorted(self.record_kinds)),
            "pattern_id": self.pattern,
            "evidence_sql": self.evidence_sql,
            "as_of": self.as_of,
            "is_stale": self.is_stale,
        }


def advance(
    earlier: Iterable[Row],
    said: Iterable[Opportunity],
    decisions: Iterable[Decision],
    *,
    now: datetime,
    silent: frozenset[str] = frozenset(),
) -> list[Row]:
    """The rows after this analysis, by id.

    Args:
        earlier: the rows of the analysis before.
        said: what holds now; of several of one id the first counts.
        decisions: of people, in any order.
        now: when this analysis was made.
        silent: sources that could not be asked: what they said stands as it was.
    """
    decided: dict[str, list[Decision]] = defaultdict(list)
    for decision in sorted(decisions, key=lambda one: one.decided_at):
        decided[decision.suggestion_id].append(decision)
    current: dict[str, Opportunity] = {}
    for one in said:
        current.setdefault(one.id, one)
    before = {row["id"]: row for row in earlier}
    rows = (_next(before.get(key), current.get(key), decided[key], now, silent) for key in {*before, *current})
    return sorted((row for row in rows if row is not None), key=lambda row: str(row["id"]))


def _next(
    before: Row | None, said: Opportunity | None, decisions: list[Decision], now: datetime, silent: frozenset[str]
) -> Row | None:
    """The row of one opportunity; None where there is nothing left of it."""
    has_returned = before is not None and before["ended_at"] is not None and said is not None
    reopened_at = now if has_returned else before["reopened_at"] if before else None
    # A decision is on what was said then: what returned is decided on anew.
    decision = standing(decisions, since=reopened_at)
    status = {None: Status.IDENTIFIED, "applied": Status.IN_PROGRESS, "rejected": Status.DISMISSED}[
        None if decision is None else decision.decision
    ]
    told = {
        "decided_at": None if decision is None else decision.decided_at,
        "decision_notes": None if decision is None else decision.notes,
    }
    if said is not None:
        identified_at = before["identified_at"] if before else now
        kept = {"identified_at": identified_at, "reopened_at": reopened_at, "ended_at": None}
        return said.row() | told | kept | {"status": status.value}
    assert before is not None, "a key comes from one of the two"
    if before["source"] in silent:
        return before | told | {"status": status.value}
    if status == Status.IDENTIFIED:
        return None
    ended_at = before["ended_at"] or now
    if now - ended_at > timedelta(days=OPPORTUNITIES_KEPT.value):
        return None
    ended = Status.COMPLETED if status == Status.IN_PROGRESS else status
    return before | told | {"status": ended.value, "ended_at": ended_at}
