"""How bad an alert is, who should know, and how."""

from __future__ import annotations

from datetime import timedelta

import pytest

from analytics_assets.alerting.severity import escalation_level, points, severity_of
from analytics_assets_tests.alerting.made import condition


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"score": 0.59, "size": 0.24}, 0),
        ({"score": 0.6, "size": 0.24}, 1),
        ({"score": 0.8, "size": 0.5}, 4),
        ({"score": 0.59, "size": 0.24, "ends": 3}, 1),
        ({"score": 0.59, "size": 0.24, "ends": 12}, 2),
        ({"score": 0.59, "size": 0.24, "witnesses": 2}, 1),
        ({"score": 0.59, "size": 0.24, "components": ("a", "b", "c")}, 1),
        ({"score": 1.0, "size": 1.0, "ends": 99, "witnesses": 3, "components": ("a", "b", "c")}, 8),
    ],
)
def test_points_are_counted_as_the_rule_says(fields, expected):
    assert points(condition(**fields)) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"score": 0.7, "size": 0.2, "ends": 3}, "low"),
        ({"score": 0.7, "size": 0.6}, "medium"),
        ({"score": 0.7, "size": 0.6, "witnesses": 2}, "high"),
        ({"score": 0.9, "size": 0.9, "ends": 3, "witnesses": 2}, "critical"),
    ],
)
def test_severity_follows_from_points(fields, expected):
    assert severity_of(condition(**fields)) == expected


@pytest.mark.parametrize("doubt", [{"confidence": 0.94}, {"is_usual": True}])
def test_what_is_unsure_or_has_been_so_for_long_calls_nobody(doubt):
    worst = {"score": 0.9, "size": 0.9, "ends": 99, "witnesses": 2}
    assert severity_of(condition(**worst)) == "critical"
    assert severity_of(condition(**worst | doubt)) == "medium"


def test_a_detector_can_ask_for_a_least_severity():
    assert severity_of(condition(score=0.5, size=0.0, least="medium")) == "medium"


def test_the_components_of_its_group_count():
    assert points(condition(score=0.5, size=0.0), components=3) == 1


@pytest.mark.parametrize(
    ("severity", "hours", "expected"),
    [("low", 999, 0), ("medium", 23, 1), ("medium", 24, 2), ("high", 3, 2), ("high", 4, 3), ("critical", 99, 3)],
)
def test_what_nobody_acknowledges_goes_a_level_up(severity, hours, expected):
    assert escalation_level(severity, timedelta(hours=hours)) == expected


def test_what_was_seen_stays_at_its_level():
    assert escalation_level("high", None) == 2
