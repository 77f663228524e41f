"""Pending, decided, resolved, reopened: one row for ever."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from analytics_assets.suggesting.engine import propose
from analytics_assets.suggesting.lifecycle import Decision, advance
from analytics_assets_tests.suggesting.conftest import AS_OF, SIZES

MONDAY = datetime(2026, 4, 6, 9)


def at(days):
    return MONDAY + timedelta(days=days)


def step(previous, proposed, decisions=(), as_of=AS_OF, now=MONDAY):
    return advance(previous, proposed, decisions, as_of=as_of, is_stale=False, now=now)


@pytest.fixture
def killed(history):
    """One suggestion: more memory."""
    history.add(30, 12, memory_limit="2Gi", failure="oom")
    return propose(history.con, AS_OF, SIZES)


def decision(rows, word, days):
    return Decision(rows[0]["id"], word, at(days), "a person", "because")


def test_a_new_suggestion_is_pending(killed):
    (row,) = step([], killed)
    assert (row["status"], row["created_at"], row["reopened_count"]) == ("pending", MONDAY, 0)
    assert row["expires_at"] > AS_OF


def test_it_keeps_the_day_on_which_it_was_first_said(killed):
    first = step([], killed)
    (row,) = step(first, killed, now=at(3))
    assert (row["created_at"], row["updated_at"]) == (MONDAY, at(3))


def test_what_is_no_longer_said_is_resolved_and_stays_so(killed):
    first = step([], killed)
    (row,) = again = step(first, [], now=at(1))
    assert (row["status"], row["resolved_at"]) == ("resolved", at(1))
    (row,) = step(again, [], now=at(2))
    assert (row["status"], row["resolved_at"], row["updated_at"]) == ("resolved", at(1), at(1))


def test_what_returns_is_reopened_and_not_written_twice(killed):
    resolved = step(step([], killed), [], now=at(1))
    (row,) = step(resolved, killed, now=at(2))
    assert (row["status"], row["reopened_count"], row["resolved_at"]) == ("pending", 1, None)
    assert row["created_at"] == MONDAY


def test_a_suggestion_whose_runs_have_left_the_window_is_expired(killed):
    first = step([], killed)
    (row,) = step(first, [], as_of=first[0]["expires_at"], now=at(40))
    assert row["status"] == "expired"


def test_an_application_stands_whatever_the_runs_say(killed):
    first = step([], killed)
    applied = decision(first, "applied", 1)
    (row,) = second = step(first, killed, [applied], now=at(1))
    assert (row["status"], row["decided_at"], row["decision_notes"]) == ("applied", at(1), "because")
    (row,) = step(second, [], [applied], now=at(9))
    assert row["status"] == "applied"


@pytest.mark.parametrize("word", ["applied", "rejected"])
def test_what_returns_after_its_end_is_open_again_whatever_was_decided_before(killed, word):
    first = step([], killed)
    decided = decision(first, word, 1)
    ended = step(step(first, killed, [decided], now=at(1)), [], [decided], now=at(2))
    assert (ended[0]["status"], ended[0]["resolved_at"]) == (word, at(2))
    (row,) = again = step(ended, killed, [decided], now=at(3))
    assert (row["status"], row["reopened_count"], row["decided_at"]) == ("pending", 1, None)
    (row,) = step(again, killed, [decided], now=at(4))
    assert (row["status"], row["reopened_count"]) == ("pending", 1)
    (row,) = step(again, killed, [decided, decision(first, word, 5)], now=at(5))
    assert row["status"] == word


def test_a_decided_row_is_not_touched_by_later_analyses(killed):
    first = step([], killed)
    decided = decision(first, "applied", 1)
    ended = step(first, [], [decided], now=at(2))
    (row,) = step(ended, [], [decided], now=at(9))
    assert row["updated_at"] == at(2)


def test_a_suggestion_whose_runs_become_too_few_is_not_forgotten(history):
    history.add(30, 12, memory_limit="2Gi", failure="oom")
    first = step([], propose(history.con, AS_OF, SIZES))
    history.con.execute("delete from staging.stg_judged_runs where run_id > 'r00001' and run_id < 'r00029'")
    few = step(first, propose(history.con, AS_OF, SIZES), now=at(1))
    assert [row["status"] for row in few if row["rule"] == "memory_raise"] == ["resolved"]
    assert [row["status"] for row in step(few, [], now=at(2)) if row["rule"] == "memory_raise"] == ["resolved"]


def test_the_same_decision_twice_is_one(killed):
    first = step([], killed)
    (row,) = step(first, killed, [decision(first, "applied", 2), decision(first, "applied", 1)], now=at(3))
    assert row["decided_at"] == at(1)


def test_what_is_undone_is_open_again(killed):
    first = step([], killed)
    done = [decision(first, "applied", 1), decision(first, "undone", 2)]
    applied = step(first, killed, done[:1], now=at(1))
    (row,) = step(applied, killed, done, now=at(2))
    assert (row["status"], row["decided_at"], row["decided_by"]) == ("pending", None, None)
    (row,) = step(applied, [], done, now=at(2))
    assert row["status"] == "resolved"


def test_a_rejection_holds_until_it_is_undone(killed):
    first = step([], killed)
    (row,) = step(first, killed, [decision(first, "rejected", 1)], now=at(1))
    assert row["status"] == "rejected"


def test_a_decision_on_something_else_changes_nothing(killed):
    (row,) = step([], killed, [Decision("sg-unknown", "applied", at(1), None, None)])
    assert row["status"] == "pending"


def test_an_acknowledgement_is_no_decision_on_it(killed):
    first = step([], killed)
    (row,) = step(first, killed, [decision(first, "acknowledged", 1)])
    assert row["status"] == "pending"


def test_a_spec_with_too_few_runs_is_listed_while_it_has_too_few(history):
    history.add(4, 1)
    first = step([], propose(history.con, AS_OF, SIZES))
    assert [(row["status"], row["confidence"]) for row in first] == [("not_enough_data", None)]
    assert "Needed: 6 more runs" in first[0]["reasoning"]
    history.add(6, 0)
    assert step(first, propose(history.con, AS_OF, SIZES)) == []
