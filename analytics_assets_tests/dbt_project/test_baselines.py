"""Baselines hold the hours they name, and the last day is compared with them as its numbers allow."""

from __future__ import annotations

import json
import math
import statistics
from datetime import timedelta

import pytest

from analytics_assets.thresholds import dbt_vars
from analytics_assets_tests.dbt_project.run_history import percentile
from analytics_assets_tests.dbt_project.signal_history import END, HOUR, LAST_HOUR

TYPES = ("daily", "weekly", "monthly", "seasonal")
WEEK = timedelta(days=7)
LAST = {LAST_HOUR - n * HOUR for n in range(24)}


def _series(hourly):
    """Signal -> hour -> value and samples."""
    found = {}
    for (signal, hour), measured in hourly.items():
        found.setdefault(signal, {})[hour] = measured
    return found


def _hours_of(baseline, first):
    """The hours of a baseline by their definition, given the first one that the signal has."""
    before = {min(LAST) - n * HOUR for n in range(1, 28 * 24 + 1)}
    if baseline == "seasonal" and first <= min(LAST) - 2 * WEEK:
        return {hour - n * WEEK for hour in LAST for n in range(1, 5)}
    days = {"daily": 1, "weekly": 7}.get(baseline, 28)
    return {hour for hour in before if hour >= min(LAST) - timedelta(days=days)}


def _mean(measured, is_rate):
    if is_rate:
        return sum(value * n for value, n in measured) / sum(n for _, n in measured)
    return statistics.fmean(value for value, _ in measured)


def _expected(hourly):
    """(signal, type) -> measured hours of the baseline and how many it could have."""
    found = {}
    for signal, hours in _series(hourly).items():
        for baseline in TYPES:
            wanted = _hours_of(baseline, min(hours))
            measured = [hours[hour] for hour in sorted(wanted & hours.keys())]
            if measured:
                found[signal, baseline] = (measured, len(wanted))
    return found


@pytest.fixture(scope="module")
def baselines(signals):
    rows = signals[0].rows(
        "select * from profiles.performance_baselines where component_kind <> 'metric' or component_name = 'api'"
    )
    return {(row["signal"], row["baseline_type"]): row for row in rows}


@pytest.fixture(scope="module")
def analytics(signals):
    rows = signals[0].rows(
        "select * from kpis.performance_analytics where component_kind <> 'metric' or component_name = 'api'"
    )
    return {(row["signal"], row["baseline_type"]): row for row in rows}


def test_every_baseline_is_what_its_hours_make(signals, baselines):
    expected = _expected(signals[1])
    assert baselines.keys() == expected.keys()
    for key, (measured, wanted) in expected.items():
        row, values = baselines[key], [value for value, _ in measured]
        samples = sum(n for _, n in measured)
        assert (row["hours"], row["sample_size"]) == (len(measured), samples), key
        assert row["baseline_value"] == pytest.approx(_mean(measured, row["is_rate"])), key
        assert row["confidence_level"] == pytest.approx(len(measured) / wanted * min(1, samples / 30)), key
        metrics = json.loads(row["baseline_metrics"])
        assert list(metrics) == sorted(metrics)
        assert metrics == pytest.approx(
            {
                "hours": len(values),
                "max": max(values),
                "mean": statistics.fmean(values),
                "median": statistics.median(values),
                "min": min(values),
                "p95": percentile(values, 0.95),
                "sd": statistics.stdev(values) if len(values) > 1 else None,
            }
        ), key
        # The records end long before the clock of the build.
        assert not row["is_active"], key


def test_a_baseline_ends_where_the_last_day_begins_and_is_valid_after_it_for_as_long_as_it_reaches_back(baselines):
    days = {"daily": 1, "weekly": 7, "monthly": 28, "seasonal": 28}
    for (_, baseline), row in baselines.items():
        assert row["established_at"] == min(LAST)
        assert row["valid_until"] == max(LAST) + HOUR + timedelta(days=days[baseline])
        assert row["as_of"] == END


def test_a_baseline_says_what_it_lacks(baselines):
    reasons = {key: row["reason"] for key, row in baselines.items() if key[0].startswith("metric/api/")}
    assert reasons["metric/api/flat", "monthly"] is None
    assert reasons["metric/api/flat", "seasonal"] is None
    assert reasons["metric/api/young", "weekly"] == "Hourly summaries reach 96 of 168 hours back."
    assert reasons["metric/api/young", "monthly"] == "Hourly summaries reach 96 of 672 hours back."
    assert reasons["metric/api/young", "daily"] is None
    short = f"Under {dbt_vars()['season_min_days']} days of history: all hours stand for those of the week."
    assert reasons["metric/api/young", "seasonal"] == short
    # Behind the last day.
    assert reasons["metric/api/hardly two weeks", "seasonal"] == short
    assert reasons["metric/api/two weeks", "seasonal"] == "Hourly summaries reach 336 of 672 hours back."
    assert reasons["metric/api/rare", "monthly"] == "Only 6 of 672 hours have a sample."


def test_every_signal_is_compared_with_every_baseline(signals, analytics):
    expected = _expected(signals[1])
    series = _series(signals[1])
    alive = {signal for signal, hours in series.items() if LAST & hours.keys()}
    assert analytics.keys() == {
        (signal, kind) for signal in alive | {signal for signal, _ in expected} for kind in TYPES
    }
    for (signal, kind), row in analytics.items():
        last = [series[signal][hour] for hour in LAST & series[signal].keys()]
        measured, _ = expected.get((signal, kind), ([], 0))
        is_rate = signal.endswith("/error_rate")
        now = _mean(last, is_rate) if last else None
        before = _mean(measured, is_rate) if measured else None
        assert (row["current_value"], row["baseline_value"]) == pytest.approx((now, before)), (signal, kind)
        assert row["current_samples"] == sum(n for _, n in last)
        assert row["baseline_samples"] == (sum(n for _, n in measured) if measured else None)
        if now is None or before is None or before == 0:
            assert row["performance_delta"] is None
            assert row["reason"]
        else:
            assert row["performance_delta"] == pytest.approx(100 * (now - before) / abs(before))
        assert [row["z"]] == pytest.approx([_z(last, measured, is_rate)]), (signal, kind)


def _z(last, measured, is_rate):
    """Two proportions, or Welch's t over the hours; None where there is no error to divide by."""
    if is_rate and last and measured:
        n, m = (sum(count for _, count in part) for part in (last, measured))
        p, q = _mean(last, True), _mean(measured, True)
        pooled = (p * n + q * m) / (n + m)
        error = math.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m)) if 0 < pooled < 1 else 0.0
    elif len(last) > 1 and len(measured) > 1:
        parts = [(statistics.variance([value for value, _ in part]), len(part)) for part in (last, measured)]
        error = math.sqrt(sum(variance / count for variance, count in parts))
    else:
        return None
    return (_mean(last, is_rate) - _mean(measured, is_rate)) / error if error else None


def test_silent_new_flat_and_zero_signals_say_why_there_is_no_change(analytics):
    def told(name, kind="weekly"):
        row = analytics[f"metric/api/{name}", kind]
        return [row[column] for column in ("current_value", "performance_delta", "is_worse", "z", "reason")]

    assert told("silent") == [None, None, None, None, "No hour of the last 24 has a sample."]
    assert analytics["metric/api/silent", "weekly"]["current_samples"] == 0
    assert told("new")[1:] == [None, None, None, "No hour of the baseline has a sample."]
    assert told("flat") == [3.0, 0.0, None, None, None]
    # Of two hours of the last day one is known: nothing is known of how they vary.
    assert told("zero") == [1.0, None, None, None, "The baseline is 0, of which nothing is a percentage."]


def test_worse_is_what_lies_on_the_worse_side_by_more_than_chance(analytics):
    for (signal, _), row in analytics.items():
        context = json.loads(row["context_metadata"])
        hours = min(context["current_hours"] or 0, context["baseline_hours"] or 0)
        is_known = signal.endswith(("/error_rate", "/response_time", "/cost", "/latency"))
        if row["z"] is None or hours < 12 or not is_known:
            assert row["is_worse"] is None, signal
        else:
            assert row["is_worse"] == (row["z"] > dbt_vars()["worse_min_errors"]), signal
    of_latency = {kind: row["is_worse"] for (signal, kind), row in analytics.items() if signal.endswith("/latency")}
    # Of the last day a part was planted far above what was usual; all else is noise, of which half lies above.
    assert of_latency == dict.fromkeys(TYPES, True)
    others = [row for row in analytics.values() if row["metric_type"] != "latency"]
    assert True not in {row["is_worse"] for row in others}
    assert [row for row in others if row["is_worse"] is False and row["z"] > 0]
    # Two or three hours are alike by chance.
    few = [row for row in others if row["is_worse"] is None and row["metric_type"] in ("cost", "response_time")]
    assert [row for row in few if row["z"] is not None and row["z"] > dbt_vars()["worse_min_errors"]]


def test_a_tool_that_stopped_has_a_throughput_of_0_against_what_was_usual(analytics):
    row = analytics["tool/stopped/throughput", "weekly"]
    assert (row["current_value"], row["current_samples"], row["performance_delta"]) == (0, 0, -100)
    assert row["z"] < -dbt_vars()["worse_min_errors"]
    assert analytics["tool/stopped/throughput", "daily"]["baseline_samples"] == 8


def test_context_says_what_both_values_rest_on(analytics):
    for row in analytics.values():
        context = json.loads(row["context_metadata"])
        assert list(context) == sorted(context)
        assert context["z_rests_on"] == ("samples" if row["metric_type"] == "error_rate" else "hours")
        assert (context["baseline_hours"] is None) == (row["baseline_value"] is None)
        assert (context["current_hours"] is None) == (row["current_value"] is None)
