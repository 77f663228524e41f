"""Anomalous issues: the table and its checks."""

from __future__ import annotations

import pytest

from analytics_assets.defs.patterns.issue_anomalies import (
    anomalies_are_fixed_issues,
    anomalies_have_reasons,
    issue_anomalies,
)
from analytics_assets_tests.defs.patterns.conftest import called
from analytics_assets_tests.lib import issue_worlds


def passes(frame, tracker):
    return (
        called(anomalies_have_reasons, issue_anomalies=frame).passed,
        called(anomalies_are_fixed_issues, issue_anomalies=frame, warehouse=tracker.warehouse).passed,
    )


def test_long_fixes_are_named_with_their_reason(tracker):
    tracker.has(issue_worlds.features(1, long_fixes=5, long_ratio=20))
    result = tracker.result(issue_anomalies)
    frame = tracker.keep(issue_anomalies, result)
    assert set(frame["id"]) >= {f"OPT-0000{number}" for number in range(5)}
    assert set(frame["examined"]) == {300}
    assert frame["reason"].str.startswith("took ").all()
    assert result.metadata["judged"] == "yes"
    assert frame.loc[0, "id"] in result.metadata["anomalies"].value
    assert passes(frame, tracker) == (True, True)


@pytest.mark.parametrize(
    "issues",
    [
        issue_worlds.features(1, 0),
        issue_worlds.features(1, 12),
        issue_worlds.features(1).assign(time_spent_minutes=None),
        issue_worlds.features(1).assign(status="OPEN"),
    ],
    ids=["no issue", "12 issues", "no time", "none fixed"],
)
def test_too_few_are_not_judged_and_that_is_said(tracker, issues):
    tracker.has(issues)
    assert tracker.result(issue_anomalies).metadata["judged"] == (
        "not enough data: fewer than 30 fixed issues with a time"
    )
    frame = tracker.written(issue_anomalies)
    assert len(frame) == 0
    assert passes(frame, tracker) == (True, True)


@pytest.mark.parametrize(("column", "value"), [("reason", None), ("reason", " "), ("deviation", 0.5)])
def test_an_anomaly_that_nothing_explains_fails(table, column, value):
    frame = table("issue_anomalies")
    assert called(anomalies_have_reasons, issue_anomalies=frame).passed
    frame.loc[0, column] = value
    assert not called(anomalies_have_reasons, issue_anomalies=frame).passed


def test_an_anomaly_that_is_not_fixed_fails(tracker, table):
    frame = table("issue_anomalies")
    tracker.has(issue_worlds.features(1, 800))
    assert passes(frame, tracker) == (True, True)
    tracker.execute("update kpis.issue_features set status = 'OPEN' where id = ?", [frame.loc[0, "id"]])
    assert passes(frame, tracker) == (True, False)
