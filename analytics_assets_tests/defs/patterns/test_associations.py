"""Rules between root causes, and the lead of health: tables and checks."""

from __future__ import annotations

import pytest

from analytics_assets.defs.patterns.associations import (
    association_rules,
    every_lag_is_answered,
    lag_correlations,
    lag_p_values_are_sound,
    rule_p_values_are_sound,
    rules_recount,
)
from analytics_assets_tests.defs.patterns.conftest import called
from analytics_assets_tests.lib import issue_worlds


def test_the_planted_rule_is_first_and_recounts(filled, table):
    frame = table("association_rules")
    first = frame.iloc[0]
    assert {first["antecedent"], first["consequent"]} == {"RCA-001", "RCA-002"}
    assert first["is_significant"]
    assert first["p_value"] >= first["fisher_p_value"]
    assert called(rules_recount, association_rules=frame, warehouse=filled).passed
    assert called(rule_p_values_are_sound, association_rules=frame).passed


def test_weeks_stand_in_for_sprints_and_recount(tracker):
    found = [row | {"sprint": None} for row in issue_worlds.findings(2)]
    frame = tracker.has(issue_worlds.features(1, len(found)), found).written(association_rules)
    assert set(frame["transaction"]) == {"week and file"}
    result = called(rules_recount, association_rules=frame, warehouse=tracker.warehouse)
    assert result.passed
    assert result.metadata["recounted"].value == min(20, len(frame))


@pytest.mark.parametrize("column", ["both_count", "transactions", "consequent_count"])
def test_a_rule_with_another_count_fails_and_is_named(filled, table, column):
    frame = table("association_rules")
    frame.loc[1, column] += 1
    result = called(rules_recount, association_rules=frame, warehouse=filled)
    assert not result.passed
    assert frame.loc[1, "antecedent"] in result.metadata["wrong"].value


def test_a_rule_whose_p_value_is_no_share_fails(table):
    frame = table("association_rules")
    frame.loc[0, "p_value"] = 2.0
    assert not called(rule_p_values_are_sound, association_rules=frame).passed


@pytest.mark.parametrize(
    "found",
    [
        [],
        [row | {"root_cause_id": None} for row in issue_worlds.findings(1)],
        [row | {"files_affected": None} for row in issue_worlds.findings(1)],
        [row | {"root_cause_id": "A"} for row in issue_worlds.findings(1)],
    ],
    ids=["no issue", "no cause", "no file", "one cause"],
)
def test_without_what_could_go_together_there_is_no_rule_and_that_passes(tracker, found):
    frame = tracker.has(issue_worlds.features(1, len(found)), found).written(association_rules)
    assert len(frame) == 0
    assert called(rules_recount, association_rules=frame, warehouse=tracker.warehouse).passed
    assert called(rule_p_values_are_sound, association_rules=frame).passed


def test_a_planted_lead_is_found_at_three_weeks(table):
    frame = table("lag_correlations").set_index("lag_weeks")
    assert frame.loc[3, "is_significant"]
    assert frame.loc[3, "correlation"] < 0
    assert frame["p_value"].idxmin() == 3
    assert (frame["n_effective"] <= frame["n"]).all()
    assert called(every_lag_is_answered, lag_correlations=frame.reset_index()).passed
    assert called(lag_p_values_are_sound, lag_correlations=frame.reset_index()).passed


def test_the_week_that_is_not_over_and_other_scopes_are_not_counted(tracker):
    tracker.has(issue_worlds.features(1, 0)).weeks(issue_worlds.weeks(1))
    wanted = tracker.written(lag_correlations)
    tracker.execute("insert into kpis.weekly_health values ('2026-03-02', 'overall', 0, 900, false)")
    tracker.execute("insert into kpis.weekly_health select week, 'agents', 1, 1, is_finished from kpis.weekly_health")
    frame = tracker.written(lag_correlations)
    assert list(frame["n"]) == [60 - lag for lag in range(1, 9)]
    assert frame.equals(wanted)


@pytest.mark.parametrize(
    "weeks",
    [
        issue_worlds.weeks(1, 0),
        issue_worlds.weeks(1, 10),
        issue_worlds.weeks(1).assign(health_score=None),
        issue_worlds.weeks(1).assign(health_score=80.0, new_issues=0),
    ],
    ids=["no week", "10 weeks", "no health", "constant"],
)
def test_lags_that_cannot_be_told_are_all_there_and_pass(tracker, weeks):
    frame = tracker.has(issue_worlds.features(1, 0)).weeks(weeks).written(lag_correlations)
    assert list(frame["lag_weeks"]) == list(range(1, 9))
    assert frame["reason"].notna().all()
    assert frame["p_value"].isna().all()
    assert called(every_lag_is_answered, lag_correlations=frame).passed
    assert called(lag_p_values_are_sound, lag_correlations=frame).passed


def test_a_lag_that_is_missing_or_says_nothing_fails(table):
    frame = table("lag_correlations")
    assert not called(every_lag_is_answered, lag_correlations=frame.iloc[1:]).passed
    silent = frame.assign(correlation=None)
    assert not called(every_lag_is_answered, lag_correlations=silent).passed
    frame.loc[0, "p_adjusted"] = -1.0
    assert not called(lag_p_values_are_sound, lag_correlations=frame).passed


def test_before_the_first_issue_no_week_is_over(tracker):
    tracker.execute("insert into kpis.weekly_health values ('2026-01-05', 'overall', 90, 3, false)")
    assert list(tracker.written(lag_correlations)["n"]) == [0] * 8
