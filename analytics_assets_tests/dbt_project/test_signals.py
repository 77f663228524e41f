"""Signals are what their records say, hour by hour, and nothing where there is no record."""

from __future__ import annotations

from datetime import timedelta

import pytest

from analytics_assets_tests.dbt_project.signal_history import END, HOUR, LAST_HOUR

COUNTED = "(component_kind <> 'metric' or component = 'api')"
"""The signals that the plain count has."""


def test_every_hour_of_every_signal_is_what_its_records_say(signals):
    kept, hourly, _ = signals
    rows = kept.rows(f"select signal, hour, value, samples from summaries.hourly_signals where {COUNTED}")
    found = {(row["signal"], row["hour"]): (row["value"], row["samples"]) for row in rows}
    assert len(found) == len(rows)
    assert found.keys() == hourly.keys()
    assert {key: samples for key, (_, samples) in found.items()} == {key: n for key, (_, n) in hourly.items()}
    assert {key: value for key, (value, _) in found.items()} == pytest.approx({k: v for k, (v, _) in hourly.items()})


def test_a_tool_that_stops_leaves_hours_of_0_and_one_that_is_called_seldom_gaps(signals):
    rows = signals[0].rows(
        "select component, metric_type, count(*) as hours, count(case when samples = 0 then 1 end) as silent, "
        "max(hour) as newest from summaries.hourly_signals where component in ('stopped', 'seldom', 'too seldom') "
        "and metric_type in ('error_rate', 'throughput') group by component, metric_type"
    )
    found = {(row["component"], row["metric_type"]): tuple(row.values())[2:] for row in rows}
    assert found == {
        # Its last call is 40 hours old; the hour of as_of is not over.
        ("stopped", "throughput"): (159, 39, LAST_HOUR - HOUR),
        ("stopped", "error_rate"): (120, 0, LAST_HOUR - 40 * HOUR),
        ("seldom", "throughput"): (199, 99, LAST_HOUR - HOUR),
        ("seldom", "error_rate"): (100, 0, LAST_HOUR - HOUR),
        ("too seldom", "throughput"): (99, 0, LAST_HOUR - HOUR),
        ("too seldom", "error_rate"): (99, 0, LAST_HOUR - HOUR),
    }


def test_hours_are_those_of_thirty_days_and_the_last_one_is_not_over(signals):
    rows = signals[0].rows(
        f"select hour, is_complete, metric_type, as_of from summaries.hourly_signals where {COUNTED}"
    )
    assert {row["as_of"] for row in rows} == {END}
    assert min(row["hour"] for row in rows) == LAST_HOUR - timedelta(days=30) + HOUR
    assert {row["hour"] for row in rows if not row["is_complete"]} == {LAST_HOUR}
    assert {row["metric_type"] for row in rows if row["hour"] == LAST_HOUR} >= {"error_rate", "latency"}
    assert not [row for row in rows if row["hour"] == LAST_HOUR and row["metric_type"] == "throughput"]


def test_a_signal_says_its_unit_what_is_worse_and_whether_it_is_a_rate(signals):
    rows = signals[0].rows(
        "select distinct component_kind, metric_type, unit, worse, is_rate from summaries.hourly_signals "
        "where component_kind in ('tool', 'integration')"
    )
    assert {(r["component_kind"], r["metric_type"]): (r["unit"], r["worse"], r["is_rate"]) for r in rows} == {
        ("tool", "response_time"): ("s", "up", False),
        ("tool", "error_rate"): ("share", "up", True),
        ("tool", "throughput"): ("executions", None, False),
        ("tool", "cost"): ("USD", "up", False),
        ("integration", "response_time"): ("ms", "up", False),
        ("integration", "error_rate"): ("share", "up", True),
        ("integration", "throughput"): ("events", None, False),
    }


def test_the_direction_that_is_worse_is_read_from_the_name_of_a_metric(signals):
    rows = signals[0].rows("select metric_name, metric_unit, worse from summaries.metric_signals")
    worse = {(row["metric_name"], row["metric_unit"]): row["worse"] for row in rows}
    assert worse["latency", "ms"] == "up"
    assert worse["cache_hit_rate", "ms"] == "down"
    assert worse["error_success_rate", "ms"] is None
    assert worse["young", "ms"] is None
    assert (worse["cpu", "percent"], worse["cpu", "share"], worse["cpu_capacity", "cores"]) == ("up", None, None)


def test_series_of_odd_names_tags_units_and_sources_are_signals_of_their_own(signals):
    rows = signals[0].rows(
        "select signal, unit, count(*) as hours, min(value) as value from summaries.hourly_signals "
        "where component = 'odd' group by signal, unit order by signal"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("metric/odd/cache_hit_rate", "ms", 1, 1.0),
        ("metric/odd/error_success_rate", "ms", 1, 1.0),
        ('metric/odd/free text, ünï\'s "x"', "ms", 1, 1.0),
        ("metric/odd/resized [gb]", "gb", 2, 1.0),
        ("metric/odd/resized [mb]", "mb", 3, 1000.0),
        ("metric/odd/slashed/name", "ms", 1, 1.0),
        ("metric/odd/unitless", None, 1, 1.0),
        ("metric/odd/unitless [ms]", "ms", 1, 2.0),
        ("metric/odd/watched from probe", "ms", 1, 1.0),
        ("metric/odd/watched from scope", "ms", 1, 2.0),
        ('metric/odd/zoned{"zone":"a"}', "ms", 1, 1.0),
        ('metric/odd/zoned{"zone":"b"}', "ms", 1, 2.0),
    ]
    # Without a component the system that sampled is one; what would be spelled alike gets a number.
    others = signals[0].rows(
        "select signal, component from summaries.metric_signals where metric_name in ('name', 'untagged') order by 1"
    )
    assert [tuple(row.values()) for row in others] == [
        ("metric/host-1/untagged", "host-1"),
        ("metric/odd/slashed/name #2", "odd/slashed"),
    ]


def test_an_hour_of_two_units_and_one_beyond_all_numbers_are_in_no_signal(signals):
    summaries = signals[0].rows(
        "select metric_name, hour, metric_unit, first_metric_unit from summaries.hourly_metrics "
        "where metric_name in ('huge', 'resized')"
    )
    mixed = [row["hour"] for row in summaries if row["metric_unit"] != row["first_metric_unit"]]
    assert len(mixed) == 1
    assert {"huge"} <= {row["metric_name"] for row in summaries}
    rows = signals[0].rows("select signal, hour from summaries.hourly_signals where metric_type in ('huge', 'resized')")
    assert len(rows) == 5
    assert mixed[0] not in {row["hour"] for row in rows}
    assert not [row for row in rows if "huge" in row["signal"]]
