"""What predicts long fix times."""

import numpy as np
import pytest

from analytics_assets.lib.regression import fix_time_regression
from analytics_assets_tests.lib import issue_worlds


def by_term(issues):
    return {row["term"]: row for row in fix_time_regression(issues)}


def test_the_planted_ratio_is_within_its_interval():
    row = by_term(issue_worlds.features(2, per_point=1.07))["complexity_score"]
    assert row["is_significant"]
    assert row["ratio_low"] < 1.07 < row["ratio_high"]
    assert 0 < row["r_squared"] < 1


def test_coefficients_and_errors_are_those_of_hc3_by_hand():
    issues = issue_worlds.features(5, 120, per_point=1.05, critical=0.5)
    issues["category"] = "commands"
    reference = issues["priority"].mode()[0]
    others = [priority for priority in range(4) if priority != reference]
    matrix = np.column_stack(
        [np.ones(120), issues["complexity_score"], *((issues["priority"] == priority) for priority in others)]
    ).astype(float)
    logs = np.log(issues["time_spent_minutes"].to_numpy())
    bread = np.linalg.inv(matrix.T @ matrix)
    beta = bread @ matrix.T @ logs
    leverage = np.einsum("ij,jk,ik->i", matrix, bread, matrix)
    weights = ((logs - matrix @ beta) / (1 - leverage)) ** 2
    error = np.sqrt(np.diag(bread @ (matrix.T * weights) @ matrix @ bread))
    rows = by_term(issues)
    for place, name in enumerate(["complexity_score", *(f"priority P{priority}" for priority in others)], start=1):
        assert rows[name]["coefficient"] == pytest.approx(beta[place])
        half = (np.log(rows[name]["ratio_high"]) - np.log(rows[name]["ratio_low"])) / 2
        assert half == pytest.approx(error[place] * 1.981, rel=1e-3)  # Student's t of 115 degrees of freedom
    assert rows["priority P0"]["reference"] == f"P{reference}"


def test_of_noise_one_world_in_twenty_has_a_significant_term():
    worlds = sum(any(row["is_significant"] for row in by_term(issue_worlds.features(s)).values()) for s in range(30))
    assert worlds <= 5  # benchmarks/RESULTS.md


def test_levels_of_fewer_than_five_issues_count_among_other():
    issues = issue_worlds.features(1)
    issues.loc[:2, "category"] = "one-off"
    issues.loc[3:6, "category"] = "rare"
    terms = by_term(issues)
    assert "category other" in terms
    assert not {"category one-off", "category rare"} & set(terms)


def test_issues_of_too_rare_a_level_are_left_out():
    issues = issue_worlds.features(1)
    issues.loc[:2, "category"] = "one-off"
    assert {row["n"] for row in by_term(issues).values()} == {297}


def test_a_category_that_says_the_same_as_the_priority_is_named_and_left_out():
    issues = issue_worlds.features(1)
    issues["category"] = issues["priority"].map(lambda priority: f"c{priority}")
    rows = by_term(issues)
    collinear = [row for name, row in rows.items() if name.startswith("priority")]
    assert {row["reason"] for row in collinear} == {"collinear: the terms before it determine it"}
    assert all(row["p_value"] is None for row in collinear)
    assert rows["complexity_score"]["p_value"] is not None


@pytest.mark.parametrize(
    ("issues", "reason"),
    [
        (issue_worlds.features(1, 0), "fewer than 30 fixed issues"),
        (issue_worlds.features(1, 60), "fewer than 70 fixed issues"),
        (issue_worlds.features(1).assign(time_spent_minutes=0.0), "fewer than 30 fixed issues"),
        (issue_worlds.unknown(issue_worlds.features(1), "time_spent_minutes"), "fewer than 30 fixed issues"),
        (issue_worlds.features(1).assign(status="OPEN"), "fewer than 30 fixed issues"),
        (issue_worlds.features(1).assign(time_spent_minutes=7.0), "time_spent_minutes never varies"),
        (issue_worlds.features(1).assign(complexity_score=2.0), "complexity_score never varies"),
    ],
    ids=["no issue", "60 issues", "times of 0", "no time", "none fixed", "one time", "one complexity"],
)
def test_what_cannot_be_said_has_its_reason(issues, reason):
    row = by_term(issues)["complexity_score"]
    assert row["reason"].startswith(reason)
    assert row.get("ratio") is row["p_adjusted"] is row["is_significant"] is None


def test_one_category_and_one_priority_leave_complexity_alone():
    rows = by_term(issue_worlds.features(1, per_point=1.07).assign(category="commands", priority=0))
    assert list(rows) == ["complexity_score"]
    assert rows["complexity_score"]["is_significant"]


def test_nothing_varies_at_all():
    rows = by_term(issue_worlds.features(1).assign(category="c", priority=0, complexity_score=2.0))
    assert rows["complexity_score"]["reason"] == "complexity_score never varies"


def test_a_perfect_fit_is_no_crash():
    issues = issue_worlds.features(1).assign(category="commands", priority=0)
    issues["time_spent_minutes"] = np.exp(issues["complexity_score"] / 10)
    row = by_term(issues)["complexity_score"]
    assert row["ratio"] == pytest.approx(np.exp(0.1))
    assert 0 <= row["p_value"] < 1e-6
