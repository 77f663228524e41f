"""What is old goes, what is young stays."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster import DagsterRunStatus

from analytics_assets.housekeeping import delete_old_runs, remove_leftovers
from analytics_assets.operating_thresholds import SCRATCH_KEPT
from analytics_assets.settings import Settings


def test_records_of_old_runs_go_and_those_of_open_or_young_ones_stay(tmp_path):
    empty = dg.GraphDefinition("empty").to_job()
    with dg.instance_for_test(temp_dir=str(tmp_path)) as instance:
        old = [instance.create_run_for_job(empty, status=DagsterRunStatus.SUCCESS).run_id for _ in range(3)]
        open_one = instance.create_run_for_job(empty, status=DagsterRunStatus.STARTED).run_id
        later = datetime.now(UTC) + timedelta(seconds=1)
        assert delete_old_runs(instance, before=datetime.now(UTC) - timedelta(days=1)) == 0
        assert delete_old_runs(instance, before=later) == len(old)
        assert [run.run_id for run in instance.get_runs()] == [open_one]


def age(*paths):
    long_ago = time.time() - SCRATCH_KEPT.value - 60
    for path in paths:
        os.utime(path, (long_ago, long_ago))


def printed_by(settings, run):
    """The folder of a run, with what two of its steps printed."""
    logs = settings.dagster_home / "storage" / run / "compute_logs"
    logs.mkdir(parents=True)
    for name in ("a.err", "a.out"):
        (logs / name).write_text("x")
    return logs.parent


def test_scratch_of_killed_runs_goes(tmp_path):
    settings = Settings(data_dir=tmp_path)
    settings.spool.mkdir(parents=True)
    (settings.spool / "half.jsonl").write_text("x")
    assert remove_leftovers(settings) == 1
    assert not settings.spool.exists()
    assert remove_leftovers(settings) == 0


def test_what_old_runs_printed_goes_with_its_folder_and_what_is_still_written_stays(tmp_path):
    settings = Settings(data_dir=tmp_path)
    old, young, written = (printed_by(settings, run) for run in ("old", "young", "written"))
    for run in (old, written):
        age(*run.rglob("*"), run)
    (written / "compute_logs" / "a.out").write_text("more")
    assert remove_leftovers(settings) == 1
    assert [run.exists() for run in (old, young, written)] == [False, True, True]
