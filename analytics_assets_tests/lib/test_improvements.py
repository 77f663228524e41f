"""How good a change was all in all: four improvements, their weights, and what they teach."""

import json
from datetime import datetime, timedelta

import pytest

from analytics_assets.lib.improvements import Said, improvement_rows, relative_change, weighed

APPLIED = datetime(2026, 1, 10)
EFFECT = {
    "id": "d-1",
    "recommendation_id": "sg-1",
    "recommendation_type": "resource",
    "rule": "memory_raise",
    "spec_id": "etl",
    "spec_type": "migration",
    "implementation_status": "implemented",
    "implementation_date": APPLIED,
    "measured_at": APPLIED + timedelta(days=30),
    "metric": "success_rate",
    "verdict": "worked",
    "saved_usd": 5.0,
    "roi": 0.1,
    "is_final": True,
    "as_of": APPLIED + timedelta(days=40),
    "is_stale": False,
    "baseline_runs": 40,
    "baseline_successes": 20,
    "baseline_success_rate": 0.5,
    "baseline_median_duration_seconds": 60.0,
    "baseline_cost_per_success_usd": 2.0,
    "baseline_median_cost_usd": 1.0,
    "baseline_total_cost_usd": 40.0,
    "after_runs": 40,
    "after_successes": 40,
    "after_success_rate": 1.0,
    "after_median_duration_seconds": 80.0,
    "after_cost_per_success_usd": 1.0,
    "after_median_cost_usd": 1.0,
    "after_total_cost_usd": 40.0,
    "expected_improvement": 0.4,
    "measured_improvement": 0.5,
    "other_changes": 0,
    "is_volume_shifted": False,
}


def of(*said, **changes):
    (row,) = improvement_rows([EFFECT | changes], said)
    return row


def confirmed(days, subject="sg-1", decision="confirmed"):
    return Said(subject, decision, APPLIED + timedelta(days=days))


def test_each_improvement_is_a_share_of_the_larger_side():
    row = of()
    assert row["performance_improvement"] == pytest.approx(-0.25)
    assert row["reliability_improvement"] == pytest.approx(0.5)
    assert row["efficiency_improvement"] == pytest.approx(0.5)
    assert row["user_satisfaction_improvement"] is None


def test_the_score_is_the_weighted_mean_by_hand_of_what_is_known():
    row = of()
    assert row["known_weight"] == pytest.approx(0.9)
    assert row["effectiveness_score"] == pytest.approx((0.4 * -0.25 + 0.3 * 0.5 + 0.2 * 0.5) / 0.9)
    all_known = of(confirmed(5))
    assert all_known["effectiveness_score"] == pytest.approx(0.4 * -0.25 + 0.3 * 0.5 + 0.2 * 0.5 + 0.1)
    assert (all_known["known_weight"], all_known["reason"]) == (pytest.approx(1.0), None)


def test_a_change_for_the_worse_scores_0_and_keeps_its_sign_beside():
    row = of(after_success_rate=0.1, after_median_duration_seconds=120.0, after_cost_per_success_usd=9.0)
    assert row["effectiveness_score"] == 0.0
    assert row["weighted_improvement"] < -0.5


@pytest.mark.parametrize("side", ["baseline", "after"])
def test_of_few_runs_nothing_is_compared_and_null_is_not_0(side):
    row = of(**{f"{side}_runs": 9})
    measured = [row[f"{name}_improvement"] for name in ("performance", "reliability", "efficiency")]
    assert measured == [None, None, None]
    assert (row["effectiveness_score"], row["weighted_improvement"], row["known_weight"]) == (None, None, 0.0)
    assert "10 needed on each side" in row["reason"]


def test_costs_that_are_not_recorded_are_left_out_by_name():
    row = of(baseline_cost_per_success_usd=None)
    assert (row["efficiency_improvement"], row["known_weight"]) == (None, pytest.approx(0.7))
    assert "efficiency: not recorded on both sides" in row["reason"]


@pytest.mark.parametrize(("fell", "improvement"), [(0.5, 0.5), (-1.0, -0.5), (0.0, 0.0), (None, None)])
def test_a_smaller_size_is_weighed_by_what_memory_and_cpu_cost(fell, improvement):
    row = of(metric="infrastructure_cost_eur", measured_improvement=fell)
    assert row["efficiency_improvement"] == improvement


def test_people_speak_by_confirming_after_it_was_applied_or_by_taking_it_back():
    satisfaction = "user_satisfaction_improvement"
    assert of(confirmed(1))[satisfaction] == 1.0
    assert of(confirmed(-1))[satisfaction] is None
    assert of(confirmed(1, subject="sg-2"))[satisfaction] is None
    assert of(confirmed(1, decision="acknowledged"))[satisfaction] is None
    assert of(confirmed(1), implementation_status="rolled_back")[satisfaction] == -1.0


def test_the_lesson_tells_what_came_what_it_was_paid_with_and_what_was_promised():
    lesson = of()["lessons_learned"]
    assert lesson == (
        "memory_raise on etl worked: 20 of 40 runs (50 %) before and 40 of 40 runs (100 %) after succeeded. "
        "It is a trade: more runs succeed, it costs less, but a run takes more time. "
        "It promised 40 % and brought 50 %."
    )


def test_the_lesson_says_where_chance_or_other_changes_may_be_the_cause():
    lesson = of(verdict="no effect", other_changes=2, is_volume_shifted=True)["lessons_learned"]
    assert "made no difference that chance would not make" in lesson
    assert "Other changes to it fell in the same days (2)" in lesson
    assert "other work may have come or gone" in lesson
    assert "is still measured" in of(verdict="measuring")["lessons_learned"]


def test_figures_of_both_sides_are_kept():
    row = of(baseline_median_cost_usd=None)
    assert json.loads(row["baseline_metrics"])["success_rate"] == 0.5
    assert "median_cost_usd" not in json.loads(row["baseline_metrics"])
    assert json.loads(row["post_metrics"])["runs"] == 40


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), -1.0])
def test_numbers_that_are_none_are_not_compared(odd):
    assert relative_change(odd, 1.0, is_less_better=True) is None
    assert relative_change(1.0, odd, is_less_better=True) is None


def test_without_an_improvement_nothing_is_weighed():
    assert weighed(dict.fromkeys(("performance", "reliability", "efficiency", "user_satisfaction"))) == (None, 0.0)
    assert improvement_rows([], []) == []
