"""Issues as trackers really send them: late, twice, without dates, impossible, or not at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.ingest import ingest
from analytics_assets_tests.dbt_project.issue_history import MODELS, fixed, issue, review

TABLES = (
    "staging.stg_issue_openings",
    "summaries.weekly_issues",
    "kpis.issue_features",
    "kpis.issue_statistics",
    "kpis.unexplained_fixes",
    "kpis.long_fixes",
    "kpis.optimization_kpis",
    "kpis.root_cause_progress",
)


def _built(refresh, *issues, as_of=""):
    """Every model of issues, with its tests; returns what the last run warned of."""
    if issues:
        refresh.take("issues", list(issues))
    result = refresh.dbt("build", *MODELS, as_of=as_of)
    assert result.success, [f"{r.node.name}: {r.message}" for r in result.result or () if r.status in ("error", "fail")]
    return {r.node.name for r in result.result if r.status == "warn"}


def _features(refresh):
    return {row["id"]: row for row in refresh.rows("select * from kpis.issue_features")}


def _kpis(refresh, day="max(day)"):
    """KPI -> (value, reason) of the whole on the last day."""
    rows = refresh.rows(
        f"select kpi, value, reason from kpis.optimization_kpis where scope = 'all' "
        f"and day = (select {day} from kpis.optimization_kpis)"
    )
    return {row["kpi"]: (row["value"], row["reason"]) for row in rows}


def test_without_any_record_every_table_is_there_and_empty(refresh):
    refresh.ingest()
    assert _built(refresh) == set()
    for table in (*TABLES, "staging.stg_issue_clock", "kpis.weekly_health", "kpis.review_trends"):
        assert refresh.rows(f"select * from {table}") == [], table


def test_reviews_alone_have_health_and_trends_and_no_issue_is_made_up(refresh):
    refresh.take("reviews", [review("a", "2026-01-05T06:00:00Z", health_score_overall=80, issues_found=0)])
    _built(refresh)
    assert all(refresh.rows(f"select * from {table}") == [] for table in TABLES)
    trend = refresh.row("select * from kpis.review_trends")
    assert (trend["burn_rate"], trend["burn_reason"], trend["issue_debt"]) == (None, "no issue was found", None)
    health = {row["scope"]: row for row in refresh.rows("select * from kpis.weekly_health")}
    assert health.keys() == {"overall", "planning", "commands", "agents"}
    assert (health["overall"]["health_score"], health["overall"]["source"]) == (80.0, "reviews")
    assert {row["issue_debt"] for row in health.values()} == {None}
    assert (health["agents"]["health_score"], health["agents"]["source"]) == (None, "issues")


def test_a_priority_of_7_is_put_aside_and_the_issues_beside_it_stay(refresh):
    path = refresh.settings.inbox / "issues" / "mixed.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text("".join(json.dumps(r) + "\n" for r in (issue("bad", priority=7), issue("good"))), encoding="utf-8")
    with connect(refresh.settings) as con:
        ingest(con, refresh.settings)
    _built(refresh)
    assert refresh.row("select field from raw.quarantined_lines") == {"field": "priority"}
    assert _features(refresh).keys() == {"good"}
    assert _kpis(refresh)["issue_debt"] == (4.0, None)


def test_an_issue_fixed_before_it_was_seen_is_fixed_at_no_known_time_and_somebody_is_told(refresh):
    warned = _built(refresh, fixed("a", "2025-12-24T00:00:00Z", priority=0, time_spent_minutes=5), issue("b"))
    assert warned == {"fixed_after_first_seen", "closings_have_a_time"}
    row = _features(refresh)["a"]
    assert (row["status"], row["days_to_fix"], row["days_open"]) == ("FIXED", None, None)
    assert row["problem"] == "fixed before it was first seen"
    kpis = _kpis(refresh)
    assert kpis["time_to_fix_p0"] == (None, "no fix of this priority has its dates so far")
    assert kpis["fix_velocity"] == (None, "no fix so far has a known time")
    assert kpis["fix_minutes"] == (None, "no fix so far has a known time")
    assert kpis["open_issues"] == (1.0, None)


def test_a_fix_without_a_date_is_of_the_time_of_its_version_and_has_no_time_to_fix(refresh):
    warned = _built(refresh, issue("a", status="FIXED", updated_at="2026-01-04T00:00:00Z"))
    assert warned == {"fixed_issues_have_a_date"}
    row = _features(refresh)["a"]
    assert (row["days_to_fix"], row["days_open"], row["problem"]) == (None, 3.0, "fixed without a date")
    kpis = _kpis(refresh)
    assert kpis["fix_velocity"] == (1.0, None)
    assert kpis["time_to_fix_p1"] == (None, "no fix of this priority has its dates so far")


def test_without_a_fix_nothing_is_known_of_fixes_and_the_rest_is(refresh):
    _built(refresh, issue("a"), issue("b", priority=3, status="WONT_FIX", updated_at="2026-01-02T00:00:00Z"))
    kpis = _kpis(refresh)
    unfixed = ("recurrence_rate", "fix_velocity", "fix_minutes", *(f"time_to_fix_p{n}" for n in range(4)))
    assert {kpis[name] for name in unfixed} == {(None, "no fix is recorded so far")}
    assert kpis["health_score"] == (98.0, None)
    assert (kpis["issue_debt"], kpis["open_issues"], kpis["new_issues"]) == ((4.0, None), (1.0, None), (2.0, None))
    totals = refresh.row("select * from kpis.issue_statistics where breakdown = 'all'")
    names = ("avg_fix_minutes", "median_fix_minutes", "p90_fix_minutes", "avg_days_to_fix", "p90_days_to_fix")
    assert {totals[name] for name in names} == {None}
    assert (totals["recurrence_rate"], totals["wont_fix_issues"]) == (0.0, 1)
    assert refresh.rows("select * from kpis.long_fixes") == []


def test_no_open_issue_is_a_debt_of_0_and_a_week_without_a_fix_a_velocity_of_0(refresh):
    refresh.take("reviews", [review("r", "2026-02-01T00:00:00Z")])
    _built(refresh, fixed("a", "2026-01-02T00:00:00Z", recurrence_count=0))
    kpis = _kpis(refresh)
    assert (kpis["issue_debt"], kpis["health_score"], kpis["fix_velocity"]) == ((0.0, None), (100.0, None), (0.0, None))
    assert kpis["fix_minutes"] == (None, "no fix in these 7 days")
    assert kpis["recurrence_rate"] == (0.0, None)


def test_a_day_before_the_first_issue_has_no_figure_and_says_so(refresh):
    _built(refresh, issue("a"))
    before = _kpis(refresh, "min(day)")
    assert len(before) == 11
    assert set(before.values()) == {(None, "no issue was known by then")}


def test_when_no_time_was_recorded_no_time_is_known(refresh):
    _built(refresh, *(fixed(key, "2026-01-02T00:00:00Z") for key in "abc"))
    assert _kpis(refresh)["fix_minutes"] == (None, "no time is recorded for the fixes of these 7 days")
    totals = refresh.row("select * from kpis.issue_statistics where breakdown = 'all'")
    assert (totals["timed_fixes"], totals["avg_fix_minutes"], totals["avg_days_to_fix"]) == (0, None, 1.0)
    assert {row["efficiency"] for row in _features(refresh).values()} == {None}


def test_a_time_spent_of_0_is_a_problem_and_no_division(refresh):
    _built(refresh, fixed("a", "2026-01-02T00:00:00Z", time_spent_minutes=0, expected_minutes=10))
    row = _features(refresh)["a"]
    assert (row["efficiency"], row["problem"], row["days_to_fix"]) == (None, "time spent is 0", 1.0)


def test_one_category_alone_is_the_whole(refresh):
    _built(refresh, issue("a"), fixed("b", "2026-01-02T00:00:00Z", time_spent_minutes=7, recurrence_count=0))
    differ = "select kpi from kpis.optimization_kpis group by day, kpi having count(distinct coalesce(value, -1)) > 1"
    assert refresh.rows(differ) == []
    assert {r["scope"] for r in refresh.rows("select distinct scope from kpis.optimization_kpis")} == {
        "all",
        "commands",
    }


def test_a_category_named_as_the_whole_does_not_pass_for_it(refresh):
    _built(refresh, issue("a", category="all"), issue("b", category="overall"))
    assert _kpis(refresh)["open_issues"] == (2.0, None)
    assert refresh.row("select max(issue_debt) as debt from kpis.weekly_health where scope = 'overall'") == {"debt": 8}


def test_an_issue_opened_again_after_its_fix_came_back_whatever_the_counter_says(refresh):
    _built(
        refresh,
        issue("a", recurrence_count=0, updated_at="2026-01-01T00:00:00Z"),
        fixed("a", "2026-01-03T00:00:00Z", recurrence_count=0, updated_at="2026-01-03T00:00:00Z"),
        issue("a", recurrence_count=0, updated_at="2026-01-05T00:00:00Z"),
    )
    row = _features(refresh)["a"]
    assert (row["is_recurred"], row["recurrences"], row["recurrence_count"]) == (True, 1, 0)
    assert (row["openings"], row["days_open"], row["is_open"]) == (2, 2.0, True)
    kpis = _kpis(refresh)
    assert kpis["recurrence_rate"] == (100.0, None)
    assert kpis["time_to_fix_p1"] == (None, "no fix of this priority has its dates so far")
    weeks = refresh.rows("select * from summaries.weekly_issues order by week")
    assert [(w["new_issues"], w["fixed_issues"], w["reopened_issues"], w["open_issues"]) for w in weeks] == [
        (1, 1, 0, 0),
        (0, 0, 1, 1),
    ]


def test_what_was_not_to_be_fixed_and_is_opened_again_did_not_come_back_after_a_fix(refresh):
    _built(
        refresh,
        issue("a", status="WONT_FIX", updated_at="2026-01-03T00:00:00Z"),
        issue("a", updated_at="2026-01-05T00:00:00Z"),
    )
    row = _features(refresh)["a"]
    assert (row["openings"], row["is_open"], row["is_recurred"], row["is_ever_fixed"]) == (2, True, False, False)
    assert _kpis(refresh)["recurrence_rate"] == (None, "no fix is recorded so far")


def test_versions_that_arrive_out_of_order_make_the_same_openings(refresh):
    versions = [
        issue("a", updated_at="2026-01-01T00:00:00Z"),
        fixed("a", "2026-01-03T00:00:00Z", updated_at="2026-01-03T00:00:00Z"),
        issue("a", updated_at="2026-01-05T00:00:00Z"),
        fixed("a", "2026-01-07T00:00:00Z", updated_at="2026-01-07T00:00:00Z"),
    ]
    for version in reversed(versions):
        refresh.take("issues", [version])
    _built(refresh)
    openings = refresh.rows("select * from staging.stg_issue_openings order by opening")
    assert [(row["opened_at"].day, row["closed_at"].day, row["days_to_fix"]) for row in openings] == [
        (1, 3, 2.0),
        (5, 7, 6.0),
    ]
    assert _features(refresh)["a"]["days_to_fix"] == 6.0


def test_a_tracker_without_a_counter_and_without_history_does_not_say_what_came_back(refresh):
    _built(refresh, fixed("a", "2026-01-03T00:00:00Z"))
    assert _kpis(refresh)["recurrence_rate"] == (None, "nothing says whether a fixed issue came back")
    refresh.take("issues", [fixed("a", "2026-01-03T00:00:00Z", resolution="done", updated_at="2026-01-09T00:00:00Z")])
    _built(refresh)
    # It was looked at after its fix, and had not come back.
    assert _kpis(refresh)["recurrence_rate"] == (0.0, None)


def test_what_comes_after_as_of_is_counted_nowhere(refresh):
    refresh.take("reviews", [review("r", "2026-01-20T00:00:00Z", health_score_overall=10)])
    _built(
        refresh,
        fixed("fixed later", "2026-01-12T00:00:00Z", time_spent_minutes=50, updated_at="2026-01-12T00:00:00Z"),
        fixed("known", "2026-01-05T00:00:00Z", time_spent_minutes=10, recurrence_count=0),
        issue("seen later", first_seen="2026-01-11T00:00:00Z", root_cause_id="later"),
        as_of="2026-01-10T00:00:00",
    )
    rows = _features(refresh)
    assert {key: (row["status"], row["time_spent_minutes"]) for key, row in rows.items()} == {
        "fixed later": ("OPEN", None),
        "known": ("FIXED", 10.0),
    }
    assert {row["as_of"] for row in rows.values()} == {datetime(2026, 1, 10)}
    totals = refresh.row("select * from kpis.issue_statistics where breakdown = 'all'")
    assert (totals["issues"], totals["open_issues"], totals["avg_fix_minutes"]) == (2, 1, 10.0)
    kpis = _kpis(refresh)
    assert (kpis["open_issues"], kpis["fix_velocity"], kpis["fix_minutes"]) == ((1.0, None), (1.0, None), (10.0, None))
    causes = refresh.rows("select root_cause_id, issues from kpis.root_cause_progress")
    assert causes == [{"root_cause_id": None, "issues": 2}]
    assert refresh.rows("select * from kpis.review_trends") == []
    assert refresh.row("select max(week) as week from summaries.weekly_issues")["week"].isoformat() == "2026-01-05"


def test_a_date_in_the_future_ends_no_window(refresh):
    # Ingestion puts aside what is more than a day ahead.
    soon = (datetime.now(UTC) + timedelta(hours=12)).isoformat()
    _built(refresh, fixed("a", soon), issue("b", first_seen="2026-01-05T00:00:00Z"))
    assert refresh.row("select as_of from staging.stg_issue_clock") == {"as_of": datetime(2026, 1, 5)}
    assert _features(refresh)["a"]["status"] == "OPEN"


@pytest.mark.parametrize(("most", "health"), [("8", 50.0), ("2", 0.0)])
def test_health_is_0_at_the_debt_that_is_set_and_never_below(refresh, monkeypatch, most, health):
    monkeypatch.setenv("ANALYTICS_HEALTH_MAX_DEBT", most)
    _built(refresh, issue("a"))
    assert _kpis(refresh)["health_score"] == (health, None)


@pytest.mark.parametrize("kind", ["issues", "reviews"])
def test_what_lands_of_either_kind_rebuilds_every_table_of_both(manifest, kind):
    # The sensor asks for all that is downstream of the tables that landed.
    parents = {uid: set(node["depends_on"]["nodes"]) for uid, node in manifest["nodes"].items()}
    reached = {f"source.analytics_assets.raw.{kind}"}
    while found := {uid for uid, read in parents.items() if read & reached} - reached:
        reached |= found
    rebuilt = {uid.rsplit(".", 1)[-1] for uid in reached}
    tables = {table.split(".")[1] for table in TABLES}
    assert tables | {"stg_issue_clock", "weekly_health", "review_trends"} <= rebuilt
