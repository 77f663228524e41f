"""Issues as trackers really send them: late, twice, without dates, impossible, or not at all."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.ingest import ingest
from analytics_assets_tests.dbt_project.conftest import Kept, start_over
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
AS_OF = datetime(2026, 2, 1)
SOON = (datetime.now(UTC) + timedelta(hours=12)).isoformat()
"""In the future, but not more than the day ahead that ingestion allows."""
TRACKERS = {
    "one of priority 7": [issue("bad", priority=7), issue("good")],
    "fixed before it was seen": [fixed("a", "2025-12-24T00:00:00Z", priority=0, time_spent_minutes=5), issue("b")],
    "fixed without a date": [issue("a", status="FIXED", updated_at="2026-01-04T00:00:00Z")],
    "never fixed": [issue("a"), issue("b", priority=3, status="WONT_FIX", updated_at="2026-01-02T00:00:00Z")],
    "all fixed": [fixed("a", "2026-01-02T00:00:00Z", recurrence_count=0)],
    "no time recorded": [fixed(key, "2026-01-02T00:00:00Z") for key in "abc"],
    "no time spent": [fixed("a", "2026-01-02T00:00:00Z", time_spent_minutes=0, expected_minutes=10)],
    # Named as the whole is, in one table and in the other.
    "all": [issue("a")],
    "overall": [issue("a")],
    "opened again": [
        issue("a", recurrence_count=0, updated_at="2026-01-01T00:00:00Z"),
        fixed("a", "2026-01-03T00:00:00Z", recurrence_count=0, updated_at="2026-01-03T00:00:00Z"),
        issue("a", recurrence_count=0, updated_at="2026-01-05T00:00:00Z"),
    ],
    "not to be fixed and opened again": [
        issue("a", status="WONT_FIX", updated_at="2026-01-03T00:00:00Z"),
        issue("a", updated_at="2026-01-05T00:00:00Z"),
    ],
    "without a counter": [
        fixed("a", "2026-01-03T00:00:00Z", updated_at="2026-01-03T00:00:00Z"),
        fixed("a", "2026-01-03T00:00:00Z", resolution="done", updated_at="2026-01-09T00:00:00Z"),
    ],
    "first refused and then fixed": [
        issue("a", status="WONT_FIX", updated_at="2026-01-02T00:00:00Z"),
        fixed("a", "2026-01-03T00:00:00Z", updated_at="2026-01-03T00:00:00Z"),
    ],
    "a counter where nothing was fixed": [fixed("a", "2026-01-03T00:00:00Z"), issue("b", recurrence_count=0)],
    "fixed in the future": [fixed("a", SOON), issue("b", first_seen="2026-01-05T00:00:00Z")],
    "fixed at a time that nobody noted": [
        issue(key, status="FIXED", root_cause_id="nobody noted", priority=priority)
        for priority, key in enumerate("abc")
    ],
    "one of 20 at a time that nobody noted": [
        issue("undated", status="FIXED", root_cause_id="one of 20"),
        *(issue(f"open {n}", root_cause_id="one of 20") for n in range(18)),
        issue("the 20th", root_cause_id="one of 20", first_seen="2026-01-10T00:00:00Z"),
    ],
    "said to be fixed on the 9th": [
        issue("a", status="FIXED", fixed_date="2025-12-24T00:00:00Z", updated_at="2026-01-09T00:00:00Z")
    ],
    "moves of a week": [
        one | {"root_cause_id": "moves"}
        for one in (
            *(issue(f"open {n}") for n in range(2)),
            fixed("long ago", "2026-01-25T00:00:00Z", updated_at="2026-01-25T00:00:00Z"),
            issue("new", first_seen="2026-01-25T00:00:01Z"),
            fixed("new and fixed", "2026-01-28T00:00:00Z", first_seen="2026-01-27T00:00:00Z"),
            fixed("again", "2026-01-05T00:00:00Z", updated_at="2026-01-05T00:00:00Z"),
            issue("again", updated_at="2026-01-26T00:00:00Z"),
            issue("refused", status="WONT_FIX", updated_at="2026-02-01T00:00:00Z"),
            fixed("fixed", "2026-01-31T00:00:00Z"),
        )
    ],
    "open with a date of its fix": [issue("a", fixed_date="2026-01-03T00:00:00Z")],
    "files": [
        issue("written twice", files_affected=[" ./b.md", "a.md\t", "b.md", "", "././a.md", "./", "../c.md", ".d"]),
        issue("blank", files_affected=[" "]),
        issue("none", files_affected=[]),
        issue("unknown"),
    ],
}
"""Trackers side by side, each a category of its own: one build tells of all of them."""
SENT_ONE_BY_ONE = [
    issue("a", updated_at="2026-01-01T00:00:00Z"),
    fixed("a", "2026-01-03T00:00:00Z", updated_at="2026-01-03T00:00:00Z"),
    issue("a", updated_at="2026-01-05T00:00:00Z"),
    fixed("a", "2026-01-07T00:00:00Z", updated_at="2026-01-07T00:00:00Z"),
]


def _built(refresh, *issues, as_of=""):
    """Every model of issues, with its tests; returns of how many rows they warned."""
    if issues:
        refresh.take("issues", list(issues))
    result = refresh.dbt("build", *MODELS, as_of=as_of)
    assert result.success, [f"{r.node.name}: {r.message}" for r in result.result or () if r.status in ("error", "fail")]
    return {r.node.name: r.failures for r in result.result if r.status == "warn"}


def _of_tracker(name, records):
    return [record | {"id": f"{name}/{record['id']}", "category": name} for record in records]


@pytest.fixture(scope="module")
def built_once(dbt_session, tmp_path_factory):
    """All trackers, built; and of how many rows the tests warned."""
    made = start_over(dbt_session)
    path = made.settings.inbox / "issues" / "side by side.jsonl"
    path.parent.mkdir(parents=True)
    lines = [json.dumps(one) + "\n" for name, records in TRACKERS.items() for one in _of_tracker(name, records)]
    path.write_text("".join(lines), encoding="utf-8")
    with connect(made.settings) as con:
        ingest(con, made.settings)
    for version in reversed(_of_tracker("out of order", SENT_ONE_BY_ONE)):
        path.with_name(f"{version['updated_at'][:10]}.jsonl").write_text(json.dumps(version) + "\n", encoding="utf-8")
        with connect(made.settings) as con:
            ingest(con, made.settings)
    path = made.settings.inbox / "reviews" / "last.jsonl"
    path.parent.mkdir()
    path.write_text(json.dumps(review("r", f"{AS_OF.isoformat()}Z")) + "\n", encoding="utf-8")
    with connect(made.settings) as con:
        ingest(con, made.settings)
    warned = _built(made)
    return Kept(made, tmp_path_factory.mktemp("trackers") / "built.duckdb"), warned


@pytest.fixture
def trackers(built_once):
    """What was built of them."""
    return built_once[0]


def _features(trackers, name):
    """Key within the tracker -> row."""
    rows = trackers.rows(f"select * from kpis.issue_features where category = '{name}'")
    return {row["id"].removeprefix(f"{name}/"): row for row in rows}


def _kpis(trackers, scope, day="2026-02-01"):
    """KPI -> (value, reason) on a day."""
    rows = trackers.rows(
        f"select kpi, value, reason from kpis.optimization_kpis "
        f"where scope = '{scope}' and day = date '{day}' and not is_week_ago"
    )
    return {row["kpi"]: (row["value"], row["reason"]) for row in rows}


def _totals(trackers, name):
    return trackers.row(f"select * from kpis.issue_statistics where breakdown = 'category' and value = '{name}'")


def test_a_priority_of_7_is_put_aside_and_the_issues_beside_it_stay(trackers):
    assert trackers.row("select field from raw.quarantined_lines") == {"field": "priority"}
    assert _features(trackers, "one of priority 7").keys() == {"good"}
    assert _kpis(trackers, "one of priority 7")["issue_debt"] == (4.0, None)


def test_somebody_is_told_of_each_issue_that_is_fixed_before_it_was_seen_or_at_no_known_time(built_once):
    assert built_once[1] == {
        "fixed_after_first_seen": 2,
        "closings_have_a_time": 6,
        "fixed_issues_have_a_date": 5,
        "open_issues_have_no_date_of_a_fix": 1,
    }


def test_an_issue_fixed_before_it_was_seen_is_fixed_at_no_known_time(trackers):
    row = _features(trackers, "fixed before it was seen")["a"]
    assert (row["status"], row["days_to_fix"], row["days_open"]) == ("FIXED", None, None)
    assert row["problem"] == "fixed before it was first seen"
    kpis = _kpis(trackers, "fixed before it was seen")
    assert kpis["time_to_fix_p0"] == (None, "no fix of this priority has its dates so far")
    assert kpis["fix_velocity"] == (None, "no fix so far has a known time")
    assert kpis["fix_minutes"] == (None, "no fix so far has a known time")
    assert kpis["open_issues"] == (1.0, None)


def test_a_fix_without_a_date_is_of_the_time_of_its_version_and_has_no_time_to_fix(trackers):
    row = _features(trackers, "fixed without a date")["a"]
    assert (row["days_to_fix"], row["days_open"], row["problem"]) == (None, 3.0, "fixed without a date")
    kpis = _kpis(trackers, "fixed without a date", "2026-01-04")
    assert kpis["fix_velocity"] == (1.0, None)
    assert kpis["time_to_fix_p1"] == (None, "no fix of this priority has its dates so far")


def test_without_a_fix_nothing_is_known_of_fixes_and_the_rest_is(trackers):
    kpis = _kpis(trackers, "never fixed", "2026-01-02")
    unfixed = ("recurrence_rate", "fix_velocity", "fix_minutes", *(f"time_to_fix_p{n}" for n in range(4)))
    assert {kpis[name] for name in unfixed} == {(None, "no fix is recorded so far")}
    assert kpis["health_score"] == (98.0, None)
    assert (kpis["issue_debt"], kpis["open_issues"], kpis["new_issues"]) == ((4.0, None), (1.0, None), (2.0, None))
    totals = _totals(trackers, "never fixed")
    names = ("avg_fix_minutes", "median_fix_minutes", "p90_fix_minutes", "avg_days_to_fix", "p90_days_to_fix")
    assert {totals[name] for name in (*names, "recurrence_rate", "recurred_share")} == {None}
    assert totals["wont_fix_issues"] == 1


def test_no_open_issue_is_a_debt_of_0_and_a_week_without_a_fix_a_velocity_of_0(trackers):
    kpis = _kpis(trackers, "all fixed")
    assert (kpis["issue_debt"], kpis["health_score"], kpis["fix_velocity"]) == ((0.0, None), (100.0, None), (0.0, None))
    assert kpis["fix_minutes"] == (None, "no fix in these 7 days")
    assert kpis["recurrence_rate"] == (0.0, None)


def test_a_day_before_the_first_issue_has_no_figure_and_says_so(trackers):
    before = _kpis(trackers, "all", "2025-12-31")
    assert len(before) == 11
    assert set(before.values()) == {(None, "no issue was known by then")}


def test_when_no_time_was_recorded_no_time_is_known(trackers):
    kpis = _kpis(trackers, "no time recorded", "2026-01-02")
    assert kpis["fix_minutes"] == (None, "no time is recorded for the fixes of these 7 days")
    totals = _totals(trackers, "no time recorded")
    assert (totals["timed_fixes"], totals["avg_fix_minutes"], totals["avg_days_to_fix"]) == (0, None, 1.0)
    assert {row["efficiency"] for row in _features(trackers, "no time recorded").values()} == {None}


def test_a_time_spent_of_0_is_a_problem_and_no_division(trackers):
    row = _features(trackers, "no time spent")["a"]
    assert (row["efficiency"], row["problem"], row["days_to_fix"]) == (None, "time spent is 0", 1.0)


def test_a_category_named_as_the_whole_does_not_pass_for_it(trackers):
    whole = trackers.row("select count(*) as issues from kpis.issue_features where is_open")
    assert whole["issues"] > 10
    assert _kpis(trackers, "all")["open_issues"] == (whole["issues"], None)
    assert _kpis(trackers, "all (category)")["open_issues"] == (1.0, None)
    last = "from kpis.weekly_health where week = date '2026-01-26'"
    debts = {row["scope"]: row["issue_debt"] for row in trackers.rows(f"select scope, issue_debt {last}")}
    assert debts["overall (category)"] == 4
    assert debts["overall"] == sum(debt for scope, debt in debts.items() if debt and scope != "overall") > 4


def test_an_issue_opened_again_after_its_fix_came_back_whatever_the_counter_says(trackers):
    row = _features(trackers, "opened again")["a"]
    assert (row["is_recurred"], row["recurrences"], row["recurrence_count"]) == (True, 1, 0)
    # Two days, and since the 5th.
    assert (row["openings"], row["days_open"], row["is_open"]) == (2, 2.0 + 27.0, True)
    kpis = _kpis(trackers, "opened again", "2026-01-05")
    assert kpis["recurrence_rate"] == (100.0, None)
    assert kpis["time_to_fix_p1"] == (None, "no fix of this priority has its dates so far")
    weeks = trackers.rows("select * from summaries.weekly_issues where category = 'opened again' order by week limit 2")
    assert [(w["new_issues"], w["fixed_issues"], w["reopened_issues"], w["open_issues"]) for w in weeks] == [
        (1, 1, 0, 0),
        (0, 0, 1, 1),
    ]


def test_where_nobody_noted_the_time_of_fixes_what_was_open_is_unknown_and_that_nothing_is_now_is_known(trackers):
    name, reason = "fixed at a time that nobody noted", "3 of 3 issues were closed at a time that nobody noted"
    open_kpis = ("health_score", "issue_debt", "open_issues")
    for day in ("2026-01-01", "2026-01-25", "2026-01-31"):
        kpis = _kpis(trackers, name, day)
        assert {kpis[kpi] for kpi in open_kpis} == {(None, reason)}
        assert kpis["new_issues"][0] == (3.0 if day == "2026-01-01" else 0.0)
    ago = trackers.rows(f"select * from kpis.optimization_kpis where is_week_ago and scope = '{name}'")
    assert {row["kpi"] for row in ago if row["reason"] == reason} == set(open_kpis)
    kpis = _kpis(trackers, name)
    assert [kpis[kpi] for kpi in open_kpis] == [(100.0, None), (0.0, None), (0.0, None)]
    weeks = trackers.rows(f"select * from kpis.weekly_health where scope = '{name}' order by week")
    assert [row["is_finished"] for row in weeks] == [True, True, True, True, False]
    assert {(row["health_score"], row["issue_debt"], row["reason"]) for row in weeks[:-1]} == {(None, None, reason)}
    assert (weeks[-1]["health_score"], weeks[-1]["issue_debt"], weeks[-1]["reason"]) == (100.0, 0, None)
    cause = trackers.row("select * from kpis.root_cause_progress where root_cause_id = 'nobody noted'")
    names = ("open_issues", "open_week_ago", "is_cleared", "reason")
    assert [cause[name] for name in names] == [0, None, None, reason]


def test_one_in_twenty_that_may_have_been_open_leaves_the_count_what_it_is_and_one_in_nineteen_does_not(trackers):
    name = "one of 20 at a time that nobody noted"
    unknown = (None, "1 of 19 issues were closed at a time that nobody noted")
    assert _kpis(trackers, name, "2026-01-09")["open_issues"] == unknown
    assert _kpis(trackers, name, "2026-01-10")["open_issues"] == (19.0, None)
    cause = trackers.row("select * from kpis.root_cause_progress where root_cause_id = 'one of 20'")
    assert (cause["open_week_ago"], cause["is_cleared"], cause["reason"]) == (19, False, None)


def test_from_the_version_that_says_so_on_an_issue_is_known_to_be_closed(trackers):
    days = {
        day: _kpis(trackers, "said to be fixed on the 9th", f"2026-01-{day:02}")["open_issues"][0] for day in (1, 8, 9)
    }
    assert days == {1: None, 8: None, 9: 0.0}


def test_what_was_open_a_week_ago_and_what_came_and_went_is_what_is_open(trackers):
    row = trackers.row("select * from kpis.root_cause_progress where root_cause_id = 'moves'")
    names = ("open_week_ago", "new_issues", "reopened_issues", "fixed_issues", "wont_fix_issues", "open_issues")
    assert [row[name] for name in names] == [4, 2, 1, 2, 1, 4]


def test_an_open_issue_with_a_date_of_its_fix_is_a_problem_unless_it_came_back(trackers):
    row = _features(trackers, "open with a date of its fix")["a"]
    assert (row["status"], row["fixed_date"], row["problem"]) == ("OPEN", None, "open with a date of its fix")
    assert _features(trackers, "opened again")["a"]["problem"] is None


def test_what_was_not_to_be_fixed_and_is_opened_again_did_not_come_back_after_a_fix(trackers):
    row = _features(trackers, "not to be fixed and opened again")["a"]
    assert (row["openings"], row["is_open"], row["is_recurred"], row["is_ever_fixed"]) == (2, True, False, False)
    kpis = _kpis(trackers, "not to be fixed and opened again", "2026-01-05")
    assert kpis["recurrence_rate"] == (None, "no fix is recorded so far")


def test_versions_that_arrive_out_of_order_make_the_same_openings(trackers):
    openings = trackers.rows(
        "select * from staging.stg_issue_openings where category = 'out of order' order by opening"
    )
    assert [(row["opened_at"].day, row["closed_at"].day, row["days_to_fix"]) for row in openings] == [
        (1, 3, 2.0),
        (5, 7, 6.0),
    ]
    assert _features(trackers, "out of order")["a"]["days_to_fix"] == 6.0


def test_without_a_counter_a_later_version_says_what_came_back_and_the_days_before_it_do_not_know(trackers):
    days = {day: _kpis(trackers, "without a counter", f"2026-01-{day:02}")["recurrence_rate"] for day in (3, 8, 9)}
    unknown = (None, "nothing says whether a fixed issue came back")
    # It was looked at on the 9th, and had not come back.
    assert days == {3: unknown, 8: unknown, 9: (0.0, None)}
    totals = _totals(trackers, "without a counter")
    assert (totals["recurrence_rate"], totals["recurred_share"]) == (0.0, 0.0)


@pytest.mark.parametrize("name", ["no time recorded", "first refused and then fixed"])
def test_where_nothing_says_whether_a_fixed_issue_came_back_no_rate_is_known(trackers, name):
    assert {row["is_recurrence_known"] for row in _features(trackers, name).values()} == {False}
    assert _kpis(trackers, name)["recurrence_rate"] == (None, "nothing says whether a fixed issue came back")
    totals = _totals(trackers, name)
    ends = [f"{column}{end}" for column in ("recurrence_rate", "recurred_share") for end in ("", "_low", "_high")]
    assert {totals[column] for column in ends} == {None}
    assert totals["ever_fixed_issues"] == totals["issues"]


def test_the_counter_of_an_open_issue_says_nothing_of_the_fixed_ones(trackers):
    name = "a counter where nothing was fixed"
    totals = _totals(trackers, name)
    assert (totals["recurrence_rate"], totals["recurred_share"]) == (None, 0.0)
    assert _kpis(trackers, name)["recurrence_rate"] == (None, "nothing says whether a fixed issue came back")


def test_a_date_in_the_future_ends_no_window(trackers):
    assert trackers.row("select as_of from staging.stg_issue_clock") == {"as_of": AS_OF}
    assert _features(trackers, "fixed in the future")["a"]["status"] == "OPEN"


def test_files_are_named_once_as_git_names_them_and_the_record_keeps_what_was_written(trackers):
    select = "select id, files_affected as files from {} where category = 'files'"
    staged, raw = (
        {row["id"].removeprefix("files/"): row["files"] for row in trackers.rows(select.format(table))}
        for table in ("staging.stg_issues", "raw.issues")
    )
    assert staged == {
        "written twice": ["b.md", "a.md", "../c.md", ".d"],
        "blank": [],
        "none": [],
        "unknown": None,
    }
    assert raw == {one["id"]: one.get("files_affected") for one in TRACKERS["files"]}
    counts = {key: row["files_affected_count"] for key, row in _features(trackers, "files").items()}
    assert counts == {"written twice": 4, "blank": 0, "none": 0, "unknown": None}


def test_without_any_record_every_table_is_there_and_empty(refresh):
    refresh.ingest()
    assert _built(refresh) == {}
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


def test_what_comes_after_as_of_is_counted_nowhere(refresh):
    refresh.take("reviews", [review("r", "2026-01-20T00:00:00Z", health_score_overall=10)])
    _built(
        refresh,
        fixed("fixed later", "2026-01-12T00:00:00Z", time_spent_minutes=50, updated_at="2026-01-12T00:00:00Z"),
        fixed("known", "2026-01-05T00:00:00Z", time_spent_minutes=10, recurrence_count=0),
        issue("seen later", first_seen="2026-01-11T00:00:00Z", root_cause_id="later"),
        as_of="2026-01-10T00:00:00",
    )
    rows = {row["id"]: row for row in refresh.rows("select * from kpis.issue_features")}
    assert {key: (row["status"], row["time_spent_minutes"]) for key, row in rows.items()} == {
        "fixed later": ("OPEN", None),
        "known": ("FIXED", 10.0),
    }
    assert {row["as_of"] for row in rows.values()} == {datetime(2026, 1, 10)}
    totals = refresh.row("select * from kpis.issue_statistics where breakdown = 'all'")
    assert (totals["issues"], totals["open_issues"], totals["avg_fix_minutes"]) == (2, 1, 10.0)
    last = "scope = 'all' and day = date '2026-01-10'"
    rows = refresh.rows(f"select kpi, value from kpis.optimization_kpis where {last}")
    kpis = {row["kpi"]: row["value"] for row in rows}
    assert (kpis["open_issues"], kpis["fix_velocity"], kpis["fix_minutes"]) == (1.0, 1.0, 10.0)
    causes = refresh.rows("select root_cause_id, issues from kpis.root_cause_progress")
    assert causes == [{"root_cause_id": None, "issues": 2}]
    assert refresh.rows("select * from kpis.review_trends") == []
    assert refresh.row("select max(week) as week from summaries.weekly_issues")["week"].isoformat() == "2026-01-05"


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
