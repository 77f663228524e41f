"""Rates and shares of critical issues against their textbook values."""

from __future__ import annotations

import pytest
from scipy.stats import beta, chi2

from analytics_assets.lib.critical_outlook import critical_outlook


def test_the_interval_of_a_rate_is_that_of_a_poisson_count():
    # A Gamma quantile is half of that of chi-square with twice the shape.
    (row,) = critical_outlook({"a": 6}, 12.0)
    assert row["p0_per_week"] == pytest.approx(6.5 / 12)
    assert row["p0_per_week_low"] == pytest.approx(chi2.ppf(0.025, 13) / 24)
    assert row["p0_per_week_high"] == pytest.approx(chi2.ppf(0.975, 13) / 24)


def test_the_shares_add_up_and_the_likeliest_comes_first():
    rows = critical_outlook({"a": 2, "b": 7, "c": 0}, 12.0)
    assert [row["category"] for row in rows] == ["b", "a", "c"]
    assert sum(row["probability_next"] for row in rows) == pytest.approx(1)
    assert rows[0]["probability_next_low"] == pytest.approx(beta.ppf(0.025, 7.5, 3.0))
    assert (rows[2]["p0_per_week_low"], rows[2]["probability_next_low"]) == (0.0, 0.0)
    assert rows[0]["reason"] == "7 of 9 critical issues of 12.0 weeks came from it"


def test_a_single_category_has_all_of_them():
    (row,) = critical_outlook({"a": 9}, 12.0)
    assert row["probability_next"] == row["probability_next_low"] == row["probability_next_high"] == 1.0


def test_too_few_issues_or_weeks_have_no_figures_but_a_reason():
    (few,) = critical_outlook({"a": 4}, 12.0)
    assert "probability_next" not in few
    assert "5 issues needed" in few["reason"]
    (short,) = critical_outlook({"a": 9}, 3.0)
    assert "p0_per_week" not in short
    assert "4 weeks needed" in short["reason"]
    assert critical_outlook({}, 0.0) == []
