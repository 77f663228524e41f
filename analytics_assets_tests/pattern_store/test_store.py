"""The life of a pattern: when it is counted again, resolved, held, reopened and forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest

from analytics_assets.pattern_store.looks import Look
from analytics_assets.pattern_store.store import advance
from analytics_assets.pattern_store.verdicts import Verdict, standing
from analytics_assets_tests.pattern_store.made import SOURCE, START, at, look, observed, only, stated, step

SLOW = "tool/web_fetch/response_time"


def slow(hours=0.0, **fields):
    return observed("degradation", SLOW, at(hours), **fields)


def test_a_pattern_found_first_is_active_and_counted_once():
    row = only(step([], START, slow()))
    assert (row["state"], row["is_active"], row["observation_count"]) == ("active", True, 1)
    assert row["detected_at"] == row["observed_until"] == row["last_observed_at"] == START


def test_a_refresh_that_brings_nothing_new_counts_nothing():
    first = step([], START, slow())
    again = step(first, START, slow(strength=0.31))
    assert only(again)["observation_count"] == 1
    assert only(again)["strength"] == 0.31


def test_newer_records_count_again_and_the_first_finding_stays():
    row = only(step(step([], START, slow()), at(1), slow(1)))
    assert row["observation_count"] == 2
    assert (row["detected_at"], row["observed_until"]) == (START, at(1))


def test_a_source_that_looked_at_newer_records_and_does_not_state_it_ends_it_once():
    first = step([], START, slow())
    ended = step(first, at(1))
    later = step(ended, at(9))
    assert (only(ended)["state"], only(ended)["resolved_at"]) == ("resolved", at(1))
    assert not only(ended)["is_active"]
    assert "2026-03-01 01:00" in only(ended)["resolved_reason"]
    assert only(later)["resolved_at"] == at(1)


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (look(at(1), subjects=100, examined=89), "looked at 89 of 100 subjects (89 %; needed: 90 %)"),
        (look(at(1), left_out=("tool/web",)), "left tool/web_fetch/response_time out"),
        (look(at(1), problem="it failed"), "it failed"),
        (look(at(1), is_cut=True), "more patterns than are kept"),
        (look(START), "no newer record"),
        (look(at(-5)), "no newer record"),
        (look(None, subjects=0, examined=0), "no newer record"),
        (Look(source=SOURCE, did_run=False), "has not run"),
    ],
)
def test_what_nobody_could_look_at_is_held_and_says_why(seen, why):
    row = only(step(step([], START, slow()), at(1), seen=seen))
    assert (row["state"], row["is_active"], row["resolved_at"]) == ("held", True, None)
    assert why in row["resolved_reason"]


def test_a_source_that_nobody_knows_ends_nothing():
    first = step([], START, slow())
    assert only(advance(first, [], {}, [], as_of=at(1), is_stale=False))["state"] == "held"


def test_nine_of_ten_subjects_are_enough_to_end_a_pattern():
    row = only(step(step([], START, slow()), at(1), seen=look(at(1), subjects=100, examined=90)))
    assert row["state"] == "resolved"


def test_a_pair_is_held_when_either_end_was_left_out():
    lead = observed("metric_lead", "metric/a/x -> metric/b/y")
    row = only(step(step([], START, lead), at(1), seen=look(at(1), left_out=("metric/b/",))))
    assert row["state"] == "held"


def test_what_returns_is_the_same_pattern_reopened():
    rows = step([], START, slow())
    key = only(rows)["id"]
    rows = step(rows, at(1))
    back = only(step(rows, at(2), slow(2)))
    assert (back["id"], back["state"], back["resolved_at"], back["resolved_reason"]) == (key, "active", None, None)
    assert (back["detected_at"], back["reopened_count"], back["observation_count"]) == (START, 1, 2)


def test_what_ended_a_quarter_ago_is_forgotten_unless_a_person_decided_on_it():
    rows = step(step([], START, slow()), at(1))
    key = only(rows)["id"]
    much_later = at(1) + timedelta(days=91)
    assert step(rows, much_later) == []
    kept = step(rows, much_later, verdicts=(Verdict(key, "confirmed", at(0.5)),))
    assert only(kept)["human_verdict"] == "confirmed"


def test_a_rejected_pattern_is_not_active_and_stays_so_while_it_is_what_was_rejected():
    rows = step([], START, slow())
    no = Verdict(only(rows)["id"], "rejected", at(0.5), "kim", "known")
    rows = step(rows, at(1), slow(1, strength=0.35), verdicts=(no,))
    assert (only(rows)["state"], only(rows)["is_active"], only(rows)["decision_notes"]) == ("rejected", False, "known")
    assert only(step(rows, at(2), slow(2, strength=0.5), verdicts=(no,)))["state"] == "rejected"
    changed = only(step(rows, at(2), slow(2, strength=0.7), verdicts=(no,)))
    assert (changed["state"], changed["is_active"], changed["human_verdict"]) == ("active", True, None)


def test_a_rejection_taken_back_and_one_replaced_do_not_hold():
    rows = step([], START, slow())
    key = only(rows)["id"]
    no, undone, yes = (Verdict(key, word, at(n)) for n, word in enumerate(("rejected", "undone", "confirmed"), start=1))
    assert only(step(rows, at(4), slow(4), verdicts=(no, undone)))["state"] == "active"
    confirmed = only(step(rows, at(4), slow(4), verdicts=(yes, no)))
    assert (confirmed["state"], confirmed["human_verdict"], confirmed["decided_at"]) == ("active", "confirmed", at(3))


def test_of_equal_decisions_the_first_counts():
    held = standing([Verdict("a", "rejected", at(2)), Verdict("a", "rejected", at(1)), Verdict("b", "applied", at(1))])
    assert held == {"a": Verdict("a", "rejected", at(1))}


def test_of_two_sources_that_state_the_same_the_first_counts():
    other = stated(slow(strength=0.9), source="patterns.task_patterns")
    rows = advance([], stated(slow()) + other, {}, [], as_of=START, is_stale=False)
    assert (only(rows)["strength"], only(rows)["source"]) == (0.3, SOURCE)


def test_no_pattern_and_no_source_is_an_empty_store():
    assert advance([], [], {}, [], as_of=None, is_stale=True) == []


def test_odd_subjects_are_kept_as_they_are():
    odd = "tool/\x1b[31m'; drop table x; -- \N{SNOWMAN}/error_rate"
    assert only(step([], START, observed("degradation", odd)))["subject"] == odd
