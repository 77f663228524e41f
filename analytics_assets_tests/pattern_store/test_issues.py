"""Patterns of issues and of configurations, from the rows of other tables."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from analytics_assets.pattern_store.configurations import changes
from analytics_assets.pattern_store.issues import debt_trends, odd_fixes, recurring, root_causes
from analytics_assets_tests.pattern_store.made import START

RULE = {
    "antecedent": "RCA-002",
    "consequent": "RCA-007",
    "transactions": 100,
    "antecedent_count": 20,
    "consequent_count": 25,
    "both_count": 18,
    "support": 0.18,
    "confidence": 0.9,
    "lift": 3.6,
    "p_adjusted": 0.005,
    "is_significant": True,
    "transaction": "sprint and file",
    "as_of": START,
}
ODD = {
    "id": "i-1",
    "reason": "took 360 min",
    "category": "agents",
    "feature": "time_spent_minutes",
    "value": 360.0,
    "usual_value": 30.0,
    "deviation": -5.0,
    "isolation_score": 0.7,
    "as_of": START,
}
RECURRING = {
    "variable": "root_cause_id",
    "highest_value": "RCA-003",
    "highest_rate": 0.4,
    "highest_low": 0.3,
    "highest_high": 0.5,
    "highest_n": 50,
    "overall_rate": 0.1,
    "method": "chi-square",
    "cramers_v": 0.3,
    "p_adjusted": 0.001,
    "is_significant": True,
    "as_of": START,
}
CHANGED = {
    "pipeline_name": "ci",
    "step_name": "integration_tests",
    "change_at": START,
    "change_ratio": 2.0,
    "change_p_adjusted": 0.001,
    "is_changed": True,
    "changed_with_version": "1.1.0",
    "as_of": START + timedelta(days=3),
}


def weeks(values, scope="overall"):
    """A row of weekly health per value."""
    return [
        {
            "week": date(2026, 1, 5) + timedelta(weeks=number),
            "scope": scope,
            "health_score": value,
            "is_finished": True,
            "as_of": START,
        }
        for number, value in enumerate(values)
    ]


def test_a_rule_is_a_pattern_and_so_are_both_of_its_root_causes():
    found = {(one.pattern_type, one.subject): one for one in root_causes([RULE])}
    assert set(found) == {
        ("root_cause_rule", "RCA-002 -> RCA-007"),
        ("root_cause", "RCA-002"),
        ("root_cause", "RCA-007"),
    }
    assert found["root_cause_rule", "RCA-002 -> RCA-007"].strength == 0.9
    assert found["root_cause", "RCA-002"].strength == 0.2
    assert found["root_cause", "RCA-007"].strength == 0.25


@pytest.mark.parametrize("change", [{"is_significant": False}, {"is_significant": None}, {"as_of": None}])
def test_what_may_be_chance_is_no_pattern(change):
    assert root_causes([RULE | change]) == []
    assert recurring([RECURRING | change]) == []


def test_an_odd_fix_is_as_sure_as_chebyshev_allows():
    (one,) = odd_fixes([ODD])
    assert (one.subject, one.strength, one.location) == ("i-1", 5.0, "time_spent_minutes")
    assert one.confidence_score == pytest.approx(1 - 1 / 25)
    assert one.pattern_category == "quality"


def test_what_comes_back_most_is_named_with_its_rate():
    (one,) = recurring([RECURRING])
    assert (one.pattern_type, one.subject, one.strength) == ("recurring_root_cause", "RCA-003", 0.4)
    assert "40 % of 50 fixes" in one.pattern_name


def test_health_that_falls_week_by_week_is_technical_debt_and_one_that_only_varies_is_none():
    (one,) = debt_trends(weeks([90.0 - 2 * number for number in range(10)]))
    assert (one.pattern_type, one.subject, one.topic) == ("health_decline", "overall", "technical_debt")
    assert one.strength == pytest.approx(2.0)
    (risen,) = debt_trends(weeks([60.0 + number for number in range(10)]))
    assert risen.pattern_type == "health_recovery"
    assert debt_trends(weeks([70.0, 71.0, 69.0, 70.5, 70.0, 69.5, 71.0, 70.0])) == []
    assert debt_trends(weeks([70.0] * 10)) == []
    assert debt_trends(weeks([70.0])) == debt_trends([]) == []


def test_an_unfinished_week_and_one_without_a_score_do_not_count():
    rows = weeks([90.0 - 2 * number for number in range(10)])
    assert debt_trends([row | {"is_finished": False} for row in rows]) == []
    assert debt_trends([row | {"health_score": None} for row in rows]) == []


def test_a_configuration_is_a_pattern_where_a_step_changed_with_it():
    second = CHANGED | {"step_name": "lint", "change_ratio": 0.8}
    (one,) = changes([CHANGED, second])
    assert (one.subject, one.location, one.strength) == ("ci@1.1.0", "integration_tests", 2.0)
    assert "lint takes 0.8 times as long" in one.pattern_name
    for change in ({"changed_with_version": None}, {"is_changed": False}, {"is_changed": None}):
        assert changes([CHANGED | change]) == []
