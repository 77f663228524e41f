"""Every table of issues says what a plain count in Python says, on the issues and reviews of the sample."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest

from analytics_assets.lib.rates import wilson_interval
from analytics_assets_tests.dbt_project.issue_history import (
    EVER,
    SAMPLE_END,
    WEEK,
    WEIGHTS,
    debt,
    end_of,
    kpis_at,
    mean,
    of_scope,
)
from analytics_assets_tests.dbt_project.run_history import assert_table, percentile


def test_as_of_is_the_newest_time_that_any_record_says(sampled_issues):
    refresh, issues, reviews = sampled_issues
    known = [end for one in issues for _, end, _ in one.spans if end]
    known += [max(one.record["first_seen"], one.record["updated_at"]) for one in issues]
    known += [r["run_date"] for r in reviews]
    assert refresh.row("select as_of from staging.stg_issue_clock") == {"as_of": max(known)}


def test_openings_are_those_of_a_plain_reading(sampled_issues):
    refresh, issues, _ = sampled_issues
    found = refresh.rows("select * from staging.stg_issue_openings")
    told = {(row["id"], row["opening"]): [row["opened_at"], row["closed_at"], row["closed_as"]] for row in found}
    assert told == {(one.record["id"], n): span for one in issues for n, span in enumerate(one.spans, start=1)}
    assert sum(len(one.spans) > 1 for one in issues) > 5


def test_every_kpi_of_every_day_and_scope_is_that_of_a_plain_count(sampled_issues):
    refresh, issues, _ = sampled_issues
    rows = refresh.rows("select * from kpis.optimization_kpis")
    as_of = rows[0]["as_of"]
    scopes = {"all"} | {one.record["category"] for one in issues}
    assert len(rows) == 91 * len(scopes) * 11
    expected = {}
    for scope in scopes:
        of = of_scope(issues, scope)
        for n in range(90):
            day = as_of.date() - timedelta(days=n)
            for kpi, value in kpis_at(of, end_of(day, as_of)).items():
                expected[day, False, scope, kpi] = value
        # The same moment seven days ago, which is not the end of its day.
        for kpi, value in kpis_at(of, as_of - WEEK).items():
            expected[(as_of - WEEK).date(), True, scope, kpi] = value
    assert as_of != end_of(as_of.date(), EVER)
    found = {(row["day"], row["is_week_ago"], row["scope"], row["kpi"]): row["value"] for row in rows}
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        assert found[key] == (None if value is None else pytest.approx(value)), key
    assert {row["reason"] for row in rows} >= {None, "no issue was known by then", "no fix is recorded so far"}


def test_health_of_a_review_is_that_of_the_open_issues_once_the_older_ones_are_gone(sampled_issues):
    # What the sample's reviewer says was computed from the plans of the issues, not from their records.
    refresh, _, reviews = sampled_issues
    debts = {row["id"]: row["issue_debt"] for row in refresh.rows("select * from kpis.review_trends")}
    late = [r for r in reviews if r["run_date"] > SAMPLE_END - timedelta(days=14)]
    assert len(late) > 10
    for one in late:
        assert one["health_score_overall"] == pytest.approx(100 * (1 - debts[one["id"]] / 200), abs=0.1)


def test_each_week_has_its_health_its_debt_and_what_came_and_went(sampled_issues):
    refresh, issues, reviews = sampled_issues
    rows = refresh.rows("select * from kpis.weekly_health")
    assert {row["scope"] for row in rows} == {"overall", "planning", "commands", "agents", "infrastructure"}
    for row in rows:
        scope, begin = row["scope"], datetime.combine(row["week"], datetime.min.time())
        end = end_of(row["week"], row["as_of"], days=7)
        of = [one for one in of_scope(issues, scope) if one.record["first_seen"] <= end]
        before = begin - timedelta(microseconds=1)
        counted = (
            debt(of, end) if of else None,
            sum(one.record["first_seen"] >= begin for one in of) if of else None,
            sum(one.fixes(before, end) for one in of) if of else None,
        )
        assert (row["issue_debt"], row["new_issues"], row["fixed_issues"]) == counted, (scope, begin)
        assert row["reason"] == (None if of else "no issue was known by then")
        assert row["is_finished"] == (begin + WEEK <= row["as_of"])
        if scope == "infrastructure":
            assert row["source"] == "issues"
            assert row["health_score"] == (pytest.approx(100 - counted[0] / 2) if of else None)
        else:
            last = max((r for r in reviews if begin <= r["run_date"] <= end), key=lambda r: r["run_date"])
            assert (row["source"], row["health_score"]) == ("reviews", last[f"health_score_{scope}"])


def test_features_are_those_of_the_framework_in_plain_python(sampled_issues):
    refresh, issues, _ = sampled_issues
    expected = {}
    for one in issues:
        record = one.record
        files, lines = len(record["files_affected"]), record["lines_over_limit"] or 0
        complexity = files * 2 + lines / 50 + (record["duplicate_count"] or 0) * 1.5
        came_back = sum(how == "FIXED" for _, _, how in one.spans[:-1])
        recurrences = max(record["recurrence_count"], came_back)
        impact = (4 - record["priority"]) * 3 + recurrences * 5 + 2 * (record["category"] == "commands")
        spent = record["time_spent_minutes"]
        expected[(record["id"],)] = {
            "status": record["status"],
            "complexity_score": complexity,
            "impact_score": float(impact),
            "roi_score": impact / (complexity + 1),
            "efficiency": record["expected_minutes"] / spent if spent else None,
            "recurrences": recurrences,
            "is_recurred": one.back_by(EVER),
            "is_ever_fixed": one.fixed_by(EVER),
            "is_recurrence_known": True,
            "days_to_fix": one.days_to_fix(EVER) if record["status"] == "FIXED" else None,
            "openings": len(one.spans),
            "problem": None,
        }
    assert_table(refresh.rows("select * from kpis.issue_features"), ("id",), expected)


def test_weeks_of_issues_are_those_of_a_plain_count(sampled_issues):
    refresh, issues, _ = sampled_issues
    rows = refresh.rows("select * from summaries.weekly_issues")
    as_of = rows[0]["as_of"]
    keys = ("category", "priority", "root_cause_id")
    expected = {}
    week = min(one.record["first_seen"] for one in issues).date()
    week -= timedelta(days=week.weekday())
    while week <= as_of.date():
        end, before = end_of(week, as_of, days=7), datetime.combine(week, datetime.min.time()) - timedelta.resolution
        for key in {tuple(one.record[name] for name in keys) for one in issues}:
            of = [one for one in issues if tuple(one.record[name] for name in keys) == key]
            closed = Counter(how for one in of for _, at, how in one.spans if at and before < at <= end)
            counts = {
                "new_issues": sum(before < one.spans[0][0] <= end for one in of),
                "reopened_issues": sum(before < span[0] <= end for one in of for span in one.spans[1:]),
                "fixed_issues": closed["FIXED"],
                "wont_fix_issues": closed["WONT_FIX"],
                "open_issues": sum(one.open_at(end) for one in of),
            }
            if any(counts.values()):
                expected[week, *key] = counts | {"open_debt": counts["open_issues"] * WEIGHTS[key[1]]}
        week += WEEK
    assert sum(row["reopened_issues"] for row in rows) > 5
    assert_table(rows, ("week", *keys), expected)


def test_statistics_of_every_breakdown_are_those_of_a_plain_count(sampled_issues):
    refresh, issues, _ = sampled_issues
    columns = {
        "category": "category",
        "subcategory": "subcategory",
        "priority": "priority",
        "root_cause": "root_cause_id",
    }
    classes = {("all", None): issues}
    for breakdown, column in columns.items():
        for one in issues:
            value = one.record[column]
            classes.setdefault((breakdown, None if value is None else str(value)), []).append(one)
    expected = {}
    for key, of in classes.items():
        fixes = [one for one in of if one.record["status"] == "FIXED"]
        minutes = [one.record["time_spent_minutes"] for one in fixes]
        days = [one.days_to_fix(EVER) for one in fixes]
        back = sum(one.back_by(EVER) for one in of)
        ever_fixed = sum(one.fixed_by(EVER) for one in of)
        share, rate = wilson_interval(back, len(of)), wilson_interval(back, ever_fixed)
        expected[key] = {
            "issues": len(of),
            "open_issues": sum(one.is_open for one in of),
            "fixed_issues": len(fixes),
            "wont_fix_issues": sum(one.record["status"] == "WONT_FIX" for one in of),
            "avg_fix_minutes": mean(minutes),
            "median_fix_minutes": percentile(minutes, 0.5),
            "p90_fix_minutes": percentile(minutes, 0.9),
            "avg_days_to_fix": mean(days),
            "median_days_to_fix": percentile(days, 0.5),
            "p90_days_to_fix": percentile(days, 0.9),
            "ever_fixed_issues": ever_fixed,
            "recurred_issues": back,
            "recurred_share": back / len(of),
            "recurred_share_low": share.low,
            "recurred_share_high": share.high,
            "recurrence_rate": back / ever_fixed if ever_fixed else None,
            "recurrence_rate_low": rate.low,
            "recurrence_rate_high": rate.high,
            "share_of_issues": len(of) / len(issues),
            "debt": debt(of, EVER),
            "first_seen_at": min(one.record["first_seen"] for one in of),
            "last_seen_at": max(one.record["first_seen"] for one in of),
        }
    assert_table(refresh.rows("select * from kpis.issue_statistics"), ("breakdown", "value"), expected)


def test_root_causes_move_as_a_plain_count_has_it(sampled_issues):
    refresh, issues, _ = sampled_issues
    rows = refresh.rows("select * from kpis.root_cause_progress")
    as_of = rows[0]["as_of"]
    ago = as_of - WEEK
    expected = {}
    for cause in {one.record["root_cause_id"] for one in issues}:
        of = [one for one in issues if one.record["root_cause_id"] == cause]
        counts = Counter(one.record["subcategory"] for one in of)
        expected[(cause,)] = {
            "subcategory": min(counts, key=lambda name: (-counts[name], name)),
            "open_issues": sum(one.is_open for one in of),
            "open_week_ago": sum(one.open_at(ago) for one in of),
            "new_issues": sum(one.record["first_seen"] > ago for one in of),
            "reopened_issues": sum(ago < span[0] <= as_of for one in of for span in one.spans[1:]),
            "fixed_issues": sum(one.fixes(ago, as_of) for one in of),
            "wont_fix_issues": sum(how == "WONT_FIX" and end > ago for one in of for _, end, how in one.spans),
            "issues": len(of),
            "share_of_issues": len(of) / len(issues),
        }
    assert (None,) in expected
    assert_table(rows, ("root_cause_id",), expected)
    came = [row["open_week_ago"] + row["new_issues"] + row["reopened_issues"] for row in rows]
    assert [n - row["fixed_issues"] - row["wont_fix_issues"] for n, row in zip(came, rows, strict=True)] == [
        row["open_issues"] for row in rows
    ]
    assert sum(row["reopened_issues"] for row in rows) > 0 < sum(row["wont_fix_issues"] for row in rows)
    then = refresh.row(
        "select value from kpis.optimization_kpis where is_week_ago and scope = 'all' and kpi = 'open_issues'"
    )
    assert then == {"value": sum(row["open_week_ago"] for row in rows)}


def test_trends_of_reviews_are_those_of_a_plain_count(sampled_issues):
    refresh, issues, reviews = sampled_issues
    reviews = sorted(reviews, key=lambda one: one["run_date"])
    expected = {}
    for n, one in enumerate(reviews):
        at, score = one["run_date"], one["health_score_overall"]
        known = [found for found in issues if found.record["first_seen"] <= at]
        week_ago = [r["health_score_overall"] for r in reviews if r["run_date"] <= at - WEEK]
        expected[(one["id"],)] = {
            "health_delta": score - reviews[n - 1]["health_score_overall"] if n else None,
            "health_delta_week": score - week_ago[-1] if week_ago else None,
            "burn_rate": one["issues_fixed"] / one["issues_found"] if one["issues_found"] else None,
            "burn_reason": None if one["issues_found"] else "no issue was found",
            "issue_debt": debt(known, at) if known else None,
        }
    debts = [expected[one["id"],]["issue_debt"] for one in reviews]
    for n, one in enumerate(reviews):
        known = n and debts[n - 1] is not None
        expected[one["id"],]["debt_trend"] = debts[n] - debts[n - 1] if known else None
    assert_table(refresh.rows("select * from kpis.review_trends"), ("id",), expected)
