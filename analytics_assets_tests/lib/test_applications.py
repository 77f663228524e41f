"""Decisions in order become spans in which a suggestion was in force."""

from __future__ import annotations

from datetime import datetime

from analytics_assets.lib.applications import Application, Decision, applications


def at(day):
    return datetime(2026, 3, day)


def decided(day, decision, suggestion="sg-1", key=None):
    return Decision(key or f"{decision}-{day}", suggestion, decision, at(day))


def spans(*decisions):
    return [(one.decision.decision_id, one.undone_at, one.free_since) for one in applications(decisions)]


def test_what_was_applied_is_in_force_until_it_is_undone():
    assert spans(decided(1, "applied")) == [("applied-1", None, None)]
    assert spans(decided(1, "applied"), decided(9, "undone")) == [("applied-1", at(9), None)]


def test_what_is_applied_again_is_a_new_application_that_knows_the_end_of_the_first():
    assert spans(decided(1, "applied"), decided(9, "undone"), decided(15, "applied")) == [
        ("applied-1", at(9), None),
        ("applied-15", None, at(9)),
    ]


def test_applied_twice_without_an_undo_between_is_applied_once():
    assert spans(decided(1, "applied"), decided(2, "applied"), decided(9, "undone")) == [("applied-1", at(9), None)]


def test_undoing_what_is_not_in_force_undoes_nothing():
    assert spans(decided(1, "undone")) == []
    assert spans(decided(1, "undone"), decided(2, "applied")) == [("applied-2", None, None)]


def test_a_rejection_is_no_application_and_ends_the_one_in_force_as_an_undo_does():
    assert spans(decided(1, "rejected")) == []
    assert spans(decided(1, "rejected"), decided(2, "applied"), decided(3, "rejected"), decided(5, "applied")) == [
        ("applied-2", at(3), None),
        ("applied-5", None, at(3)),
    ]


def test_an_undo_of_a_rejection_ends_nothing_a_second_time():
    assert spans(decided(1, "applied"), decided(3, "rejected"), decided(5, "undone")) == [("applied-1", at(3), None)]


def test_the_order_of_arrival_does_not_matter_and_suggestions_do_not_mix():
    decisions = [decided(9, "undone"), decided(1, "applied"), decided(5, "applied", "sg-2")]
    assert applications(decisions) == [
        Application(decisions[1], undone_at=at(9)),
        Application(decisions[2]),
    ]
