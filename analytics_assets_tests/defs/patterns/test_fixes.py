"""What predicts long fixes and what comes back: tables and checks."""

from __future__ import annotations

import pytest

from analytics_assets.defs.patterns.fixes import (
    every_variable_is_answered,
    fix_time_regression,
    recurrence_p_values_are_sound,
    recurrence_tests,
    term_p_values_are_sound,
    terms_have_ratios_or_reasons,
)
from analytics_assets_tests.defs.patterns.conftest import called
from analytics_assets_tests.lib import issue_worlds

HARD = pytest.mark.parametrize(
    "issues",
    [
        issue_worlds.features(1, 0),
        issue_worlds.features(1, 12),
        issue_worlds.features(1).assign(category="commands", priority=0, recurrences=0),
        issue_worlds.unknown(issue_worlds.features(1), "time_spent_minutes", "complexity_score", "recurrences"),
        issue_worlds.features(1).assign(time_spent_minutes=float("nan"), is_ever_fixed=None, root_cause_id=None),
    ],
    ids=["no issue", "12 issues", "one category", "nothing known", "NaN"],
)


def verdicts_of_terms(frame):
    checks = (terms_have_ratios_or_reasons, term_p_values_are_sound)
    return [called(check, fix_time_regression=frame).passed for check in checks]


def verdicts_of_tests(frame):
    checks = (every_variable_is_answered, recurrence_p_values_are_sound)
    return [called(check, recurrence_tests=frame).passed for check in checks]


def test_complexity_predicts_and_agents_recur_where_it_was_planted(table):
    terms = table("fix_time_regression").set_index("term")
    assert terms.loc["complexity_score", "is_significant"]
    assert terms.loc["complexity_score", "ratio_low"] < 1.07 < terms.loc["complexity_score", "ratio_high"]
    tests = table("recurrence_tests").set_index("variable")
    assert tests.loc["category", "is_significant"]
    assert tests.loc["category", "highest_value"] == "agents"
    assert verdicts_of_terms(terms.reset_index()) == verdicts_of_tests(tests.reset_index()) == [True, True]


@HARD
def test_what_cannot_be_said_has_its_reason_and_passes(tracker, issues):
    tracker.has(issues)
    terms, tests = tracker.written(fix_time_regression), tracker.written(recurrence_tests)
    assert "complexity_score" in set(terms["term"])
    assert list(tests["variable"]) == ["category", "root_cause_id", "subcategory"]
    assert (terms["p_value"].isna() == terms["reason"].notna()).all()
    assert verdicts_of_terms(terms) == verdicts_of_tests(tests) == [True, True]


def test_a_term_without_a_figure_or_a_reason_fails(table):
    frame = table("fix_time_regression")
    frame.loc[0, "ratio"] = None
    assert not called(terms_have_ratios_or_reasons, fix_time_regression=frame).passed


def test_a_ratio_outside_of_its_interval_fails(table):
    frame = table("fix_time_regression")
    frame.loc[0, "ratio"] = 9.0
    assert not called(terms_have_ratios_or_reasons, fix_time_regression=frame).passed


def test_a_p_value_that_adjusting_made_smaller_fails(table):
    terms, tests = table("fix_time_regression"), table("recurrence_tests")
    terms.loc[terms["p_value"].idxmax(), "p_adjusted"] = 0.0
    tests.loc[tests["p_value"].idxmax(), "p_adjusted"] = 0.0
    assert not called(term_p_values_are_sound, fix_time_regression=terms).passed
    assert not called(recurrence_p_values_are_sound, recurrence_tests=tests).passed


def test_a_variable_that_is_left_out_or_says_nothing_fails(table):
    frame = table("recurrence_tests")
    assert not called(every_variable_is_answered, recurrence_tests=frame.iloc[1:]).passed
    frame.loc[0, "p_value"] = None
    assert not called(every_variable_is_answered, recurrence_tests=frame).passed
