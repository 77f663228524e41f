"""What happens in every run: its tasks, their tool calls, and how it ends.

Records of runs and of executions are two views of these plans. All tasks are planned before the outcome is
known and cut off after it, so a run that ends differently changes no other one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np

from analytics_assets.sample import cast
from analytics_assets.sample.draws import Odds, log_normal
from analytics_assets.sample.effects import BetterArm, BetterModel, SpecOom
from analytics_assets.sample.season import arrivals
from analytics_assets.sample.specs import FIRST, REVISED, task_types
from analytics_assets.sample.world import World

RUNS_PER_DAY = 100.0
CALLS_PER_TASK = 2.9
"""Mean of the calls beyond the first one."""
RETRY_SHARE = 0.06
UNREPORTED_SHARE = 0.003
"""Runs whose end nobody reported: they stay ``running`` for ever, as after the loss of a machine."""
SPECS = Odds(*((spec, spec.weight) for spec in cast.SPECS))
MODELS = Odds.even(cast.MODELS)
TOOLS = Odds(*((tool, tool.weight) for tool in cast.TOOLS))
ARMS = Odds.even((BetterArm.BETTER, BetterArm.CONTROL))
EXPERIMENT_TYPES = ("feature", "bugfix")
EXPERIMENT_SHARE = 2 / 3
THINKING_SECONDS = 55.0
MEMORY_SIGMA = 0.12
MEMORY_MB = {"1Gi": 1_024.0, "2Gi": 2_048.0, "4Gi": 4_096.0}
MEMORY_HEADROOM = 0.92
"""Without a planted effect no run needs more than this share of its limit."""
FAILURES = Odds(
    (("failed", "error"), 70.0),
    (("timeout", "timeout"), 13.0),
    (("error", "error"), 10.0),
    (("cancelled", "killed"), 7.0),
)
"""Status and reason of runs that do not succeed."""


class Call(NamedTuple):
    """One tool call: ``number`` counts the calls of a run."""

    number: int
    tool: cast.Tool
    started_at: datetime
    duration_seconds: float
    tokens: int


@dataclass(frozen=True)
class TaskPlan:
    """One attempt at a task of a run; a ``retry`` is followed by another attempt."""

    task_id: str
    task_type: str
    status: str
    started_at: datetime
    completed_at: datetime
    calls: tuple[Call, ...]


@dataclass(frozen=True)
class RunPlan:
    """One run as it is at the end of the window: ``completed_at`` is None while it runs."""

    number: int
    run_id: str
    spec: cast.Spec
    version: str
    agent_id: str
    project_id: str
    model: cast.Model
    variant: str | None
    memory_limit: str
    memory_need_mb: float
    started_at: datetime
    status: str
    failure_reason: str | None
    completed_at: datetime | None
    tasks: tuple[TaskPlan, ...]
    """Those that have ended, and the ``skipped`` ones of a run that failed."""


def plan_runs(world: World) -> list[RunPlan]:
    """Every run of the sample, in the order of their starts."""
    rng = world.rng("runs")
    return [_plan(world, rng, number, at) for number, at in enumerate(arrivals(rng, world.window, RUNS_PER_DAY))]


def _plan(world: World, rng: np.random.Generator, number: int, started_at: datetime) -> RunPlan:
    spec_u, agent_u, project_u, model_u, limit_u, trial_u, arm_u, lost_u = rng.random(8)
    spec = SPECS.pick(spec_u)
    model = MODELS.pick(model_u)
    limit = Odds(*spec.limits).pick(limit_u)
    tried = spec.spec_type in EXPERIMENT_TYPES and trial_u < EXPERIMENT_SHARE
    variant = ARMS.pick(arm_u) if tried else None
    run_id = world.key("run", number)
    planned = tuple(_tasks(rng, spec, run_id, started_at))
    need = _memory_need(world, spec, limit, float(rng.standard_normal()))
    status, reason, last = _outcome(world, rng, spec, model, variant, planned, out_of_memory=need > MEMORY_MB[limit])
    tasks, completed_at = _cut(planned, last)
    is_lost = lost_u < UNREPORTED_SHARE
    is_running = is_lost or completed_at > world.window.end
    if is_running:
        status, reason = "running", None
        tasks = planned[:1] if is_lost else tasks
        tasks = tuple(task for task in tasks if task.completed_at <= world.window.end and task.status != "skipped")
    return RunPlan(
        number=number,
        run_id=run_id,
        spec=spec,
        version=REVISED if spec.revised and started_at >= world.window.at(0.5) else FIRST,
        agent_id=cast.AGENTS.pick(agent_u),
        project_id=cast.PROJECTS.pick(project_u),
        model=model,
        variant=variant,
        memory_limit=limit,
        memory_need_mb=need,
        started_at=started_at,
        status=status,
        failure_reason=reason,
        completed_at=None if is_running else completed_at,
        tasks=tasks,
    )


def _tasks(rng: np.random.Generator, spec: cast.Spec, run_id: str, at: datetime) -> Iterator[TaskPlan]:
    """All attempts of a run that nothing stops."""
    number = 0
    for place, task_type in enumerate(task_types(spec), start=1):
        retried = rng.random() < RETRY_SHARE
        for status in ("retry", "success") if retried else ("success",):
            calls = tuple(_calls(rng, 1 + int(rng.poisson(CALLS_PER_TASK)), number, at))
            number += len(calls)
            end = calls[-1].started_at + timedelta(seconds=calls[-1].duration_seconds)
            suffix = "-retried" if status == "retry" else ""
            yield TaskPlan(f"{run_id}-t{place}{suffix}", task_type, status, at, end, calls)
            at = end


def _calls(rng: np.random.Generator, count: int, first: int, at: datetime) -> Iterator[Call]:
    draws, normals = rng.random(count).tolist(), rng.standard_normal((count, 3)).tolist()
    for n, (tool_u, (pause, length, size)) in enumerate(zip(draws, normals, strict=True)):
        tool = TOOLS.pick(tool_u)
        at += timedelta(seconds=log_normal(THINKING_SECONDS, 0.6, pause))
        seconds = round(log_normal(tool.seconds, 0.5, length), 3)
        yield Call(first + n, tool, at, seconds, int(log_normal(tool.tokens, 0.7, size)))
        at += timedelta(seconds=seconds)


def _memory_need(world: World, spec: cast.Spec, limit: str, normal: float) -> float:
    """What the run would use if it were allowed to (MB)."""
    planted = world.effect(SpecOom)
    if planted is not None and spec.id == planted.SUBJECT:
        return min(log_normal(planted.NEED_MEDIAN_MB, planted.NEED_SIGMA, normal), planted.NEED_MAX_MB)
    return min(log_normal(spec.memory_mb, MEMORY_SIGMA, normal), MEMORY_HEADROOM * MEMORY_MB[limit])


def _outcome(
    world: World,
    rng: np.random.Generator,
    spec: cast.Spec,
    model: cast.Model,
    variant: str | None,
    planned: tuple[TaskPlan, ...],
    *,
    out_of_memory: bool,
) -> tuple[str, str | None, int | None]:
    """Status, reason, and the place of the attempt that failed; no place when all went well."""
    success_u, kind_u, place_u = rng.random(3)
    rate = cast.SUCCESS_RATES[spec.spec_type]
    better_model, better_arm = world.effect(BetterModel), world.effect(BetterArm)
    if better_model is not None:
        rate = better_model.success_rate(spec.spec_type, model.name, rate)
    if better_arm is not None:
        rate = better_arm.success_rate(variant, rate)
    place = int(place_u * len(planned))
    if out_of_memory:
        return "failed", "oom", place
    if success_u < rate:
        return "success", None, None
    status, reason = FAILURES.pick(kind_u)
    return status, reason, place


def _cut(planned: tuple[TaskPlan, ...], failed: int | None) -> tuple[tuple[TaskPlan, ...], datetime]:
    """The tasks as they went, and when the last one ended."""
    if failed is None:
        return planned, planned[-1].completed_at
    end = planned[failed].completed_at
    done = planned[:failed]
    broken = _with_status(planned[failed], "failed", planned[failed].started_at)
    rest = (_with_status(task, "skipped", end) for task in planned[failed + 1 :] if task.status != "retry")
    return (*done, broken, *rest), end


def _with_status(task: TaskPlan, status: str, at: datetime) -> TaskPlan:
    calls = () if status == "skipped" else task.calls
    return TaskPlan(task.task_id, task.task_type, status, at, task.completed_at, calls)
