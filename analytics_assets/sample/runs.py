"""Records of runs: outcome, tokens, costs and resources."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from analytics_assets.sample import cast
from analytics_assets.sample.draws import Odds, log_normal
from analytics_assets.sample.effects import BetterArm
from analytics_assets.sample.run_plans import MEMORY_MB, RunPlan, TaskPlan
from analytics_assets.sample.specs import FINGERPRINTS
from analytics_assets.sample.world import Record, World

COST_SOURCES: Odds[str | None] = Odds(("provider", 60.0), ("computed", 25.0), ("estimated", 10.0), (None, 5.0))
"""How costs are known; without a source there is no cost."""
INPUT_SHARES = {"uncached_input_tokens": 0.25, "cache_read_tokens": 0.60, "cache_write_tokens": 0.15}
OUTPUT_SHARE = 0.15
"""Share of a call's tokens that the model wrote."""
REASONING_SHARE = 0.4
PROGRESS_SHARE = 0.3
"""Runs whose start was recorded too, so that they have two versions."""
EUR_PER_CPU_HOUR = 0.045
CPU_MCORES = {"500m": 500.0, "1": 1_000.0, "2": 2_000.0}
UNMEASURED_SHARE = 0.1
USUAL_ERROR_SHARE = 0.75
"""Share of a task's errors that are of its first type."""
ERRORS = {
    "plan": ("missing_context", "timeout"),
    "implement": ("compile_error", "lint_error"),
    "validate": ("test_fail", "timeout"),
    "review": ("changes_requested", "timeout"),
}


def runs(world: World, plans: list[RunPlan]) -> Iterator[Record]:
    """Versions of run records, oldest first for each run."""
    rng = world.rng("run_records")
    for plan in plans:
        draws, normals = rng.random(6), rng.standard_normal(3)
        progress_u = draws[0]
        if plan.completed_at is None or progress_u < PROGRESS_SHARE:
            yield _identity(plan) | {"status": "running", "updated_at": plan.started_at}
        if plan.tasks:
            yield _record(plan, draws, normals)


def token_prices(model: cast.Model) -> dict[str, float]:
    """US dollars per token, by the field of a run that counts them."""
    prices = {
        "uncached_input_tokens": model.uncached_input,
        "cache_read_tokens": model.cache_read,
        "cache_write_tokens": model.cache_write,
        "output_tokens": model.output,
    }
    return {field: price / 1_000_000 for field, price in prices.items()}


def split_tokens(tokens: int) -> dict[str, int]:
    """Tokens of a task by sort; the sorts add up to them.

    >>> sum(split_tokens(1_001).values())
    1001
    """
    output = round(tokens * OUTPUT_SHARE)
    read = round((tokens - output) * INPUT_SHARES["cache_read_tokens"])
    write = round((tokens - output) * INPUT_SHARES["cache_write_tokens"])
    uncached = tokens - output - read - write
    return {
        "uncached_input_tokens": uncached,
        "cache_read_tokens": read,
        "cache_write_tokens": write,
        "output_tokens": output,
    }


def _identity(plan: RunPlan) -> Record:
    """What is known when a run begins."""
    return {
        "run_id": plan.run_id,
        "spec_id": plan.spec.id,
        "spec_fingerprint": FINGERPRINTS[plan.spec.id, plan.version],
        "spec_version": plan.version,
        "spec_type": plan.spec.spec_type,
        "task_count": plan.spec.task_count,
        "complexity": plan.spec.complexity,
        "project_id": plan.project_id,
        "agent_id": plan.agent_id,
        "model": plan.model.name,
        "memory_limit": plan.memory_limit,
        "cpu_limit": plan.spec.cpu,
        "started_at": plan.started_at,
        "experiment_id": BetterArm.SUBJECT if plan.variant else None,
        "variant": plan.variant,
        "tasks_total": plan.spec.task_count,
    }


def _record(plan: RunPlan, draws: np.ndarray, normals: np.ndarray) -> Record:
    _, source_u, error_u, rate_u, unmeasured_u, iterations_u = draws
    source = COST_SOURCES.pick(source_u)
    factor = log_normal(1.0, 0.15, normals[0]) if source == "estimated" else 1.0
    tasks = [_task(plan, task, error_u, factor if source else None) for task in plan.tasks]
    done = [task for task in plan.tasks if task.status != "skipped"]
    sorts = [split_tokens(sum(call.tokens for call in task.calls)) for task in done]
    tokens = {field: sum(sort[field] for sort in sorts) for field in sorts[0]}
    measured = unmeasured_u >= UNMEASURED_SHARE
    return _identity(plan) | {
        "status": plan.status,
        "failure_reason": plan.failure_reason,
        "completed_at": plan.completed_at,
        "iterations": 1 + int(iterations_u * 3),
        "attempts": len(done),
        "tasks_completed": sum(task.status == "success" for task in done),
        **tokens,
        "reasoning_tokens": round(tokens["output_tokens"] * REASONING_SHARE),
        "llm_cost_usd": _cost(plan.model, tokens, factor) if source else None,
        "cost_source": source,
        "error_rate": round(0.02 * rate_u, 4) if measured else None,
        "latency_p95_ms": round(log_normal(1_800, 0.3, normals[1])) if measured else None,
        "tasks": tasks,
        **_end(plan, normals),
    }


def _end(plan: RunPlan, normals: np.ndarray) -> Record:
    """What is measured of the whole of a run; a run that goes on has only the time of this version."""
    last = max(task.completed_at for task in plan.tasks)
    if plan.completed_at is None:
        return {"updated_at": last}
    seconds = (plan.completed_at - plan.started_at).total_seconds()
    cpu = CPU_MCORES[plan.spec.cpu]
    return {
        "duration_seconds": round(seconds, 3),
        "infrastructure_cost_eur": round(seconds / 3_600 * cpu / 1_000 * EUR_PER_CPU_HOUR, 6),
        "memory_peak_mb": round(min(plan.memory_need_mb, MEMORY_MB[plan.memory_limit]), 1),
        "cpu_peak_mcores": round(min(log_normal(0.6 * cpu, 0.2, normals[2]), cpu)),
        "updated_at": plan.completed_at,
    }


def _task(plan: RunPlan, task: TaskPlan, error_u: float, factor: float | None) -> Record:
    base: Record = {"task_id": task.task_id, "task_type": task.task_type, "status": task.status}
    if task.status == "skipped":
        return base
    tokens = split_tokens(sum(call.tokens for call in task.calls))
    record = base | {
        "model": plan.model.name,
        "input_tokens": sum(tokens.values()) - tokens["output_tokens"],
        "output_tokens": tokens["output_tokens"],
        "duration_seconds": round((task.completed_at - task.started_at).total_seconds(), 3),
    }
    if factor is not None:
        record["cost_usd"] = _cost(plan.model, tokens, factor)
    if task.status in ("failed", "retry"):
        error = _error(plan, task, error_u)
        record |= {"error_type": error, "error_message": f"{task.task_type} of {plan.spec.id} ended with {error}"}
    return record


def _error(plan: RunPlan, task: TaskPlan, error_u: float) -> str:
    if task.status == "failed" and plan.failure_reason in ("oom", "timeout", "killed"):
        return plan.failure_reason
    common, rare = ERRORS[task.task_type]
    return common if error_u < USUAL_ERROR_SHARE else rare


def _cost(model: cast.Model, tokens: dict[str, int], factor: float) -> float:
    return round(factor * sum(price * tokens[field] for field, price in token_prices(model).items()), 6)
