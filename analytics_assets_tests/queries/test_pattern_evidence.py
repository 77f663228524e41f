"""Rows of evidence are the records a pattern rests on, and hold the figure that it states."""

from __future__ import annotations

from datetime import datetime, timedelta
from statistics import median

import duckdb
import pytest

from analytics_assets.lib.signal_types import TYPES
from analytics_assets.queries.pattern_evidence import BY_TYPE, evidence_sql
from analytics_assets.queries.snapshot import json_ready
from analytics_assets_tests.pattern_store.made import observed, only, step

START = datetime(2026, 3, 1)
TABLES = """
    create schema summaries; create schema patterns; create schema staging;
    create table summaries.hourly_signals as
    select
        timestamp '2026-03-01' + to_hours(hour) as hour, signal, (case when hour between 40 and 43 then 9.0 + hour / 10
            else 1.0 + hour / 1000 end)::double as value, 'ms' as unit, 10 as samples, timestamp '2026-03-05' as as_of
    from range(96) as hours(hour), (values ('metric/a/x'), ('metric/a/x_other'), ('metric/b/y')) as names(signal);
    create table patterns.anomalies as select 'metric/a/x' as signal, timestamp '2026-03-02 16:00' as starts_at,
        timestamp '2026-03-02 20:00' as ends_at, timestamp '2026-03-02 19:00' as peak_at, 1.0 as expected,
        0.5 as lower, 2.0 as upper, timestamp '2026-03-05' as as_of;
    create table patterns.level_shifts as select 'metric/a/x' as signal, timestamp '2026-03-02 16:00' as changed_at,
        1.02::double as before, 13.15::double as after;
    create table patterns.trends as select 'metric/a/x' as signal, 0.024::double as slope_per_day;
    create table staging.stg_pipelines as select 'p' || n as id, 'nightly/ci' as pipeline_name,
        timestamp '2026-03-01' + to_hours(n) as started_at, '1.0.0' as configuration_version, 'sha' as head_sha,
        1 as attempt, 'success' as status, 3.0 as queued_seconds, 60.0 as total_duration_seconds, true as is_current
        from range(40) as numbers(n);
    create table staging.stg_steps as select 'p' || n as pipeline_id, 'lint' as step_name, 'success' as status,
        timestamp '2026-03-01' as started_at, timestamp '2026-03-01' + to_seconds(if(n < 20, 10, 30)) as completed_at,
        true as is_current from range(40) as numbers(n);
    create table staging.stg_events as select 'e' || n as id, timestamp '2026-03-01' + to_hours(n) as occurred_at,
        'query' as event_type, 'app' as source_system, if(n < 5, 'db', 'dbx') as target_system, 'failure' as status,
        7.0 as processing_duration_ms, 'down' as error_details from range(9) as numbers(n);
    create table patterns.event_impact_analysis as select unnest(['ev-1', 'ev-12']) as event_id, 0.01 as p_adjusted,
        111.4::double as impact_percent;
    create table patterns.outcome_rules as select 'runs' as population, '["model=it''s"]' as antecedent,
        'failed' as outcome, 0.42::double as confidence;
"""


@pytest.fixture(scope="module")
def con():
    with duckdb.connect() as made:
        made.execute(TABLES)
        yield made


def evidence(con, kind, subject, **fields):
    """The rows of the evidence of a pattern, as the store has it."""
    pattern = only(step([], START, observed(kind, subject, START, **fields)))
    sql = evidence_sql({name: json_ready(value) for name, value in pattern.items()})
    assert sql is not None
    found = con.execute(sql)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def test_an_anomaly_shows_the_hours_round_it_its_peak_first(con):
    first, *others = evidence(con, "metric_anomaly", "metric/a/x", starts_at=START + timedelta(hours=40))
    assert (first["hour"], first["value"], first["upper"]) == (START + timedelta(hours=43), 13.3, 2.0)
    assert (others[0]["hour"], others[0]["expected"]) == (START + timedelta(hours=40), 1.0)
    assert {row["expected"] for row in others if row["hour"] < START + timedelta(hours=40)} == {None}


@pytest.mark.parametrize("kind", ["metric_level_shift", "degradation", "improvement", "performance_level_shift"])
def test_a_lasting_change_shows_the_hours_and_levels_on_both_sides(con, kind):
    rows = evidence(con, kind, "metric/a/x", starts_at=START + timedelta(hours=40))
    assert rows[0]["hour"] == START + timedelta(hours=40)
    assert {(row["before"], row["after"]) for row in rows} == {(1.02, 13.15)}
    assert min(row["hour"] for row in rows) < START + timedelta(hours=40) < max(row["hour"] for row in rows)


def test_a_limit_shows_the_newest_day(con):
    rows = evidence(con, "metric_threshold", "metric/a/x")
    assert len(rows) == 24
    assert rows[0]["hour"] == START + timedelta(hours=95)
    assert median(row["value"] for row in rows) == pytest.approx(1.0835)


def test_a_trend_shows_its_days_and_its_slope(con):
    rows = evidence(con, "metric_trend", "metric/a/x")
    assert [row["hours"] for row in rows] == [24] * 4
    assert rows[3]["value"] - rows[2]["value"] == pytest.approx(rows[0]["slope_per_day"])


def test_a_lead_shows_both_signals_side_by_side(con):
    data = {"pattern_signature": '{"lag_hours": 3}'}
    rows = evidence(con, "metric_lead", "metric/a/x -> metric/b/y", more=data)
    assert len(rows) == 93
    assert all(row["hour_of_follower"] - row["hour"] == timedelta(hours=3) for row in rows)
    assert next(row for row in rows if row["hour"] == START + timedelta(hours=40))["leads"] == 13.0
    assert next(row for row in rows if row["hour"] == START + timedelta(hours=40))["follows"] == 13.3


@pytest.mark.parametrize("kind", ["step_slowdown", "bottleneck_step", "flaky_step", "failing_step", "step_speedup"])
def test_a_step_shows_its_executions(con, kind):
    data = {"pipeline_name": "nightly/ci", "pattern_data": '{"step": "lint"}'}
    changed = START + timedelta(hours=20)
    rows = evidence(con, kind, "nightly%2Fci/lint", starts_at=changed, more=data)
    assert len(rows) == 40
    sides = [[row["seconds"] for row in rows if (row["started_at"] < changed) == is_before] for is_before in (True, 0)]
    assert [median(side) for side in sides] == [10.0, 30.0]


def test_a_queue_shows_how_long_each_execution_waited(con):
    rows = evidence(con, "queueing", "nightly%2Fci/*", more={"pipeline_name": "nightly/ci"})
    assert {row["queued_seconds"] for row in rows} == {3.0}


@pytest.mark.parametrize("subject", ["app>db", "app>db/query"])
def test_a_link_shows_its_own_events(con, subject):
    rows = evidence(con, "failing_link", subject)
    assert {row["id"] for row in rows} == {f"e{n}" for n in range(5)}


def test_a_deployment_shows_what_it_did_and_not_what_one_with_a_like_name_did(con):
    (row,) = evidence(con, "deployment_impact", "release", more={"pattern_definition": '{"events": ["ev-1"]}'})
    assert (row["event_id"], row["impact_percent"]) == ("ev-1", 111.4)


def test_a_rule_shows_its_counts(con):
    told = {"population": "runs", "antecedent": '["model=it\'s"]', "outcome": "failed"}
    (row,) = evidence(con, "outcome_rule", "runs: model=it's -> failed", more={"pattern_data": told})
    assert row["confidence"] == 0.42


def test_a_name_that_looks_like_a_parameter_is_a_name(con):
    assert evidence(con, "metric_trend", "metric/$id/'; drop table x; --") == []


def test_every_type_of_signal_has_records():
    assert {name for types in TYPES.values() for name in types.values()} <= set(BY_TYPE)


def test_what_lacks_a_part_of_its_query_shows_the_row_of_its_source():
    (row,) = step([], START, observed("step_slowdown", "ci/lint", START))
    row = {name: json_ready(value) for name, value in row.items()}
    assert evidence_sql(row | {"source": "patterns.execution_patterns"}) == (
        f"select * from patterns.execution_patterns where id = '{row['id']}'"
    )
    assert evidence_sql(row | {"source": "nowhere", "pattern_type": "gossip"}) is None
