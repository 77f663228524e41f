"""A day's rows: what is known carries the whole weight, and what is not known is no 0."""

from datetime import datetime, timedelta

import pytest

from analytics_assets.kpi_thresholds import KPI_DAYS_KEPT
from analytics_assets.system_kpis.definitions import GROUP_SCORE, GROUPS, HEALTH, KPIS, NO_SCORE, Measured
from analytics_assets.system_kpis.scoring import day_of, kept

AS_OF = datetime(2026, 3, 1, 12)
UNKNOWN = Measured(None, 0, "nowhere", reason="nothing landed")
# Of each KPI a value, what is usual, and the score by hand.
WORKED = {
    "average_response_time": (3.0, 2.0, 0.5),
    "system_uptime": (0.99, None, 0.8),
    "error_rate": (0.05, None, 0.75),
    "throughput": (30.0, 40.0, 0.75),
    "patterns_detected_per_day": (2.0, None, None),
    "pattern_accuracy": (0.9, None, 0.9),
    "false_positive_rate": (0.1, None, 0.8),
    "time_to_detection": (1.0, None, 1.0),
    "recommendations_generated": (12.0, None, None),
    "recommendations_implemented": (6.0, 8.0, 0.75),
    "average_improvement_achieved": (0.1, 0.4, 0.25),
    "roi_from_optimizations": (0.25, None, 0.75),
    "model_accuracy": (0.65, 0.8, 0.5),
    "prediction_latency": (250.0, None, 0.75),
    "model_drift_incidents": (1.0, 4.0, 0.75),
    "retraining_frequency": (1.0, None, None),
}


def measured(**changes):
    known = {name: Measured(value, 10, "somewhere", usual=usual) for name, (value, usual, _) in WORKED.items()}
    return known | changes


def by_name(rows):
    return {(row["kpi_group"], row["kpi"]): row for row in rows}


def of_day(**changes):
    return by_name(day_of(measured(**changes), AS_OF, is_stale=False))


@pytest.mark.parametrize("name", WORKED)
def test_each_value_has_the_score_that_its_normalisation_says(name):
    (row,) = [row for (_, kpi), row in of_day().items() if kpi == name]
    score = WORKED[name][2]
    assert row["score"] == (None if score is None else pytest.approx(score))
    assert row["reason"] == (NO_SCORE if score is None else None)


def test_the_health_score_is_the_weighted_mean_of_the_means_by_hand():
    rows = of_day()
    performance = (0.5 + 0.8 + 0.75 + 0.75) / 4
    patterns, optimization, ml = (0.9 + 0.8 + 1.0) / 3, (0.75 + 0.25 + 0.75) / 3, (0.5 + 0.75 + 0.75) / 3
    assert rows["performance", GROUP_SCORE]["score"] == pytest.approx(performance)
    health = 0.4 * performance + 0.25 * patterns + 0.25 * optimization + 0.1 * ml
    assert rows["overall", HEALTH]["score"] == pytest.approx(health)
    assert (rows["overall", HEALTH]["reason"], rows["overall", HEALTH]["weight"]) == (None, pytest.approx(1.0))


def test_a_kpi_that_is_not_known_leaves_the_mean_of_its_group():
    rows = of_day(error_rate=UNKNOWN)
    assert rows["performance", "error_rate"]["score"] is None
    assert rows["performance", "error_rate"]["reason"] == "nothing landed"
    assert rows["performance", GROUP_SCORE]["score"] == pytest.approx((0.5 + 0.8 + 0.75) / 3)
    assert rows["performance", GROUP_SCORE]["reason"] == "without error_rate"


def test_a_group_that_is_not_known_leaves_the_health_score_which_says_so():
    unknown = {kpi.name: UNKNOWN for kpi in KPIS if kpi.group in ("optimization", "ml")}
    rows = of_day(**unknown)
    performance, patterns = rows["performance", GROUP_SCORE]["score"], rows["pattern_analysis", GROUP_SCORE]["score"]
    assert rows["ml", GROUP_SCORE]["score"] is None
    assert rows["overall", HEALTH]["score"] == pytest.approx((0.4 * performance + 0.25 * patterns) / 0.65)
    assert rows["overall", HEALTH]["reason"] == "covers 65 % of the weight: optimization, ml not known"
    assert rows["performance", GROUP_SCORE]["effective_weight"] == pytest.approx(0.4 / 0.65)


def test_without_anything_known_nothing_is_scored():
    rows = day_of(dict.fromkeys(WORKED, UNKNOWN), AS_OF, is_stale=True)
    assert len(rows) == 21
    assert {row["score"] for row in rows} == {None}
    assert all(row["reason"] for row in rows)
    assert {row["effective_weight"] for row in rows} == {0.0}
    assert by_name(rows)["overall", HEALTH]["reason"] == "no group is known"


def test_what_cannot_be_compared_has_a_value_and_says_why_it_has_no_score():
    row = of_day(throughput=Measured(5.0, 3, "calls"))["performance", "throughput"]
    assert (row["value"], row["score"], row["reason"]) == (5.0, None, "nothing usual is known to compare it with")


@pytest.mark.parametrize("unknown", [(), ("error_rate",), tuple(WORKED)[:8], tuple(WORKED)[3:]])
def test_what_kpis_carry_adds_up_to_the_whole(unknown):
    rows = of_day(**dict.fromkeys(unknown, UNKNOWN))
    carried = [row["effective_weight"] for (group, kpi), row in rows.items() if group in GROUPS and kpi != GROUP_SCORE]
    assert sum(carried) == pytest.approx(1.0)


def test_values_beyond_the_ends_are_clamped():
    wild = {"error_rate": 0.9, "system_uptime": 0.1, "roi_from_optimizations": -7.0, "time_to_detection": 1e9}
    rows = of_day(**{name: Measured(value, 9, "x") for name, value in wild.items()})
    assert {row["score"] for (_, kpi), row in rows.items() if kpi in wild} == {0.0}
    rows = of_day(roi_from_optimizations=Measured(9.0, 9, "x"), throughput=Measured(1e9, 9, "x", usual=1.0))
    assert rows["optimization", "roi_from_optimizations"]["score"] == 1.0
    assert rows["performance", "throughput"]["score"] == 1.0


def test_the_rows_of_today_are_replaced_and_those_of_more_than_a_year_go():
    days = int(KPI_DAYS_KEPT.value)
    earlier = [{"measured_on": AS_OF.date() - timedelta(days=back)} for back in range(days + 50)]
    left = kept(earlier, AS_OF.date())
    assert len(left) == days - 1
    assert AS_OF.date() not in [row["measured_on"] for row in left]
    assert left == sorted(left, key=lambda row: row["measured_on"])


@pytest.mark.parametrize("least", [0.5, 0.3, 0.8, 1.0])
def test_accuracy_is_scored_by_what_is_asked_for_whatever_that_is(least):
    def score(value):
        return of_day(model_accuracy=Measured(value, 9, "x", usual=least))["ml", "model_accuracy"]["score"]

    assert score(least) == 1.0
    assert score(0.2) == 0.0
