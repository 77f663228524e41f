"""Worlds of runs whose true risk is known: those of the sample, and small ones with a planted cause."""

import math
from datetime import datetime, timedelta
from statistics import NormalDist

import numpy as np

from analytics_assets.predicting.examples import Examples, Run, examples
from analytics_assets.predicting.runs import outcome
from analytics_assets.sample import cast
from analytics_assets.sample import effects as planting
from analytics_assets.sample.effects import BetterArm, BetterModel, SpecOom
from analytics_assets.sample.run_plans import (
    EXPERIMENT_SHARE,
    EXPERIMENT_TYPES,
    MEMORY_MB,
    RunPlan,
    plan_runs,
)
from analytics_assets.sample.window import window
from analytics_assets.sample.world import World

END = datetime(2026, 6, 1)
HARD = (0, 3)
"""Of each four specs: one of each type, so that no rate of a type tells them."""
CANCELLED = 0.07
"""Share of failures that are cancellations: they are no outcome."""


def sample_world(seed: int, *, has_effects: bool, days: int = 30) -> tuple[Examples, np.ndarray]:
    """The runs of a sample, and the true probability that each fails, as far as it is known at its start."""
    span = window(days, END)
    names = "all" if has_effects else "none"
    world = World(span, seed, {effect: effect.plant(span) for effect in planting.chosen(names)})
    plans = plan_runs(world)
    truth = {plan.run_id: true_risk(world, plan) for plan in plans}
    found = examples([_run(plan) for plan in plans])
    return found, np.array([truth[run.run_id] for run in found.runs])


def true_risk(world: World, plan: RunPlan) -> float:
    """The chance of failing among runs with an outcome. The arm of an experiment is no feature: it is mixed."""
    rate = cast.SUCCESS_RATES[plan.spec.spec_type]
    better_model, better_arm, oom = (world.effect(kind) for kind in (BetterModel, BetterArm, SpecOom))
    if better_model is not None:
        rate = better_model.success_rate(plan.spec.spec_type, plan.model.name, rate)
    if better_arm is not None and plan.spec.spec_type in EXPERIMENT_TYPES:
        rate += EXPERIMENT_SHARE / 2 * better_arm.GAIN
    killed = 0.0
    if oom is not None and plan.spec.id == oom.SUBJECT:
        limit = MEMORY_MB[plan.memory_limit]
        if limit < oom.NEED_MAX_MB:
            killed = 1 - NormalDist().cdf(math.log(limit / oom.NEED_MEDIAN_MB) / oom.NEED_SIGMA)
    failed = (1 - killed) * (1 - rate)
    return (killed + (1 - CANCELLED) * failed) / (1 - CANCELLED * failed)


def shuffled(found: Examples, seed: int) -> Examples:
    """The same runs with each other's outcomes, features computed anew: nothing tells failing runs apart."""
    drawn = np.random.default_rng(seed).permutation(len(found))
    runs = [_with_outcome(run, found.runs[other].is_failed) for run, other in zip(found.runs, drawn, strict=True)]
    return examples(runs)


def small_world(seed: int, runs: int, *, is_noise: bool = False, specs: int = 8, models: int = 3) -> Examples:
    """Runs an hour apart: model-0 fails at half of the specs of each type in 80 %, all else in 15 %; noise in 30 %."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(runs):
        spec, model = int(rng.integers(specs)), int(rng.integers(models))
        risk = 0.3 if is_noise else 0.8 if model == 0 and spec % 4 in HARD else 0.15
        made.append(a_run(number, spec=f"spec-{spec}", model=f"model-{model}", is_failed=bool(rng.random() < risk)))
    return examples(made)


def a_run(number: int, *, spec: str = "spec-0", model: str | None = "model-0", **changed: object) -> Run:
    """One run of half an hour; the number is its hour."""
    started_at = END + timedelta(hours=number)
    spec_type = "even" if int(spec.rpartition("-")[2]) % 2 == 0 else "odd"
    usual = {
        "run_id": f"run-{number:06d}",
        "spec_id": spec,
        "spec_type": spec_type,
        "model": model,
        "memory_limit": "1Gi",
        "memory_limit_mb": 1024.0,
        "started_at": started_at,
        "known_at": started_at + timedelta(minutes=30),
        "is_failed": False,
        "duration_seconds": 1800.0,
    }
    return Run(**(usual | changed))


def _run(plan: RunPlan) -> Run:
    is_failed = outcome(plan.status)
    limit = MEMORY_MB[plan.memory_limit]
    ended = plan.completed_at
    return Run(
        run_id=plan.run_id,
        spec_id=plan.spec.id,
        spec_type=plan.spec.spec_type,
        spec_version=plan.version,
        model=plan.model.name,
        agent_id=plan.agent_id,
        project_id=plan.project_id,
        memory_limit=plan.memory_limit,
        memory_limit_mb=limit,
        cpu_limit=plan.spec.cpu,
        task_count=plan.spec.task_count,
        complexity=plan.spec.complexity,
        started_at=plan.started_at.replace(tzinfo=None),
        known_at=None if ended is None else ended.replace(tzinfo=None),
        status=plan.status,
        is_failed=is_failed,
        error_type=plan.failure_reason,
        is_oom=None if is_failed is None else plan.failure_reason == "oom",
        is_transient=None if is_failed is None else plan.status == "timeout",
        duration_seconds=None if ended is None else (ended - plan.started_at).total_seconds(),
        memory_peak_mb=None if ended is None else min(plan.memory_need_mb, limit),
    )


def _with_outcome(run: Run, is_failed: bool | None) -> Run:
    from dataclasses import replace

    return replace(run, is_failed=is_failed)
