"""Integration events: those that go with a pipeline execution, and the traffic beside them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from analytics_assets.sample.draws import Odds, log_normal
from analytics_assets.sample.effects import BadDeployment
from analytics_assets.sample.pipelines import Execution
from analytics_assets.sample.season import arrivals
from analytics_assets.sample.world import Record, World

TRAFFIC_PER_DAY = 60.0
FAILURE_SHARE, PARTIAL_SHARE = 0.03, 0.02
TRAFFIC = Odds(
    (("ticket_synced", "tracker", "orchestrator", 180.0), 5.0),
    (("usage_exported", "orchestrator", "billing", 420.0), 2.0),
    (("secret_rotated", "vault", "orchestrator", 90.0), 0.5),
    (("image_pulled", "registry", "cluster", 2_600.0), 2.0),
)
"""Type, source, target and median milliseconds of processing."""
DELAY_SECONDS = 2.0


def events(world: World, executions: list[Execution]) -> Iterator[Record]:
    """Event records: pipeline by pipeline, then the hotfix and the traffic."""
    rng = world.rng("events", "pipelines")
    for execution in executions:
        flow = list(_flow(execution))
        draws, normals = rng.random(_FLOW), rng.standard_normal((_FLOW, 2))
        for place, (event_type, source, target, at, data) in enumerate(flow):
            occurred_at = at + timedelta(seconds=log_normal(DELAY_SECONDS, 0.5, normals[place, 0]))
            record = _event(event_type, source, target, draws[place], log_normal(150.0, 0.5, normals[place, 1]))
            if event_type == "deployment":
                # A deployment's outcome is that of its pipeline.
                record |= {"status": "success" if execution.status == "success" else "failure", "error_details": None}
            if world.window.start <= occurred_at <= world.window.end:
                yield record | {
                    "id": f"{execution.id}-{event_type}",
                    "event_data": data | {"pipeline_id": execution.id, "pipeline_name": execution.pipeline.name},
                    "occurred_at": occurred_at,
                    "correlation_id": execution.id,
                }
    yield _hotfix(world)
    yield from _traffic(world)


def _hotfix(world: World) -> Record:
    """A deployment beside the pipelines, at the moment where a bad one is planted, if it is."""
    return {
        "id": world.key("hotfix", 0),
        "event_type": "deployment",
        "source_system": "ci",
        "target_system": "cluster",
        "event_data": {"change": "hotfix"},
        "occurred_at": world.window.at(BadDeployment.STARTS),
        "processing_duration_ms": 150.0,
        "status": "success",
        "error_details": None,
        "correlation_id": None,
    }


def _traffic(world: World) -> Iterator[Record]:
    rng = world.rng("events", "traffic")
    for number, at in enumerate(arrivals(rng, world.window, TRAFFIC_PER_DAY)):
        which_u, status_u = rng.random(2)
        event_type, source, target, median = TRAFFIC.pick(which_u)
        yield _event(event_type, source, target, status_u, log_normal(median, 0.6, rng.standard_normal())) | {
            "id": world.key("event", number),
            "occurred_at": at,
        }


_FLOW = 5
"""Most events that one pipeline execution brings."""


def _flow(execution: Execution) -> Iterator[tuple[str, str, str, datetime, Record]]:
    """Type, source, target, time and content of the events round a pipeline execution."""
    if execution.pipeline.trigger == "webhook":
        yield "push", "github", "ci", execution.started_at - timedelta(seconds=20), {"head_sha": execution.head_sha}
    yield "pipeline_started", "ci", "orchestrator", execution.started_at, {"attempt": execution.attempt}
    if execution.completed_at is None:
        return
    yield "pipeline_completed", "ci", "orchestrator", execution.completed_at, {"status": execution.status}
    if execution.status == "failed":
        yield "notification", "orchestrator", "chat", execution.completed_at, {"channel": "builds"}
    if execution.pipeline.deploys and execution.steps[-1]["status"] != "skipped":
        yield "deployment", "ci", "cluster", execution.completed_at, {"head_sha": execution.head_sha}


def _event(event_type: str, source: str, target: str, status_u: float, milliseconds: float) -> Record:
    status = "success"
    if status_u < FAILURE_SHARE + PARTIAL_SHARE:
        status = "failure" if status_u < FAILURE_SHARE else "partial"
    return {
        "event_type": event_type,
        "source_system": source,
        "target_system": target,
        "processing_duration_ms": round(milliseconds, 1),
        "status": status,
        "error_details": None if status == "success" else {"error_type": "timeout", "target": target},
    }
