"""Which anomalies, lasting changes and patterns warn."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from analytics_assets.alerting.condition import AlertType, Kind
from analytics_assets.alerting.deviations import changed, deviating
from analytics_assets.alerting.severity import severity_of
from analytics_assets.alerting.unusual import unusual
from analytics_assets.pattern_store.observed import pattern_id
from analytics_assets_tests.alerting.made import at

EPISODE = {
    "signal": "metric/api/api_error_rate",
    "component_kind": "metric",
    "component": "api",
    "metric_type": "api_error_rate",
    "unit": "share",
    "starts_at": at(0),
    "ends_at": None,
    "hours": 2,
    "is_ongoing": True,
    "value": 0.108,
    "expected": 0.012,
    "score": 9.5,
    "expected_by_chance": 0.0001,
    "families": '["limit", "season"]',
    "severity": "HIGH",
    "is_worse": True,
    "reason": "api_error_rate of api was 10.8 % where 1.2 % is usual",
    "as_of": at(2),
    "is_stale": False,
}
SHIFT = {
    "signal": "tool/web_fetch/error_rate",
    "component_kind": "tool",
    "component": "web_fetch",
    "metric_type": "error_rate",
    "unit": "share",
    "changed_at": at(0),
    "before": 0.03,
    "after": 0.3,
    "p_adjusted": 0.001,
    "is_significant": True,
    "is_worse": True,
    "as_of": at(100),
    "is_stale": False,
}
PATTERN = {
    "id": "p1",
    "pattern_name": "step build is slower",
    "pattern_type": "step_slowdown",
    "subject": "ci/build",
    "components": '["ci"]',
    "source": "patterns.execution_patterns",
    "severity": "high",
    "is_active": True,
    "state": "active",
    "starts_at": at(0),
    "detected_at": at(10),
    "observed_until": at(100),
    "confidence_score": 0.99,
    "significance_score": 0.6,
    "as_of": at(100),
    "is_stale": False,
}


def test_an_anomaly_for_the_worse_warns_with_its_component_and_numbers():
    (found,) = unusual([EPISODE])
    assert (found.alert_type, found.components, found.is_over) == (AlertType.ERROR_RATE, ("api",), False)
    assert "10.8 %" in found.description
    assert severity_of(found) == "high"
    assert "where signal = 'metric/api/api_error_rate'" in found.evidence_sql


@pytest.mark.parametrize(
    "fields",
    [{"is_worse": False}, {"is_worse": None}, {"severity": "LOW"}, {"expected_by_chance": 0.6}],
)
def test_what_is_better_small_or_likely_by_chance_warns_nobody(fields):
    assert unusual([EPISODE | fields]) == []


def test_one_witness_alone_is_no_more_than_medium():
    (found,) = unusual([EPISODE | {"severity": "MEDIUM", "families": '["limit"]', "score": 99.0}])
    assert severity_of(found) == "medium"


def test_an_episode_that_ended_says_so():
    (found,) = unusual([EPISODE | {"ends_at": at(2), "is_ongoing": False, "as_of": at(9)}])
    assert (found.is_over, found.last_seen_at) == (True, at(2))


def test_a_lasting_change_warns_while_its_pattern_holds():
    held = {"id": pattern_id("degradation", SHIFT["signal"]), "is_active": True}
    (found,) = changed([SHIFT], [held])
    assert (found.kind, found.subject_key) == (Kind.CHANGED, held["id"])
    assert "from 3 % to 30 %" in found.description
    # In the later half of a first import of 30 days.
    assert len(changed([SHIFT | {"changed_at": SHIFT["as_of"] - timedelta(days=14, hours=7)}], [held])) == 1
    assert changed([SHIFT], [held | {"is_active": False}]) == []
    assert changed([SHIFT], []) == []


@pytest.mark.parametrize(
    "fields", [{"is_worse": False}, {"is_significant": None}, {"changed_at": at(100) - timedelta(days=15)}]
)
def test_a_change_that_is_better_unsure_or_old_warns_nobody(fields):
    held = {"id": pattern_id("degradation", SHIFT["signal"]), "is_active": True}
    assert changed([SHIFT | fields], [held]) == []


def test_a_new_pattern_of_high_severity_warns():
    (found,) = deviating([PATTERN], [])
    assert (found.kind, found.began_at, list(found.components)) == (Kind.NEW_PATTERN, at(0), ["ci"])


@pytest.mark.parametrize(
    "fields",
    [
        {"severity": "medium"},
        {"is_active": False},
        {"pattern_type": "metric_anomaly"},
        {"pattern_type": "degradation"},
        {"source": "patterns.issue_anomalies"},
        {"starts_at": at(100) - timedelta(days=15)},
        {"starts_at": None},
    ],
    ids=["medium", "over", "told by itself", "told by its change", "of issues", "old", "of the first look"],
)
def test_other_patterns_do_not(fields):
    assert deviating([PATTERN | fields], []) == []


def test_one_without_a_beginning_is_new_where_it_was_found_after_the_first_look():
    later = PATTERN | {"id": "p2", "starts_at": None, "detected_at": at(60)}
    found = deviating([PATTERN | {"severity": "low"}, later], [])
    assert [(one.subject_key, one.began_at) for one in found] == [("p2", at(60))]


def test_a_pattern_that_grows_warns_from_medium_on():
    grew = {
        "pattern_id": "p1",
        "evolution_type": "strengthening",
        "evolution_timestamp": at(90),
        "change_magnitude": 0.4,
    }
    old = PATTERN | {"severity": "medium", "starts_at": None}
    (found,) = deviating([old], [grew])
    assert (found.kind, found.began_at) == (Kind.STRONGER_PATTERN, at(90))
    assert "grew by 40%" in found.description
    assert deviating([old | {"severity": "low"}], [grew]) == []
    assert deviating([old], [grew | {"evolution_timestamp": at(100) - timedelta(days=15)}]) == []


def test_odd_names_are_quoted_in_the_evidence():
    (found,) = unusual([EPISODE | {"signal": "metric/o'hara/x", "families": json.dumps(["season"])}])
    assert "'metric/o''hara/x'" in found.evidence_sql
