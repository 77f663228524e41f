"""Which events come one after another in flows, how often, how long they take and how they end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from analytics_assets.mining_thresholds import EVENT_MIN_PAIRS, FLOW_STEPS, FLOW_TOGETHER

WEEK = timedelta(days=7)
Events = Sequence[Mapping[str, Any]]
"""``id``, ``link_type``, ``occurred_at``, ``status`` and ``correlation_id`` of each."""


@dataclass(frozen=True)
class Flow:
    """One sequence of types of events that flows have had several times.

    Args:
        steps: types in order; those within ten seconds are one step, joined by ``+``.
        count: flows that went so.
        share: of all flows with two events or more.
        failing: flows of it with an event that failed.
        median_seconds: from its first to its last event.
        stability: share of the whole weeks of the window in which it was seen.
        weeks: those weeks.
    """

    steps: tuple[str, ...]
    count: int
    share: float
    failing: int
    median_seconds: float
    stability: float
    weeks: int
    first_at: datetime
    last_at: datetime

    @property
    def subject(self) -> str:
        """The sequence as text."""
        return " > ".join(f"({step})" for step in self.steps)

    @property
    def comes_again(self) -> float:
        """How likely it is seen in the next week, by Laplace's rule of succession."""
        return (self.stability * self.weeks + 1) / (self.weeks + 2)


def flows(events: Events, as_of: datetime) -> list[Flow]:
    """The sequences that came five times or more, the most frequent first.

    A flow that began or goes on outside of the window is told by what is inside.
    """
    found: dict[tuple[str, ...], list[list[Mapping[str, Any]]]] = {}
    for flow in _by_id(events):
        found.setdefault(_steps(flow), []).append(flow)
    total = sum(map(len, found.values()))
    weeks = _weeks([event["occurred_at"] for event in events], as_of)
    told = [
        _flow(steps, members, total, weeks, as_of)
        for steps, members in found.items()
        if len(members) >= EVENT_MIN_PAIRS.value
    ]
    return sorted(told, key=lambda flow: (-flow.count, flow.subject))


def _by_id(events: Events) -> list[list[Mapping[str, Any]]]:
    """Flows of two events or more, each in order of time."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for event in sorted(events, key=lambda event: (event["occurred_at"], event["id"])):
        if event["correlation_id"]:
            found.setdefault(event["correlation_id"], []).append(event)
    return [flow for flow in found.values() if len(flow) > 1]


def _steps(flow: Events) -> tuple[str, ...]:
    """Types in order; which of two within ten seconds was first is not known, so they are one step."""
    steps: list[set[str]] = []
    before: datetime | None = None
    for event in flow:
        if before is not None and (event["occurred_at"] - before).total_seconds() <= FLOW_TOGETHER.value:
            steps[-1].add(event["link_type"])
        else:
            steps.append({event["link_type"]})
        before = event["occurred_at"]
    most = int(FLOW_STEPS.value)
    named = [" + ".join(sorted(step)) for step in steps]
    return tuple(named if len(named) <= most else [*named[:most], f"{len(named) - most} more"])


def _weeks(times: Sequence[datetime], as_of: datetime) -> int:
    """Whole weeks of the window that the events reach back to; one at least."""
    return max(1, round((as_of - min(times)) / WEEK)) if times else 1


def _flow(
    steps: tuple[str, ...], members: Sequence[Sequence[Mapping[str, Any]]], total: int, weeks: int, as_of: datetime
) -> Flow:
    starts = [flow[0]["occurred_at"] for flow in members]
    seen = {int((as_of - start) / WEEK) for start in starts}
    return Flow(
        steps=steps,
        count=len(members),
        share=len(members) / total,
        failing=sum(any(event["status"] == "failure" for event in flow) for flow in members),
        median_seconds=median((flow[-1]["occurred_at"] - flow[0]["occurred_at"]).total_seconds() for flow in members),
        stability=min(1.0, len(seen) / weeks),
        weeks=weeks,
        first_at=min(starts),
        last_at=max(flow[-1]["occurred_at"] for flow in members),
    )
