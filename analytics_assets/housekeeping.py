"""What is left behind and grows: Dagster's records of old runs, and scratch files of runs that were killed."""

from __future__ import annotations

import shutil
import time
from datetime import datetime
from typing import TYPE_CHECKING

from analytics_assets.settings import Settings
from analytics_assets.thresholds import SCRATCH_KEPT
from analytics_assets.warehouse.connection import writer_lock

if TYPE_CHECKING:
    from dagster import DagsterInstance

_AT_ONCE = 100


def delete_old_runs(instance: DagsterInstance, before: datetime) -> int:
    """Delete the records of runs that ended and were created before that time; returns how many."""
    from dagster import DagsterRunStatus, RunsFilter

    ended = [DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED]
    deleted = 0
    while old := instance.get_runs(RunsFilter(statuses=ended, created_before=before), limit=_AT_ONCE):
        for run in old:
            instance.delete_run(run.run_id)
        deleted += len(old)
    return deleted


def remove_leftovers(settings: Settings) -> list[str]:
    """Remove scratch files that no living run uses; returns their names."""
    removed = []
    with writer_lock(settings):
        for folder in (settings.spool, settings.warehouse / "tmp"):
            if folder.exists():
                shutil.rmtree(folder)
                removed.append(folder.name)
    oldest = time.time() - SCRATCH_KEPT.value
    for path in (settings.dagster_home / "storage").glob("*/compute_logs/*"):
        if path.stat().st_mtime < oldest:
            path.unlink()
            removed.append(path.name)
    return removed
