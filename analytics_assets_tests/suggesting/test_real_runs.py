"""Published runs of models on tasks: small cells, wide intervals, and nothing HIGH out of them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from analytics_assets.suggesting.engine import propose
from analytics_assets.thresholds import LEVEL_HIGH_RUNS
from analytics_assets_tests.suggesting.conftest import COLUMNS, SIZES, History
from analytics_assets_tests.suggesting.worlds import fill

METR = Path(__file__).parents[3] / "shared" / "data" / "metr-runs" / "runs.jsonl"
pytestmark = pytest.mark.skipif(not METR.exists(), reason="the real logs are not in ../shared/data")


@pytest.fixture(scope="module")
def runs():
    records = [json.loads(line) for line in METR.read_text().splitlines()]
    return pd.DataFrame(
        {name: record.get(name) for name in COLUMNS}
        | {
            "started_at": datetime.fromisoformat(record["started_at"]).replace(tzinfo=None),
            "is_success": record["status"] == "success",
            "is_oom": False,
            "is_transient": record["status"] == "timeout",
            "is_memory_censored": False,
            "is_cpu_censored": False,
        }
        for record in records
        if record["status"] in ("success", "failed", "error", "timeout")
    )


@pytest.fixture(scope="module")
def said(runs):
    """What any week's analysis says, each on the runs up to then."""
    history = History()
    fill(history, runs)
    end = runs["started_at"].max().to_pydatetime()
    weeks = [propose(history.con, end - timedelta(days=7 * back), SIZES) for back in range(9)]
    history.con.close()
    return [suggestion for week in weeks for suggestion in week]


def test_runs_of_this_size_say_something_and_say_where_they_are_too_few(said):
    assert {suggestion.is_enough for suggestion in said} == {True, False}


def test_small_cells_make_no_high_suggestion(said):
    small = [
        s
        for s in said
        if min(s.counts.current.runs, s.counts.suggested.runs if s.counts.suggested else 0) < LEVEL_HIGH_RUNS.value
    ]
    assert small
    assert {s.level.value for s in small} <= {"MED", "LOW"}


def test_small_cells_carry_wide_intervals(said):
    widths = [
        (s.counts.data_points, s.difference_interval.high - s.difference_interval.low)
        for s in said
        if s.difference_interval is not None
    ]
    assert all(width > 0.2 for n, width in widths if n < 60)


def test_a_high_suggestion_names_a_model_that_did_better_in_the_same_family(said, runs):
    for suggestion in (s for s in said if s.level == "HIGH"):
        family = runs[runs["spec_type"] == suggestion.finding.subject.spec_type]
        rates = family.groupby("model")["is_success"].mean()
        current = suggestion.finding.current_value.removeprefix("model: ")
        assert rates[suggestion.finding.suggested_value.removeprefix("model: ")] > rates[current]
