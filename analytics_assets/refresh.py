"""`analytics refresh` and `learn`: a job in this process, in the foreground, recorded where the Dagster UI finds it."""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from analytics_assets.settings import Settings, load_settings
from analytics_assets.warehouse.connection import writer_lock
from analytics_assets.warehouse.ingest import KindReport

if TYPE_CHECKING:
    from dagster import Definitions, EventLogEntry, ExecuteInProcessResult, JobDefinition


_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
"""The log of the run stands in the instance; the terminal shows ``RefreshEvent``."""


@dataclass(frozen=True)
class RefreshEvent:
    """Something to show while a refresh runs: a step and how many of all are done, or a word about the current one."""

    kind: Literal["step_started", "step_done", "progress", "failed"]
    step: str
    message: str
    done: int
    total: int


@dataclass(frozen=True)
class RefreshSummary:
    """What a refresh did. ``version`` and ``published_at`` are those of the snapshot that readers see now."""

    success: bool
    run_id: str
    seconds: float
    by_kind: dict[str, KindReport] = field(default_factory=dict)
    version: int | None = None
    published_at: str | None = None
    error: str | None = None
    story: str | None = None
    """The whole error with its stack, for the log."""


def run_refresh(
    settings: Settings,
    *,
    on_event: Callable[[RefreshEvent], None] = lambda _: None,
    job_name: str = "refresh",
    config: Mapping[str, Any] | None = None,
) -> RefreshSummary:
    """Take what is new in the inbox, build everything on it, forecasts included, and publish; or run another job.

    ``settings`` must be those of the environment, which the steps read. ``config`` is that of the job's steps, by name.

    Raises:
        WarehouseBusyError: another refresh was writing for too long.
    """
    from dagster import DagsterInstance

    from analytics_assets.reconcile import FOREGROUND_TAG, is_foreground, reconcile_crashed_runs
    from analytics_assets.supervisor.home import prepare_home
    from analytics_assets.supervisor.lock import holder

    if settings != load_settings():
        raise ValueError("a refresh takes its settings from the environment: set ANALYTICS_* instead")
    started = time.monotonic()
    run_id = str(uuid.uuid4())
    other = holder(settings.writer_lock)
    if other is not None:
        on_event(RefreshEvent("progress", "waiting", f"process {other} is writing", 0, 0))
    with writer_lock(settings), DagsterInstance.from_config(str(prepare_home(settings))) as instance:
        # With the lock in hand, no other refresh of the foreground is alive; the daemon looks after its own.
        reconcile_crashed_runs(instance, is_alive=lambda run: not is_foreground(run))
        job = _definitions().resolve_job_def(job_name)
        instance.add_event_listener(run_id, _Listener(job, on_event))
        result = job.execute_in_process(
            instance=instance,
            run_id=run_id,
            run_config=_QUIET | {"ops": {step: {"config": values} for step, values in (config or {}).items()}},
            raise_on_error=False,
            tags={FOREGROUND_TAG: "true"},
        )
        error, story = (None, None) if result.success else _first_error(result)
    pointer = json.loads(settings.pointer.read_text(encoding="utf-8")) if settings.pointer.exists() else {}
    return RefreshSummary(
        success=result.success,
        run_id=run_id,
        seconds=time.monotonic() - started,
        by_kind=_by_kind(result),
        version=pointer.get("version"),
        published_at=pointer.get("published_at"),
        error=error,
        story=story,
    )


@cache
def _definitions() -> Definitions:
    """Loaded once a process: it takes seconds, and what is declared does not change while it lives."""
    from analytics_assets.definitions import defs

    return defs()


class _Listener:
    """Turns Dagster's events of one run into what is shown of them."""

    def __init__(self, job: JobDefinition, on_event: Callable[[RefreshEvent], None]) -> None:
        self._total = len(job.graph.node_dict)
        self._done = 0
        self._on_event = on_event

    def __call__(self, entry: EventLogEntry) -> None:
        from dagster import DagsterEventType

        kind: Literal["step_started", "step_done", "progress", "failed"]
        if entry.dagster_event_type is None:
            if entry.level != logging.INFO:
                return
            kind = "progress"
        elif entry.dagster_event_type == DagsterEventType.STEP_START:
            kind = "step_started"
        elif entry.dagster_event_type == DagsterEventType.STEP_SUCCESS:
            kind = "step_done"
            self._done += 1
        elif entry.dagster_event_type == DagsterEventType.STEP_FAILURE:
            kind = "failed"
        else:
            return
        self._on_event(RefreshEvent(kind, entry.step_key or "", entry.user_message, self._done, self._total))


def _by_kind(result: ExecuteInProcessResult) -> dict[str, KindReport]:
    """Counts of the batch, for the kinds that had files, from the metadata of the raw assets."""
    counts = {}
    for event in result.get_asset_materialization_events():
        metadata = event.step_materialization_data.materialization.metadata
        if event.asset_key is not None and "new_records" in metadata:
            counts[event.asset_key.path[-1]] = KindReport(
                *(int(str(metadata[f.name].value)) for f in fields(KindReport))
            )
    return counts


def _first_error(result: ExecuteInProcessResult) -> tuple[str, str | None]:
    """The first failed step and why in a few lines, and the same with its stack."""
    for event in result.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            story = error.to_string() if error is not None else None
            while error is not None and error.cause is not None:
                error = error.cause
            said = error.message.strip() if error is not None else event.message
            return f"{event.step_key}: {said}", story
    return "a check that guards what is built on it failed; the Dagster UI shows which", None
