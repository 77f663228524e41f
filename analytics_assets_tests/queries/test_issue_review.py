"""The review of a week, and the five questions before decisions, on figures computed by hand."""

from __future__ import annotations

import json
from datetime import date, datetime

import pytest

from analytics_assets.queries.issue_review import get_review, week_of
from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets_tests.queries.issue_tables import DUPLICATES, LEARNED, OPEN, WORLD, fixed, issue, kpi, publish


@pytest.fixture
def ask(settings):
    def answer(tables=None, **published):
        publish(settings, WORLD if tables is None else tables, **published)
        with open_snapshot(settings) as snapshot:
            return get_review(snapshot)

    return answer


def said(review, number):
    return review["consultation"][number - 1]["answer"]


def why_not(review, number):
    return review["consultation"][number - 1]["reason"]


@pytest.mark.parametrize(
    ("end", "week"),
    [
        ("2026-02-02T06:00:00Z", "2026-W05"),  # Monday morning: six of the days are of the week before
        ("2026-02-05T11:59:00Z", "2026-W05"),  # Thursday: the middle of the seven days is Sunday, 23:59
        ("2026-02-05T12:00:00Z", "2026-W06"),
        ("2026-02-08T23:00:00Z", "2026-W06"),
        ("2027-01-04T06:00:00Z", "2026-W53"),
    ],
)
def test_the_week_is_the_one_that_most_of_the_seven_days_lie_in(end, week):
    assert week_of(end)["week"] == week


def test_the_summary_has_the_figures_of_the_framework_and_those_of_the_week_before(ask):
    review = ask()
    assert (review["week"], review["start"], review["end"]) == (
        *("2026-W05", "2026-01-26T06:00:00Z", "2026-02-02T06:00:00Z"),
    )
    assert [(row["kpi"], row["value"], row["value_before"], row["verdict"]) for row in review["summary"]] == [
        ("health_score", 72.0, 75.0, "worse"),
        ("fix_velocity", 5.0, 3.0, "better"),
        ("fix_minutes", 13.0, 18.0, "better"),
        ("recurrence_rate", 0.0, 0.0, "same"),
        ("new_issues", 6.0, None, None),
        ("issue_debt", 32.0, 30.0, "worse"),
    ]
    assert {row["kpi"] for row in review["targets"]} == {
        *("health_score", "issue_debt", "fix_velocity", "recurrence_rate", "time_to_fix_p0"),
    }
    assert json.loads(json.dumps(review)) == review


def test_root_causes_come_with_the_most_open_first_and_those_where_nothing_was_are_left_out(ask):
    causes = ask()["root_causes"]["rows"]
    assert [(row["root_cause_id"], row["open_week_ago"], row["open_issues"]) for row in causes] == [
        *(("RCA-001", 9, 8), (None, 1, 1), ("RCA-002", 4, 0)),
    ]
    assert [row["is_cleared"] for row in causes] == [False, False, True]


def test_the_four_answers_come_in_their_order(ask):
    assert [row["question_number"] for row in ask()["answers"]["rows"]] == [1, 2]


def test_what_health_tells_of_later_weeks_is_answered_beside_them(ask):
    leading = ask()["leading"]
    assert leading["question"] == "Does a drop in health precede new issues?"
    assert leading["answer"].startswith("A drop in health is followed by more new issues 3 weeks later (r = -0.52, ")
    assert [row["lag_weeks"] for row in leading["rows"]] == [2, 3]
    missing = ask(without=LEARNED)["leading"]
    assert (missing["answer"], missing["reason"]) == (None, "not computed yet: analytics learn")


def test_categories_come_with_the_most_issues_first_and_an_unknown_recurrence_is_null(ask):
    found = ask()["categories"]["rows"]
    assert [(row["category"], row["issues"], row["median_days_to_fix"], row["recurrence_rate"]) for row in found] == [
        *(("commands", 17, 3.46, 0.25), ("agents", 5, None, None)),
    ]


def test_the_newest_fixes_without_a_root_cause_are_named_and_all_are_counted(ask):
    found = ask()["unexplained_fixes"]["rows"]
    assert [(row["id"], row["unexplained_fixes"]) for row in found] == [("F1", 3), ("D0", 3), ("F9", 3)]
    many = [{"id": f"I{n}", "fixed_date": datetime(2026, 1, n)} for n in range(1, 9)]
    found = ask(WORLD | {"kpis.unexplained_fixes": many})["unexplained_fixes"]["rows"]
    assert [row["id"] for row in found] == ["I8", "I7", "I6", "I5", "I4"]
    assert found[0]["unexplained_fixes"] == 8
    assert ask(WORLD | {"kpis.unexplained_fixes": []})["unexplained_fixes"]["reason"] == (
        "every fix is traced to a root cause"
    )


def test_five_questions_are_asked(ask):
    review = ask()
    assert [row["question_number"] for row in review["consultation"]] == [1, 2, 3, 4, 5]
    assert all(row["question"].endswith("?") and row["occasion"] for row in review["consultation"])


def test_the_highest_roi_is_told_over_all_and_of_the_batch(ask):
    assert said(ask(), 1) == (
        "Of 2 open issues with a known ROI: OPT-006 (4.2, P1); OPT-014 (3.8, P2). Of P1: OPT-006 (4.2, P1)."
    )
    many = [issue(f"I{n}", roi_score=9.0 - n) for n in range(6)] + [issue("LATE", priority=1, roi_score=0.5)]
    told = said(ask(WORLD | {"kpis.issue_features": many}), 1)
    same = said(ask(WORLD | {"kpis.issue_features": [row | {"roi_score": 2.0} for row in many[:3]]}), 1)
    assert same.startswith("Of 3 open issues with a known ROI: I0, I1, I2 (each 2.0, P2). ")
    assert told.startswith("Of 7 open issues with a known ROI: I0 (9.0, P2); ")
    assert "I5" not in told
    assert told.endswith("Of P1: LATE (0.5, P1).")
    without = said(ask(WORLD | {"kpis.issue_features": many[:3]}), 1)
    assert without.endswith("No P1 issue is among them.")


def test_anomalies_of_patterns_and_of_fix_times_are_told(ask):
    assert said(ask(), 2) == (
        "2 issues of 40 judged, 1 of the last 7 days: OPT-003 took 30 min; issues of its complexity take 9 min. "
        "Over 38 min (mean and 2 deviations of 7 fixes): 1, as D3 (40 min)."
    )
    old = WORLD | {"patterns.issue_anomalies": WORLD["patterns.issue_anomalies"][:1]}
    assert said(ask(old), 2).startswith("1 issue of 40 judged, none of the last 7 days. ")
    (times,) = [row | {"feature": "time_spent_minutes"} for row in WORLD["patterns.issue_anomalies"][1:]]
    told = said(ask(WORLD | {"patterns.issue_anomalies": [times | {"value": 30.0, "usual_value": 9.0}]}), 2)
    assert told.startswith("1 issue of 40 judged, 1 of the last 7 days: OPT-003 took 30 min (usual 9). ")
    quiet = WORLD | {"patterns.issue_anomalies": [], "kpis.long_fixes": []}
    assert said(ask(quiet), 2) == "No issue stands out among those that can be judged."
    assert why_not(ask(quiet, without=LEARNED), 2) == "not computed yet: analytics learn"


def healths(*scores):
    return [
        {"week": date.fromisocalendar(2025, n, 1), "scope": "overall", "health_score": score, "is_finished": True}
        for n, score in enumerate(scores, 1)
    ]


def test_a_clear_trend_of_health_is_told_with_its_numbers(ask):
    # Every one of six weeks is better: p = 2 / 6! = 0.0028. The median of all slopes is 2.
    assert said(ask(), 3) == (
        "Improving: of what reviews say, from 60.0 % (week of 2025-12-22) to 70.0 % (week of 2026-01-26), "
        "+2.0 points a week, 6 weeks, p = 0.0028. From open issues: 72.0 %, a week ago 75.0 %."
    )
    falling = ask(WORLD | {"kpis.weekly_health": healths(90, 88, 87, 85, 84, 80)})
    assert said(falling, 3).startswith("Getting worse: from 90.0 % ")


def test_no_clear_change_is_an_answer(ask):
    assert said(ask(WORLD | {"kpis.weekly_health": healths(70, 60, 80, 65, 75, 71)}), 3).startswith("No clear change: ")
    assert said(ask(WORLD | {"kpis.weekly_health": healths(*[70] * 6)}), 3).startswith("No clear change: ")


def test_too_few_weeks_are_no_trend_and_gaps_are_no_weeks(ask):
    few = ask(WORLD | {"kpis.weekly_health": healths(70, 71, None, 72, 73, 74)})
    assert said(few, 3) is None
    assert why_not(few, 3).startswith(
        "not enough data: a trend needs 6 finished weeks with a health score (a forecast 5), there are 5. From open "
    )
    gap = healths(60, 62, None, 66, 68, 70, 72)
    assert "+2.0 points a week, 6 weeks" in said(ask(WORLD | {"kpis.weekly_health": gap}), 3)


def test_a_week_that_has_only_begun_is_no_week_of_the_trend(ask):
    begun = {"week": date(2026, 2, 2), "scope": "overall", "health_score": 5.0, "is_finished": False}
    with_it = ask(WORLD | {"kpis.weekly_health": [*WORLD["kpis.weekly_health"], begun]})
    assert said(with_it, 3) == said(ask(), 3)
    weeks = WORLD["kpis.weekly_health"]
    running = [*weeks[:-1], weeks[-1] | {"is_finished": False}]
    assert "there are 5." in why_not(ask(WORLD | {"kpis.weekly_health": running}), 3)


def test_only_the_last_weeks_count(ask):
    turned = healths(*(90 - n for n in range(20)), *(71 + n for n in range(12)))
    assert said(ask(WORLD | {"kpis.weekly_health": turned}), 3).startswith("Improving: from 71.0 %")


def test_duplication_is_compared_with_the_rest_and_never_called_a_cause(ask):
    # Of copies 1 of 5 recurred, Wilson 3.6 to 62.4 %; others: 0 of 4, 0 to 49.0 %. Medians of 10 to 40; of 15 and 30.
    assert said(ask(), 4) == (
        "Recurred: 20 % (1 of 5 fixed, 4 to 62 %) of duplication, 0 % (0 of 4 fixed, 0 to 49 %) of others: "
        "no clear difference. Median fix time: 25 min (n = 4) against 15 min (n = 4). "
        "No clear rank correlation of copies with time spent minutes (n = 30). "
        "RCA-002 comes with RCA-001 (75 %, 6 times, lift 2.0). Correlation is not cause."
    )


def test_where_nothing_tells_whether_fixes_lasted_no_rate_of_0_is_told(ask):
    untold = [row | {"is_recurrence_known": False} for row in WORLD["kpis.issue_features"]]
    assert said(ask(WORLD | {"kpis.issue_features": untold}), 4).startswith(
        "Recurred: nothing known (nothing says whether a fix lasted) of duplication, "
        "nothing known (nothing says whether a fix lasted) of others. Median fix time: "
    )
    # One fix that is followed tells: then what did not come back is counted.
    one = [row | {"is_recurrence_known": row["id"] == "D4"} for row in WORLD["kpis.issue_features"]]
    assert said(ask(WORLD | {"kpis.issue_features": one}), 4).startswith(
        "Recurred: 20 % (1 of 5 fixed, 4 to 62 %) of duplication, nothing known (nothing says whether a fix lasted)"
    )


def test_a_clear_correlation_with_copies_has_its_figure(ask):
    found = [row | {"is_significant": True} for row in WORLD["patterns.correlations"]]
    told = "Rank correlation of copies with time spent minutes +0.31 (n = 30). "
    assert told in said(ask(WORLD | {"patterns.correlations": found}), 4)


def test_duplicates_that_recur_clearly_more_often_are_told_so(ask):
    many = [fixed(f"D{n}", 10, duplicate_count=1, is_recurred=n < 15) for n in range(20)]
    many += [fixed(f"O{n}", 10, is_recurred=n < 2) for n in range(40)]
    assert "of others: clearly more often." in said(ask(WORLD | {"kpis.issue_features": many}), 4)


def test_without_duplicates_nothing_is_said_of_them(ask):
    alone = ask(WORLD | {"kpis.issue_features": OPEN})
    assert why_not(alone, 4) == "not enough data: no issue of duplication"
    only = ask(WORLD | {"kpis.issue_features": DUPLICATES})
    assert why_not(only, 4) == "not enough data: every issue is one of duplication"


def test_recurrence_per_category_is_the_published_rate_with_its_interval(ask):
    # 2 of 8: Wilson 7.1 to 59.1 %. Agents have no fix and no rate.
    assert said(ask(), 5) == "Of those ever fixed: commands 25 % (2 of 8, 7 to 59 %)."
    many = [row for n in range(8) for row in kpi("recurrence_rate", 50.0 - n, None, scope=f"c{n}", n=8)]
    told = said(ask(WORLD | {"kpis.optimization_kpis": [*kpi("health_score", 1.0, 1.0), *many]}), 5)
    assert told.endswith("c4 46 % (4 of 8, 22 to 78 %); 3 more stand in kpis.optimization_kpis.")


def test_a_recurrence_that_nobody_knows_says_why(ask):
    unknown = kpi("recurrence_rate", None, None, scope="agents", n=0, reason="nothing says whether a fix held")
    review = ask(WORLD | {"kpis.optimization_kpis": [*kpi("health_score", 1.0, 1.0), *unknown]})
    assert why_not(review, 5) == "not enough data: nothing says whether a fix held"


def test_what_is_learned_once_a_day_may_be_missing(ask):
    review = ask(without=LEARNED)
    assert review["answers"] == {"rows": [], "reason": "not computed yet: analytics learn", "as_of": None}
    assert "Anomalies are not computed yet: analytics learn." in said(review, 2)
    assert "Correlations are not computed yet: analytics learn." in said(review, 4)


def test_without_an_issue_every_question_says_why(ask):
    review = ask({})
    assert [row["answer"] for row in review["consultation"]] == [None] * 5
    assert all(row["reason"].startswith("not enough data: ") for row in review["consultation"])
    assert (review["as_of"], review["summary"], review["week"]) == (None, [], "2026-W05")


def test_reviews_without_issues_have_a_trend_and_nothing_else(ask):
    only = {name: WORLD[name] for name in ("staging.stg_issue_clock", "kpis.review_trends", "kpis.weekly_health")}
    review = ask(only)
    assert said(review, 3).startswith("Improving: ")
    assert [row["answer"] is None for row in review["consultation"]] == [True, True, False, True, True]
