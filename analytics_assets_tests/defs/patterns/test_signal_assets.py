"""Anomalies, trends, lasting changes and the patterns of signals: tables and checks."""

import dataclasses
import json
import shutil
from datetime import timedelta

import numpy as np
import pytest

from analytics_assets.defs.patterns import anomalies as anomaly_table
from analytics_assets.defs.patterns import metric_patterns as metric_table
from analytics_assets.defs.patterns import performance_patterns as performance_table
from analytics_assets.defs.patterns import signal_changes as changes
from analytics_assets.defs.patterns.signal_tables import Hours, note_signals
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.lib.signal_patterns import Tables
from analytics_assets_tests.defs.patterns.conftest import Tracker, called
from analytics_assets_tests.defs.patterns.signal_hours import measure, planted
from analytics_assets_tests.lib import signal_worlds
from analytics_assets_tests.lib.signal_worlds import AS_OF

CHECKS = (
    anomaly_table.anomalies_lie_outside_their_band,
    anomaly_table.ongoing_anomalies_reach_the_end,
    anomaly_table.episodes_do_not_overlap,
    anomaly_table.high_anomalies_have_two_families,
    changes.directions_are_significant,
    changes.every_trend_is_answered,
    changes.trend_p_values_are_sound,
    changes.shifts_lie_within_the_window,
    changes.shift_p_values_are_sound,
    metric_table.metric_patterns_are_one_of_a_type,
    performance_table.performance_patterns_are_one_of_a_type,
)
GROUNDED = (metric_table.metric_patterns_have_grounds, performance_table.performance_patterns_have_grounds)


def compute(tracker):
    """All five tables, written in the order of a refresh."""
    tables = {
        asset.key.path[-1]: tracker.written(asset)
        for asset in (anomaly_table.anomalies, changes.trends, changes.level_shifts)
    }
    given = {name: tables[name] for name in ("anomalies", "trends")}
    for asset in (metric_table.metric_patterns, performance_table.performance_patterns):
        tables[asset.key.path[-1]] = tracker.written(asset, **given)
    return tables


def verdicts(tables, tracker):
    """Each check of these tables, by its name."""
    found = {}
    for check in (*CHECKS, *GROUNDED):
        name = next(iter(check.check_keys)).asset_key.path[-1]
        given = {"warehouse": tracker.warehouse} if check in GROUNDED else {}
        found[next(iter(check.check_keys)).name] = called(check, **{name: tables[name]}, **given).passed
    return found


@pytest.fixture(scope="module")
def shared(empty_folder, tmp_path_factory):
    """The planted warehouse with its tables, computed once; nobody changes it."""
    folder = shutil.copytree(empty_folder, tmp_path_factory.mktemp("signals"), dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANALYTICS_DATA_DIR", str(folder))
        tracker = measure(Tracker(WarehouseResource()), planted())
        yield tracker, compute(tracker)


def test_what_is_planted_is_in_its_table_and_becomes_a_pattern(shared):
    tracker, tables = shared
    burst = tables["anomalies"].set_index("signal").loc[["metric/api/api_latency_p95_ms"]].iloc[0]
    assert burst["starts_at"] == signal_worlds.times()[-100].item()
    assert burst["ends_at"] - burst["starts_at"] == timedelta(hours=4)
    trends = tables["trends"].set_index("signal")
    assert list(trends[trends["is_significant"].fillna(value=False)].index) == ["metric/api/disk"]
    assert len(trends) == len(planted())
    shifts = tables["level_shifts"]
    assert "tool/web_fetch/error_rate" in set(shifts[shifts["is_significant"]]["signal"])
    metrics = set(zip(tables["metric_patterns"]["pattern_type"], tables["metric_patterns"]["subject"], strict=True))
    assert {("metric_anomaly", "metric/api/api_latency_p95_ms"), ("metric_trend", "metric/api/disk")} <= metrics
    others = tables["performance_patterns"].set_index("pattern_type")
    assert others.loc["degradation", "subject"] == "tool/web_fetch/error_rate"
    assert others.loc["degradation", "impact_severity"] == "critical"
    # The band knows an error rate of 3 %; for ten days it was 30.
    assert 0.5 < others.loc["degradation", "prediction_accuracy"] < 0.9
    assert json.loads(others.loc["degradation", "affected_components"]) == ["web_fetch"]
    assert (tables["metric_patterns"]["as_of"] == AS_OF).all()
    assert all(verdicts(tables, tracker).values())


@pytest.mark.parametrize(
    "signals",
    [
        [],
        [signal_worlds.metric([240.0])],
        [signal_worlds.metric(np.full(700, 7.0))],
        [
            signal_worlds.metric(
                signal_worlds.seasonal(1), "ü 'x'\n{a=\"b\"}", component="ä>ö/😀", unit=None, worse=None
            )
        ],
    ],
    ids=["no signal", "one hour", "constant", "odd characters"],
)
def test_where_nothing_can_be_said_the_tables_are_there_and_every_check_passes(tracker, signals):
    tables = compute(measure(tracker, signals))
    assert len(tables["trends"]) == len(signals)
    assert len(tables["level_shifts"]) == len(tables["metric_patterns"]) == 0
    assert all(verdicts(tables, tracker).values())


def test_hours_that_go_on_are_no_low_throughput(tracker):
    values = np.full(signal_worlds.HOURS, 40.0) + np.random.default_rng(0).poisson(9, signal_worlds.HOURS)
    values[-1] = 1
    measure(tracker, [signal_worlds.metric(values, "throughput", unit="calls", worse=None)])
    assert len(tracker.written(anomaly_table.anomalies)) == 0
    tracker.execute("update summaries.hourly_signals set is_complete = true")
    (row,) = tracker.written(anomaly_table.anomalies).to_dict("records")
    assert (row["direction"], row["is_ongoing"]) == ("below", True)


def test_beyond_so_many_signals_the_shortest_are_left_out_and_told(tracker, monkeypatch):
    monkeypatch.setenv("ANALYTICS_PATTERN_SIGNALS", "3")
    short = [signal_worlds.metric(signal_worlds.seasonal(seed, count=100), f"short_{seed}") for seed in range(4)]
    measure(tracker, [*short, *signal_worlds.noise(range(2))])
    result = tracker.result(changes.trends)
    assert list(result.value["signal"]) == ["metric/api/metric_0", "metric/api/metric_1", "metric/api/short_0"]
    assert result.metadata["left_out"].value == "3: metric/api/short_1, metric/api/short_2, metric/api/short_3"
    compute(tracker)
    notes = tracker.execute("select source, subjects, examined, left_out from patterns.coverage_notes order by source")
    assert notes[0][:3] == ("patterns.metric_patterns", 3, 3)
    assert json.loads(notes[0][3]) == ["metric/api/short_1", "metric/api/short_2", "metric/api/short_3"]
    assert notes[1] == ("patterns.performance_patterns", 0, 0, "[]")


def test_the_bound_on_signals_is_no_failure_with_ten_thousand_names(tracker):
    names = [f"metric/api/name_{n}" for n in range(10_000)]
    hours = Hours(signal_worlds.noise(range(3)), names)
    with tracker.warehouse.get_connection() as con:
        note_signals(con, "patterns.metric_patterns", hours, Tables(), is_metric=True)
    ((subjects, examined, left_out),) = tracker.execute(
        "select subjects, examined, left_out from patterns.coverage_notes"
    )
    assert (subjects, examined) == (3, 3)
    assert set(json.loads(left_out)) == set(names)


def test_who_falls_silent_does_not_resolve_its_own_pattern(tracker):
    day = np.timedelta64(26, "h")
    values = signal_worlds.seasonal(1)
    silent = signal_worlds.metric(values, "cpu", at=signal_worlds.times() - day)
    failures, calls = signal_worlds.calls(2)
    stale = dataclasses.replace(signal_worlds.error_rate(failures, calls, "old"), is_stale=True)
    old = dataclasses.replace(stale, as_of=AS_OF - timedelta(days=9))
    measure(tracker, [silent, signal_worlds.metric(values), signal_worlds.error_rate(failures, calls), old])
    compute(tracker)
    notes = tracker.execute("select left_out, as_of, subjects, examined from patterns.coverage_notes order by source")
    assert notes == [('["metric/api/cpu"]', AS_OF, 2, 2), ('["tool/old/error_rate"]', AS_OF, 2, 2)]


def test_a_signal_without_an_hour_left_holds_its_patterns(tracker):
    (read,) = signal_worlds.noise([1])
    subjects = [read.name, "metric/gone/cpu", f"metric/gone/cpu -> {read.name}"]
    tracker.execute("create table patterns.detected_patterns (source varchar, subject varchar, is_active boolean)")
    for source, subject, is_active in (
        *(("patterns.metric_patterns", subject, True) for subject in subjects),
        ("patterns.metric_patterns", "metric/over/cpu", False),
        ("patterns.performance_patterns", "tool/other/cost", True),
    ):
        tracker.execute("insert into patterns.detected_patterns values (?, ?, ?)", [source, subject, is_active])
    with tracker.warehouse.get_connection() as con:
        note_signals(con, "patterns.metric_patterns", Hours([read], []), Tables(), is_metric=True)
    ((left_out,),) = tracker.execute("select left_out from patterns.coverage_notes")
    assert json.loads(left_out) == subjects[1:]


def test_a_lead_of_a_signal_that_is_left_out_is_left_out(tracker):
    leads = [{"leader": "metric/a/x", "follower": "metric/b/y"}, {"leader": "metric/c/z", "follower": "metric/b/y"}]
    hours = Hours(signal_worlds.noise(range(1)), ["metric/a/x"])
    with tracker.warehouse.get_connection() as con:
        note_signals(con, "patterns.metric_patterns", hours, Tables(signal_leads=leads), is_metric=True)
    ((left_out,),) = tracker.execute("select left_out from patterns.coverage_notes")
    assert set(json.loads(left_out)) == {"metric/a/x", "metric/a/x -> metric/b/y"}


def test_a_lead_of_the_schedule_becomes_a_pattern_and_its_table_may_be_missing(shared):
    tracker, tables = shared
    assert "metric_lead" not in set(tables["metric_patterns"]["pattern_type"])
    tracker.execute(
        "create table patterns.signal_leads as select 'metric/api/disk' as leader, 'metric/api/metric_10' as follower, "
        "3 as lag_hours, 600 as n, 0.8 as correlation, 0.001 as p_adjusted, true as is_significant, "
        "'leads' as direction, ?::timestamp as as_of, false as is_stale",
        [AS_OF],
    )
    given = {name: tables[name] for name in ("anomalies", "trends")}
    frame = tracker.result(metric_table.metric_patterns, **given).value
    (lead,) = frame[frame["pattern_type"] == "metric_lead"].to_dict("records")
    assert (lead["subject"], lead["prediction_horizon"]) == ("metric/api/disk -> metric/api/metric_10", 3.0)
    assert json.loads(lead["metric_names"]) == ["disk", "metric_10"]


FAULTS = {
    "anomalies_lie_outside_their_band": ("anomalies", {"value": 240.0, "upper": 300.0, "direction": "above"}),
    "ongoing_anomalies_reach_the_end": ("anomalies", {"is_ongoing": True}),
    "high_anomalies_have_two_families": ("anomalies", {"severity": "HIGH", "expected_by_chance": 2.0}),
    "directions_are_significant": ("trends", {"trend_direction": "decreasing", "is_significant": False}),
    "every_trend_is_answered": ("trends", {"trend_direction": None, "reason": None}),
    "trend_p_values_are_sound": ("trends", {"p_value": 2.0}),
    "shifts_lie_within_the_window": ("level_shifts", {"n_after": 0}),
    "shift_p_values_are_sound": ("level_shifts", {"p_adjusted": -1.0}),
    "metric_patterns_have_grounds": ("metric_patterns", {"subject": "metric/gone", "pattern_type": "metric_trend"}),
    "performance_patterns_have_grounds": ("performance_patterns", {"subject": "tool/x", "pattern_type": "degradation"}),
    "performance_patterns_are_one_of_a_type": (
        "performance_patterns",
        {"pattern_type": "improvement", "impact_severity": "high"},
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_check_fails_on_what_it_is_there_for(shared, name):
    tracker, computed = shared
    table, fault = FAULTS[name]
    frame = computed[table].copy()
    for column, value in fault.items():
        frame.loc[0, column] = value
    told = verdicts(computed | {table: frame}, tracker)
    assert not told[name]


def test_what_one_family_says_is_not_high(shared):
    tracker, computed = shared
    alone = computed["anomalies"].assign(severity="HIGH", families='["season"]', expected_by_chance=0.0)
    assert not verdicts(computed | {"anomalies": alone}, tracker)["high_anomalies_have_two_families"]


def test_episodes_that_share_an_hour_and_patterns_of_one_id_fail(shared):
    tracker, computed = shared
    twice = {name: frame.loc[[0, 0]].reset_index(drop=True) for name, frame in computed.items()}
    told = verdicts(computed | twice, tracker)
    assert not told["episodes_do_not_overlap"]
    assert not told["metric_patterns_are_one_of_a_type"]
    assert not told["performance_patterns_are_one_of_a_type"]
