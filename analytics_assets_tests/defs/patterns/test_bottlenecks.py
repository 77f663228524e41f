"""Steps of pipelines: the table and its checks."""

from __future__ import annotations

import pytest

from analytics_assets.defs.patterns.bottlenecks import COLUMNS, bottlenecks, judged_steps_recount, shares_are_shares
from analytics_assets.defs.patterns.pipeline_records import open_window
from analytics_assets_tests.defs.patterns.conftest import called
from analytics_assets_tests.defs.patterns.pipeline_tables import END, START, Pipelines
from analytics_assets_tests.lib.pipeline_worlds import NEEDS, World


@pytest.fixture
def warehouse(tmp_path, monkeypatch):
    monkeypatch.setenv("ANALYTICS_DATA_DIR", str(tmp_path))
    return Pipelines()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A warehouse with one pipeline, made once: its frame, to be copied."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANALYTICS_DATA_DIR", str(tmp_path_factory.mktemp("bottlenecks")))
        filled = Pipelines().has(World(seed=1, per_day=1))
        yield filled, filled.written(bottlenecks)


def passes(frame, warehouse):
    return (
        called(shares_are_shares, bottlenecks=frame).passed
        and called(judged_steps_recount, bottlenecks=frame, warehouse=warehouse.warehouse).passed
    )


def test_the_table_says_what_the_functions_say_of_the_same_records(warehouse):
    world = World(seed=1, slow={"integration_tests": 2.0}, flaky={"lint": 0.2}, per_day=8)
    frame = warehouse.has(world, World(seed=2, name="release", per_day=3), needs=NEEDS).written(bottlenecks)
    assert list(frame.columns) == [column.name for column in COLUMNS]
    ci = frame[frame["pipeline_name"] == "ci"].set_index("step_name")
    for name, row in world.rows(NEEDS).items():
        for column in ("judged", "failures", "time_share", "flaky_commits", "wait_seconds", "cache_hits"):
            assert ci.loc[name, column] == pytest.approx(row[column]), (name, column)
    assert ci.index[ci["is_changed"].fillna(False)].tolist() == ["integration_tests"]
    assert ci.loc["integration_tests", "changed_with_version"] == "1.1.0"
    assert ci.index[ci["is_flaky"]].tolist() == ["lint"]
    assert set(frame["as_of"]) == {END}
    assert passes(frame, warehouse)


def test_steps_of_the_same_name_are_told_apart_by_their_order_and_tries_of_one_are_not(warehouse):
    steps = {"a": 20.0, "b": 30.0, "c": 40.0}
    warehouse.has(World(seed=1, steps=steps, fails=0.0, flaky={"b": 0.3}))
    warehouse.execute("update staging.stg_steps set step_name = 'a'")
    # Where the second failed it is tried again, as a later entry.
    warehouse.execute(
        "insert into staging.stg_steps select * replace (3 as step_order, 'success' as status) from staging.stg_steps "
        "where status = 'failed'"
    )
    warehouse.execute("delete from staging.stg_steps where status = 'skipped'")
    frame = warehouse.written(bottlenecks)
    assert sorted(frame["step_name"]) == ["a", "a #2", "a #3"]
    medians = frame.set_index("step_name")["median_seconds"]
    assert medians["a"] == pytest.approx(20, rel=0.1)
    assert medians["a #3"] == pytest.approx(40, rel=0.1)
    assert passes(frame, warehouse)


def test_before_the_first_execution_the_table_is_empty_and_passes(warehouse):
    frame = warehouse.written(bottlenecks)
    assert frame.empty
    assert passes(frame, warehouse)


def test_only_the_last_28_days_are_looked_at(warehouse):
    frame = warehouse.has(World(seed=1), as_of=START).written(bottlenecks)
    assert frame.empty


def test_a_pipeline_whose_executions_have_no_steps_has_no_rows(warehouse):
    warehouse.has(World(seed=1, per_day=2))
    warehouse.execute("delete from staging.stg_steps")
    assert warehouse.written(bottlenecks).empty


def test_ten_thousand_steps_are_cut_to_those_seen_most(warehouse):
    warehouse.has(World(seed=1, per_day=1))
    warehouse.execute(
        "insert into staging.stg_steps select (select min(id) from staging.stg_pipelines), 'odd ' || range, 9, null, "
        "null, 'success', null, null from range(10000)"
    )
    frame = warehouse.written(bottlenecks)
    assert len(frame) == 50
    assert {"checkout", "package"} <= set(frame["step_name"])


def test_ten_thousand_pipelines_are_cut_to_those_run_most_and_the_others_are_named(warehouse):
    warehouse.has(World(seed=1, per_day=2))
    warehouse.execute(
        "insert into staging.stg_pipelines select 'p' || range, 'rare ' || range, ?, ?, 'success', null, null, null, "
        "1, null from range(10000)",
        [END, END],
    )
    with warehouse.warehouse.get_connection() as con:
        window = open_window(con)
    assert (len(window.examined), window.judged) == (100, ["ci"])
    assert len(window.left_out) == 10_000


@pytest.mark.parametrize("column", ["time_share", "failure_rate", "flaky_p_adjusted"])
def test_a_share_that_is_none_fails_and_is_named(made, column):
    frame = made[1].copy()
    frame.loc[0, column] = 1.5
    result = called(shares_are_shares, bottlenecks=frame)
    assert not result.passed
    assert "checkout" in result.metadata["wrong"].value


def test_a_count_that_does_not_recount_fails_and_is_named(made):
    warehouse, frame = made[0], made[1].copy()
    frame.loc[2, "judged"] += 1
    result = called(judged_steps_recount, bottlenecks=frame, warehouse=warehouse.warehouse)
    assert not result.passed
    assert "lint" in result.metadata["wrong"].value
