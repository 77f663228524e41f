"""When a suggestion was in force: people's decisions on it, in order, as spans of time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

ENDS = ("undone", "rejected")
"""Decisions after which a suggestion is in force no more."""


@dataclass(frozen=True)
class Decision:
    """What a person decided on a suggestion, and what the suggestion said then, where the record tells."""

    decision_id: str
    suggestion_id: str
    decision: str
    decided_at: datetime
    notes: str | None = None
    stated_confidence: float | None = None
    stated_level: str | None = None


@dataclass(frozen=True)
class Application:
    """A suggestion in force since ``decision`` was made, until ``undone_at``.

    Args:
        decision: the one that applied it.
        undone_at: when it was taken back or rejected; None while it is in force.
        free_since: when the same suggestion was taken back before; what was applied until then is no baseline.
    """

    decision: Decision
    undone_at: datetime | None = None
    free_since: datetime | None = None


def applications(decisions: Iterable[Decision]) -> list[Application]:
    """Every application, by time. One item per ``applied`` that found the suggestion not in force.

    A second ``applied`` without an end between is the same application, told twice: the first one counts. A
    ``rejected`` ends it as an ``undone`` does, as the suggestion is rejected from then on; of what is not in force
    neither ends anything.
    """
    in_force: dict[str, int] = {}
    freed: dict[str, datetime] = {}
    found: list[Application] = []
    for one in sorted(decisions, key=lambda d: (d.decided_at, d.decision_id)):
        place = in_force.get(one.suggestion_id)
        if one.decision == "applied" and place is None:
            in_force[one.suggestion_id] = len(found)
            found.append(Application(one, free_since=freed.get(one.suggestion_id)))
        elif one.decision in ENDS and place is not None:
            found[place] = replace(found[place], undone_at=one.decided_at)
            freed[one.suggestion_id] = one.decided_at
            del in_force[one.suggestion_id]
    return found
