"""Does health lead new issues?"""

import numpy as np
import pytest

from analytics_assets.lib.lags import autocorrelations, effective_weeks, health_leads, lag_correlations
from analytics_assets_tests.lib import issue_worlds


def test_a_planted_lead_is_found_at_its_lag():
    found = [lag_correlations(issue_worlds.weeks(seed, drop=3.0))[2] for seed in range(20)]
    assert sum(row["is_significant"] for row in found) >= 18
    assert all(row["correlation"] < 0 for row in found)


@pytest.mark.parametrize("memory", [0.0, 0.8, 1.0], ids=["white noise", "autoregression", "random walks"])
def test_series_that_know_nothing_of_each_other_hardly_ever_correlate(memory):
    worlds = sum(
        any(row["is_significant"] for row in lag_correlations(issue_worlds.weeks(seed, memory=memory)))
        for seed in range(40)
    )
    assert worlds <= 6  # benchmarks/RESULTS.md


def test_a_correlation_pairs_each_week_with_the_one_so_many_later():
    weeks = issue_worlds.weeks(1)
    row = lag_correlations(weeks)[4]
    shifted = weeks["health_score"].shift(5).corr(weeks["new_issues"])
    assert (row["lag_weeks"], row["n"]) == (5, 55)
    assert row["correlation"] == pytest.approx(shifted)


def test_remembering_series_are_worth_fewer_weeks():
    white, walk = (issue_worlds.weeks(1, memory=memory) for memory in (0.0, 1.0))
    assert lag_correlations(walk)[0]["n_effective"] < 25
    assert 35 < lag_correlations(white)[0]["n_effective"] <= 59


def test_the_worth_of_autoregressive_series_is_that_of_theory():
    rng, memory = np.random.default_rng(0), 0.8
    draws = rng.standard_normal((2, 20_000))
    series = np.zeros_like(draws)
    for place in range(1, draws.shape[1]):
        series[:, place] = memory * series[:, place - 1] + draws[:, place]
    # Of two series with the memory m it is n (1 - m^2) / (1 + m^2) in the long run.
    worth = effective_weeks(series[0], series[1], 400)
    assert worth / 400 == pytest.approx((1 - memory**2) / (1 + memory**2), rel=0.15)


def test_weeks_that_were_not_measured_are_in_no_pair():
    weeks = issue_worlds.weeks(1)
    weeks.loc[[3, 10, 20], "health_score"] = None
    row = lag_correlations(weeks)[0]
    assert row["n"] == 56
    assert row["correlation"] == pytest.approx(weeks["health_score"].shift(1).corr(weeks["new_issues"]))
    assert not np.isnan(row["p_value"])


def test_autocorrelation_is_the_textbook_one():
    assert autocorrelations(np.array([1.0, 2.0, 3.0, 4.0]), 1)[0] == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("weeks", "reason"),
    [
        (issue_worlds.weeks(1, 0), "fewer than 26 pairs of weeks"),
        (issue_worlds.weeks(1, 5), "fewer than 26 pairs of weeks"),
        (issue_worlds.weeks(1, 26), "fewer than 26 pairs of weeks"),
        (issue_worlds.weeks(1).assign(health_score=None), "fewer than 26 pairs of weeks"),
        (issue_worlds.weeks(1).assign(health_score=90.0), "health_score never varies"),
        (issue_worlds.weeks(1).assign(new_issues=0), "new_issues never varies"),
    ],
    ids=["no week", "5 weeks", "26 weeks", "no health", "one health", "no new issue"],
)
def test_what_cannot_be_said_has_its_reason_and_all_lags_are_there(weeks, reason):
    rows = lag_correlations(weeks)
    assert [row["lag_weeks"] for row in rows] == list(range(1, 9))
    for row in rows:
        assert row["reason"] == reason
        assert row.get("correlation") is row["p_value"] is row["p_adjusted"] is row["is_significant"] is None


def test_one_series_that_is_the_other_is_no_crash():
    weeks = issue_worlds.weeks(1, memory=0.0)
    weeks["new_issues"] = weeks["health_score"].shift(1).fillna(70.0)
    row = lag_correlations(weeks)[0]
    assert row["correlation"] == pytest.approx(1)
    assert 0 <= row["p_value"] < 0.001


def lag(weeks, **figures):
    row = {"lag_weeks": weeks, "n": 60 - weeks, "correlation": -0.52, "p_adjusted": 0.003, "is_significant": True}
    return row | {"reason": None} | figures


NOISE = {"correlation": 0.05, "p_adjusted": 0.8, "is_significant": False}


class TestInWords:
    def test_a_drop_that_more_issues_follow_is_said_with_its_figures(self):
        assert health_leads([lag(1, **NOISE), lag(3), lag(2, **NOISE)]) == (
            "A drop in health is followed by more new issues 3 weeks later (r = -0.52, adjusted p = 0.003, "
            "n = 57 weeks)."
        )

    def test_the_surest_lag_leads_and_the_others_stand_behind_it(self):
        weaker = lag(4, correlation=-0.35, p_adjusted=0.04)
        assert health_leads([weaker, lag(2, p_adjusted=0.01), lag(3)]).endswith(
            "3 weeks later (r = -0.52, adjusted p = 0.003, n = 57 weeks); significant too: 2, 4 (health remembers, so "
            "these need not be others)."
        )

    def test_of_equal_p_values_the_stronger_correlation_leads(self):
        rows = [lag(2, p_adjusted=0.0), lag(1, p_adjusted=0.0, correlation=-0.9)]
        assert "1 week later (r = -0.90, adjusted p < 0.001, n = 59 weeks)" in health_leads(rows)

    def test_the_other_sign_is_fewer(self):
        assert health_leads([lag(3, correlation=0.4)]).startswith("A drop in health is followed by fewer new issues")

    def test_nothing_significant_is_an_answer(self):
        assert health_leads([lag(1, **NOISE), lag(8, **NOISE | {"p_adjusted": 0.4})]) == (
            "Nothing significant: how many new issues come 1 to 8 weeks later does not go with health (least adjusted "
            "p = 0.40, n = 52 weeks)."
        )

    def test_what_could_not_be_judged_says_why(self):
        assert health_leads(lag_correlations(issue_worlds.weeks(1, 9))) == (
            "not enough data: fewer than 26 pairs of weeks (n = 8 weeks)."
        )
        assert health_leads([]) == "not enough data: no weekly health (n = 0 weeks)."

    def test_a_planted_lead_is_told_at_its_lag(self):
        assert health_leads(lag_correlations(issue_worlds.weeks(1, drop=3.0, memory=0.0))).startswith(
            "A drop in health is followed by more new issues 3 weeks later (r = -0."
        )
