"""Limits: which signal has one, whether it is beyond it, and when it will be."""

import numpy as np
import pytest
from scipy.stats import binom

from analytics_assets.lib.signal_limits import beyond, chance_of_rate, daily_rate, hours_to_limit, level, limit_of
from analytics_assets.pattern_thresholds import CAPACITY_LIMIT
from analytics_assets_tests.lib import signal_worlds
from analytics_assets_tests.lib.signal_worlds import ALERTS


@pytest.mark.parametrize(
    ("kind", "metric_type", "unit", "limit"),
    [
        ("metric", "cpu", "percent", 80.0),
        ("metric", "cpu_usage", "share", 0.8),
        ("metric", "memory", "%", 85.0),
        ("metric", "memory", "mb", None),
        ("metric", "cpu_capacity", "cores", None),
        ("metric", "disk", "percent", CAPACITY_LIMIT.value),
        ("metric", "network", "share", CAPACITY_LIMIT.value / 100),
        ("metric", "network", "mbit", None),
        ("metric", "disk_free", "percent", None),
        ("metric", "network_error_rate", "share", 0.05),
        ("metric", "api_latency_p95_ms", "ms", 2000.0),
        ("metric", "latency", None, None),
        ("metric", "api_error_rate", "share", 0.05),
        ("integration", "response_time", "ms", 2000.0),
        ("integration", "error_rate", "share", 0.05),
        ("tool", "error_rate", "share", 0.05),
        ("tool", "response_time", "s", None),
        ("runs", "error_rate", "share", None),
        ("pipeline", "response_time", "s", None),
    ],
)
def test_a_limit_is_that_of_what_is_measured_in_its_unit(kind, metric_type, unit, limit):
    assert limit_of(kind, metric_type, unit, ALERTS) == pytest.approx(limit)


def cpu(values):
    return signal_worlds.metric(values, "cpu", unit="percent")


def test_more_hours_than_not_must_be_beyond():
    over = beyond(cpu(np.r_[np.full(90, 40.0), np.full(20, 91.0)]), ALERTS)
    assert (over.limit, over.value) == (80.0, 91.0)
    # Of 24 hours 20, where half is usual: Chernoff's bound of the binomial tail.
    assert binom.sf(19, 24, 0.5) < 1 - over.confidence < 20 * binom.sf(19, 24, 0.5)
    assert over.said == "cpu of api is beyond 80 % in 20 of the last 24 measured hours (median 91 %)"


@pytest.mark.parametrize(
    ("hours", "begins"),
    [
        (np.r_[np.full(90, 40.0), np.full(30, 91.0)], 90),
        (np.r_[np.full(90, 40.0), np.full(5, 91.0), np.full(40, 40.0), np.full(40, 91.0)], 135),
        (np.r_[np.full(90, 40.0), np.tile([91.0, 91.0, 91.0, 91.0, 91.0, 40.0], 10)], 90),
        (np.full(200, 91.0), None),
    ],
    ids=["once", "again", "with usual hours between", "since before the window"],
)
def test_it_began_with_the_first_hour_beyond_since_there_was_one_each_day(hours, begins):
    found = beyond(cpu(hours), ALERTS)
    assert found.starts_at == (None if begins is None else signal_worlds.times(len(hours))[begins].item())


@pytest.mark.parametrize("usual", [0, 1], ids=["nothing failed before", "single calls failed each day before"])
def test_a_rate_began_with_the_first_day_beyond(usual):
    failures = np.r_[np.zeros(60), np.full(48, 2)]
    failures[:60:15] = usual
    over = beyond(signal_worlds.error_rate(failures, np.full(108, 10)), ALERTS)
    # Of the 240 calls of a day more than 12 have failed then.
    assert over.starts_at == signal_worlds.times(108)[66 - usual].item()


def test_the_rate_of_a_day_is_that_of_all_its_calls():
    failures, calls = signal_worlds.calls(1, count=200)
    signal = signal_worlds.error_rate(failures, calls)
    found = daily_rate(signal.series)
    for place in (30, 100, len(found) - 1):
        is_of_day = signal.series.times > signal.series.times[place] - np.timedelta64(24, "h")
        own = np.flatnonzero(is_of_day[: place + 1])
        hits = (signal.series.values * signal.series.samples)[own].sum()
        assert found.values[place] == pytest.approx(hits / signal.series.samples[own].sum())


@pytest.mark.parametrize("resource", ["disk", "network"])
def test_a_resource_that_is_full_is_beyond_its_limit(resource):
    full = beyond(signal_worlds.metric(np.full(100, 100.0), resource, unit="percent"), ALERTS)
    assert full.said == f"{resource} of api is beyond 80 % in 24 of the last 24 measured hours (median 100 %)"
    assert beyond(signal_worlds.metric(np.full(100, 79.0), resource, unit="percent"), ALERTS) is None


@pytest.mark.parametrize("hours", [1, 4, 14], ids="{} hours".format)
def test_a_burst_is_no_level(hours):
    assert beyond(cpu(np.r_[np.full(90, 40.0), np.full(hours, 95.0)]), ALERTS) is None


def test_an_error_rate_is_beyond_when_even_its_lower_end_is():
    calls = np.full(48, 10)
    bad = signal_worlds.error_rate(np.full(48, 2), calls)
    over = beyond(bad, ALERTS)
    assert over.value == pytest.approx(0.2)
    assert over.confidence > 0.99
    assert "is 20 % (48 of 240, at least 15.4 %) in the last 24 hours; the limit is 5 %" in over.said
    few = np.zeros(48)
    few[-1] = 1
    assert beyond(signal_worlds.error_rate(few, calls), ALERTS) is None


@pytest.mark.parametrize(("failures", "is_beyond"), [(9, False), (10, True)])
def test_one_failure_of_one_call_is_above_no_limit(failures, is_beyond):
    hours = np.zeros(24)
    hours[-failures:] = 1
    assert (beyond(signal_worlds.error_rate(hours, hours), ALERTS) is not None) == is_beyond


def test_a_rate_is_that_of_all_its_calls_not_the_mean_of_hours():
    failures, calls = np.r_[np.zeros(23), 1], np.r_[np.full(23, 100), 1]
    assert level(signal_worlds.error_rate(failures, calls)).value == pytest.approx(1 / 2301)


SILENT = signal_worlds.times(50) - np.timedelta64(3, "D")


@pytest.mark.parametrize(
    "signal",
    [
        cpu([]),
        cpu([95.0]),
        cpu(np.full(50, np.nan)),
        signal_worlds.metric(np.full(50, 95.0), "cpu", unit="percent", at=SILENT),
        signal_worlds.metric(np.full(50, 1e9), "queue_depth", unit="items"),
    ],
    ids=["no hour", "one hour", "not measured", "silent for days", "no limit"],
)
def test_what_cannot_be_said_is_no_excess(signal):
    assert beyond(signal, ALERTS) is None


@pytest.mark.parametrize(
    ("value", "limit", "slope", "hours"),
    [
        (70.0, 80.0, 1.0, 240.0),
        (70.0, 80.0, -1.0, None),
        (80.0, 80.0, 1.0, None),
        (70.0, None, 1.0, None),
        (70.0, 80.0, 0.3, None),
    ],
    ids=["rises", "falls", "is there", "no limit", "later than it was seen"],
)
def test_the_horizon_is_as_long_as_the_trend_was_seen_at_most(value, limit, slope, hours):
    assert hours_to_limit(value, limit, slope, days=28) == hours


@pytest.mark.parametrize(("failures", "calls"), [(1, 10), (4, 20), (12, 40), (30, 200)])
def test_the_chance_of_a_rate_is_no_smaller_than_the_exact_one(failures, calls):
    exact = binom.sf(failures - 1, calls, 0.05)
    assert exact <= chance_of_rate(failures / calls, 0.05, calls) <= 20 * exact
