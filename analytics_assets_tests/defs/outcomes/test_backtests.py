"""The replay of a small history, row by row, and the scores of the rules."""

from __future__ import annotations

import pytest
from scipy.stats import beta

from analytics_assets.defs.outcomes.backtests import (
    every_rule_is_scored,
    looks_stay_in_their_days,
    rule_scores,
    suggestion_backtests,
)
from analytics_assets.suggesting.engine import RULES

BEFORE = ["cutoff_at", "suggestion_id", "confidence", "current_runs", "current_failures"]


@pytest.fixture
def failing(history):
    """Two runs a day for 35 days, of which two in five fail: one rule has something to say of it, and says the same."""
    history.runs(0, 35, 70, 42, memory_limit=None, memory_limit_mb=None, memory_peak_mb=None)
    return history


def replayed(history):
    frame = history.written(suggestion_backtests, warehouse=history.warehouse)
    return frame.astype(object).where(frame.notna(), None)


def test_the_replay_of_a_small_history_is_the_one_counted_by_hand(failing):
    frame = replayed(failing)
    # Runs come every half day; of the first k runs, k - floor(0.6 k) fail.
    days = [7.5, 14.5, 21.5]
    assert [(when - frame["cutoff_at"].iloc[0]).days for when in frame["cutoff_at"]] == [0, 7, 14]
    assert frame["rule"].tolist() == ["underperforming_spec"] * 3
    assert frame["suggestion_id"].nunique() == 1
    counts = ["current_runs", "current_failures", "current_runs_after", "current_failures_after"]
    assert frame[counts].to_numpy().tolist() == [[15, 6, 55, 22], [29, 12, 41, 16], [43, 18, 27, 10]]
    assert frame["confidence"].tolist() == pytest.approx(
        [beta.sf(0.3, 1 + f, 1 + n - f) for n, f in ((15, 6), (29, 12), (43, 18))]
    )
    assert frame["probability_after"].tolist() == pytest.approx(
        [beta.sf(0.3, 1 + f, 1 + n - f) for n, f in ((55, 22), (41, 16), (27, 10))]
    )
    assert frame["held"].tolist() == [True] * 3
    assert frame["is_testable"].tolist() == [True] * 3
    # The windows of the three looks share most of their runs: one of them counts.
    assert frame["is_counted"].tolist() == [True, False, False]
    assert frame["suggested_runs_after"].tolist() == [None] * 3
    assert [
        (until - frame["cutoff_at"].iloc[0]).total_seconds() / 86_400 + days[0] for until in frame["tested_until"]
    ] == [35.0] * 3


def test_what_came_later_does_not_change_what_was_said_before(failing):
    before = replayed(failing)
    failing.runs(35, 42, 200, 200)
    later = replayed(failing)
    assert later[BEFORE].head(3).to_numpy().tolist() == before[BEFORE].to_numpy().tolist()
    assert len(later) > len(before)


def test_a_claim_that_stops_being_true_does_not_hold(history):
    nothing = {"memory_limit": None, "memory_limit_mb": None, "memory_peak_mb": None}
    history.runs(0, 10, 40, 20, **nothing)
    history.runs(10, 50, 160, 160, **nothing)
    frame = replayed(history)
    first = frame[frame["rule"] == "underperforming_spec"].iloc[0]
    assert (first["is_testable"], first["held"], first["is_counted"]) == (True, False, True)
    assert first["probability_after"] < 0.01


@pytest.mark.parametrize(("tried", "is_testable"), [(10, True), (9, False)])
def test_both_sides_need_runs_before_what_came_next_says_anything(history, tried, is_testable):
    killed = {"is_oom": True, "is_success": False, "memory_peak_mb": 2048.0, "is_memory_censored": True}
    history.runs(0, 7, 20, 20)
    history.runs(0, 7, 20, 20, **killed)
    history.runs(7.4, 15, 30, 30)
    history.runs(7.4, 15, 30, 30, **killed)
    history.runs(7.4, 15, tried, tried, memory_limit="4Gi", memory_limit_mb=4096.0)
    frame = replayed(history)
    (raised,) = frame[frame["rule"] == "memory_raise"].head(1).to_dict("records")
    assert raised["suggested_value"] == "memory: 4Gi"
    assert (raised["suggested_runs"], raised["suggested_runs_after"]) == (0, tried)
    assert raised["is_testable"] is is_testable
    assert raised["held"] is (True if is_testable else None)


def test_a_history_of_nothing_or_of_a_week_is_replayed_to_nothing(history):
    assert len(replayed(history)) == 0
    history.runs(0, 10, 40, 10)
    assert len(replayed(history)) == 0


def test_looks_within_their_days_pass_and_one_that_counts_more_runs_than_there_were_is_named(failing):
    frame = replayed(failing)
    assert looks_stay_in_their_days(suggestion_backtests=frame, warehouse=failing.warehouse).passed
    for column in ("current_runs", "current_runs_after"):
        seeing = frame.copy()
        seeing.loc[1, column] = 56
        result = looks_stay_in_their_days(suggestion_backtests=seeing, warehouse=failing.warehouse)
        assert not result.passed
        assert frame["suggestion_id"][1] in result.metadata["counting_more"].value


def test_every_rule_is_scored_by_what_counts(failing):
    backtests = failing.written(suggestion_backtests, warehouse=failing.warehouse)
    scores = failing.written(rule_scores, suggestion_backtests=backtests)
    assert scores["rule"].tolist() == [rule.name for rule in RULES]
    (said,) = scores[scores["suggested"] > 0].to_dict("records")
    assert (said["rule"], said["suggested"], said["testable"], said["held"]) == ("underperforming_spec", 1, 1, 1)
    assert every_rule_is_scored(rule_scores=scores).passed


def test_a_rule_without_a_score_is_named(failing):
    backtests = failing.written(suggestion_backtests, warehouse=failing.warehouse)
    scores = failing.written(rule_scores, suggestion_backtests=backtests)
    result = every_rule_is_scored(rule_scores=scores[scores["rule"] != "memory_raise"])
    assert not result.passed
    assert result.metadata["missing"].value == ["memory_raise"]
