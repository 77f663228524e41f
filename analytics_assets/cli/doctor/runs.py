"""Findings about Dagster: whether its daemon beats, and how the last runs ended."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from analytics_assets.cli.doctor.finding import Finding, fine, note, problem
from analytics_assets.operating_thresholds import DAEMON_SILENT
from analytics_assets.settings import Settings
from analytics_assets.supervisor.lock import holder, lock_file

if TYPE_CHECKING:
    from dagster import DagsterInstance, DagsterRun

LOOKED_AT = 200
"""Newest runs: each job has one among them unless it has not run for days."""


def daemon(settings: Settings, now: datetime) -> list[Finding]:
    """Whether files are taken as they arrive."""
    up = holder(lock_file(settings))
    newest = None
    with _instance(settings) as instance:
        if instance is not None:
            newest = max((beat.timestamp for beat in instance.get_daemon_heartbeats().values()), default=None)
    age = None if newest is None else now.replace(tzinfo=UTC).timestamp() - newest
    if age is not None and age <= DAEMON_SILENT.value:
        return [fine("daemon", f"Dagster's daemon beat {age:.0f} s ago")]
    if up is None:
        words = "It is not running: files wait in the inbox until it is."
        return [note("daemon", words, "Start it with `make run`, or run `analytics refresh` by hand.")]
    silent = "has not beaten yet" if age is None else f"has been silent for {age / 60:.0f} min"
    words = f"`analytics up` runs (process {up}), but Dagster's daemon {silent}."
    return [problem("daemon", words, f"Its log says why: {settings.logs / 'daemon.log'}")]


def last_runs(settings: Settings, _now: datetime) -> list[Finding]:
    """The newest run of each job, where it failed."""
    with _instance(settings) as instance:
        if instance is None:
            return []
        newest: dict[str, DagsterRun] = {}
        for run in instance.get_runs(limit=LOOKED_AT):
            newest.setdefault(run.job_name, run)
        failed = [_failure(settings, instance, run) for run in newest.values() if run.is_failure]
    if failed or not newest:
        return failed
    return [fine("runs", f"the last run of each job ended well or is under way: {', '.join(sorted(newest))}")]


def _failure(settings: Settings, instance: DagsterInstance, run: DagsterRun) -> Finding:
    from dagster import DagsterEventType

    said: list[str] = []
    for kind in (DagsterEventType.STEP_FAILURE, DagsterEventType.RUN_FAILURE):
        for entry in instance.all_logs(run.run_id, of_type=kind):
            event = entry.dagster_event
            error = getattr(event.event_specific_data, "error", None) if event else None
            while error is not None and error.cause is not None:
                error = error.cause
            words = error.message if error else entry.message
            said.append(f"{event.step_key}: {words.strip()}" if event and event.step_key else words.strip())
    where = f"http://127.0.0.1:{settings.ui_port}/runs/{run.run_id}"
    remedy = f"See {where} while the UI is up; a run by hand: `analytics refresh`."
    return problem("runs", f"The last run of {run.job_name} failed.", remedy, tuple(dict.fromkeys(said)))


@contextmanager
def _instance(settings: Settings) -> Iterator[DagsterInstance | None]:
    """Dagster's records; None before its first start. They are only read."""
    if not (settings.dagster_home / "dagster.yaml").exists():
        yield None
        return
    from dagster import DagsterInstance

    with DagsterInstance.from_config(str(settings.dagster_home)) as instance:
        yield instance
