"""Looks back, and which of them count."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from analytics_assets.lib.backtesting import counted, cutoffs, outcomes, rule_scores

START = datetime(2026, 1, 1)


def day(number):
    return START + timedelta(days=number)


@pytest.mark.parametrize(
    ("days", "looks"), [(13.9, []), (14, [7]), (20.9, [7]), (90, [7, 14, 21, 28, 35, 42, 49, 56, 63, 70, 77])]
)
def test_looks_are_weekly_from_a_week_after_the_first_run_to_a_week_before_the_last(days, looks):
    found = cutoffs(START, day(days))
    assert found[: len(looks)] == [day(look) for look in looks]
    assert all(day(7) <= look <= day(days - 7) for look in found)
    assert len(found) in (len(looks), len(looks) + 1)


def test_a_suggestion_that_stands_for_weeks_counts_again_when_the_window_of_the_last_time_is_over():
    weeks = [(("a",), day(7 * week)) for week in range(9)]
    assert [week for week, counts in enumerate(counted(weeks)) if counts] == [0, 4, 8]


def test_suggestions_count_each_for_themselves():
    made = [(("a",), day(7)), (("b",), day(7)), (("a",), day(14)), (("c",), day(14))]
    assert counted(made) == [True, True, False, True]


def test_one_claim_about_three_specs_counts_once():
    made = [(("a", "claim"), day(7)), (("b", "claim"), day(7)), (("b", "another"), day(14)), (("a", "new"), day(14))]
    assert counted(made) == [True, False, True, False]


def row(rule="one", confidence=0.9, held=True, is_counted=True, is_testable=True):
    return {
        "rule": rule,
        "confidence": confidence,
        "held": held if is_testable else None,
        "is_counted": is_counted,
        "is_testable": is_testable,
    }


def test_only_what_counts_and_could_be_tested_is_an_outcome():
    assert len(outcomes([row(), row(is_counted=False), row(is_testable=False)])) == 1


def test_every_rule_has_its_score_also_without_a_suggestion():
    rows = [*[row()] * 11, row(held=False), row(is_testable=False), row(is_counted=False), row("two")]
    one, two, never = rule_scores({"one": "model", "two": "retry", "never": "warning"}, rows)
    assert (one["rule"], one["type"], one["suggested"], one["testable"], one["held"]) == ("one", "model", 13, 12, 11)
    assert one["held_share"] == pytest.approx(11 / 12)
    assert one["opinion"].startswith("Its confidence can be taken at its word: 11 of 12 held (92%")
    assert (two["testable"], two["is_calibrated"]) == (1, None)
    assert (never["suggested"], never["held_share"]) == (0, None)
    assert never["opinion"].startswith("0 could be tested: too few")
