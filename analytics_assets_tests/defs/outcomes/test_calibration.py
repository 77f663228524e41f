"""Stated confidence against back-tests and verdicts."""

from __future__ import annotations

import pandas as pd
import pytest
from dagster import AssetCheckSeverity

from analytics_assets.defs.outcomes.calibration import calibration, stated_confidence_holds


def backtests(confidence, held, of, **fields):
    row = {"confidence": confidence, "is_counted": True, "is_testable": True} | fields
    frame = pd.DataFrame([row | {"held": number < held} for number in range(of)], columns=[*row, "held"])
    return frame.astype({"held": "boolean", "is_counted": "boolean", "is_testable": "boolean"})


def verdicts(*words, confidence=0.85, after=25, is_final=True):
    """Applications with these verdicts, after which ``after`` of 40 runs succeeded; before it were 20."""
    row = {"confidence": confidence, "metric": "success_rate", "is_final": is_final}
    row |= {"baseline_runs": 40, "baseline_successes": 20, "after_runs": 40, "after_successes": after}
    frame = pd.DataFrame([row | {"verdict": word} for word in words], columns=[*row, "verdict"])
    return frame.astype({"confidence": "Float64", "is_final": "boolean"})


@pytest.fixture
def table(history):
    def compute(tested, decided):
        return history.written(calibration, suggestion_backtests=tested, recommendation_effectiveness=decided)

    return compute


def cell(frame, source, low):
    (row,) = frame[(frame["source"] == source) & (frame["confidence_from"] == low)].to_dict("records")
    return row


def test_each_source_has_a_row_per_bin(table):
    frame = table(backtests(0.95, 18, 20), verdicts("worked"))
    assert frame.groupby("source").size().to_dict() == {"backtest": 6, "verdicts": 6}
    row = cell(frame, "backtest", 0.9)
    assert (row["n"], row["held"], row["held_share"], row["is_calibrated"]) == (20, 18, 0.9, True)


def test_what_was_applied_holds_by_its_direction_and_not_by_its_verdict(table):
    better = verdicts("worked", "no effect", "measuring")
    worse = verdicts("harmed", "no effect", after=15)
    row = cell(table(backtests(0.9, 0, 0), pd.concat([better, worse])), "verdicts", 0.8)
    assert (row["n"], row["held"]) == (5, 3)


def test_what_is_not_final_is_in_no_bin(table):
    assert table(backtests(0.9, 0, 0), verdicts("worked", is_final=False))["n"].sum() == 0


def test_an_application_without_a_stated_confidence_is_in_no_bin(table):
    frame = table(backtests(0.9, 0, 0), verdicts("worked", confidence=None))
    assert frame["n"].sum() == 0


def test_what_does_not_count_or_could_not_be_tested_is_in_no_bin(table):
    tested = pd.concat(
        [backtests(0.9, 1, 2), backtests(0.9, 5, 5, is_counted=False), backtests(0.9, 5, 5, is_testable=False)]
    )
    assert cell(table(tested, verdicts()), "backtest", 0.9)["n"] == 2


def test_no_outcome_at_all_is_a_table_of_empty_bins_that_passes(table):
    frame = table(backtests(0.9, 0, 0), verdicts())
    assert len(frame) == 12
    assert stated_confidence_holds(calibration=frame).passed


def test_a_bin_that_holds_passes_and_one_that_promises_more_warns_with_its_numbers(table):
    assert stated_confidence_holds(calibration=table(backtests(0.85, 17, 20), verdicts())).passed
    result = stated_confidence_holds(calibration=table(backtests(0.85, 9, 20), verdicts()))
    assert (result.passed, result.severity) == (False, AssetCheckSeverity.WARN)
    assert "| backtest | 0.80 | 20 | 0.85 | 0.45 |" in result.metadata["off"].value
    assert result.metadata["bins_judged"].value == 1
