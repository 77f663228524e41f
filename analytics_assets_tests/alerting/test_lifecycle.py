"""The life of an alert: opened, seen again, over, back; and what opens none."""

from __future__ import annotations

from datetime import timedelta

import pytest

from analytics_assets.alerting.condition import Kind, Row
from analytics_assets.pattern_store.observed import pattern_id
from analytics_assets_tests.alerting.made import SIGNAL, at, condition, hours, look, subject, tool

USUAL = (240.0, 250.0, 245.0)


def test_a_condition_opens_an_alert_with_what_to_do():
    (row,) = look([], 1, condition())
    assert (row["state"], row["severity"], row["notify"], row["escalation_level"]) == ("open", "medium", "standard", 1)
    assert (row["first_seen_at"], row["last_seen_at"], row["seen_count"]) == (at(0), at(1), 1)
    assert "api" in row["recommended_actions"]


def test_nothing_said_makes_no_alert():
    assert look([], 1) == []


def test_the_same_look_again_changes_nothing():
    rows = look([], 1, condition())
    assert look(rows, 1, condition()) == rows


def test_an_episode_that_goes_on_is_one_alert_and_keeps_its_highest_severity():
    rows = look([], 1, condition())
    rows = look(rows, 2, condition(ends=2, witnesses=2))
    (row,) = look(rows, 3, condition(ends=3, score=0.5, size=0.1))
    assert (row["seen_count"], row["severity"], row["last_seen_at"]) == (3, "high", at(3))


def test_three_clear_hours_with_data_end_it_and_two_do_not():
    rows = look([], 1, condition())
    over = condition(is_over=True)
    (row,) = look(rows, 3, over, measured=hours(1, *USUAL[:2]))
    assert (row["state"], row["resolved_at"]) == ("open", None)
    assert "2 clear hours with data, 3 end it" in row["resolved_reason"]
    (row,) = look([row], 4, over, measured=hours(1, *USUAL))
    assert (row["state"], row["resolved_at"], row["notify"]) == ("resolved", at(4), "none")
    assert look([row], 9, over, measured=hours(1, *USUAL, 240.0))[0]["resolved_at"] == at(4)


@pytest.mark.parametrize(("is_active", "told"), [(True, "this is what is usual now"), (False, "as usual in 3")])
def test_what_stays_as_it_became_is_not_said_to_be_as_before(is_active, told):
    shift = {pattern_id("metric_level_shift", SIGNAL): {"is_active": is_active}}
    rows = look([], 1, condition())
    (row,) = look(rows, 4, condition(is_over=True), measured=hours(1, *USUAL), patterns=shift)
    assert row["state"] == "resolved"
    assert told in row["resolved_reason"]


def test_silence_is_no_recovery():
    rows = look([], 1, condition())
    (row,) = look(rows, 100)
    assert row["state"] == "open"
    assert "no data since 2026-03-01 01:00, which is no recovery" in row["resolved_reason"]


def test_a_signal_that_detectors_left_out_ends_nothing():
    rows = look([], 1, condition())
    (row,) = look(rows, 9, measured=hours(1, *USUAL), not_looked_at=frozenset({SIGNAL}))
    assert row["state"] == "open"
    assert "did not look at" in row["resolved_reason"]


def test_a_rate_ends_only_after_enough_records_within_the_limit():
    key = tool().key
    over = {"kind": Kind.RATE_OVER_LIMIT, "subject_key": key, "limit": 0.05}
    rows = look([], 1, condition(**over))
    known = {"key": key, "subjects": {key: tool()}}
    few = hours(1, 0.0, 0.0, 0.0, 0.0, samples=4)
    assert look(rows, 5, measured=few, **known)[0]["state"] == "open"
    failing = hours(1, 0.1, 0.1, 0.1, 0.1)
    (row,) = look(rows, 5, measured=failing, **known)
    assert (row["state"], row["resolved_reason"][:26]) == ("open", "stays open: 4 of 40 since ")
    (row,) = look(rows, 5, measured=hours(1, 0.0, 0.1, 0.0, 0.0), **known)
    assert (row["state"], row["resolved_at"]) == ("resolved", at(4))


def test_a_level_ends_where_its_last_three_hours_are_within_the_limit():
    key = subject().key
    rows = look([], 1, condition(kind=Kind.LEVEL_OVER_LIMIT, limit=2_000.0))
    known = {"subjects": {key: subject()}}
    assert look(rows, 5, measured=hours(1, 500, 500, 2_500, 500), **known)[0]["state"] == "open"
    assert look(rows, 5, measured=hours(1, 2_500, 500, 500, 500), **known)[0]["state"] == "resolved"


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"state": "resolved", "resolved_at": at(50)}, "resolved"),
        ({"state": "rejected"}, "resolved"),
        ({"state": "held", "resolved_reason": "it could not look"}, "open"),
        ({"as_of": at(1) + timedelta(days=15)}, "resolved"),
        ({"severity": "medium"}, "resolved"),
    ],
)
def test_an_alert_of_a_pattern_ends_with_it(fields, state):
    rows = look([], 1, condition(kind=Kind.NEW_PATTERN, subject_key="p1"))
    pattern = {
        "id": "p1",
        "state": "active",
        "severity": "high",
        "as_of": at(50),
        "is_stale": False,
        "resolved_at": None,
        "resolved_reason": None,
    }
    (row,) = look(rows, 50, patterns={"p1": pattern | fields})
    assert row["state"] == state
    assert row["resolved_reason"]


def test_a_pattern_does_not_end_its_alert_before_it_was_seen_last():
    rows = look([], 9, condition(ends=9, kind=Kind.CHANGED, subject_key="p1"))
    over = {"id": "p1", "state": "resolved", "resolved_at": at(8), "resolved_reason": "3 looks"}
    (row,) = look(rows, 50, patterns={"p1": over})
    assert (row["state"], row["resolved_at"]) == ("resolved", at(9))


def test_a_change_that_is_not_stated_once_lasts_as_long_as_its_pattern():
    rows = look([], 1, condition(kind=Kind.CHANGED, subject_key="p1"))
    pattern = {"id": "p1", "state": "active", "severity": "high", "as_of": at(50), "is_stale": False}
    known = {"patterns": {"p1": pattern | {"resolved_at": None, "resolved_reason": "look 1; 3 end it"}}}
    (row,) = look(rows, 50, **known)
    assert (row["state"], row["resolved_reason"]) == ("open", "stays open: look 1; 3 end it")


def test_each_newer_plan_is_the_same_warning():
    plan = {"projected_usage": 95.0, "reason": "drift"}
    rows: list[Row] = []
    for day in (1, 25, 49):
        said = condition(day, day, kind=Kind.FULL_SOON, subject_key="db/disk", is_begin_seen=False)
        rows = look(rows, day, said, plans={"db/disk": plan | {"as_of": at(day)}})
    (row,) = rows
    assert (row["seen_count"], row["reopened_count"], row["first_seen_at"]) == (3, 0, at(1))


def test_a_plan_that_asks_for_nothing_any_more_ends_its_alert():
    rows = look([], 1, condition(kind=Kind.FULL_SOON, subject_key="db/disk"))
    plan = {"as_of": at(1), "projected_usage": 70.0, "reason": "drift"}
    assert look(rows, 30, plans={"db/disk": plan})[0]["state"] == "open"
    assert look(rows, 30, plans={"db/disk": plan | {"as_of": at(25)}})[0]["state"] == "resolved"
    unknown = plan | {"as_of": at(25), "projected_usage": None}
    assert look(rows, 30, plans={"db/disk": unknown})[0]["state"] == "open"


def ended(rows, end):
    return look(rows, end, condition(is_over=True), measured=hours(1, *USUAL))


def test_what_returns_within_a_day_is_the_old_alert():
    rows = ended(look([], 1, condition()), 4)
    back = condition(begins=20, ends=21)
    (row,) = look(rows, 21, condition(is_over=True), back, measured=hours(1, *USUAL))
    assert (row["id"], row["state"], row["reopened_count"]) == (rows[0]["id"], "open", 1)
    assert row["first_seen_at"] == at(0)
    assert row["description"].endswith(f"It began at {at(0):%Y-%m-%d %H:%M}, and paused in between.")


def test_what_returns_later_is_a_new_one():
    rows = ended(look([], 1, condition()), 4)
    found = look(rows, 51, condition(is_over=True), condition(begins=50, ends=51), measured=hours(1, *USUAL))
    assert [row["state"] for row in found] == ["open", "resolved"]
    assert found[0]["id"] != found[1]["id"]


def test_weeks_that_are_seen_at_once_are_as_many_alerts_as_if_they_had_been_watched():
    first = condition(is_over=True)
    later = condition(begins=50, ends=52, is_over=True)
    measured = [*hours(1, *USUAL), *hours(52, *USUAL)]
    rows = look([], 60, first, later, measured=measured)
    assert [(row["first_seen_at"], row["resolved_at"]) for row in rows] == [(at(50), at(55)), (at(0), at(4))]
    assert {row["notify"] for row in rows} == {"none"}
    assert look(rows, 60, first, later, measured=measured) == rows


def test_stale_data_tells_nobody_until_it_is_fresh():
    old = condition(is_stale=True)
    rows = look([], 1, old)
    assert (rows[0]["state"], rows[0]["notify"]) == ("suppressed", "none")
    assert rows[0]["suppressed_reason"].startswith("stale data")
    assert look(rows, 2, old)[0]["state"] == "suppressed"
    assert look(rows, 2, condition(ends=2))[0]["state"] == "open"
    # What was open stays so when its records end.
    assert look(look([], 1, condition()), 2, condition(ends=2, is_stale=True))[0]["state"] == "open"


def test_what_was_over_a_quarter_ago_is_forgotten_and_what_lasts_is_not():
    rows = ended(look([], 1, condition()), 4)
    assert look(rows, 4 + 24 * 90) != []
    assert look(rows, 5 + 24 * 90) == []
    lasting = look([], 1, condition())
    assert len(look(lasting, 5 + 24 * 90)) == 1


def test_no_more_are_kept_than_can_be_loaded():
    many = [condition(subject_key=f"metric/{name}/x", components=(str(name),)) for name in range(5_100)]
    assert len(look([], 1, *many)) == 5_000
