"""What the store reads: tables that are whole, late, missing, of another version, or too large."""

from __future__ import annotations

from datetime import timedelta

import duckdb
import pytest

from analytics_assets.pattern_store.coverage import LEFT_OUT_NAMED, note_coverage
from analytics_assets.pattern_store.observed import OBSERVED
from analytics_assets.pattern_store.sources import observe
from analytics_assets.warehouse import frames
from analytics_assets.warehouse.columns import RECORDS_END, Column
from analytics_assets_tests.pattern_store.made import START, at, observed

SOURCE = "patterns.metric_patterns"
COLUMNS = (*OBSERVED, Column("metric_names", "VARCHAR", "Names."), *RECORDS_END)


@pytest.fixture
def con():
    with duckdb.connect() as made:
        made.execute("create schema patterns; create schema kpis; create schema staging")
        yield made


def table(con, *said, end=START, **changes):
    """Write the table of the source."""
    rows = [one.row | {"as_of": end, "is_stale": False, "metric_names": '["b", "a"]'} | changes for one in said]
    frames.write(con, "patterns", "metric_patterns", frame=frames.frame_of(COLUMNS, rows))


def note(con, end=START, **fields):
    note_coverage(con, SOURCE, **({"subjects": 5, "examined": 5, "as_of": end} | fields))


def test_an_empty_warehouse_states_nothing_and_no_source_ran(con):
    found = observe(con)
    assert (found.statements, found.unreadable, found.as_of) == ([], [], None)
    assert {look.is_enough for look in found.looks.values()} == {None}


def test_a_table_with_its_note_is_believed_and_its_own_columns_are_data(con):
    table(con, observed("metric_trend", "metric/a/x"))
    note(con, left_out=["metric/b/"])
    found = observe(con)
    (statement,) = found.statements
    assert statement.said["subject"] == "metric/a/x"
    assert statement.pattern_data == '{"metric_names": ["b", "a"]}'
    look = found.looks[SOURCE]
    assert (look.is_enough, look.as_of, look.left_out) == (True, START, ("metric/b/",))
    assert found.as_of == START


def test_all_that_lie_beyond_a_bound_are_named_and_a_list_that_is_cut_says_so(con):
    table(con)
    note(con, left_out=[f"metric/m{number}/cpu" for number in range(10_000)])
    look = observe(con).looks[SOURCE]
    assert (look.is_enough, look.leaves_unnamed, len(look.left_out)) == (True, False, 10_000)
    note(con, left_out=["metric/a/x"], is_cut=True)
    assert observe(con).looks[SOURCE].leaves_unnamed
    note(con, left_out=[f"metric/m{number}/cpu" for number in range(LEFT_OUT_NAMED + 1)])
    assert observe(con).looks[SOURCE].leaves_unnamed
    note(con)
    assert not observe(con).looks[SOURCE].leaves_unnamed


def test_notes_of_an_earlier_version_are_read_and_written_again(con):
    con.execute(
        "create table patterns.coverage_notes (source varchar not null, subjects bigint not null, "
        "examined bigint not null, left_out varchar not null, as_of timestamp, noted_at timestamp not null)"
    )
    con.execute("insert into patterns.coverage_notes values (?, 5, 5, '[]', ?, now()::timestamp)", [SOURCE, START])
    table(con)
    assert not observe(con).looks[SOURCE].leaves_unnamed
    note(con, is_cut=True)
    assert observe(con).looks[SOURCE].leaves_unnamed


def test_tables_of_every_refresh_look_whenever_records_arrive_and_the_others_once_a_day(con):
    table(con)
    note(con)
    for name in ("execution_patterns", "task_patterns"):
        note_coverage(con, f"patterns.{name}", subjects=1, examined=1, as_of=START)
    con.execute("create table patterns.issue_anomalies (id varchar, as_of timestamp)")
    daily = {source for source, look in observe(con).looks.items() if look.is_daily}
    assert daily == {"patterns.execution_patterns", "patterns.task_patterns", "patterns.issue_anomalies"}


def test_a_source_that_looked_at_too_little_says_so(con):
    table(con)
    note(con, subjects=100, examined=80)
    look = observe(con).looks[SOURCE]
    assert look.is_enough is False
    assert "80 of 100" in look.reason


def test_the_window_of_a_source_is_that_of_its_note_as_its_kinds_of_records_end_at_different_times(con):
    table(con, observed("metric_trend", "metric/a/x"))
    note(con, at(1))
    look = observe(con).looks[SOURCE]
    assert (look.is_enough, look.as_of) == (True, at(1))


def test_a_note_without_a_table_and_a_table_without_a_note_are_sources_that_failed(con):
    note(con)
    assert "its table is not there" in observe(con).looks[SOURCE].reason
    con.execute("delete from patterns.coverage_notes")
    table(con)
    assert observe(con).looks[SOURCE].reason == "it noted no coverage"


def test_a_table_of_another_version_is_not_read(con):
    con.execute("create table patterns.metric_patterns (id varchar, pattern_type varchar)")
    note(con)
    look = observe(con).looks[SOURCE]
    assert look.is_enough is False
    assert "another version" in look.reason


def test_a_source_that_has_not_run_while_others_have_is_late(con):
    table(con)
    note(con)
    note_coverage(con, "patterns.task_patterns", subjects=1, examined=1, as_of=START)
    con.execute("update patterns.coverage_notes set noted_at = noted_at - to_days(4) where source = ?", [SOURCE])
    assert "has not run since" in observe(con).looks[SOURCE].reason


def test_a_row_that_is_no_statement_is_told_and_ends_nothing(con):
    table(con, observed("metric_trend", "metric/a/x"), topic="gossip")
    note(con)
    found = observe(con)
    assert found.statements == []
    assert "gossip is no topic of performance" in found.unreadable[0]
    assert found.looks[SOURCE].is_enough is False


def test_of_ten_thousand_patterns_the_surest_are_kept_and_nothing_else_is_over(con):
    table(con, observed("metric_trend", "metric/a/x"))
    con.execute(
        "insert into patterns.metric_patterns select metric_patterns.* replace "
        "(md5(n::varchar) as id, 'metric/' || n as subject, n / 20000 as confidence_score) "
        "from patterns.metric_patterns, range(10000) as numbers(n)"
    )
    note(con)
    found = observe(con)
    assert len(found.statements) == 5_000
    assert min(one.said["confidence_score"] for one in found.statements) > 0.24
    assert found.looks[SOURCE].is_cut


def test_tables_of_issues_need_no_note_and_an_empty_one_has_the_end_of_its_records(con):
    con.execute(
        "create table patterns.issue_anomalies (id varchar, as_of timestamp); "
        "create table staging.stg_issue_clock (as_of timestamp, is_stale boolean)"
    )
    con.execute("insert into staging.stg_issue_clock values (?, false)", [START + timedelta(days=1)])
    look = observe(con).looks["patterns.issue_anomalies"]
    assert (look.is_enough, look.as_of) == (True, START + timedelta(days=1))
