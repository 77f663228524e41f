"""Which figures of issues go together."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from analytics_assets.lib.correlating import DERIVED, EXPECTED, VARIABLES, correlations, fisher_interval, variables
from analytics_assets_tests.lib import issue_worlds

EVERY_PAIR = len(VARIABLES) * (len(VARIABLES) - 1) // 2


def by_pair(rows):
    return {(row["variable_a"], row["variable_b"]): row for row in rows}


def test_correlations_are_those_of_pandas_and_scipy():
    issues = issue_worlds.features(1, per_point=1.1)
    issues.loc[:20, "complexity_score"] = None
    row = by_pair(correlations(issues))["time_spent_minutes", "complexity_score"]
    both = issues[["time_spent_minutes", "complexity_score"]].dropna()
    assert row["n"] == len(both) == 279
    assert row["correlation"] == pytest.approx(both.corr().iloc[0, 1])
    assert row["rank_correlation"] == pytest.approx(both.corr("spearman").iloc[0, 1])
    assert row["p_value"] == pytest.approx(spearmanr(*both.to_numpy().T).pvalue)


def test_the_interval_holds_the_true_correlation_as_often_as_it_says():
    rng, held = np.random.default_rng(0), 0
    for _ in range(200):
        x, noise = rng.standard_normal((2, 60))
        low, high = fisher_interval(np.corrcoef(x, 0.5 * x + np.sqrt(0.75) * noise)[0, 1], 60)
        held += low <= 0.5 <= high
    assert 180 <= held <= 199


def test_the_three_expected_findings_are_found_where_they_are_planted():
    rows = correlations(issue_worlds.features(3, 600, per_point=1.08, per_day=1.05, critical=0.5))
    assert {pair: row["agrees"] for pair, row in by_pair(rows).items() if pair in EXPECTED} == dict.fromkeys(
        EXPECTED, True
    )


def test_a_significant_correlation_of_the_other_sign_does_not_agree():
    row = by_pair(correlations(issue_worlds.features(3, critical=4.0)))["time_spent_minutes", "priority_p0"]
    assert (row["is_significant"], row["agrees"]) == (True, False)


def test_of_noise_one_world_in_twenty_has_a_significant_pair():
    worlds = sum(any(row["is_significant"] for row in correlations(issue_worlds.features(s))) for s in range(20))
    assert worlds <= 4  # benchmarks/RESULTS.md; of 20 worlds at 5 % more than 4 are 3 in 1,000


def test_what_is_computed_from_the_other_is_in_no_comparison():
    rows = by_pair(correlations(issue_worlds.features(1)))
    for pair in DERIVED:
        assert (rows[pair]["p_adjusted"], rows[pair]["is_significant"]) == (None, None)
        assert rows[pair]["reason"] == "one is computed from the other"


def test_time_and_days_of_issues_that_are_not_fixed_count_for_nothing():
    issues = issue_worlds.features(1).assign(status="IN_PROGRESS")
    assert np.isnan(variables(issues)["time_spent_minutes"]).all()
    assert np.isnan(variables(issues)["days_open"]).all()
    assert not np.isnan(variables(issues)["complexity_score"]).any()


def test_an_issue_that_was_opened_again_came_back_also_where_the_trackers_counter_is_0():
    issues = issue_worlds.features(1).assign(recurrence_count=0)
    np.testing.assert_array_equal(variables(issues)["recurrence_count"], issues["recurrences"])
    assert issues["recurrences"].sum() > 20
    row = by_pair(correlations(issues))["time_spent_minutes", "recurrence_count"]
    assert row["correlation"] == pytest.approx(issues["time_spent_minutes"].corr(issues["recurrences"]))


def test_of_an_issue_that_was_never_fixed_it_is_not_known_whether_it_comes_back():
    issues = issue_worlds.features(1)
    issues.loc[:9, "is_ever_fixed"] = False
    assert np.isnan(variables(issues)["recurrence_count"]).tolist() == [True] * 10 + [False] * 290


def test_where_nothing_tells_whether_fixes_last_recurrences_are_not_0():
    issues = issue_worlds.features(1).assign(recurrences=0, is_recurrence_known=False)
    assert np.isnan(variables(issues)["recurrence_count"]).all()


def test_an_unknown_priority_is_not_below_critical():
    issues = issue_worlds.features(1).assign(priority=None)
    assert np.isnan(variables(issues)["priority_p0"]).all()


@pytest.mark.parametrize(
    ("issues", "reason"),
    [
        (issue_worlds.features(1, 0), "fewer than 20 pairs"),
        (issue_worlds.features(1, 19), "fewer than 20 pairs"),
        (issue_worlds.unknown(issue_worlds.features(1), "time_spent_minutes"), "fewer than 20 pairs"),
        (issue_worlds.features(1).assign(time_spent_minutes=np.inf), "fewer than 20 pairs"),
        (issue_worlds.features(1).assign(time_spent_minutes=5.0), "time_spent_minutes never varies"),
        (issue_worlds.features(1).assign(complexity_score=[9.0] * 4 + [2.0] * 296), "complexity_score hardly varies"),
    ],
    ids=["no issue", "19 issues", "no time", "infinite times", "one time", "4 unlike"],
)
def test_what_cannot_be_said_has_its_reason_and_all_pairs_are_there(issues, reason):
    rows = correlations(issues)
    assert len(by_pair(rows)) == EVERY_PAIR
    row = by_pair(rows)["time_spent_minutes", "complexity_score"]
    assert row["reason"].startswith(reason)
    assert row.get("correlation") is row["p_value"] is row["p_adjusted"] is row["is_significant"] is None
