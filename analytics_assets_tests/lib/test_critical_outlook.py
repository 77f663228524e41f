"""Rates and shares of critical issues against their textbook values, and what the shares are worth."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest
from scipy.stats import beta, chi2

from analytics_assets.lib import critical_outlook as module
from analytics_assets.lib.critical_outlook import Seen, critical_outlook
from analytics_assets_tests.lib.planted import critical_issues

FIRST = datetime(2026, 1, 1)


def seen(weeks=12.0, **critical):
    """As many critical issues of each category at the start, one that is not critical each, and when it ends."""
    issues = [Seen(category, True, FIRST) for category, count in critical.items() for _ in range(count)]
    return [*issues, *(Seen(category, False, FIRST) for category in critical)], FIRST + timedelta(weeks=weeks)


def test_the_interval_of_a_rate_is_that_of_a_poisson_count():
    # A Gamma quantile is half of that of chi-square with twice the shape.
    (row,) = critical_outlook(*seen(a=6)).rows
    assert row["p0_per_week"] == pytest.approx(6.5 / 12)
    assert row["p0_per_week_low"] == pytest.approx(chi2.ppf(0.025, 13) / 24)
    assert row["p0_per_week_high"] == pytest.approx(chi2.ppf(0.975, 13) / 24)


def test_shares_that_foretold_the_newest_critical_issues_are_the_answer():
    issues, as_of = critical_issues(0, 600, is_noise=False)
    outlook = critical_outlook(issues, as_of)
    critical = [one.category for one in issues if one.is_critical]
    first = outlook.rows[0]
    assert outlook.judged.is_published
    assert (first["category"], first["method"], first["n"]) == ("a", "critical_issues", len(critical))
    own, others = critical.count("a") + 0.5, len(critical) - critical.count("a") + 1
    assert first["probability_next"] == pytest.approx(own / (own + others))
    assert first["probability_next_low"] == pytest.approx(beta.ppf(0.025, own, others))
    assert sum(row["probability_next"] for row in outlook.rows) == pytest.approx(1)
    assert first["reason"].startswith(f"{critical.count('a')} of {len(critical)} critical issues of 17.9 weeks")


def test_critical_issues_that_come_as_all_others_are_published_once_in_twenty_times_at_most():
    published = [critical_outlook(*critical_issues(seed, 500, is_noise=True)).judged.is_published for seed in range(40)]
    assert sum(published) <= 4


def test_shares_that_are_no_better_give_way_to_the_simple_answer_under_its_name():
    issues, as_of = critical_issues(1, 600, is_noise=True)
    outlook = critical_outlook(issues, as_of)
    assert not outlook.judged.is_published
    assert outlook.judged.naive_name == "the shares of all issues"
    assert {(row["method"], row["n"]) for row in outlook.rows} == {("all_issues", 600)}
    for row in outlook.rows:
        count = sum(one.category == row["category"] for one in issues)
        assert row["probability_next"] == pytest.approx((count + 0.5) / 601.5)
        assert outlook.judged.reason in row["reason"]


def test_categories_that_are_alike_are_answered_so_without_an_interval():
    rng = np.random.default_rng(0)
    issues = [Seen(str(rng.choice(["a", "b"])), True, FIRST + timedelta(hours=n)) for n in range(100)] + [
        Seen("a", False, FIRST + timedelta(minutes=n)) for n in range(500)
    ]
    outlook = critical_outlook(issues, FIRST + timedelta(weeks=12))
    assert outlook.judged.naive_name == "every category alike"
    assert not outlook.judged.is_published
    assert [(row["probability_next"], row.get("probability_next_low")) for row in outlook.rows] == [(0.5, None)] * 2


def test_each_critical_issue_is_foretold_from_those_before_it_alone():
    issues, _ = critical_issues(0, 200, is_noise=False)
    given = [shares for _, shares in module._foretold(issues)]
    critical = [one for one in issues if one.is_critical]
    for one, shares in zip(critical, given, strict=True):
        before = [other for other in issues if other.first_seen < one.first_seen]
        known = len({other.category for other in before})
        hits = [other.category for other in before if other.is_critical]
        if one.category in {other.category for other in before}:
            assert shares["critical_issues"] == (hits.count(one.category) + 0.5) / (len(hits) + known / 2)
            assert shares["uniform"] == 1 / known
        else:
            assert set(shares.values()) == {0.0}


def test_what_is_seen_at_one_moment_does_not_foretell_itself():
    issues, as_of = seen(a=80, b=1)
    assert all(set(shares.values()) == {0.0} for _, shares in module._foretold(issues))
    assert critical_outlook(issues, as_of).judged.reason.startswith("not enough data to judge")


def test_too_few_to_judge_are_answered_with_the_shares_of_all_issues():
    rows = critical_outlook(*seen(a=2, b=7, c=0)).rows
    assert [row["category"] for row in rows] == ["b", "a", "c"]
    assert {row["method"] for row in rows} == {"all_issues"}
    assert rows[0]["probability_next"] == pytest.approx(8.5 / 13.5)
    assert (rows[2]["p0_issues"], rows[2]["p0_per_week_low"]) == (0, 0.0)
    assert "9 examples, 60 needed" in rows[0]["reason"]


def test_without_a_critical_issue_it_is_said_so():
    issues, as_of = seen(a=0, b=0)
    rows = critical_outlook(issues, as_of).rows
    assert [row["reason"].split("; ")[0] for row in rows] == ["no critical issue so far"] * 2
    (short, _) = critical_outlook(issues, FIRST + timedelta(weeks=1)).rows
    assert short["reason"].startswith("no critical issue so far; not enough data for a rate: 4 weeks needed")


def test_a_single_category_has_all_of_them():
    (row,) = critical_outlook(*seen(a=9)).rows
    assert row["probability_next"] == row["probability_next_low"] == row["probability_next_high"] == 1.0


def test_too_few_issues_or_weeks_have_no_figures_but_a_reason():
    (few,) = critical_outlook(*seen(a=4)).rows
    assert ("probability_next" in few, few["method"]) == (False, "insufficient_history")
    (short,) = critical_outlook(*seen(weeks=3, a=9)).rows
    assert "p0_per_week" not in short
    assert "4 weeks needed" in short["reason"]
    assert critical_outlook([], FIRST).rows == []
