"""What a pattern, a baseline or the costs of models offer."""

import json
from datetime import datetime
from statistics import NormalDist

import numpy as np
import pytest

from analytics_assets.lib.lost_work import Work
from analytics_assets.lib.opportunity_profiles import from_baselines, from_models
from analytics_assets.lib.opportunity_rules import from_patterns
from analytics_assets.lib.opportunity_types import BY_TYPE, OF_SIGNALS
from analytics_assets.lib.ranking import CATEGORIES

WEEK = {"total": 25_200.0, "samples": 70}
AS_OF = datetime(2026, 3, 1)
END = {"as_of": AS_OF, "is_stale": False}
WORK = Work.of(
    [
        {
            "component_kind": kind,
            "component": component,
            "metric_type": metric,
            "unit": unit,
            "total": total,
            "samples": 70,
        }
        for kind, component in (("tool", "grep"), ("pipeline", "ci"))
        for metric, unit, total in (("response_time", "s", 25_200.0), ("error_rate", "share", 7.0))
    ]
)


def pattern(kind="degradation", subject="tool/grep/response_time", size=0.6, sure=0.99, **more):
    return {
        "id": f"{kind}-1",
        "pattern_type": kind,
        "subject": subject,
        "pattern_name": "grep went from 1 s to 2.5 s.",
        "components": json.dumps(["grep"]),
        "pattern_data": "{}",
        "confidence_score": sure,
        "significance_score": size,
        "strength": 1.5,
        "strength_unit": "s",
        "is_active": True,
        "source": "patterns.performance_patterns",
        **END,
    } | more


def test_a_degradation_offers_the_way_back():
    (found,) = from_patterns([pattern()], {}, WORK)
    assert (found.opportunity_type, found.component, found.improvement) == ("api_performance", "grep", 0.6)
    # Sixty percent of 25,200 s a week, for 30 days.
    assert found.hours == pytest.approx(0.6 * 7 * 30 / 7)
    assert found.text == "Make grep fast again: grep went from 1 s to 2.5 s. Worth up to 60 %, 18.0 hours in 30 days."
    assert found.record_kinds == ("executions",)


@pytest.mark.parametrize("kind", ["outage", "deployment_impact", "blocked_chain", "queueing", "effort_overrun"])
def test_what_says_how_long_or_how_often_promises_no_improvement(kind):
    (found,) = from_patterns([pattern(kind, "a>b", size=1.0)], {}, WORK)
    assert (found.improvement, found.priority, found.row()["potential_improvement"]) == (None, None, None)
    assert "Worth" not in found.text


def test_the_better_arm_of_an_experiment_offers_the_failures_that_it_does_not_have():
    rule = {"outcome": "success", "confidence": 0.98, "rate_others": 0.8}
    arm = pattern("experiment_arm", "prompt/v2", size=0.18, pattern_data=json.dumps({"pattern_data": rule}))
    (found,) = from_patterns([arm], {}, WORK)
    assert found.improvement == pytest.approx(0.9)


def events(component, failures, seconds=2.0):
    figures = {"response_time": ("ms", 70 * 1_000 * seconds), "error_rate": ("share", failures)}
    return [
        {
            "component_kind": "integration",
            "component": component,
            "metric_type": metric,
            "unit": unit,
            "total": total,
            "samples": 70,
        }
        for metric, (unit, total) in figures.items()
    ]


@pytest.mark.parametrize("kind", ["failing_link", "slow_link"])
def test_a_link_counts_with_the_events_of_all_its_types(kind):
    links = [*events("ci>db/sync", 7.0), *events("ci>db/load", 14.0, 3.0), *events("ci>db2/sync", 70.0)]
    link = pattern(kind, "ci>db", size=0.5, source="patterns.integration_patterns")
    (found,) = from_patterns([link], {}, Work.of(links))
    seconds = 7 * 2 + 14 * 3 if kind == "failing_link" else 70 * 2 + 70 * 3
    assert found.hours == pytest.approx(0.5 * seconds * 30 / 7 / 3_600)


def test_what_does_not_hold_or_hardly_matters_offers_nothing():
    patterns = [pattern(is_active=False), pattern(size=0.04, id="2")]
    assert from_patterns(patterns, {}, WORK) == []


@pytest.mark.parametrize("kind", ["improvement", "performance_anomaly", "metric_lead", "bottleneck_step", "flaky_step"])
def test_types_that_ask_for_nothing_or_are_told_elsewhere_offer_nothing(kind):
    assert from_patterns([pattern(kind)], {}, WORK) == []


@pytest.mark.parametrize(("worse", "count"), [(True, 1), (False, 0), (None, 0)])
def test_what_may_go_either_way_must_be_known_to_be_worse(worse, count):
    subject = "metric/api/queue_depth"
    found = from_patterns([pattern("metric_trend", subject)], {f"metric_trend/{subject}": worse}, WORK)
    assert len(found) == count


def test_resources_are_planned_as_capacities():
    key = "metric_trend/metric/database/disk"
    assert from_patterns([pattern("metric_trend", "metric/database/disk")], {key: True}, WORK) == []


def test_of_several_patterns_of_one_signal_what_was_before_says_best_what_it_could_be():
    found = from_patterns([pattern("performance_threshold", sure=0.9), pattern(sure=0.8)], {}, WORK)
    assert [one.pattern for one in found] == ["degradation-1", "performance_threshold-1"]
    assert found[0].id == found[1].id


def test_a_step_counts_by_its_share_of_the_pipeline():
    data = json.dumps({"pipeline_name": "ci", "impact_score": 0.5})
    slow = pattern("step_slowdown", "ci/test", source="patterns.execution_patterns", pattern_data=data)
    failing = slow | {"pattern_type": "failing_step", "id": "3"}
    one, other = sorted(from_patterns([slow, failing], {}, WORK), key=lambda found: found.opportunity_type)
    assert one.hours == pytest.approx(0.5 * 7 * 30 / 7)
    assert other.hours == pytest.approx(0.5 * WORK.part("pipeline", "ci").failed_hours)


def test_a_step_that_became_slower_counts_for_its_seconds_and_stands_for_its_pipeline():
    details = {"change_before": 100.0, "change_after": 172.0}
    data = json.dumps({"pipeline_name": "ci", "impact_score": 0.1, "pattern_data": details})
    slow = pattern("step_slowdown", "ci/test", source="patterns.execution_patterns", pattern_data=data)
    (found,) = from_patterns([slow, pattern(subject="pipeline/ci/response_time")], {}, WORK)
    # 72 s more, 300 times in 30 days.
    assert (found.subject, found.hours) == ("ci/test", pytest.approx(6.0))


@pytest.mark.parametrize(
    ("subject", "count"),
    [
        ("run_tasks: task_type=plan and model=small -> timeout", 1),
        ("run_tasks: task_type=plan -> timeout", 0),
        ("runs: model=small -> failed", 0),
        ("run_tasks: model=small -> success", 0),
    ],
)
def test_rules_about_failure_are_offered_where_something_else_can_be_chosen(subject, count):
    assert len(from_patterns([pattern("outcome_rule", subject)], {}, WORK)) == count


def test_a_procedure_that_fails_is_said_once():
    data = json.dumps({"pattern_data": {"population": "procedure_calls"}, "impact_assessment": {"beyond_others": 50.0}})
    stands_out = pattern("outlying_procedure", "github/PROC-3 -> failed", pattern_data=data)
    calls = Work.of(
        [{"component_kind": "procedure", "component": "x", "metric_type": "response_time", "unit": "s"} | WEEK]
    )
    (found,) = from_patterns([stands_out], {}, calls)
    # Fifty calls of 360 s beyond what others fail.
    assert (found.opportunity_type, found.hours) == ("query_performance", pytest.approx(5.0))
    signal = pattern(subject="procedure/github/PROC-3/error_rate")
    (found,) = from_patterns([stands_out, signal], {}, calls)
    assert found.opportunity_type == "reliability"


def test_every_rule_has_a_category_and_an_effort_with_its_reason():
    for rule in BY_TYPE.values():
        assert rule.category in CATEGORIES
        assert rule.effort in ("low", "medium", "high")
        assert rule.effort_reason
    assert not set(OF_SIGNALS) & set(BY_TYPE)


def baseline(name, z, before=1.0, now=2.0, **more):
    return {
        "signal": f"tool/{name}/response_time",
        "component_kind": "tool",
        "component_name": name,
        "metric_type": "response_time",
        "unit": "s",
        "baseline_type": "seasonal",
        "baseline_value": before,
        "current_value": now,
        "z": z,
        "is_worse": z > 0,
        "current_samples": 50,
        "baseline_samples": 500,
        **END,
    } | more


def test_a_signal_that_is_much_worse_than_usual_is_offered():
    (found,) = from_baselines([baseline("grep", 12.0), baseline("sed", 0.5), baseline("awk", -9.0)], WORK)
    assert (found.component, found.improvement) == ("grep", 0.5)
    # Three were asked, and a difference counts for half of its standard errors.
    assert found.confidence == pytest.approx(1 - 3 * 2 * (1 - NormalDist().cdf(6.0)))
    assert "2 s in the last day, 1 s at these hours" in found.text


@pytest.mark.parametrize(
    "more",
    [{"z": None}, {"z": float("inf")}, {"baseline_type": "daily"}, {"is_worse": None}, {"metric_type": "throughput"}],
)
def test_what_cannot_be_compared_is_not_offered(more):
    assert from_baselines([baseline("grep", 12.0) | more], WORK) == []


def test_of_signals_that_vary_by_chance_hardly_ever_one_is_offered():
    false = 0
    for seed in range(100):
        # Twice the spread that a table has: hours resemble their neighbours.
        z = 2 * np.random.default_rng(seed).standard_normal(50)
        false += bool(from_baselines([baseline(f"t{n}", float(value)) for n, value in enumerate(z)], WORK))
    assert false <= 10


def model(name, runs, good, cost, scope="impl"):
    return {
        "scope": "spec_type",
        "scope_id": scope,
        "model": name,
        "runs": runs,
        "successful_runs": good,
        "cost_per_success_usd": cost,
        **END,
    }


def test_a_model_that_costs_a_fifth_less_and_does_as_well_is_offered():
    (found,) = from_models([model("large", 200, 160, 1.0), model("small", 150, 123, 0.4)], frozenset())
    assert found.improvement == pytest.approx(0.6)
    assert found.usd == pytest.approx(160 * 0.6)
    assert "with small: $0.4 per success" in found.text


@pytest.mark.parametrize(
    "models",
    [
        [],
        [model("large", 200, 160, 1.0)],
        [model("large", 200, 160, 1.0), model("small", 150, 120, 0.9)],
        [model("large", 200, 190, 1.0), model("small", 150, 75, 0.4)],
        [model("large", 200, 160, 1.0), model("small", 10, 9, 0.4)],
        [model("large", 200, 160, 1.0), model("small", 150, 123, None)],
    ],
    ids=["none", "one", "hardly cheaper", "fails more often", "few runs", "unpriced"],
)
def test_no_model_is_offered_without_a_reason(models):
    assert from_models(models, frozenset()) == []


def test_what_is_suggested_with_its_runs_is_not_offered_again():
    models = [model("large", 200, 160, 1.0), model("small", 150, 123, 0.4)]
    assert from_models(models, frozenset({"impl"})) == []
