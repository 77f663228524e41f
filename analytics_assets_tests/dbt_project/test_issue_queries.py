"""The five queries of the framework, word for word, on the issues of the sample: what ours say alike, and what not."""

from __future__ import annotations

import statistics
from collections import Counter

import pytest

from analytics_assets_tests.dbt_project.issue_history import EVER

ISSUES = "with optimization_issues as (select * from staging.stg_issues) "


def test_issues_by_category(sampled_issues):
    theirs = sampled_issues[0].rows(
        ISSUES + "SELECT category, COUNT(*) as count, AVG(time_spent_minutes) as avg_fix_time "
        "FROM optimization_issues WHERE status = 'FIXED' GROUP BY category"
    )
    ours = {r["value"]: r for r in sampled_issues[0].rows("from kpis.issue_statistics where breakdown = 'category'")}
    assert ours.keys() == {row["category"] for row in theirs}
    for row in theirs:
        same = ours[row["category"]]
        assert (row["count"], row["avg_fix_time"]) == (same["fixed_issues"], pytest.approx(same["avg_fix_minutes"]))


def test_issues_by_priority_where_theirs_counts_whole_days_and_ours_their_parts_too(sampled_issues):
    theirs = sampled_issues[0].rows(
        ISSUES + "SELECT priority, COUNT(*) as count, "
        "AVG(DATE_PART('day', fixed_date - first_seen)) as avg_days_to_fix "
        "FROM optimization_issues WHERE status = 'FIXED' GROUP BY priority"
    )
    ours = {r["value"]: r for r in sampled_issues[0].rows("from kpis.issue_statistics where breakdown = 'priority'")}
    assert len(theirs) == 4
    for row in theirs:
        same = ours[str(row["priority"])]
        assert row["count"] == same["fixed_issues"]
        assert row["avg_days_to_fix"] <= same["avg_days_to_fix"] < row["avg_days_to_fix"] + 1


def test_recurrence_by_root_cause_where_theirs_knows_the_counter_alone(sampled_issues):
    refresh, issues, _ = sampled_issues
    theirs = refresh.rows(
        ISSUES + "SELECT root_cause_id, COUNT(*) as total, "
        "SUM(CASE WHEN recurrence_count > 0 THEN 1 ELSE 0 END) as recurred, "
        "ROUND(100.0 * SUM(CASE WHEN recurrence_count > 0 THEN 1 ELSE 0 END) / COUNT(*), 1) as rate "
        "FROM optimization_issues GROUP BY root_cause_id"
    )
    ours = {r["value"]: r for r in refresh.rows("from kpis.issue_statistics where breakdown = 'root_cause'")}
    assert ours.keys() == {row["root_cause_id"] for row in theirs}
    unseen = Counter(one.record["root_cause_id"] for one in issues if one.back_by(EVER) and not one.is_counted_back)
    assert sum(unseen.values()) > 5
    for row in theirs:
        cause = row["root_cause_id"]
        told = (row["total"], row["recurred"] + unseen[cause])
        assert told == (ours[cause]["issues"], ours[cause]["recurred_issues"])


def test_fixes_without_a_root_cause(sampled_issues):
    theirs = sampled_issues[0].rows(
        ISSUES + "SELECT id, issue FROM optimization_issues WHERE root_cause_id IS NULL AND status = 'FIXED'"
    )
    assert len(theirs) > 5
    ours = sampled_issues[0].rows("select id, issue from kpis.unexplained_fixes")
    assert sorted(row["id"] for row in theirs) == sorted(row["id"] for row in ours)


def test_unusually_long_times(sampled_issues):
    refresh, issues, _ = sampled_issues
    theirs = refresh.rows(
        ISSUES + "SELECT id, issue, time_spent_minutes FROM optimization_issues WHERE time_spent_minutes > ("
        "SELECT AVG(time_spent_minutes) + 2 * STDDEV(time_spent_minutes) "
        "FROM optimization_issues WHERE status = 'FIXED')"
    )
    ours = refresh.rows("select * from kpis.long_fixes")
    assert len(theirs) > 5
    assert sorted(row["id"] for row in theirs) == sorted(row["id"] for row in ours)
    minutes = [one.record["time_spent_minutes"] for one in issues if one.record["status"] == "FIXED"]
    usual, spread = statistics.fmean(minutes), statistics.stdev(minutes)
    for row in ours:
        told = (row["mean_minutes"], row["sd_minutes"], row["limit_minutes"], row["deviations"])
        assert told == pytest.approx((usual, spread, usual + 2 * spread, (row["time_spent_minutes"] - usual) / spread))
