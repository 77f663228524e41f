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


def verdicts(*words, confidence=0.85):
    return pd.DataFrame({"confidence": [confidence] * len(words), "verdict": list(words)}, dtype=object).astype(
        {"confidence": "Float64"}
    )


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


def test_worked_held_and_no_effect_and_harmed_did_not_and_measuring_is_not_known(table):
    frame = table(backtests(0.9, 0, 0), verdicts("worked", "worked", "no effect", "harmed", "measuring"))
    row = cell(frame, "verdicts", 0.8)
    assert (row["n"], row["held"]) == (4, 2)


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
