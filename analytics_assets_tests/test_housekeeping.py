"""What is old goes, what is young stays."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster import DagsterRunStatus

from analytics_assets.housekeeping import delete_old_runs, remove_leftovers
from analytics_assets.settings import Settings
from analytics_assets.thresholds import SCRATCH_KEPT


def test_records_of_old_runs_go_and_those_of_open_or_young_ones_stay(tmp_path):
    empty = dg.GraphDefinition("empty").to_job()
    with dg.instance_for_test(temp_dir=str(tmp_path)) as instance:
        old = [instance.create_run_for_job(empty, status=DagsterRunStatus.SUCCESS).run_id for _ in range(3)]
        open_one = instance.create_run_for_job(empty, status=DagsterRunStatus.STARTED).run_id
        later = datetime.now(UTC) + timedelta(seconds=1)
        assert delete_old_runs(instance, before=datetime.now(UTC) - timedelta(days=1)) == 0
        assert delete_old_runs(instance, before=later) == len(old)
        assert [run.run_id for run in instance.get_runs()] == [open_one]


def test_scratch_of_killed_runs_goes(tmp_path):
    settings = Settings(data_dir=tmp_path)
    logs = settings.dagster_home / "storage" / "run" / "compute_logs"
    for folder in (settings.spool, logs):
        folder.mkdir(parents=True)
    (settings.spool / "half.jsonl").write_text("x")
    old, young = logs / "old.err", logs / "young.err"
    for path in (old, young):
        path.write_text("x")
    long_ago = time.time() - SCRATCH_KEPT.value - 60
    os.utime(old, (long_ago, long_ago))
    assert sorted(remove_leftovers(settings)) == ["old.err", "spool"]
    assert not settings.spool.exists()
    assert young.exists()
