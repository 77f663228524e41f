"""What is left behind and grows: Dagster's records of old runs, and scratch files of runs that were killed."""

from __future__ import annotations

import shutil
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from analytics_assets.operating_thresholds import SCRATCH_KEPT
from analytics_assets.settings import Settings
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


def remove_leftovers(settings: Settings) -> int:
    """Remove scratch folders that no living run uses, and the output of old runs; returns how many folders."""
    oldest = time.time() - SCRATCH_KEPT.value
    # A writer has scratch files of its own; and of two that remove the same folder one would fail.
    with writer_lock(settings):
        folders = [folder for folder in (settings.spool, settings.warehouse / "tmp") if folder.exists()]
        folders += [run for run in _run_folders(settings) if _last_written(run) < oldest]
        for folder in folders:
            shutil.rmtree(folder)
    return len(folders)


def _run_folders(settings: Settings) -> list[Path]:
    """Where Dagster keeps what each run printed; nothing else of this project is put there."""
    return [logs.parent for logs in (settings.dagster_home / "storage").glob("*/compute_logs")]


def _last_written(folder: Path) -> float:
    return max(path.stat().st_mtime for path in (folder, *folder.rglob("*")))
