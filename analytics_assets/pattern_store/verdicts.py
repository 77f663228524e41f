"""What people decided about patterns and relations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from analytics_assets.suggesting.lifecycle import read_decisions

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

VERDICTS = ("confirmed", "rejected", "acknowledged")
"""Decisions that hold until another one, or until they are taken back."""


@dataclass(frozen=True)
class Verdict:
    """One decision; ``subject_id`` is a pattern or a relation."""

    subject_id: str
    decision: str
    decided_at: datetime
    decided_by: str | None = None
    notes: str | None = None


def read_verdicts(con: DuckDBPyConnection) -> list[Verdict]:
    """Every decision on a pattern or a relation, oldest first."""
    return [
        Verdict(one.suggestion_id, one.decision, one.decided_at, one.decided_by, one.notes)
        for one in read_decisions(con, "pattern")
    ]


def standing(verdicts: Iterable[Verdict]) -> dict[str, Verdict]:
    """The decision that holds on each subject: the newest one, unless it was taken back.

    Of equal ones in a row the first counts: what was seen when it was made is what was decided on.
    """
    held: dict[str, Verdict] = {}
    for verdict in sorted(verdicts, key=lambda one: one.decided_at):
        if verdict.decision == "undone":
            held.pop(verdict.subject_id, None)
        elif verdict.decision in VERDICTS and (
            verdict.subject_id not in held or held[verdict.subject_id].decision != verdict.decision
        ):
            held[verdict.subject_id] = verdict
    return held
