"""Fixed issues that are unlike the others."""

import numpy as np
import pytest

from analytics_assets.lib.outliers import issue_anomalies, robust_deviations, usual_times
from analytics_assets_tests.lib import issue_worlds


def named(issues):
    return {row["id"] for row in issue_anomalies(issues)}


def test_fixes_of_eight_times_the_usual_are_found_and_hardly_another():
    planted = found = right = 0
    for seed in range(3):
        issues = issue_worlds.features(seed, per_point=1.07, long_fixes=10)
        truth, anomalies = set(issues["id"][:10]), named(issues)
        planted, found, right = planted + 10, found + len(anomalies), right + len(anomalies & truth)
    assert right / planted >= 0.9
    assert right / found >= 0.9


def test_noise_has_hardly_an_anomaly_and_not_a_tenth():
    counts = [len(named(issue_worlds.features(seed, per_point=1.07))) for seed in range(3)]
    assert sum(counts) <= 5  # a tenth would be 90


def test_an_anomaly_says_what_is_usual_for_its_complexity():
    issues = issue_worlds.features(1, per_point=1.2)
    issues.loc[0, ["time_spent_minutes", "complexity_score", "files_affected_count"]] = [400.0, 2.0, 1]
    row = next(row for row in issue_anomalies(issues) if row["id"] == "OPT-00000")
    near = issues[(issues["complexity_score"] < 2.3)]["time_spent_minutes"].median()
    assert row["feature"] == "minutes_for_complexity"
    assert row["usual_value"] == pytest.approx(near, rel=0.15)
    assert row["reason"].startswith("took 400 min; issues of its complexity take ")
    assert row["examined"] == 300


def test_a_time_that_its_complexity_explains_is_no_anomaly():
    issues = issue_worlds.features(1, per_point=1.3)
    usual = issues["complexity_score"].quantile(0.9)
    complex_ones = set(issues[issues["complexity_score"] > usual]["id"])
    assert len(named(issues) & complex_ones) <= 1


def test_a_long_time_that_others_of_its_complexity_take_too_is_told_against_all_of_them():
    issues = issue_worlds.features(1, 600)
    issues.loc[:39, "complexity_score"] = 30.0
    issues.loc[:39, "time_spent_minutes"] *= 50
    row = next(row for row in issue_anomalies(issues) if row["id"] == "OPT-00000")
    assert row["feature"] == "time_spent_minutes"
    assert row["usual_value"] == pytest.approx(issues["time_spent_minutes"].median())
    assert "; issues usually take " in row["reason"]


@pytest.mark.parametrize(("column", "value"), [("complexity_score", 0.0), ("files_affected_count", 0)])
def test_a_fix_that_is_simpler_than_the_others_is_not_odd(column, value):
    """All others have as many files and a complexity near each other: 0 is far below."""
    issues = issue_worlds.features(1).assign(files_affected_count=9)
    issues["complexity_score"] = 18 + np.random.default_rng(0).normal(0, 1, 300)
    issues.loc[:9, column] = value
    assert not [row for row in issue_anomalies(issues) if row["feature"] == column]
    assert len(named(issues)) <= 5


def test_an_issue_of_very_great_complexity_is_told_by_it():
    issues = issue_worlds.features(1)
    issues.loc[0, "complexity_score"] = 500.0
    row = next(row for row in issue_anomalies(issues) if row["id"] == "OPT-00000")
    assert (row["feature"], row["deviation"] > 0) == ("complexity_score", True)
    assert row["reason"].startswith("has a complexity of 500; issues usually have ")


def test_a_fix_that_was_far_too_quick_is_told_as_below():
    issues = issue_worlds.features(1)
    issues.loc[0, "time_spent_minutes"] = 0.2
    row = next(row for row in issue_anomalies(issues) if row["id"] == "OPT-00000")
    assert row["deviation"] < -3.5
    assert row["reason"].endswith("below)")


def test_an_issue_of_very_many_files_is_told_by_its_files():
    issues = issue_worlds.features(1)
    issues.loc[0, "files_affected_count"] = 80
    row = next(row for row in issue_anomalies(issues) if row["id"] == "OPT-00000")
    assert row["feature"] == "files_affected_count"
    assert row["reason"].startswith("touches 80 files; issues usually touch 2 (")


def test_the_same_issues_have_the_same_anomalies():
    issues = issue_worlds.features(1, long_fixes=5)
    assert issue_anomalies(issues) == issue_anomalies(issues)


@pytest.mark.parametrize(
    "issues",
    [
        issue_worlds.features(1, 0),
        issue_worlds.features(1, 29, long_fixes=1, long_ratio=100),
        issue_worlds.features(1).assign(status="OPEN"),
        issue_worlds.unknown(issue_worlds.features(1), "time_spent_minutes"),
        issue_worlds.features(1).assign(time_spent_minutes=0.0),
        issue_worlds.features(1).assign(time_spent_minutes=5.0, complexity_score=2.0, files_affected_count=1),
    ],
    ids=["no issue", "29 issues", "none fixed", "no time", "times of 0", "all alike"],
)
def test_where_nothing_can_be_unlike_there_is_no_anomaly(issues):
    assert issue_anomalies(issues) == []


def test_issues_without_complexity_and_files_are_judged_by_their_time():
    issues = issue_worlds.features(1, long_fixes=3, long_ratio=50)
    issues = issue_worlds.unknown(issues, "complexity_score", "files_affected_count")
    rows = issue_anomalies(issues)
    assert {row["id"] for row in rows} >= set(issues["id"][:3])
    assert {row["complexity_score"] for row in rows} == {None}
    assert all("; issues usually take " in row["reason"] for row in rows)


def test_what_is_usual_is_one_for_issues_of_one_complexity():
    complexity = np.repeat([1.0, 2.0, 3.0], 40)
    usual = usual_times(np.arange(120.0), complexity)
    assert [len(set(usual[complexity == value])) for value in (1.0, 2.0, 3.0)] == [1, 1, 1]
    assert usual[0] < usual[50] < usual[100]


def test_deviations_are_those_of_a_normal_distribution():
    values = np.random.default_rng(0).normal(5, 2, 20_000)
    deviations = robust_deviations(values, np.full(20_000, 5.0))
    assert np.std(deviations) == pytest.approx(1, abs=0.02)


def test_deviations_stand_more_than_half_of_the_values_being_alike_and_unknown_ones():
    values = np.array([1.0] * 9 + [2.0, np.nan])
    deviations = robust_deviations(values, np.ones(11))
    assert deviations[9] == pytest.approx(1 / (1.2533 * 0.1))
    assert np.isnan(deviations[10])
    assert not robust_deviations(np.ones(5), np.ones(5)).any()
    assert np.isnan(robust_deviations(np.full(5, np.nan), np.ones(5))).all()


def test_what_is_usual_for_a_complexity_is_not_known_of_too_few():
    complexity = np.repeat([2.0, np.nan], [29, 11])
    assert np.isnan(usual_times(np.ones(40), complexity)).all()
    known = usual_times(np.ones(40), np.repeat([2.0, np.nan], [30, 10]))
    assert np.isnan(known).tolist() == [False] * 30 + [True] * 10
