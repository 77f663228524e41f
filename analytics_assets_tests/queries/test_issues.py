"""Where issues stand, against a week before: every expected figure is computed by hand."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from analytics_assets.queries.errors import NotAnsweredYetError
from analytics_assets.queries.issues import get_optimization_kpis, get_published_kpis
from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets_tests.queries.issue_tables import OF_THAT_DAY, WEEK_AGO, WORLD, kpi, publish


@pytest.fixture
def ask(settings):
    def answer(tables=None, **asked):
        publish(settings, WORLD if tables is None else tables)
        with open_snapshot(settings) as snapshot:
            return get_optimization_kpis(**asked, snapshot=snapshot)

    return answer


def of(answer, name):
    return next(row for row in answer["kpis"] if row["kpi"] == name)


def test_a_kpi_stands_beside_its_week_before_with_direction_and_verdict(ask):
    answer = ask()
    assert (answer["day"], answer["scope"], answer["as_of"]) == ("2026-02-02", "all", "2026-02-02T06:00:00Z")
    health = of(answer, "health_score")
    assert (health["value"], health["value_before"], health["change"]) == (72.0, 75.0, -3.0)
    assert [(row["kpi"], row["direction"], row["verdict"]) for row in answer["kpis"]] == [
        ("health_score", "down", "worse"),
        ("issue_debt", "up", "worse"),
        ("new_issues", None, None),
        ("fix_velocity", "up", "better"),
        ("fix_minutes", "down", "better"),
        ("recurrence_rate", "same", "same"),
        ("time_to_fix_p0", None, None),
    ]
    assert json.loads(json.dumps(answer)) == answer


def test_what_is_not_known_is_null_with_its_reason_and_never_0(ask):
    missing = of(ask(), "time_to_fix_p0")
    assert (missing["value"], missing["change"], missing["reason"]) == (None, None, "no fix recorded so far")


def test_another_day_and_a_category_can_be_asked_for(ask):
    before = ask(day=WEEK_AGO)
    assert before["day"] == "2026-01-26"
    assert of(before, "health_score")["value"] == OF_THAT_DAY
    assert of(before, "health_score")["value_before"] is None
    commands = ask(scope="commands")
    (only,) = commands["kpis"]
    assert (only["kpi"], only["value"], only["verdict"]) == ("recurrence_rate", 25.0, "worse")


def test_a_day_without_figures_has_none(ask):
    assert ask(day=date(2020, 1, 1)) == {
        "day": None,
        "scope": "all",
        "kpis": [],
        "as_of": "2026-02-02T06:00:00Z",
        "is_stale": True,
    }


def test_the_newest_day_is_held_against_the_moment_a_week_ago_and_a_whole_day_against_a_whole_day(ask):
    # Each day ends with its own number, the moment a week before as_of is between two of them.
    days = [
        row | {"day": date(2026, 2, 2) - timedelta(days=ago), "value": float(ago)}
        for ago in range(15)
        for row in kpi("health_score", None, None)[:1]
    ]
    published = {"kpis.optimization_kpis": [*days, kpi("health_score", None, 7.4)[1]]}
    now = of(ask(published), "health_score")
    assert (now["value"], now["value_before"], now["day_before"]) == (0.0, 7.4, "2026-01-26")
    whole = of(ask(published, day=date(2026, 2, 1)), "health_score")
    assert (whole["value"], whole["value_before"], whole["day_before"]) == (1.0, 8.0, "2026-01-25")


def test_what_is_the_same_to_the_eye_has_not_moved(ask):
    answer = ask({"kpis.optimization_kpis": kpi("health_score", 72.04, 72.01)})
    assert (of(answer, "health_score")["direction"], of(answer, "health_score")["verdict"]) == ("same", "same")


def test_a_kpi_that_is_new_here_comes_last(ask):
    answer = ask({"kpis.optimization_kpis": [*kpi("zebra", 1, 1), *kpi("apple", 1, 1), *kpi("issue_debt", 1, 1)]})
    assert [row["kpi"] for row in answer["kpis"]] == ["issue_debt", "apple", "zebra"]


def test_without_an_issue_there_is_no_figure_and_no_end(ask):
    answer = ask({})
    assert answer == {"day": None, "scope": "all", "kpis": [], "as_of": None, "is_stale": None}


def test_the_published_values_are_those_of_the_newest_day_over_all(settings):
    publish(settings, WORLD)
    with open_snapshot(settings) as snapshot:
        found = get_published_kpis(snapshot)
    assert found["health_score"] == 72.0
    assert found["recurrence_rate"] == 0.0
    assert found["time_to_fix_p0"] is None


def test_before_issues_are_counted_the_way_is_shown(settings):
    publish(settings, without=["kpis.optimization_kpis"])
    with open_snapshot(settings) as snapshot, pytest.raises(NotAnsweredYetError, match="analytics refresh"):
        get_optimization_kpis(snapshot=snapshot)
