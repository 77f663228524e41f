"""The features of runs as an asset, and its checks."""

from __future__ import annotations

import logging
from types import SimpleNamespace

import pytest

from analytics_assets.defs.predictions.run_features import (
    COLUMNS,
    features_know_no_future,
    run_features,
    runs_are_told_once,
)
from analytics_assets.predicting.attempts import attempts
from analytics_assets.predicting.features import NAMES
from analytics_assets.predicting.stored import looked_back_on, stored_examples
from analytics_assets.warehouse import frames
from analytics_assets_tests.defs.patterns.conftest import called
from analytics_assets_tests.predicting.run_tables import RUNS, fill

CONTEXT = SimpleNamespace(log=logging.getLogger("test"))


@pytest.fixture
def computed(warehouse):
    """The asset, called as often as it is asked for; its metadata."""

    def compute():
        return called(run_features, context=CONTEXT, warehouse=warehouse).metadata

    return compute


def verdicts(warehouse):
    return [called(check, warehouse=warehouse).passed for check in (runs_are_told_once, features_know_no_future)]


def table(warehouse):
    with warehouse.get_connection() as con:
        return frames.read(con, "predictions", "run_features")


def execute(warehouse, statement):
    with warehouse.get_connection() as con:
        con.execute(statement)


def test_every_run_has_a_row_and_everything_checks(warehouse, computed):
    with warehouse.get_connection() as con:
        fill(con)
    metadata = computed()
    assert metadata["dagster/row_count"] == metadata["outcomes"] == RUNS
    assert metadata["not_read"] == "nothing"
    frame = table(warehouse)
    assert list(frame.columns) == [column.name for column in COLUMNS]
    assert len(frame) == RUNS
    assert frame["as_of"].notna().all()
    assert verdicts(warehouse) == [True, True]


def test_types_are_as_they_are_told_where_all_is_unknown(warehouse, computed):
    with warehouse.get_connection() as con:
        fill(con, runs=1)
        con.execute("update staging.stg_runs set model = null, status = 'running', completed_at = null")
        con.execute("update staging.stg_runs set duration_seconds = null, llm_cost_usd = null")
    computed()
    with warehouse.get_connection() as con:
        found = con.execute(
            "select column_name, data_type from information_schema.columns where table_name = 'run_features'"
        ).fetchall()
    assert dict(found) == {column.name: column.type for column in COLUMNS}
    assert verdicts(warehouse) == [True, True]


def test_no_runs_are_an_empty_table(warehouse, computed):
    with warehouse.get_connection() as con:
        fill(con, runs=0)
    assert computed()["dagster/row_count"] == 0
    assert list(table(warehouse).columns) == [column.name for column in COLUMNS]
    assert verdicts(warehouse) == [True, True]


def test_the_table_is_kept_until_something_changes(warehouse, computed):
    with warehouse.get_connection() as con:
        fill(con)
    assert [computed()["is_kept"] for _ in range(3)] == [False, True, True]
    execute(warehouse, "update staging.stg_runs set status = 'failed' where run_id = 'run-03'")
    assert [computed()["is_kept"] for _ in range(2)] == [False, True]
    execute(warehouse, "update staging.stg_as_of set is_stale = true")
    assert [computed()["is_kept"] for _ in range(2)] == [False, True]
    assert table(warehouse)["is_stale"].all()


def test_what_is_missing_is_said(warehouse, computed, caplog):
    with warehouse.get_connection() as con:
        fill(con)
        con.execute("drop table profiles.resource_usage")
    metadata = computed()
    assert "profiles.resource_usage is not there" in metadata["not_read"]
    assert "profiles.resource_usage is not there" in caplog.text
    assert "system_load" in metadata["not_known_of_any_run"]
    assert verdicts(warehouse) == [True, True]


def test_a_feature_that_knows_the_future_fails_its_check(warehouse, computed):
    with warehouse.get_connection() as con:
        fill(con)
    computed()
    assert verdicts(warehouse) == [True, True]
    execute(warehouse, "update predictions.run_features set spec_failure_rate = is_failed::double")
    assert verdicts(warehouse) == [True, False]


def test_a_table_that_passed_is_not_looked_at_again_until_it_changes(warehouse, computed, monkeypatch):
    with warehouse.get_connection() as con:
        fill(con)
    computed()
    assert verdicts(warehouse) == [True, True]
    monkeypatch.setattr("analytics_assets.predicting.hindsight.known_otherwise", lambda *_: [("run", "feature", 1, 2)])
    assert computed()["is_kept"]
    assert verdicts(warehouse) == [True, True]
    execute(warehouse, "update staging.stg_runs set status = 'failed' where run_id = 'run-03'")
    assert not computed()["is_kept"]
    assert [verdicts(warehouse) for _ in range(2)] == [[True, False]] * 2


def test_a_model_of_sequences_reads_attempts_from_before_the_window(warehouse, computed, monkeypatch):
    with warehouse.get_connection() as con:
        fill(con)
        con.execute("update staging.stg_runs set started_at = started_at - interval 1 year where run_id = 'run-00'")
    computed()
    with warehouse.get_connection() as con:
        monkeypatch.setattr("analytics_assets.predicting.sequence.is_available", lambda: False)
        assert looked_back_on(con) == []
        monkeypatch.setattr("analytics_assets.predicting.sequence.is_available", lambda: True)
        past = looked_back_on(con)
    found = stored_examples(table(warehouse).tail(2), past)
    assert [run.run_id for run in found.runs] == ["run-10", "run-11"]
    # run-00 is of the spec of run-10, as are four others: attempts that have no row here, and one that has none at all.
    assert [run.run_id for run in found.past] == [f"run-{number:02}" for number in range(RUNS)]
    assert attempts(found.past, found.runs)[:, :, 0].sum(axis=1).tolist() == [5, 5]
    assert stored_examples(table(warehouse)).past is None


def test_runs_from_before_the_window_have_no_row_and_are_looked_back_on(warehouse, computed):
    with warehouse.get_connection() as con:
        fill(con)
        old = "update staging.stg_runs set started_at = started_at - interval 1 year, completed_at = null"
        con.execute(f"{old} where run_id < 'run-04'")
    assert computed()["dagster/row_count"] == RUNS - 4
    first = table(warehouse).iloc[0]
    assert (first["run_id"], first["model_spec_runs"]) == ("run-04", 2)
    assert verdicts(warehouse) == [True, True]


def test_a_run_that_is_told_twice_fails_its_check(warehouse, computed):
    with warehouse.get_connection() as con:
        fill(con)
    computed()
    execute(warehouse, "insert into predictions.run_features from predictions.run_features where run_id = 'run-03'")
    assert verdicts(warehouse)[0] is False


def test_examples_come_back_from_the_table_as_they_went_in(warehouse, computed):
    from functools import partial

    from analytics_assets.predicting.examples import examples, read_runs, read_surroundings
    from analytics_assets.warehouse.connection import records

    with warehouse.get_connection() as con:
        fill(con)
        rows = partial(records, con)
        made = examples(read_runs(rows), read_surroundings(rows))
    computed()
    kept = stored_examples(table(warehouse))
    assert list(kept.features.columns) == list(NAMES)
    assert kept.features.equals(made.features)
    assert kept.categories.equals(made.categories)
    assert (kept.known_at == made.known_at).all()
