"""What is recommended, done and brought; and how right, quick and steady the models are."""

from datetime import date, datetime, timedelta

import pytest

from analytics_assets.system_kpis import learning, optimization
from analytics_assets.system_kpis.optimization import Decided

AS_OF = datetime(2026, 3, 31)


def outcome(**changes):
    return {
        "verdict": "worked",
        "implementation_date": AS_OF - timedelta(days=40),
        "measured_improvement": 0.3,
        "expected_improvement": 0.5,
        "saved_usd": 20.0,
        "after_total_cost_usd": 80.0,
    } | changes


def accuracy(model, week, n, share, role="champion", brier=0.1):
    return {"model_name": model, "role": role, "week": week, "n": n, "accuracy": share, "brier": brier}


def decisions(applied, rejected, days=3):
    at = AS_OF - timedelta(days=days)
    return [Decided(at, is_applied=True)] * applied + [Decided(at, is_applied=False)] * rejected


def test_advice_that_was_never_made_is_not_known_and_no_advice_is_none():
    assert optimization.recommendations_generated(None).value is None
    assert optimization.recommendations_generated(0).value == 0.0


def test_what_was_applied_is_compared_with_what_was_decided():
    other_times = [*decisions(9, 9, days=31), *decisions(9, 9, days=-1)]
    found = optimization.recommendations_implemented([*decisions(4, 1), *other_times], AS_OF)
    assert (found.value, found.usual, found.n, found.reason) == (4.0, 5.0, 5, None)
    few = optimization.recommendations_implemented(decisions(1, 0), AS_OF)
    assert (few.value, few.reason) == (1.0, "1 decision, 5 needed")
    assert optimization.recommendations_implemented([], AS_OF).reason == "0 decisions, 5 needed"


def test_only_judged_changes_of_a_quarter_count():
    rows = [
        outcome(),
        outcome(verdict="measuring"),
        outcome(implementation_date=AS_OF - timedelta(days=91)),
        outcome(verdict="harmed", measured_improvement=-0.1),
    ]
    assert optimization.judged(rows, AS_OF) == [rows[0], rows[3]]


def test_improvements_are_compared_with_what_the_same_changes_promised():
    rows = [outcome(), outcome(measured_improvement=-0.1, expected_improvement=0.1), outcome(expected_improvement=None)]
    found = optimization.average_improvement(rows)
    assert (found.value, found.usual, found.n) == (pytest.approx(0.1), pytest.approx(0.3), 2)
    unpromised = optimization.average_improvement([outcome(expected_improvement=None)])
    assert (unpromised.value, unpromised.usual) == (0.3, None)
    assert optimization.average_improvement([]).reason == "no change of the last 90 days is judged yet"


def test_the_return_is_of_all_bills_together():
    rows = [outcome(), outcome(saved_usd=-30.0, after_total_cost_usd=130.0), outcome(saved_usd=None)]
    found = optimization.roi(rows)
    assert (found.value, found.n) == (pytest.approx(-10 / 200), 2)
    assert optimization.roi([outcome(saved_usd=None)]).value is None
    assert optimization.roi([outcome(saved_usd=0.0, after_total_cost_usd=0.0)]).value is None


def test_accuracy_is_that_of_the_newest_week_of_each_champion():
    weeks = [
        accuracy("failure_risk", date(2026, 3, 16), 100, 0.5),
        accuracy("failure_risk", date(2026, 3, 23), 30, 0.9),
        accuracy("failure_risk", date(2026, 3, 30), 50, 0.1, role="shadow"),
        accuracy("failure_risk", date(2026, 3, 30), 0, None),
        accuracy("other", datetime(2026, 3, 9), 10, 0.5),
        accuracy("gone", date(2026, 2, 2), 99, 0.0),
        accuracy("run_duration", date(2026, 3, 30), 99, 0.3, brier=None),
    ]
    found = learning.model_accuracy(weeks, [0.7], 0.8, AS_OF)
    assert (found.value, found.n, found.usual) == (pytest.approx((27 + 5) / 40), 40, 0.8)


def test_where_nothing_came_true_yet_the_test_counts_and_without_one_nothing():
    tested = learning.model_accuracy([], [0.7, 0.9], 0.8, AS_OF)
    assert (tested.value, tested.source) == (pytest.approx(0.8), learning.VERSIONS)
    assert learning.model_accuracy([], [], 0.8, AS_OF).value is None


def test_drift_is_counted_once_per_model_of_those_that_are_watched():
    def report(model, is_drifted):
        return {"model_name": model, "is_drifted": is_drifted}

    found = learning.drift_incidents(
        [report("a", True), report("a", True), report("a", False), report("b", False), report("c", None)]
    )
    assert (found.value, found.usual) == (1.0, 2.0)
    assert learning.drift_incidents([report("c", None)]).value is None
    assert learning.drift_incidents([]).reason == "no model is watched for drift yet"


def test_trainings_are_counted_per_week_and_model():
    trained = [("a", AS_OF - timedelta(days=back)) for back in (1, 8, 15, 40)] + [("b", AS_OF - timedelta(days=35))]
    trained.append(("a", AS_OF + timedelta(days=1)))
    found = learning.retraining_frequency(trained, AS_OF)
    assert (found.value, found.n) == (pytest.approx(3 / 2 / (30 / 7)), 3)
    assert learning.retraining_frequency([], AS_OF).value is None


def test_latency_without_a_prediction_is_not_known():
    assert learning.prediction_latency(12.5, 40).value == 12.5
    assert learning.prediction_latency(None, 0).value is None
    assert learning.prediction_latency(float("inf"), 4).value is None
