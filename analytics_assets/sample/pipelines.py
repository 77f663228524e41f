"""Records of pipeline executions with their steps."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from analytics_assets.sample import cast
from analytics_assets.sample.draws import log_normal
from analytics_assets.sample.effects import SlowStep
from analytics_assets.sample.season import arrivals
from analytics_assets.sample.world import Record, World

SUCCESS_RATE = 0.90
STEP_SIGMA = 0.2
QUEUE_SECONDS = 12.0
CACHED_SHARE = 0.6
STARTED_SHARE = 0.2
"""Executions whose start was recorded too, so that they have two versions."""
RETRIED_SHARE = 0.5
"""Failed executions that are tried again: the next one is their second attempt."""
VERSIONS = ("1.0.0", "1.1.0")


@dataclass(frozen=True)
class Execution:
    """One execution of a pipeline as it is at the end of the window; ``completed_at`` is None while it runs."""

    number: int
    id: str
    pipeline: cast.Pipeline
    started_at: datetime
    completed_at: datetime | None
    status: str
    attempt: int
    head_sha: str
    steps: tuple[Record, ...]


def plan_pipelines(world: World) -> list[Execution]:
    """Every pipeline execution of the sample, pipeline by pipeline; their events derive from them too."""
    found: list[Execution] = []
    for pipeline in cast.PIPELINES:
        rng = world.rng("pipelines", pipeline.name)
        attempt = 1
        for at in arrivals(rng, world.window, pipeline.per_day):
            execution = _execution(world, rng, len(found), pipeline, at, attempt)
            again = rng.random() < RETRIED_SHARE
            attempt = 2 if execution.status == "failed" and attempt == 1 and again else 1
            found.append(execution)
    return found


def pipelines(world: World, executions: list[Execution]) -> Iterator[Record]:
    """Versions of pipeline records, oldest first for each execution."""
    rng = world.rng("pipeline_records")
    for execution in executions:
        start_u, queue_n = rng.random(), rng.standard_normal()
        record = _record(world, execution, round(log_normal(QUEUE_SECONDS, 0.8, queue_n), 3))
        if start_u < STARTED_SHARE and execution.completed_at is not None:
            yield record | {
                "status": "running",
                "steps": [],
                "completed_at": None,
                "updated_at": execution.started_at,
            }
        yield record


def _execution(
    world: World, rng: np.random.Generator, number: int, pipeline: cast.Pipeline, at: datetime, attempt: int
) -> Execution:
    success_u, place_u = rng.random(2)
    lengths, loads = rng.standard_normal(len(pipeline.steps)), rng.random(len(pipeline.steps))
    failed = None if success_u < SUCCESS_RATE else int(place_u * len(pipeline.steps))
    steps: list[Record] = []
    now = at
    for place, (name, median) in enumerate(pipeline.steps):
        order = {"step_name": name, "step_order": place + 1}
        if failed is not None and place > failed:
            steps.append(order | {"status": "skipped"})
            continue
        seconds = log_normal(median, STEP_SIGMA, lengths[place]) * _slowness(world, pipeline.name, name, at)
        begun, now = now, now + timedelta(seconds=seconds)
        if now > world.window.end:
            steps.append(order | {"status": "running", "started_at": begun})
            break
        steps.append(order | _ended(begun, now, loads[place], failed=place == failed, name=name))
    return Execution(
        number=number,
        id=world.key("pipeline", number),
        pipeline=pipeline,
        started_at=at,
        completed_at=now if now <= world.window.end else None,
        status="running" if now > world.window.end else "success" if failed is None else "failed",
        attempt=attempt,
        head_sha=hashlib.sha256(f"{world.tag} {pipeline.name} {at.date()}".encode()).hexdigest()[:40],
        steps=tuple(steps),
    )


def _slowness(world: World, pipeline: str, step: str, at: datetime) -> float:
    planted = world.effect(SlowStep)
    return 1.0 if planted is None else planted.ratio(pipeline, step, at)


def _ended(begun: datetime, ended: datetime, load: float, *, failed: bool, name: str) -> Record:
    seconds = (ended - begun).total_seconds()
    return {
        "started_at": begun,
        "completed_at": ended,
        "status": "failed" if failed else "success",
        "error_details": {"error_type": "exit_code", "message": f"{name} ended with exit code 1"} if failed else None,
        "performance_data": {"duration_seconds": round(seconds, 3), "cache_hit": bool(load < CACHED_SHARE)},
        "resource_consumption": {"cpu_seconds": round(seconds * (0.3 + load), 1), "memory_mb": round(300 + 900 * load)},
    }


def _record(world: World, execution: Execution, queued: float) -> Record:
    pipeline = execution.pipeline
    # The configuration changes half way, where the slow step sets in if it is planted: a cause to be found.
    changed = execution.started_at >= world.window.at(SlowStep.STARTS)
    return {
        "id": execution.id,
        "pipeline_name": pipeline.name,
        "started_at": execution.started_at,
        "completed_at": execution.completed_at,
        "status": execution.status,
        "trigger_type": pipeline.trigger,
        "trigger_data": {"branch": "main", "actor": cast.AGENTS.items[execution.number % len(cast.AGENTS.items)]},
        "configuration_version": VERSIONS[changed],
        "configuration": _configuration(pipeline, changed=changed),
        "head_sha": execution.head_sha,
        "attempt": execution.attempt,
        "queued_seconds": queued,
        "steps": list(execution.steps),
        "updated_at": execution.completed_at or execution.started_at,
    }


def _configuration(pipeline: cast.Pipeline, *, changed: bool) -> Record:
    """What the pipeline is run with; ``needs`` only where it declares what waits for what."""
    settings: Record = {"runner": "standard-4", "cache": True, "parallel_tests": 4 if changed else 8}
    needs = {step: list(before) for step, before in pipeline.needs}
    return settings | ({"needs": needs} if needs else {})
