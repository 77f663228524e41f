"""In which order suggestions are read, and what stands beside them."""

from __future__ import annotations

import pytest

from analytics_assets.queries.errors import NotAnsweredYetError
from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets.queries.suggestions import get_calibration, get_rule_scores, get_suggestions
from analytics_assets.suggesting.table import COLUMNS
from analytics_assets_tests.queries.published import publish


def row(key, level="LOW", confidence=0.5, status="pending"):
    return {"id": key, "level": level, "confidence": confidence, "status": status}


def test_what_waits_comes_first_then_the_level_then_the_most_certain(settings):
    rows = [
        row("g", "HIGH", 0.99, "applied"),
        row("f", "LOW", None, "not_enough_data"),
        row("e", "LOW", 0.9),
        row("d", "MED", 0.8),
        row("c", "MED", 0.8),
        row("b", "MED", 0.9),
        row("a", "HIGH", 0.91),
    ]
    publish(settings, {"suggestions.suggestions": rows})
    with open_snapshot(settings) as snapshot:
        found = get_suggestions(snapshot)
    assert [row["id"] for row in found] == ["a", "b", "c", "d", "e", "g", "f"]
    assert list(found[0]) == [column.name for column in COLUMNS]


def test_calibration_comes_by_source_and_bin(settings):
    bins = [{"source": s, "confidence_from": low, "n": 0} for s in ("verdicts", "backtest") for low in (0.8, 0.5)]
    publish(settings, {"outcomes.calibration": bins, "outcomes.rule_scores": [{"rule": "b"}, {"rule": "a"}]})
    with open_snapshot(settings) as snapshot:
        found = [(row["source"], row["confidence_from"]) for row in get_calibration(snapshot)]
        assert [row["rule"] for row in get_rule_scores(snapshot)] == ["a", "b"]
    assert found == [("backtest", 0.5), ("backtest", 0.8), ("verdicts", 0.5), ("verdicts", 0.8)]


@pytest.mark.parametrize("ask", [get_suggestions, get_calibration, get_rule_scores])
def test_before_its_job_has_run_the_way_is_shown(settings, ask):
    publish(settings, without=("suggestions.suggestions", "outcomes.calibration", "outcomes.rule_scores"))
    with open_snapshot(settings) as snapshot, pytest.raises(NotAnsweredYetError, match="analytics refresh"):
        ask(snapshot)
