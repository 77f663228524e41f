"""The life of a pattern: when it is counted again, resolved, held, reopened and forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest

from analytics_assets.pattern_store.looks import Look
from analytics_assets.pattern_store.store import advance
from analytics_assets.pattern_store.verdicts import Verdict, standing
from analytics_assets_tests.pattern_store.made import SOURCE, START, at, look, observed, only, silent, stated, step

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
    ended = silent(first, 24)
    later = silent(ended, 34)
    assert (only(ended)["state"], only(ended)["resolved_at"]) == ("resolved", at(24))
    assert not only(ended)["is_active"]
    assert "2026-03-02 00:00 and does not state it any more, for 3 looks" in only(ended)["resolved_reason"]
    assert only(later)["resolved_at"] == at(24)


def test_one_look_or_two_and_three_within_a_day_end_nothing():
    rows = step([], START, slow())
    for hour in (1, 2, 3, 23):
        rows = step(rows, at(hour))
        assert (only(rows)["state"], only(rows)["is_active"], only(rows)["resolved_at"]) == ("active", True, None)
    assert only(rows)["unstated_looks"] == 4
    assert "look 4; 3 and 24 hours of records end it" in only(rows)["resolved_reason"]
    assert only(step(rows, at(24)))["state"] == "resolved"
    late = step(step(step([], START, slow()), at(30)), at(60))
    assert (only(late)["state"], only(late)["unstated_looks"]) == ("active", 2)
    assert only(step(late, at(61)))["state"] == "resolved"


def test_what_looks_once_a_day_ends_it_with_its_second_look():
    rows = step([], START, slow())
    rows = step(rows, at(24), seen=look(at(24), is_daily=True))
    assert only(rows)["state"] == "active"
    assert only(step(rows, at(48), seen=look(at(48), is_daily=True)))["state"] == "resolved"


def test_a_blip_costs_nothing_and_the_count_of_looks_begins_anew():
    rows = step([], START, slow())
    for hour in range(1, 200, 3):
        rows = step(step(rows, at(hour)), at(hour + 1))
        rows = step(rows, at(hour + 2), slow(hour + 2))
        row = only(rows)
        assert (row["state"], row["reopened_count"], row["unstated_looks"]) == ("active", 0, 0)
        assert (row["detected_at"], row["resolved_reason"], row["unstated_until"]) == (START, None, None)


def test_a_refresh_without_newer_records_is_no_further_look():
    rows = step(step([], START, slow()), at(30))
    for _ in range(5):
        rows = step(rows, at(30))
    assert (only(rows)["unstated_looks"], only(rows)["is_active"]) == (1, True)


def test_a_store_of_an_earlier_version_is_read_and_counts_from_none():
    (row,) = step([], START, slow())
    old = {name: value for name, value in row.items() if not name.startswith("unstated_")}
    assert only(step([old], at(30)))["unstated_looks"] == 1
    assert only(step([old | {"resolved_at": at(1), "resolved_reason": "over"}], at(30)))["unstated_looks"] == 0


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (look(at(1), subjects=100, examined=89), "looked at 89 of 100 subjects (89 %; needed: 90 %)"),
        (look(at(1), left_out=("tool/web_fetch/",)), "left tool/web_fetch/response_time out"),
        (look(at(1), left_out=(SLOW,)), "left tool/web_fetch/response_time out"),
        (look(at(1), leaves_unnamed=True), "left out more than it names"),
        (look(at(1), problem="it failed"), "it failed"),
        (look(at(1), is_cut=True), "more patterns than are kept"),
        (look(START), "no newer record"),
        (look(at(-5)), "no newer record"),
        (look(None, subjects=0, examined=0), "no newer record"),
        (Look(source=SOURCE, did_run=False), "has not run"),
    ],
)
def test_what_nobody_could_look_at_is_held_and_says_why(seen, why):
    rows = step([], START, slow())
    for _ in range(4):
        rows = step(rows, at(100), seen=seen)
    row = only(rows)
    assert (row["state"], row["is_active"], row["resolved_at"]) == ("held", True, None)
    assert why in row["resolved_reason"]


@pytest.mark.parametrize("left_out", ["tool/web", "tool/web_fetch/response", "tool/web_fetch/response_time_p95"])
def test_a_name_that_is_like_it_or_only_its_beginning_holds_nothing(left_out):
    rows = step([], START, slow())
    for hour in (22, 23, 24):
        rows = step(rows, at(hour), seen=look(at(hour), left_out=(left_out,)))
    assert only(rows)["state"] == "resolved"


def test_of_ten_thousand_signals_those_beyond_the_bound_are_held_and_the_others_end():
    far = observed("degradation", "metric/m9999/cpu")
    beyond = tuple(f"metric/m{number}/cpu" for number in range(500, 10_000))
    rows = step([], START, slow(), far)
    for hour in (22, 23, 24):
        rows = step(rows, at(hour), seen=look(at(hour), subjects=500, examined=500, left_out=beyond))
    assert {row["subject"]: row["state"] for row in rows} == {SLOW: "resolved", "metric/m9999/cpu": "held"}


def test_a_source_that_nobody_knows_ends_nothing():
    first = step([], START, slow())
    assert only(advance(first, [], {}, [], as_of=at(1)))["state"] == "held"


def test_nine_of_ten_subjects_are_enough_to_end_a_pattern():
    rows = step([], START, slow())
    for hour in (22, 23, 24):
        rows = step(rows, at(hour), seen=look(at(hour), subjects=100, examined=90))
    assert only(rows)["state"] == "resolved"


def test_a_pair_is_held_when_either_end_was_left_out():
    lead = observed("metric_lead", "metric/a/x -> metric/b/y")
    row = only(step(step([], START, lead), at(1), seen=look(at(1), left_out=("metric/b/y",))))
    assert row["state"] == "held"


def test_what_returns_is_the_same_pattern_reopened():
    rows = step([], START, slow())
    key = only(rows)["id"]
    rows = silent(rows, 24)
    back = only(step(rows, at(25), slow(25)))
    assert (back["id"], back["state"], back["resolved_at"], back["resolved_reason"]) == (key, "active", None, None)
    assert (back["detected_at"], back["reopened_count"], back["observation_count"]) == (START, 1, 2)


def test_what_ended_a_quarter_ago_is_forgotten_unless_a_person_decided_on_it():
    rows = silent(step([], START, slow()), 24)
    key = only(rows)["id"]
    much_later = at(24) + timedelta(days=91)
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
    rows = advance([], stated(slow()) + other, {}, [], as_of=START)
    assert (only(rows)["strength"], only(rows)["source"]) == (0.3, SOURCE)


def test_no_pattern_and_no_source_is_an_empty_store():
    assert advance([], [], {}, [], as_of=None) == []


def test_odd_subjects_are_kept_as_they_are():
    odd = "tool/\x1b[31m'; drop table x; -- \N{SNOWMAN}/error_rate"
    assert only(step([], START, observed("degradation", odd)))["subject"] == odd


def late(batch, hours=0.0, **fields):
    return look(at(hours), batches={"executions": batch, "metrics": 99}, **fields)


def test_records_that_come_late_refute_a_pattern_though_the_window_ends_where_it_did():
    rows = step([], START, slow(), seen=late(7))
    states = []
    for batch in (8, 9, 10):
        rows = step(rows, START, seen=late(batch))
        states.append((only(rows)["state"], only(rows)["unstated_looks"]))
    assert states == [("active", 1), ("active", 2), ("resolved", 3)]
    assert only(rows)["resolved_at"] == START


def test_to_run_again_on_what_was_seen_already_is_no_look():
    rows = step([], START, slow(), seen=late(7))
    for _ in range(4):
        rows = step(rows, START, seen=late(7))
        assert (only(rows)["state"], only(rows)["unstated_looks"]) == ("held", 0)
        assert only(rows)["resolved_reason"] == f"{SOURCE} has no newer record"
    rows = step(rows, START, seen=late(8))
    for _ in range(4):
        rows = step(rows, START, seen=late(8))
        assert (only(rows)["state"], only(rows)["unstated_looks"]) == ("active", 1)


def test_records_of_another_kind_are_no_look_at_a_signal():
    rows = step([], START, slow(), seen=late(7))
    for batch in (100, 101, 102):
        rows = step(rows, START, seen=look(START, batches={"executions": 7, "metrics": batch}))
        assert (only(rows)["state"], only(rows)["unstated_looks"]) == ("held", 0)


def test_after_late_records_a_later_end_takes_its_24_hours():
    rows = step([], START, slow(), seen=late(7))
    rows = step(rows, START, seen=late(8))
    for hours, batch in ((1, 9), (2, 10), (3, 11)):
        rows = step(rows, at(hours), seen=late(batch, hours))
        assert only(rows)["state"] == "active"
    assert only(step(rows, at(24), seen=late(12, 24)))["state"] == "resolved"


def test_of_a_store_without_batches_only_a_later_end_counts():
    rows = [row | {"observed_batch": None} for row in step([], START, slow())]
    assert only(step(rows, START, seen=late(8)))["state"] == "held"


def test_a_pattern_is_as_old_as_the_records_of_its_own_source():
    old = observed("recurring", "issue-1", at(-1000))
    rows = advance([], stated(slow(), old), {}, [], as_of=START, is_old=lambda end: end < at(-24))
    assert {row["subject"]: (row["as_of"], row["is_stale"]) for row in rows} == {
        SLOW: (START, False),
        "issue-1": (at(-1000), True),
    }
