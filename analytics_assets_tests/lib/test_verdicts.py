"""Verdicts of checks on one number."""

import math

import dagster as dg
import pytest

from analytics_assets.lib.verdicts import at_least, at_most
from analytics_assets.limits import Ceiling, Floor

FLOOR = Floor(warn=0.9, error=0.5, unit="share", why="half is too little")
CEILING = Ceiling(warn=10, error=100, unit="seconds", why="long is too long")
WARN, ERROR = dg.AssetCheckSeverity.WARN, dg.AssetCheckSeverity.ERROR


@pytest.mark.parametrize(
    ("value", "passed", "severity"),
    [(0.95, True, WARN), (0.9, True, WARN), (0.89, False, WARN), (0.5, False, WARN), (0.49, False, ERROR)],
)
def test_a_floor_warns_below_warn_and_fails_below_error(value, passed, severity):
    verdict = at_least(value, FLOOR)
    assert (verdict.passed, verdict.severity) == (passed, severity)


@pytest.mark.parametrize(
    ("value", "passed", "severity"),
    [(5, True, WARN), (10, True, WARN), (11, False, WARN), (100, False, WARN), (101, False, ERROR)],
)
def test_a_ceiling_warns_above_warn_and_fails_above_error(value, passed, severity):
    verdict = at_most(value, CEILING)
    assert (verdict.passed, verdict.severity) == (passed, severity)


@pytest.mark.parametrize("value", [None, math.nan])
def test_what_is_not_a_number_is_an_error(value):
    for verdict in (at_least(value, FLOOR), at_most(value, CEILING)):
        assert not verdict.passed
        assert verdict.severity is ERROR
        assert verdict.metadata["value"].value == "not a number"


def test_the_verdict_explains_itself():
    metadata = at_least(0.7, FLOOR, {"tool": "search"}).metadata
    assert {name: entry.value for name, entry in metadata.items()} == {
        "value": 0.7,
        "warn": 0.9,
        "error": 0.5,
        "unit": "share",
        "why": "half is too little",
        "tool": "search",
    }
