"""Data Insights: this run, trends and predictions; every part says what it rests on or why it is missing."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from analytics_assets.queries.issue_insights import get_data_insights
from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets_tests.queries.issue_tables import LEARNED, OPEN, OTHERS, WORLD, issue, publish


@pytest.fixture
def ask(settings):
    def answer(tables=None, **published):
        publish(settings, WORLD if tables is None else tables, **published)
        with open_snapshot(settings) as snapshot:
            return get_data_insights(snapshot)

    return answer


def test_the_run_is_the_issues_since_the_review_before(ask):
    run = ask()["this_run"]
    assert (run["review_id"], run["since"], run["is_since_review"]) == ("rv-2", "2026-01-25T10:00:00Z", True)
    found = run["complexity"]
    # Since then: OPT-006 (8) and OPT-014 (9). Before: 4, 5 and 6, sd 1, and what has no complexity.
    assert (found["issues"], found["n"], found["complexity"]) == (2, 2, 8.5)
    assert (found["usual_n"], found["usual_complexity"], found["usual_sd"]) == (3, 5.0, 1.0)
    # 3.5 above is more than 1.96 * 1 / sqrt(2) = 1.39.
    assert found["against_usual"] == "above average"


def test_a_difference_that_chance_makes_easily_is_average(ask):
    near = [issue("A", complexity_score=6.9), issue("B", complexity_score=5.8), *OTHERS]
    found = ask(WORLD | {"kpis.issue_features": near})["this_run"]["complexity"]
    assert (round(found["complexity"], 2), found["against_usual"]) == (6.35, "average")
    far = [issue("A", complexity_score=3.5), issue("B", complexity_score=3.5), *OTHERS]
    assert ask(WORLD | {"kpis.issue_features": far})["this_run"]["complexity"]["against_usual"] == "below average"


def test_without_a_review_the_run_is_the_last_seven_days(ask):
    run = ask(WORLD | {"kpis.review_trends": []})["this_run"]
    assert (run["review_id"], run["since"], run["is_since_review"]) == (None, "2026-01-26T06:00:00Z", False)


def test_the_first_review_has_no_one_before_it(ask):
    run = ask(WORLD | {"kpis.review_trends": WORLD["kpis.review_trends"][:1]})["this_run"]
    assert (run["review_id"], run["is_since_review"]) == ("rv-1", False)


def test_a_review_of_another_scope_is_not_the_one_before(ask):
    other = {"id": "rv-0", "run_date": datetime(2026, 1, 31), "scope": "agents"}
    run = ask(WORLD | {"kpis.review_trends": [*WORLD["kpis.review_trends"], other]})["this_run"]
    assert run["since"] == "2026-01-25T10:00:00Z"


def test_a_newer_review_of_a_part_is_not_the_run_where_one_of_everything_is_there(ask):
    part = {"id": "rv-3", "run_date": datetime(2026, 2, 2), "scope": "agents", "burn_rate": 9.0}
    insights = ask(WORLD | {"kpis.review_trends": [*WORLD["kpis.review_trends"], part]})
    assert (insights["this_run"]["review_id"], insights["this_run"]["category"]) == ("rv-2", None)
    assert insights["trends"]["burn"]["rate"] == 5 / 6


def test_where_only_parts_are_reviewed_the_run_is_of_the_issues_of_the_part(ask):
    reviews = [row | {"scope": "agents"} for row in WORLD["kpis.review_trends"]]
    of_part = {"category": "agents", "complexity_score": 3.0, "roi_score": 1.0}
    others = [row | {"complexity_score": 50.0, "roi_score": 9.0} for row in OPEN]
    features = [issue("A1", **of_part), *others, *OTHERS]
    odd = [{"id": key, "deviation": 5.0, "examined": 40} for key in ("A1", "OPT-006")]
    tables = {"kpis.review_trends": reviews, "kpis.issue_features": features, "patterns.issue_anomalies": odd}
    run = ask(WORLD | tables)["this_run"]
    assert (run["review_id"], run["category"], run["is_since_review"]) == ("rv-2", "agents", True)
    assert (run["complexity"]["n"], run["complexity"]["complexity"], run["complexity"]["usual_n"]) == (1, 3.0, 0)
    assert [row["id"] for row in run["roi_priorities"]["rows"]] == ["A1"]
    assert (run["roi_priorities"]["open_issues"], run["roi_priorities"]["with_roi"]) == (1, 1)
    assert [row["id"] for row in run["anomalies"]["rows"]] == ["A1"]
    assert run["anomalies"]["older"] == 0


def test_anomalies_of_the_run_are_told_and_older_ones_counted(ask):
    found = ask()["this_run"]["anomalies"]
    assert ([row["id"] for row in found["rows"]], found["older"], found["reason"]) == (["OPT-003"], 1, None)
    old = ask(WORLD | {"patterns.issue_anomalies": WORLD["patterns.issue_anomalies"][:1]})["this_run"]["anomalies"]
    assert (old["rows"], old["older"], old["reason"]) == ([], 1, "none since then, 1 before it")
    none = ask(WORLD | {"patterns.issue_anomalies": []})["this_run"]["anomalies"]
    assert none["reason"] == "no issue stands out among those that can be judged"


def test_priorities_are_the_open_issues_with_the_highest_roi(ask):
    roi = ask()["this_run"]["roi_priorities"]
    assert [(row["id"], row["roi_score"]) for row in roi["rows"]] == [("OPT-006", 4.2), ("OPT-014", 3.8)]
    assert (roi["open_issues"], roi["with_roi"], roi["reason"]) == (3, 2, None)
    none = ask(WORLD | {"kpis.issue_features": OPEN[2:]})["this_run"]["roi_priorities"]
    assert (none["rows"], none["reason"]) == ([], "no open issue has a known ROI")


@pytest.mark.parametrize(
    ("rate", "words"),
    [(0.83, "fixing fewer than finding"), (1.0, "fixing as many as finding"), (1.5, "fixing more than finding")],
)
def test_the_burn_rate_has_its_words(ask, rate, words):
    newest = WORLD["kpis.review_trends"][1] | {"burn_rate": rate}
    assert ask(WORLD | {"kpis.review_trends": [newest]})["trends"]["burn"]["words"] == words


def test_a_burn_rate_that_is_not_known_says_why(ask):
    newest = WORLD["kpis.review_trends"][1] | {"burn_rate": None, "burn_reason": "nothing found"}
    burn = ask(WORLD | {"kpis.review_trends": [newest]})["trends"]["burn"]
    assert burn == {"rate": None, "words": None, "reason": "not enough data: nothing found"}


def test_the_top_root_cause_is_a_share_of_all_issues(ask):
    (top,) = ask()["trends"]["top_root_cause"]["rows"]
    # What is not traced counts in the whole: 9 + 8 + 5 + 0.
    assert (top["root_cause_id"], top["issues"], top["all_issues"]) == ("RCA-001", 9, 22)


def test_predictions_come_most_pressing_first(ask):
    predictions = ask()["predictions"]
    assert [row["file"] for row in predictions["risk_files"]["rows"]] == ["plan-feature.md", "system-review.md"]
    assert [row["category"] for row in predictions["next_critical"]["rows"]] == ["commands", "agents", "planning"]
    assert [row["health_score"] for row in predictions["expected_health"]["rows"]] == [71.0]
    assert [row["id"] for row in predictions["longest_estimates"]["rows"]] == ["OPT-014"]
    # What the model knows comes before what it does not.
    assert [row["id"] for row in predictions["proposed_root_causes"]["rows"]] == ["OPT-031", "OPT-030"]


@pytest.mark.parametrize(("minutes", "is_long"), [(29.0, False), (30.0, True)])
def test_long_is_what_takes_half_as_long_again_as_the_usual_fix(ask, minutes, is_long):
    # The median fix takes 20 minutes.
    rows = [{"id": "A", "p50_minutes": minutes}, {"id": "B", "p50_minutes": 21.0}, {"id": "C", "reason": "unknown"}]
    found = ask(WORLD | {"predictions.fix_time_estimates": rows})["predictions"]["longest_estimates"]
    assert [row["id"] for row in found["rows"]] == ["A"] * is_long
    assert found["reason"] == (None if is_long else "no open issue stands out (the usual fix takes 20 min)")


def test_where_no_time_can_be_estimated_one_reason_is_told(ask):
    rows = [{"id": name, "reason": "not enough data: no fix has a time"} for name in "ABC"]
    found = ask(WORLD | {"predictions.fix_time_estimates": rows})["predictions"]["longest_estimates"]
    assert (found["rows"], found["reason"]) == ([], "not enough data: no fix has a time")


def test_contradictions_are_counted_the_most_frequent_first(ask):
    odd = [issue("A", problem="time spent is 0"), *(issue(f"B{n}", problem="fixed without a date") for n in range(7))]
    odd[3]["first_seen"] = datetime(2026, 2, 1)
    found = ask(WORLD | {"kpis.issue_features": [*OPEN, *odd]})["problems"]
    assert [(row["problem"], row["issues"]) for row in found["rows"]] == [
        *(("fixed without a date", 7), ("time spent is 0", 1)),
    ]
    assert found["rows"][0]["newest"] == ["B2", "B0", "B1", "B3", "B4"]
    assert ask()["problems"]["rows"] == []


def parts(insights):
    yield insights["this_run"]["anomalies"]
    yield from insights["predictions"].values()


def test_what_is_learned_once_a_day_may_be_missing(ask):
    insights = ask(without=LEARNED)
    missing = {name: part["reason"] for name, part in insights["predictions"].items()}
    # The forecast is made by each refresh, the rest once a day.
    assert missing.pop("expected_health") == "not computed yet: analytics refresh"
    assert set(missing.values()) == {"not computed yet: analytics learn"}
    assert insights["this_run"]["anomalies"]["reason"] == "not computed yet: analytics learn"
    assert insights["trends"]["health"]["value"] == 72.0


def test_without_an_issue_every_part_says_why_it_is_empty(ask):
    insights = ask({})
    assert insights["this_run"]["complexity"]["reason"] == "not enough data: no issue is known"
    assert insights["this_run"]["roi_priorities"]["reason"] == "not enough data: no issue is known"
    assert all(part["rows"] == [] and part["reason"].startswith("not enough data: ") for part in parts(insights))
    assert insights["trends"]["burn"]["reason"] == "not enough data: no review so far"
    assert insights["as_of"] is None
    assert json.loads(json.dumps(insights)) == insights


def test_issues_of_which_nothing_is_known_are_no_zeros(ask):
    bare = {"staging.stg_issue_clock": [{}], "kpis.issue_features": [issue("A"), issue("B", first_seen=None)]}
    run = ask(bare)["this_run"]
    assert run["complexity"]["complexity"] is None
    assert run["complexity"]["reason"] == "not enough data: no files, lines or copies are recorded"
    assert run["roi_priorities"]["open_issues"] == 2
