"""What comes back after its fix."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2_contingency

from analytics_assets.lib.rates import wilson_interval
from analytics_assets.lib.recurrence import adjusted_residuals, permutation_p_value, recurrence_tests
from analytics_assets_tests.lib import issue_worlds


def by_variable(issues):
    return {row["variable"]: row for row in recurrence_tests(issues)}


def test_figures_are_those_of_scipy():
    issues = issue_worlds.features(1, 600)
    row = by_variable(issues)["category"]
    table = pd.crosstab(issues["category"], issues["recurrences"] > 0)
    wanted = chi2_contingency(table, correction=False)
    assert row["method"] == "chi-square"
    assert (row["chi_square"], row["p_value"]) == pytest.approx((wanted.statistic, wanted.pvalue))
    assert row["degrees_of_freedom"] == wanted.dof == 3
    assert row["cramers_v"] == pytest.approx(np.sqrt(wanted.statistic / 600))
    assert row["overall_rate"] == (issues["recurrences"] > 0).mean()


def test_a_category_with_twice_the_recurrence_is_found():
    found = [by_variable(issue_worlds.features(s, 1_200, recurring={"agents": 0.24}))["category"] for s in range(10)]
    assert sum(row["is_significant"] and row["highest_value"] == "agents" for row in found) >= 8
    assert 0.15 < np.mean([row["highest_rate"] for row in found]) < 0.33


def world(**counts):
    """Issues of categories of which so many, of so many, came back."""
    category = [word for word, (_, n) in counts.items() for _ in range(n)]
    back = [number < came_back for came_back, n in counts.values() for number in range(n)]
    return issue_worlds.features(1, len(category)).assign(category=category, recurrences=np.array(back, dtype=int))


def test_the_value_that_is_named_is_farthest_above_the_others_and_not_the_highest_rate_of_few():
    row = by_variable(world(A=(200, 500), B=(50, 500), C=(3, 5)))["category"]
    assert row["is_significant"]
    assert (row["highest_value"], row["highest_rate"], row["highest_n"]) == ("A", 0.4, 500)
    assert (row["highest_low"], row["highest_high"]) == wilson_interval(200, 500)
    assert row["highest_residual"] == pytest.approx(10.8, abs=0.05)


def test_residuals_are_those_that_make_chi_square_of_two_values():
    """Of a table of two rows each squared residual is the whole statistic."""
    table = {"a": (12, 38), "b": (30, 41)}
    wanted = chi2_contingency(np.array(list(table.values())), correction=False).statistic
    found = adjusted_residuals(table)
    assert [found[value] ** 2 for value in table] == pytest.approx([wanted, wanted])
    assert found["a"] < 0 < found["b"]


def test_the_rare_ones_together_are_no_value_to_name():
    rare = {f"r{number}": (4, 4) for number in range(5)}
    row = by_variable(world(A=(10, 100), B=(9, 100), **rare))["category"]
    assert row["is_significant"]
    assert row["highest_value"] is None


def test_of_issues_that_come_back_alike_one_world_in_twenty_has_a_difference():
    worlds = sum(any(row["is_significant"] for row in recurrence_tests(issue_worlds.features(s))) for s in range(30))
    assert worlds <= 5  # benchmarks/RESULTS.md


def test_strength_without_chance_is_less_than_the_plain_one():
    row = by_variable(issue_worlds.features(1))["root_cause_id"]
    assert 0 <= row["cramers_v_corrected"] < row["cramers_v"]


def test_small_counts_are_permuted_and_agree_with_chi_square_where_both_hold():
    table = np.array([[10.0, 40.0], [20.0, 30.0], [12.0, 38.0]])
    wanted = chi2_contingency(table, correction=False)
    assert permutation_p_value(table, float(wanted.statistic)) == pytest.approx(wanted.pvalue, abs=0.03)
    row = by_variable(issue_worlds.features(1, 60))["root_cause_id"]
    assert row["method"] == "permutation"
    assert 0 < row["p_value"] <= 1


def test_two_values_with_small_counts_are_tested_exactly():
    issues = issue_worlds.features(1, 40).assign(category=["a"] * 20 + ["b"] * 20)
    issues["recurrences"] = [1] * 6 + [0] * 34
    row = by_variable(issues)["category"]
    assert (row["method"], row["highest_value"], row["highest_rate"]) == ("Fisher", "a", 0.3)
    assert row["p_value"] == pytest.approx(0.0202, abs=1e-4)


def test_an_issue_that_was_never_fixed_or_of_which_it_is_not_known_is_not_counted():
    issues = issue_worlds.features(1)
    issues.loc[:49, "is_ever_fixed"] = False
    issues["recurrences"] = issues["recurrences"].astype("Int64")
    issues.loc[50:59, "recurrences"] = None
    issues.loc[60:69, "root_cause_id"] = None
    rows = by_variable(issues)
    assert (rows["category"]["n"], rows["root_cause_id"]["n"]) == (240, 230)
    assert {row["ever_fixed"] for row in rows.values()} == {240}
    back = issues[issues["is_ever_fixed"]]["recurrences"].dropna() > 0
    assert {row["overall_rate"] for row in rows.values()} == {back.mean()}


@pytest.mark.parametrize(
    ("issues", "reason"),
    [
        (issue_worlds.features(1, 0), "fewer than 30 issues that were ever fixed"),
        (issue_worlds.features(1, 29), "fewer than 30 issues that were ever fixed"),
        (issue_worlds.features(1).assign(is_ever_fixed=False), "fewer than 30 issues that were ever fixed"),
        (issue_worlds.features(1).assign(category="commands"), "fewer than two values of 5 issues or more"),
        (issue_worlds.unknown(issue_worlds.features(1), "category"), "fewer than 30 issues that were ever fixed"),
        (issue_worlds.features(1).assign(recurrences=0), "fewer than 5 came back"),
        (issue_worlds.features(1).assign(recurrences=1), "fewer than 5 did not come back"),
    ],
    ids=["no issue", "29 issues", "never fixed", "one category", "no category", "none came back", "all came back"],
)
def test_what_cannot_be_said_has_its_reason(issues, reason):
    row = by_variable(issues)["category"]
    assert row["reason"] == reason
    assert row["p_value"] is row["p_adjusted"] is row["is_significant"] is None
    assert (row["overall_rate"] is None) == (row["ever_fixed"] == 0)


def test_where_nothing_came_back_nothing_comes_back_most():
    assert by_variable(issue_worlds.features(1).assign(recurrences=0))["category"]["highest_value"] is None


def test_what_came_back_counts_also_where_the_trackers_counter_is_0():
    issues = issue_worlds.features(1).assign(recurrence_count=0)
    assert by_variable(issues)["category"]["overall_rate"] == (issues["recurrences"] > 0).mean() > 0


def test_where_nothing_tells_whether_a_fix_lasted_no_rate_is_said():
    row = by_variable(issue_worlds.features(1).assign(recurrences=0, is_recurrence_known=False))["category"]
    assert row["reason"] == "nothing tells whether a fixed issue came back"
    assert row["n"] == 0
    assert row["overall_rate"] is row["highest_value"] is row["p_value"] is None


def test_a_category_of_which_nothing_tells_whether_fixes_last_is_in_no_comparison():
    issues = issue_worlds.features(1, recurring={"commands": 0})
    issues["is_recurrence_known"] = issues["category"] != "commands"
    row = by_variable(issues)["category"]
    assert row["values"] == 3
    assert row["n"] == (issues["category"] != "commands").sum()


def test_every_issue_with_a_cause_of_its_own_is_no_crash():
    issues = issue_worlds.features(1).assign(root_cause_id=[f"R{number}" for number in range(300)])
    assert by_variable(issues)["root_cause_id"]["reason"] == "fewer than two values of 5 issues or more"
