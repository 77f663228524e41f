"""Patterns of signals: what holds of the rows that were found."""

import json
from datetime import timedelta

import numpy as np
import pytest

from analytics_assets.lib.pattern_rows import metric_rows, performance_rows
from analytics_assets.lib.signal_patterns import Tables, signal_patterns
from analytics_assets_tests.lib.signal_worlds import ALERTS, AS_OF, error_rate, metric

LATENCY = metric(np.full(100, 240.0))
CPU = metric(np.full(100, 60.0), "cpu", unit="percent")
FETCH = error_rate(np.full(100, 3), np.full(100, 10))
SIGNALS = (LATENCY, CPU, FETCH)


def anomaly(signal=LATENCY, **more):
    row = {
        **signal.key,
        "id": "1",
        "starts_at": AS_OF - timedelta(days=2),
        "ends_at": AS_OF - timedelta(days=1),
        "hours": 4,
        "is_ongoing": False,
        "value": 480.0,
        "expected": 240.0,
        "lower": 200.0,
        "upper": 280.0,
        "score": 3.0,
        "direction": "above",
        "detectors": '["cusum", "seasonal_deviation"]',
        "severity": "HIGH",
        "expected_by_chance": 0.1,
        "is_worse": True,
        "reason": "latency was high",
        **signal.ends,
    }
    return row | more


def trend(signal=CPU, **more):
    row = {
        **signal.key,
        "trend_direction": "increasing",
        "slope_per_day": 1.0,
        "slope_low": 0.8,
        "slope_high": 1.2,
        "days": 28,
        "p_adjusted": 0.001,
        "is_significant": True,
        "mean": 50.0,
        "volatility": 0.1,
        "is_worse": True,
        **signal.ends,
    }
    return row | more


def shift(signal=FETCH, **more):
    row = {
        **signal.key,
        "changed_at": AS_OF - timedelta(days=9),
        "before": 0.03,
        "after": 0.3,
        "ratio": 10.0,
        "difference": 0.27,
        "n_before": 400,
        "n_after": 200,
        "p_adjusted": 0.0001,
        "is_significant": True,
        "is_worse": True,
        "algorithm": "pelt",
        **signal.ends,
    }
    return row | more


def lead(**more):
    row = {
        "leader": CPU.name,
        "follower": LATENCY.name,
        "lag_hours": 3,
        "n": 600,
        "correlation": 0.88,
        "p_adjusted": 0.005,
        "is_significant": True,
        "direction": "leads",
        "as_of": AS_OF,
        "is_stale": False,
    }
    return row | more


def held(*, is_metric=True, signals=SIGNALS, **tables):
    return signal_patterns(Tables(**tables), signals, ALERTS, is_metric=is_metric)


def test_nothing_found_is_no_pattern():
    assert held(signals=(LATENCY, CPU)) == []


def test_an_anomaly_that_was_within_a_week_is_a_pattern_with_its_figures():
    (one,) = held(anomalies=[anomaly()])
    assert (one.pattern_type, one.subject, one.location) == ("metric_anomaly", LATENCY.name, "above")
    assert one.pattern_name == "latency was high (4 hours from 2026-03-02 12:30 UTC)"
    assert (one.significance_score, one.strength, one.strength_unit) == (0.5, 240.0, "ms")
    assert one.more["anomaly_score"] == 0.75
    assert one.last_observed_at == AS_OF - timedelta(days=1)
    assert json.loads(one.more["pattern_signature"])["episodes"] == ["1"]


def test_of_several_episodes_the_worst_is_the_pattern_and_the_newest_is_when_it_was_seen():
    newer = {"severity": "MEDIUM", "score": 9.0, "starts_at": AS_OF - timedelta(hours=2), "ends_at": None}
    (one,) = held(anomalies=[anomaly(), anomaly(id="2", is_ongoing=True, **newer)])
    assert one.starts_at == AS_OF - timedelta(days=2)
    assert one.last_observed_at == AS_OF
    assert json.loads(one.more["pattern_signature"])["episodes"] == ["1", "2"]


@pytest.mark.parametrize(
    "more", [{"severity": "LOW"}, {"expected_by_chance": 9.0}], ids=["one detector just noticed it", "no rare value"]
)
def test_what_is_weak_is_no_pattern(more):
    assert held(anomalies=[anomaly(**more)]) == []


@pytest.mark.parametrize(
    ("ended", "more", "is_pattern"),
    [
        (timedelta(days=13), {}, True),
        (timedelta(days=13), {"severity": "MEDIUM"}, False),
        (timedelta(days=13), {"is_worse": False}, False),
        (timedelta(days=13), {"is_worse": None}, False),
        (timedelta(hours=24), {"severity": "MEDIUM", "is_worse": False}, True),
        (timedelta(hours=25), {"severity": "MEDIUM"}, False),
        (None, {"severity": "MEDIUM", "is_worse": False, "is_ongoing": True}, True),
    ],
    ids=["HIGH and worse", "MEDIUM", "better", "not known", "ended a day ago", "and an hour", "lasts"],
)
def test_what_is_over_is_a_pattern_for_a_day_or_as_long_as_harm_is_asked_for(ended, more, is_pattern):
    ends_at = None if ended is None else AS_OF - ended
    row = anomaly(ends_at=ends_at, starts_at=AS_OF - timedelta(days=13, hours=4), **more)
    assert bool(held(anomalies=[row])) == is_pattern


def test_an_episode_that_is_worth_no_look_is_none_of_its_signals_pattern():
    old = anomaly(id="2", severity="MEDIUM", score=99.0, ends_at=AS_OF - timedelta(days=9))
    (one,) = held(anomalies=[anomaly(), old])
    assert json.loads(one.more["pattern_signature"])["episodes"] == ["1"]


def test_a_trend_tells_when_its_signal_is_at_its_limit():
    (one,) = held(trends=[trend()])
    assert (one.pattern_type, one.location, one.strength_unit) == ("metric_trend", "increasing", "percent a day")
    assert one.pattern_name == "cpu of api rises by 1 % a day (0.8 % to 1.2 %) over 28 days; at its limit in 20.0 days"
    assert one.more["prediction_horizon"] == 480.0
    falling = trend(trend_direction="decreasing", slope_per_day=-1.0, slope_low=-1.2, slope_high=-0.8)
    (other,) = held(trends=[falling])
    assert other.pattern_name == "cpu of api falls by 1 % a day (0.8 % to 1.2 %) over 28 days"
    assert other.more["prediction_horizon"] is None


def test_a_change_holds_while_the_signal_is_nearer_to_after():
    (one, *_) = held(is_metric=False, level_shifts=[shift()])
    assert (one.pattern_type, one.pattern_category, one.topic) == ("degradation", "error", "failure_mode")
    assert one.pattern_name == ("error rate of tool web_fetch went from 3 % to 30 % at 2026-02-23 12:30 UTC; now 30 %")
    assert one.significance_score == pytest.approx(0.9)
    back = error_rate(np.zeros(100), np.full(100, 10))
    assert held(is_metric=False, level_shifts=[shift()], signals=(back,)) == []


def test_what_rises_steadily_has_a_trend_and_no_change():
    change = shift(CPU, before=46.0, after=60.0, n_before=336, n_after=336)
    (both,) = [
        one for one in held(level_shifts=[change], trends=[trend(slope_per_day=0.1)]) if "shift" in one.pattern_type
    ]
    assert both.pattern_type == "metric_level_shift"
    assert [one.pattern_type for one in held(level_shifts=[change], trends=[trend()])] == ["metric_trend"]


@pytest.mark.parametrize(
    ("is_worse", "kind"), [(True, "degradation"), (False, "improvement"), (None, "performance_level_shift")]
)
def test_a_change_is_named_by_whether_it_is_trouble(is_worse, kind):
    types = [one.pattern_type for one in held(is_metric=False, level_shifts=[shift(is_worse=is_worse)])]
    assert kind in types


def test_what_is_beyond_its_limit_is_a_pattern():
    (one,) = held(is_metric=False)
    assert (one.pattern_type, one.detection_algorithm) == (
        "performance_threshold",
        "threshold monitor, Wilson interval",
    )
    assert one.strength == pytest.approx(0.25)
    assert one.starts_at is None
    calm = error_rate(np.r_[np.zeros(50), np.full(50, 3)], np.full(100, 10))
    (one,) = held(is_metric=False, signals=(calm,))
    # From then on more than a twentieth of a day's calls had failed.
    assert one.starts_at == calm.series.times[54].item()


def test_a_lead_is_of_a_pair_and_says_how_far_ahead_it_tells():
    (one,) = held(signal_leads=[lead()])
    assert one.subject == "metric/api/cpu -> metric/api/api_latency_p95_ms"
    assert one.pattern_name == "cpu of api leads api_latency_p95_ms of api by 3 hours (r = 0.88)"
    assert (one.more["prediction_horizon"], one.topic) == (3.0, "response_time_degradation")


@pytest.mark.parametrize(
    "row",
    [lead(is_significant=False), lead(direction="together"), lead(leader="metric/gone/x"), lead(correlation=-0.29)],
    ids=["chance", "at once", "a signal without hours", "explains hardly anything"],
)
def test_what_leads_nothing_is_no_lead(row):
    assert held(signal_leads=[row]) == []


def test_a_lead_the_other_way_round_is_one_too():
    (one,) = held(signal_leads=[lead(correlation=-0.31)])
    assert one.strength == 0.31


def test_not_significant_is_no_pattern():
    tables = {"trends": [trend(is_significant=False)], "level_shifts": [shift(CPU, is_significant=None)]}
    assert held(**tables) == []


def test_each_pattern_is_in_one_of_the_two_tables():
    tables = {"anomalies": [anomaly(), anomaly(FETCH)], "trends": [trend(), trend(FETCH)], "signal_leads": [lead()]}
    metrics, others = held(**tables), held(is_metric=False, **tables)
    assert {one.subject.partition("/")[0] for one in metrics} == {"metric"}
    assert {one.subject for one in others} == {FETCH.name}
    ids = [one.row["id"] for one in (*metrics, *others)]
    assert len(ids) == len(set(ids)) == 6


class TestRows:
    def test_a_metric_has_its_names_and_its_trend(self):
        tables = Tables(anomalies=[anomaly()], trends=[trend(LATENCY, is_significant=False, trend_direction="stable")])
        (row,) = metric_rows(signal_patterns(tables, SIGNALS, ALERTS, is_metric=True), tables, SIGNALS)
        assert (row["metric_names"], row["trend_direction"]) == ('["api_latency_p95_ms"]', "stable")
        assert (row["as_of"], row["is_stale"]) == (AS_OF, False)

    def test_performance_is_asked_for_its_accuracy_once_a_signal(self):
        asked = []
        tables = Tables(level_shifts=[shift()], trends=[trend(FETCH, slope_per_day=0.001)])
        found = signal_patterns(tables, SIGNALS, ALERTS, is_metric=False)
        rows = performance_rows(found, tables, SIGNALS, lambda signal: asked.append(signal.name) or 0.9)
        assert len(rows) == 3
        assert asked == [FETCH.name]
        by_type = {row["pattern_type"]: row for row in rows}
        assert by_type["degradation"]["impact_severity"] == "critical"
        assert json.loads(by_type["degradation"]["trend_analysis"])["slope_per_day"] == 0.001
        assert by_type["degradation"]["prediction_accuracy"] == 0.9
        assert json.loads(by_type["degradation"]["affected_components"]) == ["web_fetch"]

    @pytest.mark.parametrize(("is_ongoing", "severity"), [(False, "medium"), (True, "critical")])
    def test_an_anomaly_that_is_over_is_medium_at_most(self, is_ongoing, severity):
        burst = anomaly(FETCH, value=0.9, expected=0.03, is_ongoing=is_ongoing, expected_by_chance=0.0)
        tables = Tables(anomalies=[burst])
        found = signal_patterns(tables, SIGNALS, ALERTS, is_metric=False)
        rows = performance_rows(found, tables, SIGNALS, lambda _: None)
        by_type = {row["pattern_type"]: row["impact_severity"] for row in rows}
        assert by_type["performance_anomaly"] == severity

    def test_no_pattern_is_no_row(self):
        assert metric_rows([], Tables(), ()) == performance_rows([], Tables(), (), lambda _: None) == []
