"""The table of correlations, and its checks."""

from __future__ import annotations

import pandas as pd
import pytest

from analytics_assets.defs.patterns.correlations import (
    correlation_p_values_are_sound,
    correlations,
    correlations_within_their_intervals,
    pairs_are_complete,
)
from analytics_assets_tests.defs.patterns.conftest import AS_OF, called
from analytics_assets_tests.lib import issue_worlds

CHECKS = (pairs_are_complete, correlations_within_their_intervals, correlation_p_values_are_sound)


def test_each_pair_has_a_row_and_every_check_passes(table):
    frame = table("correlations")
    assert len(frame) == 36
    assert set(frame["as_of"]) == {pd.Timestamp(AS_OF)}
    row = frame[(frame["variable_a"] == "time_spent_minutes") & (frame["variable_b"] == "complexity_score")].iloc[0]
    assert row["agrees"]
    assert row["expected_sign"] == "positive"
    assert [called(check, correlations=frame).passed for check in CHECKS] == [True] * 3


def test_the_strongest_are_shown_first(computed):
    shown = computed["correlations"][1]["strongest"].value.splitlines()
    strengths = [abs(float(line.split("|")[4])) for line in shown[2:]]
    assert strengths == sorted(strengths, reverse=True)
    assert "files_affected_count | complexity" not in "".join(shown)


@pytest.mark.parametrize(
    "issues",
    [
        issue_worlds.features(1, 0),
        issue_worlds.features(1, 12),
        issue_worlds.features(1).assign(category="commands", time_spent_minutes=None),
        issue_worlds.features(1).assign(complexity_score=4.0, days_to_fix=float("nan")),
    ],
    ids=["no issue", "12 issues", "no time", "one complexity, NaN"],
)
def test_what_is_not_known_has_a_reason_and_passes(tracker, issues):
    frame = tracker.has(issues).written(correlations)
    unknown = frame[frame["correlation"].isna()]
    assert len(unknown)
    assert unknown["reason"].notna().all()
    assert unknown["is_significant"].isna().all()
    assert [called(check, correlations=frame).passed for check in CHECKS] == [True] * 3


def test_before_the_first_issue_there_is_no_time_and_that_is_stale(tracker):
    frame = tracker.written(correlations)
    assert frame["as_of"].isna().all()
    assert frame["is_stale"].all()


def test_a_missing_or_doubled_pair_fails(table):
    frame = table("correlations")
    assert not called(pairs_are_complete, correlations=frame.iloc[1:]).passed
    turned = frame.iloc[[0]].rename(columns={"variable_a": "variable_b", "variable_b": "variable_a"})
    assert not called(pairs_are_complete, correlations=pd.concat([frame, turned])).passed


def test_a_correlation_outside_of_its_interval_fails(table):
    frame = table("correlations")
    frame.loc[0, "correlation"] = 1.2
    assert not called(correlations_within_their_intervals, correlations=frame).passed


@pytest.mark.parametrize(("column", "value"), [("p_value", 1.5), ("p_value", -0.1), ("p_adjusted", 0.0)])
def test_a_p_value_that_cannot_be_fails(table, column, value):
    frame = table("correlations")
    place = frame["p_value"].idxmax()
    frame.loc[place, column] = value
    result = called(correlation_p_values_are_sound, correlations=frame)
    assert not result.passed
    assert frame.loc[place, "variable_b"] in result.metadata["wrong"].value
