"""Records of the task tracker: work items, what they wait for, and the attempts at them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from analytics_assets.sample import cast
from analytics_assets.sample.draws import Odds, log_normal
from analytics_assets.sample.season import arrivals
from analytics_assets.sample.world import Record, World

TASKS_PER_DAY = 13.5
MORE_ATTEMPTS = 1.25
"""Mean of the attempts beyond the first one."""
DEPENDENT_SHARE = 0.35
REACH = 25
"""A task depends on one of this many before it."""
DEPENDENCIES = Odds(("blocks", 6.0), ("relates_to", 3.0), ("duplicates", 1.0))
CANCELLED_SHARE = 0.05
UNESTIMATED_SHARE = 0.1
ESTIMATE_MINUTES = 60.0
UNDERESTIMATED = 1.15
"""Work takes a little longer than estimated."""
WAIT_HOURS = 9.0
MORE_FAILURES = ("dependency missing", "tests failed", "requirements unclear")
WORK = ("Add", "Fix", "Move", "Measure", "Document", "Remove")
SUBJECTS = ("search filter", "checkout total", "invoice export", "login session", "stock import", "audit log")
TAGS = ("backend", "frontend", "data", "debt", "customer")


@dataclass(frozen=True)
class TaskPlan:
    """One task with its attempts; times may lie beyond the window and are cut where records are written."""

    id: str
    number: int
    created_at: datetime
    attempts: tuple[tuple[datetime, datetime], ...]
    complexity: int
    estimate_minutes: float
    is_cancelled: bool
    draws: np.ndarray

    @property
    def agent_id(self) -> str:
        """Who works on it."""
        return cast.AGENTS.pick(self.draws[0])


def plan_tasks(world: World) -> list[TaskPlan]:
    """Every task in the order of creation."""
    rng = world.rng("tasks")
    return [_plan(world, rng, number, at) for number, at in enumerate(arrivals(rng, world.window, TASKS_PER_DAY))]


def tasks(world: World, plans: list[TaskPlan]) -> Iterator[Record]:
    """Versions of task records: created, begun, ended, as far as they are within the window."""
    for plan in plans:
        record = _record(world, plan)
        yield record | {"status": "todo", "updated_at": plan.created_at}
        begun, ended = plan.attempts[0][0], plan.attempts[-1][1]
        if begun <= world.window.end:
            yield record | {"status": "in_progress", "updated_at": begun}
        if ended <= world.window.end:
            minutes = sum((end - start).total_seconds() for start, end in plan.attempts) / 60
            yield record | {
                "status": "cancelled" if plan.is_cancelled else "done",
                "actual_effort_minutes": round(minutes, 1),
                "updated_at": ended,
            }


def task_executions(world: World, plans: list[TaskPlan]) -> Iterator[Record]:
    """Versions of attempts: one when it begins, one when it has ended."""
    for plan in plans:
        for number, (begun, ended) in enumerate(plan.attempts):
            if begun > world.window.end:
                break
            record: Record = {"id": f"{plan.id}-a{number + 1}", "task_id": plan.id, "started_at": begun}
            yield record | {"status": "running", "updated_at": begun}
            if ended <= world.window.end:
                yield record | _outcome(plan, number) | {"completed_at": ended, "updated_at": ended}


def _plan(world: World, rng: np.random.Generator, number: int, at: datetime) -> TaskPlan:
    draws = rng.random(12)
    count = 1 + int(rng.poisson(MORE_ATTEMPTS))
    waits, lengths = rng.standard_normal(count), rng.standard_normal(count)
    complexity = 1 + int(draws[1] * 5)
    estimate = log_normal(ESTIMATE_MINUTES, 0.4, rng.standard_normal()) * complexity / 3
    attempts = []
    now = at
    for wait, length in zip(waits, lengths, strict=True):
        begun = now + timedelta(hours=log_normal(WAIT_HOURS if now == at else 1.0, 0.8, wait))
        now = begun + timedelta(minutes=log_normal(estimate * UNDERESTIMATED / count, 0.35, length))
        attempts.append((begun, now))
    return TaskPlan(
        id=world.key("task", number),
        number=number,
        created_at=at,
        attempts=tuple(attempts),
        complexity=complexity,
        estimate_minutes=round(estimate, 1),
        is_cancelled=bool(draws[2] < CANCELLED_SHARE),
        draws=draws,
    )


def _record(world: World, plan: TaskPlan) -> Record:
    work_u, subject_u, project_u, tag_u, priority_u, estimate_u = plan.draws[3:9]
    title = f"{WORK[int(work_u * len(WORK))]} {SUBJECTS[int(subject_u * len(SUBJECTS))]}"
    return {
        "id": plan.id,
        "title": title,
        "description": f"{title}: see the linked spec",
        "priority": int(priority_u * 4),
        "created_at": plan.created_at,
        "assigned_to": plan.agent_id,
        "project_id": cast.PROJECTS.pick(project_u),
        "estimated_effort_minutes": None if estimate_u < UNESTIMATED_SHARE else plan.estimate_minutes,
        "complexity_score": float(plan.complexity),
        "tags": [TAGS[int(tag_u * len(TAGS))]],
        "depends_on": _dependencies(world, plan),
    }


def _dependencies(world: World, plan: TaskPlan) -> list[Record]:
    """At most one earlier task, so that no task waits for itself in a circle."""
    depends_u, which_u, type_u = plan.draws[9:12]
    if depends_u >= DEPENDENT_SHARE or plan.number == 0:
        return []
    back = 1 + int(which_u * min(REACH, plan.number))
    kind = DEPENDENCIES.pick(type_u)
    return [{"task_id": world.key("task", plan.number - back), "dependency_type": kind}]


def _outcome(plan: TaskPlan, number: int) -> Record:
    begun, ended = plan.attempts[number]
    seconds = (ended - begun).total_seconds()
    is_last = number == len(plan.attempts) - 1
    status = "failed" if not is_last else "cancelled" if plan.is_cancelled else "success"
    return {
        "status": status,
        "error_message": MORE_FAILURES[plan.number % len(MORE_FAILURES)] if status == "failed" else None,
        "performance_metrics": {"duration_seconds": round(seconds, 1), "steps": 2 + int(plan.complexity * 3)},
        "resource_usage": {"cpu_seconds": round(0.4 * seconds, 1), "memory_mb": 256 * plan.complexity},
    }
