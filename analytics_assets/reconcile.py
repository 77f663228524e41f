"""After a crash: runs whose process is gone are marked as failed, so that they neither seem to run nor hold a slot.

Dagster notices a dead run only while the code server that started it lives. A refresh in the foreground has none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from dagster import DagsterInstance, DagsterRun

FOREGROUND_TAG = "analytics/foreground"
"""Tag of a run of ``analytics refresh``, which holds the writer lock from its first step to its last."""


def reconcile_crashed_runs(instance: DagsterInstance, is_alive: Callable[[DagsterRun], bool]) -> list[str]:
    """Fail every run that is noted as running and is not alive, and free its pool slots; returns the run ids."""
    from dagster import DagsterRunStatus, RunsFilter

    noted = [
        # Made by a sensor that was killed before it could put the run into the queue: nobody will start it.
        DagsterRunStatus.NOT_STARTED,
        DagsterRunStatus.STARTING,
        DagsterRunStatus.STARTED,
        DagsterRunStatus.CANCELING,
    ]
    crashed = [run for run in instance.get_runs(RunsFilter(statuses=noted)) if not is_alive(run)]
    for run in crashed:
        instance.report_run_failed(run, "Its process ended without a word: it was killed, or the machine stopped.")
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    return [run.run_id for run in crashed]


def is_foreground(run: DagsterRun) -> bool:
    """Whether it is a run of ``analytics refresh``."""
    return FOREGROUND_TAG in run.tags
