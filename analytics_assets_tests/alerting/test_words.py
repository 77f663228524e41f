"""What people say of alerts, and for how long it holds."""

from __future__ import annotations

import pytest

from analytics_assets_tests.alerting.made import at, condition, hours, look, word

KEY = look([], 1, condition())[0]["id"]
USUAL = (240.0, 250.0, 245.0)


@pytest.mark.parametrize("decision", ["acknowledged", "confirmed"])
def test_who_has_seen_it_stops_the_calls(decision):
    rows = look([], 1, condition())
    (row,) = look(rows, 2, condition(ends=2), words=[word(decision, KEY, 1.5)])
    assert (row["state"], row["notify"], row["acknowledged_by"]) == ("acknowledged", "none", "ann")
    assert row["decision_id"] == f"{decision}-1.5"


def test_what_gets_worse_after_it_was_seen_is_told_again():
    said = [word("acknowledged", KEY, 1.5)]
    rows = look(look([], 1, condition()), 2, condition(ends=2), words=said)
    (row,) = look(rows, 3, condition(ends=3, witnesses=2), words=said)
    assert (row["state"], row["severity"], row["notify"]) == ("acknowledged", "high", "immediate")


def test_what_nobody_saw_goes_up_and_what_was_seen_does_not():
    rows = look([], 1, condition())
    later = condition(ends=30)
    assert look(rows, 30, later)[0]["escalation_level"] > rows[0]["escalation_level"]
    seen = look(rows, 2, condition(ends=2), words=[word("acknowledged", KEY, 1.5)])
    (row,) = look(seen, 30, condition(ends=2.5), measured=(), words=[word("acknowledged", KEY, 1.5)])
    assert row["escalation_level"] == 1


def test_a_rejection_hides_the_condition_until_it_is_a_level_worse():
    said = [word("rejected", KEY, 1.5, "a load test")]
    rows = look(look([], 1, condition()), 2, condition(ends=2), words=said)
    assert (rows[0]["state"], rows[0]["suppressed_reason"]) == ("suppressed", "rejected by ann: a load test")
    (row,) = look(rows, 3, condition(ends=3, witnesses=2), words=said)
    assert (row["state"], row["notify"]) == ("open", "immediate")


def test_a_rejection_holds_for_the_next_alert_of_the_condition():
    said = [word("rejected", KEY, 1.5, "noise")]
    rows = look(look([], 1, condition()), 2, condition(ends=2), words=said)
    rows = look(rows, 9, condition(ends=2, is_over=True), measured=hours(2, *USUAL), words=said)
    assert rows[0]["state"] == "resolved"
    back = condition(begins=50, ends=51)
    found = {row["first_seen_at"]: row for row in look(rows, 51, back, words=said)}
    assert (found[at(50)]["state"], found[at(50)]["suppressed_reason"]) == ("suppressed", "rejected by ann: noise")
    worse = condition(begins=50, ends=51, witnesses=2)
    assert {row["first_seen_at"]: row["state"] for row in look(rows, 51, worse, words=said)}[at(50)] == "open"
    other = condition(begins=50, ends=51, subject_key="metric/other/x", components=("other",))
    assert {row["subject_key"]: row["state"] for row in look(rows, 51, other, words=said)}["metric/other/x"] == "open"


def test_taken_back_it_is_as_if_nobody_had_decided():
    said = [word("rejected", KEY, 1.5, "noise"), word("undone", KEY, 1.7)]
    (row,) = look(look([], 1, condition()), 2, condition(ends=2), words=said)
    assert (row["state"], row["decision_id"], row["notify"]) == ("open", None, "standard")


def test_what_was_seen_is_not_seen_when_it_returns():
    said = [word("acknowledged", KEY, 1.5)]
    rows = look(look([], 1, condition()), 2, condition(ends=2), words=said)
    rows = look(rows, 9, condition(ends=2, is_over=True), measured=hours(2, *USUAL), words=said)
    (row,) = look(rows, 20, condition(begins=19, ends=20), words=said)
    assert (row["reopened_count"], row["state"], row["acknowledged_at"]) == (1, "open", None)


def test_a_decision_on_what_is_not_there_decides_nothing():
    assert look([], 1, condition(), words=[word("rejected", "disk/database", 1, "x")])[0]["state"] == "open"
