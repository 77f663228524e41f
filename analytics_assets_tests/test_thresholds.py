"""The numbers that checks and models compare with."""

import math

import pytest

from analytics_assets import (
    alert_thresholds,
    detector_thresholds,
    forecast_thresholds,
    issue_thresholds,
    kpi_thresholds,
    mining_thresholds,
    operating_thresholds,
    pattern_thresholds,
    predicting_thresholds,
    thresholds,
)
from analytics_assets.limits import Ceiling, Floor, Setting
from analytics_assets.thresholds import dbt_vars

MODULES = (
    thresholds,
    issue_thresholds,
    operating_thresholds,
    pattern_thresholds,
    detector_thresholds,
    mining_thresholds,
    alert_thresholds,
    kpi_thresholds,
    forecast_thresholds,
    predicting_thresholds,
)
NUMBERS = {
    name: number
    for module in MODULES
    for name, number in vars(module).items()
    if isinstance(number, (Setting, Floor, Ceiling))
}


@pytest.mark.parametrize("name", NUMBERS)
def test_every_number_says_its_unit_and_reason(name):
    number = NUMBERS[name]
    assert number.unit
    assert number.why.endswith((".", ")."))
    assert len(number.why) > 30


@pytest.mark.parametrize(
    "make",
    [
        lambda: Setting(math.nan, "hours", "because"),
        lambda: Floor(warn=math.nan, error=0.0, unit="share", why="because"),
        lambda: Ceiling(warn=0.0, error=math.nan, unit="share", why="because"),
        lambda: Setting(1, "", "because"),
        lambda: Setting(1, "hours", "  "),
        lambda: Floor(warn=0.5, error=0.9, unit="share", why="because"),
        lambda: Ceiling(warn=0.9, error=0.5, unit="share", why="because"),
    ],
    ids=[
        "nan setting",
        "nan floor",
        "nan ceiling",
        "no unit",
        "no reason",
        "floor upside down",
        "ceiling upside down",
    ],
)
def test_a_number_that_would_compare_wrongly_is_refused(make):
    with pytest.raises(ValueError, match=r".+"):
        make()


def test_a_number_cannot_be_changed_after_it_was_made():
    with pytest.raises(AttributeError):
        thresholds.WINDOW.value = 1  # type: ignore[misc]


def test_dbt_gets_the_numbers_it_compares_with_under_their_names():
    assert dbt_vars() == {
        "agent_active_hours": 1,
        "confidence_high_min_executions": 10,
        "confidence_high_min_rate": 0.95,
        "confidence_low_max_rate": 0.80,
        "confidence_min_executions": 5,
        "cost_anomaly_ratio": 2,
        "dominant_error_share": 0.5,
        "response_slowed": 1.5,
        "risk_recent_days": 7,
        "window_hours": 24,
        "profile_days": 30,
        "pattern_days": 28,
        "baseline_full_samples": 30,
        "baseline_min_hours": 12,
        "season_min_days": 14,
        "silence_min_hours": 100,
        "worse_min_errors": 3.92,
        "wilson_z": 1.959964,
        "stale_after_hours": 24,
        "judged_days": 90,
        "common_failures": 3,
        "frequent_failures": 5,
        "quality_weight_success": 0.6,
        "quality_weight_cost": 0.2,
        "quality_weight_iterations": 0.2,
        "spec_review_rate": 0.7,
        "suggest_min_runs": 10,
        "debt_weight_p0": 8,
        "debt_weight_p1": 4,
        "debt_weight_p2": 2,
        "debt_weight_p3": 1,
        "health_max_debt": 200,
        "complexity_per_file": 2,
        "complexity_lines": 50,
        "complexity_per_copy": 1.5,
        "impact_per_priority": 3,
        "impact_per_recurrence": 5,
        "impact_of_commands": 2,
        "target_health_score": 90,
        "target_issue_debt": 20,
        "target_time_to_fix_p0": 1,
        "target_time_to_fix_p1": 7,
        "target_recurrence_rate": 10,
        "target_fix_velocity": 5,
        "kpi_days": 90,
        "issue_weeks": 104,
        "long_fix_deviations": 2,
        "undated_share_max": 0.05,
        "oom_reasons": list(thresholds.OOM_REASONS.values),
        "transient_errors": list(thresholds.TRANSIENT_ERRORS.values),
        "worse_downwards": list(pattern_thresholds.WORSE_DOWNWARDS.values),
        "worse_upwards": list(pattern_thresholds.WORSE_UPWARDS.values),
    }


def test_words_are_those_that_sql_compares_with():
    ours = (thresholds.OOM_REASONS, thresholds.TRANSIENT_ERRORS)
    for words in (*ours, pattern_thresholds.WORSE_UPWARDS, pattern_thresholds.WORSE_DOWNWARDS):
        assert all(word == word.lower() and "'" not in word for word in words.values)
    with pytest.raises(ValueError, match="without"):
        thresholds.Words((), "because")


def test_the_parts_of_a_score_are_the_whole():
    weights = (thresholds.QUALITY_WEIGHT_SUCCESS, thresholds.QUALITY_WEIGHT_COST, thresholds.QUALITY_WEIGHT_ITERATIONS)
    assert sum(weight.value for weight in weights) == pytest.approx(1)


def test_whole_numbers_reach_sql_as_integers():
    assert isinstance(dbt_vars()["window_hours"], int)
    assert isinstance(dbt_vars()["confidence_high_min_rate"], float)
