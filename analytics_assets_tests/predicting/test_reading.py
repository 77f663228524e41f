"""Runs and their surroundings, read from a warehouse and from a snapshot, whole and with parts missing."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

import duckdb
import pandas as pd
import pytest

from analytics_assets.predicting.examples import examples
from analytics_assets.predicting.reading import fingerprint, in_window, read_runs, read_surroundings
from analytics_assets.queries import answers
from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets.settings import Settings
from analytics_assets.warehouse.connection import records
from analytics_assets_tests.predicting.run_tables import FIRST_HOUR, fill, last_start
from analytics_assets_tests.queries.conftest import Publisher

HOUR = timedelta(hours=1)


@pytest.fixture
def con():
    with duckdb.connect() as made:
        fill(made)
        yield made


@pytest.fixture
def rows(con):
    return partial(records, con)


def test_runs_are_read_with_what_was_judged_of_them(rows):
    runs = {run.run_id: run for run in read_runs(rows)}
    failed = runs["run-05"]
    assert (failed.is_failed, failed.error_type, failed.is_transient) == (True, "compile_error", True)
    assert (failed.memory_limit_mb, failed.cpu_limit_mcores) == (2048.0, 500.0)
    assert failed.known_at == failed.started_at + timedelta(seconds=600)
    assert runs["run-00"].is_failed is False


def test_an_end_that_is_not_told_is_start_and_duration_and_else_not_known(con, rows):
    con.execute("update staging.stg_runs set completed_at = null where run_id in ('run-01', 'run-02')")
    con.execute("update staging.stg_runs set duration_seconds = null where run_id = 'run-02'")
    runs = {run.run_id: run for run in read_runs(rows)}
    assert runs["run-01"].known_at == runs["run-01"].started_at + timedelta(seconds=600)
    assert runs["run-02"].known_at is None


@pytest.mark.parametrize("status", ["running", "cancelled", "skipped", None])
def test_what_has_no_outcome_is_read_without_one(status, con, rows):
    con.execute("update staging.stg_runs set status = ? where run_id = 'run-01'", [status])
    assert {run.run_id: run.is_failed for run in read_runs(rows)}["run-01"] is None


def test_figures_that_mean_nothing_are_not_known(con, rows):
    con.execute(
        "update staging.stg_runs set duration_seconds = -1, llm_cost_usd = 'nan', memory_limit = 'plenty', "
        "cpu_limit = null where run_id = 'run-01'"
    )
    run = {run.run_id: run for run in read_runs(rows)}["run-01"]
    assert run.duration_seconds is run.llm_cost_usd is run.memory_limit_mb is run.cpu_limit_mcores is None
    assert run.memory_limit == "plenty"


def test_what_surrounds_them_is_read(rows):
    around = read_surroundings(rows)
    assert around.cpu == {FIRST_HOUR: 50.0}
    # One that began in the first hour failed in the second: it is known from then on.
    assert around.tool_errors == {FIRST_HOUR: 0.25, FIRST_HOUR + HOUR: 1.0}
    # Of two deployments one failed, and the first configuration of a pipeline changed nothing.
    assert around.changes == (FIRST_HOUR + timedelta(minutes=5), FIRST_HOUR + timedelta(hours=3))
    # The version that came last is older than the one before: it never counted.
    assert around.dependencies == {
        "spec-0": ((FIRST_HOUR + HOUR, 1), (FIRST_HOUR + 3 * HOUR, 2)),
        "alone": ((FIRST_HOUR + HOUR, 0),),
    }
    assert around.notes == ()


def test_what_starts_after_the_clock_is_left_out_and_what_is_long_past_is_only_looked_back_on(con, rows):
    con.execute("update staging.stg_runs set started_at = timestamp '2030-01-01' where run_id = 'run-01'")
    con.execute("update staging.stg_runs set started_at = timestamp '2020-01-01' where run_id = 'run-02'")
    runs = read_runs(rows)
    assert "run-01" not in {run.run_id for run in runs}
    assert runs[0].run_id == "run-02"
    assert in_window(runs, last_start()) == in_window(runs, None) == runs[1:]
    assert in_window(runs, last_start() + timedelta(days=91)) == in_window([], None) == []


def test_the_first_run_of_the_window_knows_what_was_before_it(rows, monkeypatch):
    monkeypatch.setattr("analytics_assets.predicting.reading.EXAMPLES_MOST", type("Three", (), {"value": 3.0}))
    runs, around = read_runs(rows), read_surroundings(rows)
    found = examples(runs, around, of=in_window(runs, None))
    assert [run.run_id for run in found.runs] == ["run-09", "run-10", "run-11"]
    pd.testing.assert_frame_equal(found.features, examples(runs, around).take([9, 10, 11]).features, check_exact=True)
    assert found.past == found.take([2]).past == tuple(runs)
    # An edge would tell of nothing: no run of the spec, of the model, of the last hour.
    cut = examples(runs[9:], around).features.iloc[0]
    assert (found.features.iloc[0]["model_spec_runs"], cut["model_spec_runs"]) == (4, 0)


def test_a_snapshot_tells_the_same(con, rows, tmp_path):
    settings = Settings(data_dir=tmp_path)
    settings.published.mkdir()
    file = Publisher(settings).publish("select 1")
    con.execute(f"attach '{file}' as snapshot")
    con.execute("copy from database memory to snapshot")
    con.execute("detach snapshot")
    with open_snapshot(settings) as snapshot:
        published = partial(answers.rows, snapshot)
        assert read_runs(published) == read_runs(rows)
        assert read_surroundings(published) == read_surroundings(rows)
        assert fingerprint(published) == fingerprint(rows)


def test_an_empty_warehouse_has_no_runs_and_says_what_is_missing():
    with duckdb.connect() as con:
        nothing = partial(records, con)
        assert read_runs(nothing) == []
        assert len(read_surroundings(nothing).notes) == 9
        assert len(examples(read_runs(nothing), read_surroundings(nothing))) == 0


def test_tables_without_rows_are_nothing_to_speak_of():
    with duckdb.connect() as con:
        fill(con, runs=0)
        assert read_runs(partial(records, con)) == []
        assert read_surroundings(partial(records, con)).notes == ()


@pytest.mark.parametrize(
    ("table", "column", "feature"),
    [
        ("staging.stg_runs", "complexity", "complexity_log"),
        ("staging.stg_runs", "model", "model_spec_runs"),
        ("staging.stg_runs", "memory_limit", "memory_limit_mb"),
        ("staging.stg_judged_runs", "is_oom", "spec_oom_share"),
        ("profiles.resource_usage", "usage_percentage", "system_load"),
        ("staging.stg_runs", "cpu_peak_mcores", "spec_cpu_used"),
        ("staging.stg_executions", "success", "tool_error_rate"),
        ("raw.task_dependencies", "depends_on_task_id", "dependencies"),
    ],
)
def test_a_column_that_disappears_costs_what_rests_on_it_and_is_said(table, column, feature, con, rows):
    whole = examples(read_runs(rows), read_surroundings(rows)).features
    con.execute(f"alter table {table} drop {column}")
    around = read_surroundings(rows)
    found = examples(read_runs(rows), around).features
    assert around.notes == (f"{table} lacks {column}: features that rest on it are not known.",)
    assert whole[feature].notna().any()
    assert found[feature].isna().all()
    assert found["spec_failure_rate"].equals(whole["spec_failure_rate"])


@pytest.mark.parametrize("table", ["staging.stg_judged_runs", "staging.stg_as_of", "staging.stg_events"])
def test_a_table_that_disappears_costs_no_run(table, con, rows):
    before = len(read_runs(rows))
    con.execute(f"drop table {table}")
    assert len(read_runs(rows)) == before
    assert read_surroundings(rows).notes == (f"{table} is not there: features that rest on it are not known.",)


def test_without_the_time_of_a_start_there_is_no_run(con, rows):
    con.execute("alter table staging.stg_runs drop started_at")
    assert read_runs(rows) == []


def test_the_fingerprint_changes_with_what_is_read_and_with_nothing_else(con, rows):
    before = fingerprint(rows)
    assert fingerprint(rows) == before
    con.execute("update staging.stg_runs set iterations = 7")
    assert fingerprint(rows) == before
    con.execute("update staging.stg_runs set status = 'failed' where run_id = 'run-00'")
    after = fingerprint(rows)
    assert after != before
    con.execute("insert into profiles.resource_usage values (?, 'cpu', 90)", [FIRST_HOUR + timedelta(hours=1)])
    assert fingerprint(rows) != after


def test_the_newest_runs_are_read(rows, monkeypatch):
    monkeypatch.setattr("analytics_assets.predicting.reading.RUNS_READ", type("Three", (), {"value": 3.0}))
    runs = read_runs(rows)
    assert [run.run_id for run in runs] == ["run-09", "run-10", "run-11"]
    assert runs[-1].started_at == last_start() > datetime(2026, 3, 2)
