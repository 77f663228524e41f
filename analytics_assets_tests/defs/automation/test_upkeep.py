"""The jobs of upkeep run, and what they removed is to be read in the UI."""

from __future__ import annotations

from datetime import datetime, timedelta

import dagster as dg
import pytest
from dagster import DagsterRunStatus

from analytics_assets.defs.automation import upkeep
from analytics_assets.settings import Settings
from analytics_assets.warehouse.publish import publish


@pytest.fixture
def run(warehouse, tmp_path):
    """Runs a job on the warehouse; returns the metadata that its one op left."""
    with dg.instance_for_test(temp_dir=str(tmp_path)) as instance:

        def run_job(job):
            result = job.execute_in_process(instance=instance, resources={"warehouse": warehouse})
            assert result.success
            (output,) = result.filter_events(lambda event: event.is_successful_output)
            return output.step_output_data.metadata

        run_job.instance = instance
        yield run_job


def test_retention_says_what_it_purged(warehouse, run):
    ingested = datetime.now() - timedelta(hours=Settings().executions_hours, days=1)  # noqa: DTZ005 -- naive, and a day is enough for any zone
    with warehouse.get_connection() as con:
        con.execute(
            "insert into raw.executions by name select 'e' || range as execution_id, 'grep' as tool_name, "
            "? as started_at, true as success, 1 as file_id, 1 as batch_id, ? as ingested_at from range(3)",
            [ingested, ingested],
        )
    lines = run(upkeep.retention)["purged"].value.splitlines()
    assert lines[0] == "| table | purged | kept | kept because |"
    assert "| raw.executions | 3 | 0 |  |" in lines
    with warehouse.get_connection() as con:
        assert con.execute("select count(*) from raw.executions").fetchall() == [(0,)]
        assert con.execute("select count(*) from raw.executions_slim").fetchall() == [(3,)]


def test_retention_of_nothing_purges_nothing(run):
    purged = run(upkeep.retention)["purged"].value
    assert "| raw.executions | 0 | 0 |" in purged


def test_housekeeping_counts_what_it_removed(warehouse, run, monkeypatch):
    monkeypatch.setenv("ANALYTICS_SNAPSHOTS_KEPT", "1")
    settings = Settings()
    for _ in range(3):
        with warehouse.get_connection() as con:
            publish(con, settings)
    settings.spool.mkdir()
    removed = {name: entry.value for name, entry in run(upkeep.housekeeping).items()}
    assert removed == {"run_records": 0, "snapshots": 2, "scratch_folders": 1}
    assert len(list(settings.published.glob("*.duckdb"))) == 1


@pytest.mark.parametrize(("days_later", "is_kept"), [(13, True), (15, False)])
def test_housekeeping_deletes_records_of_runs_that_are_past_their_days(run, monkeypatch, days_later, is_kept):
    assert Settings().dagster_runs_days == 14

    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(days=days_later)

    empty = dg.GraphDefinition("empty").to_job()
    old = run.instance.create_run_for_job(empty, status=DagsterRunStatus.SUCCESS).run_id
    monkeypatch.setattr(upkeep, "datetime", Later)
    assert run(upkeep.housekeeping)["run_records"].value == (0 if is_kept else 1)
    assert run.instance.has_run(old) == is_kept
