"""One order of recommendations: what counts, how often, and what is kept back."""

import json
from dataclasses import replace
from datetime import datetime

import pytest

from analytics_assets.lib.lost_work import Work
from analytics_assets.lib.posterior import probability_below
from analytics_assets.lib.ranking import Recommendation, data_quality, ranked, smoothed
from analytics_assets.lib.recommendation_sources import (
    historical_success,
    of_capacity,
    of_opportunities,
    of_plans,
    of_suggestions,
    of_tools,
)

AS_OF = datetime(2026, 3, 1)
END = {"as_of": AS_OF, "is_stale": False, "evidence_sql": "select 1"}
ONE = Recommendation(
    id="a",
    source="suggestions.suggestions",
    component="api",
    recommendation_type="model",
    category="performance",
    text="Do it.",
    effort="medium",
    confidence=0.9,
    evidence_sql="select 1",
    record_kinds=("runs", "specs"),
    as_of=AS_OF,
    is_stale=False,
    hours=10.0,
    is_about_failure=True,
    historical_success=0.8,
)
RUNS = Work.of(
    [
        {
            "component_kind": "runs",
            "component": "impl",
            "metric_type": metric,
            "unit": unit,
            "total": total,
            "samples": 70,
        }
        for metric, unit, total in (
            ("response_time", "s", 252_000.0),
            ("error_rate", "share", 7.0),
            ("cost", "USD", 140.0),
        )
    ]
)
"""An hour a run, ten failures a week, two dollars an hour."""


def order(*found, failed=100.0, most=5, quality=None):
    return ranked(
        found, failed_hours=failed, quality={"runs": 1.0} if quality is None else quality, most_per_component=most
    )


def test_the_score_is_the_product_of_its_parts():
    (row,) = order(ONE, quality={"runs": 0.9, "specs": 0.6})
    assert row["impact"] == pytest.approx(0.1)
    assert row["data_quality"] == 0.6
    # No model is known of it, and counts as half.
    assert row["mean_factors"] == pytest.approx((0.8 + 0.6 + 0.5) / 3)
    assert row["rank_score"] == pytest.approx(0.1 * 0.7 * 0.9 * 1.9 / 3)
    assert (row["confidence"], row["pattern_confidence"]) == (0.9, None)


@pytest.mark.parametrize("factor", ["historical_success", "model_accuracy"])
def test_a_factor_that_is_not_known_is_neither_the_best_nor_the_worst(factor):
    found = [replace(ONE, id=name, **{factor: value}) for name, value in (("bad", 0.2), ("none", None), ("good", 0.9))]
    assert [row["recommendation_id"] for row in order(*found)] == ["good", "none", "bad"]


def test_what_nothing_is_known_of_does_not_pass_for_perfect():
    (row,) = order(replace(ONE, historical_success=None), quality={})
    assert row["mean_factors"] == 0.5


def test_the_confidence_of_a_pattern_counts_once():
    rows = order(replace(ONE, id="a", pattern_confidence=0.9), replace(ONE, id="b", pattern_confidence=None))
    assert rows[0]["rank_score"] == rows[1]["rank_score"]
    assert rows[0]["pattern_confidence"] == 0.9


def test_hours_that_do_not_fail_are_lost_beside_those_that_do():
    slow = replace(ONE, id="b", hours=100.0, is_about_failure=False)
    rows = {row["recommendation_id"]: row for row in order(ONE, slow)}
    assert rows["a"]["impact"] == pytest.approx(10 / 200)
    assert rows["b"]["impact"] == pytest.approx(100 / 200)


def test_what_nobody_measured_comes_last_the_surest_first():
    unknown = replace(ONE, id="u", hours=None, confidence=0.5)
    sure = replace(ONE, id="v", hours=None, confidence=0.99)
    rows = order(unknown, sure, replace(ONE, hours=0.001))
    assert [row["recommendation_id"] for row in rows] == ["a", "v", "u"]
    assert [row["rank_score"] is None for row in rows] == [False, True, True]


def test_ties_are_stable_and_one_id_stands_once():
    found = [replace(ONE, id=name) for name in "cab"]
    for given in (found, found[::-1], [*found, found[0]]):
        assert [row["recommendation_id"] for row in order(*given)] == ["a", "b", "c"]


def test_of_a_component_a_few_are_shown_and_the_others_kept():
    found = [replace(ONE, id=f"r{n}", hours=float(10 - n)) for n in range(8)] + [replace(ONE, id="x", component="db")]
    rows = order(*found, most=5)
    assert [row["is_shown"] for row in rows if row["component"] == "api"] == [True] * 5 + [False] * 3
    assert [row["is_shown"] for row in rows if row["component"] == "db"] == [True]
    assert [row["rank"] for row in rows] == list(range(1, 10))


def test_without_any_lost_hour_there_is_no_impact():
    (row,) = order(replace(ONE, hours=0.0), failed=0.0)
    assert row["impact"] is None


def test_nothing_recommended_is_nothing_ranked():
    assert order() == []


def test_stale_records_are_worth_half_and_unknown_kinds_nothing_known():
    assert data_quality(("runs",), {"runs": 0.9}, is_stale=True) == pytest.approx(0.45)
    assert data_quality(("events",), {"runs": 0.9}, is_stale=False) is None


def test_a_category_of_its_own_is_refused():
    with pytest.raises(ValueError, match="beauty is none of"):
        replace(ONE, category="beauty")


def test_history_is_smoothed_over_back_tests_and_verdicts():
    scores = [{"rule": "a", "testable": 4, "held": 3}, {"rule": "b", "testable": 0, "held": 0}]
    verdicts = [{"rule": "a", "verdict": word} for word in ("worked", "harmed", "measuring")]
    assert historical_success(scores, verdicts) == {"a": pytest.approx((4 + 1) / (6 + 2))}
    assert smoothed(0, 0) is None


def suggestion(**more):
    return {
        "id": "sg-1",
        "status": "pending",
        "type": "model",
        "rule": "cheaper_model",
        "spec_id": "api",
        "spec_type": "impl",
        "target": "model",
        "confidence": 0.8,
        "expected_fewer_failures": None,
        "expected_saving_usd": None,
        "current_value": "model: large",
        "suggested_value": "model: small",
        "reasoning": "It is cheaper.",
        **END,
    } | more


@pytest.mark.parametrize(
    ("fewer", "saving", "hours", "fails"),
    [
        (6.0, None, 6.0, True),
        (6.0, 4.0, 6.0, True),
        (0.3, 20.0, 10.0, False),
        (-2.0, 20.0, 8.0, False),
        (0.0, None, None, False),
        (None, None, None, False),
    ],
    ids=["failures", "money saved by fewer failures", "money", "money for failures", "nothing", "unknown"],
)
def test_a_suggestion_counts_for_what_it_is_made_for(fewer, saving, hours, fails):
    row = suggestion(expected_fewer_failures=fewer, expected_saving_usd=saving)
    (found,) = of_suggestions([row], RUNS, {"cheaper_model": 0.7})
    assert found.hours == (None if hours is None else pytest.approx(hours))
    assert (found.is_about_failure, found.historical_success, found.effort) == (fails, 0.7, "low")


def test_suggestions_that_do_not_wait_are_not_recommended():
    rows = [suggestion(status=word) for word in ("applied", "rejected", "resolved", "expired", "not_enough_data")]
    assert of_suggestions(rows, RUNS, {}) == []


def test_a_tool_counts_for_what_its_failures_took():
    row = {
        "recommendation_id": "t",
        "tool_name": "web_fetch",
        "recommendation": "Give web_fetch a fallback strategy.",
        "reason": "60 of 100 succeeded.",
        "total_executions": 100,
        "failed_executions": 40,
        "wasted_seconds": 7_200.0,
        **END,
    }
    (found,) = of_tools([row])
    assert (found.hours, found.component) == (2.0, "web_fetch")
    assert found.confidence == pytest.approx(probability_below(60, 100, 0.8))


def test_an_opportunity_keeps_its_confidence_and_shows_its_patterns():
    row = {
        "id": "op-1",
        "status": "identified",
        "component_affected": "grep",
        "opportunity_type": "api_performance",
        "category": "performance",
        "recommendation_text": "Make grep fast again.",
        "effort_estimate": "medium",
        "confidence": 0.97,
        "record_kinds": '["executions"]',
        "expected_hours": None,
        "expected_saving_usd": 14.0,
        "pattern_id": "p",
        **END,
    }
    decided = [row | {"id": word, "status": word} for word in ("in_progress", "completed", "dismissed")]
    (found,) = of_opportunities([row, *decided], RUNS, {"p": 0.97}, {"p": 0.9})
    assert (found.hours, found.confidence) == (pytest.approx(7.0), 0.97)
    assert (found.pattern_confidence, found.model_accuracy) == (0.97, 0.9)


def test_an_item_of_a_plan_counts_as_often_as_its_pipeline_succeeds():
    pipelines = Work.of(
        [
            {
                "component_kind": "pipeline",
                "component": "ci",
                "metric_type": "error_rate",
                "unit": "share",
                "total": 7.0,
                "samples": 70,
            }
        ]
    )
    cached = {"type": "caching", "steps": ["install"], "seconds": 60.0, "confidence": 0.9, "text": "Make it hit."}
    size = {"type": "resource_optimization", "steps": ["install"], "seconds": 0.0, "confidence": 0.6, "text": "Less."}
    items = [cached, size | {"resource": "cpu"}, size | {"resource": "memory"}, size | {"type": "never heard of"}]
    plan = {"pipeline_name": "ci", "recommendations": json.dumps(items), **END}
    found = of_plans([plan, plan | {"pipeline_name": "idle", "recommendations": None}], pipelines)
    # Of 70 executions a week 63 succeed, 270 in 30 days, and seconds are those of these; a size saves no time.
    assert [one.hours for one in found] == [pytest.approx(270 * 60 / 3600), None, None, None]
    assert (found[0].text, found[0].confidence, found[0].category) == ("ci: Make it hit.", 0.9, "performance")
    assert len({one.id for one in found}) == 4


def test_a_plan_that_times_nothing_is_its_own_evidence():
    item = {"type": "resource_optimization", "steps": [], "seconds": 0.0, "confidence": 0.6, "text": "Less."}
    plan = {"pipeline_name": "it's", "recommendations": json.dumps([item]), **END, "evidence_sql": None}
    (found,) = of_plans([plan], Work())
    assert found.evidence_sql.endswith("where pipeline_name = 'it''s'")


CAPACITY = {
    "component": "it's",
    "resource_type": "disk",
    "recommendation": "Raise it.",
    "confidence": 0.95,
    "hours_at_risk": 12.0,
    "method": "drift",
    "mae": 0.5,
    "naive_mae": 2.0,
    **END,
}


def test_a_capacity_counts_for_its_hours_at_risk_and_shows_how_accurate_its_forecast_is():
    drift, untested = of_capacity([CAPACITY, CAPACITY | {"mae": None}, CAPACITY | {"recommendation": None}])
    assert (drift.hours, drift.model_accuracy, untested.model_accuracy) == (12.0, pytest.approx(0.975), None)
    assert "component = 'it''s'" in drift.evidence_sql


def test_a_more_accurate_forecast_never_ranks_lower_whatever_its_method():
    tested = [("seasonal_naive", 1.0), ("drift", 0.7), ("prophet", 5.0), ("seasonal_naive", 9.0), ("drift", 30.0)]
    rows = [
        CAPACITY | {"resource_type": f"r{place}", "method": method, "mae": mae, "naive_mae": 10.0}
        for place, (method, mae) in enumerate(tested)
    ]
    ranks = {row["recommendation_type"]: row["rank"] for row in order(*of_capacity(rows))}
    by_error = sorted(range(len(tested)), key=lambda place: tested[place][1])
    assert [ranks[f"r{place}_capacity"] for place in by_error] == [1, 2, 3, 4, 5]
