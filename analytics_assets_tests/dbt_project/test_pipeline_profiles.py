"""Configurations of pipelines, and what a pipeline's own times and steps say of it."""

from __future__ import annotations

import json
import statistics
from datetime import datetime, timedelta

import pytest

from analytics_assets.lib.rates import wilson_interval
from analytics_assets_tests.dbt_project.run_history import percentile
from analytics_assets_tests.dbt_project.signal_history import END, seconds

JUDGED = {"success", "failed", "error", "timeout"}


def test_configurations_of_a_pipeline_are_counted_each(signals):
    kept, _, records = signals
    found = {row["configuration_version"]: row for row in kept.rows("select * from profiles.pipeline_profiles")}
    recent = [
        row
        for row in records["pipelines"]
        if datetime.fromisoformat(row["started_at"]).replace(tzinfo=None) > END - timedelta(days=30)
    ]
    assert found.keys() == {None, "1", "2"}
    for version, profile in found.items():
        ours = [row for row in recent if row["configuration_version"] == version]
        judged = [row for row in ours if row["status"] in JUDGED]
        successes = sum(row["status"] == "success" for row in judged)
        interval = wilson_interval(successes, len(judged))
        queued = [row["queued_seconds"] for row in ours if row["queued_seconds"] is not None]
        durations = seconds(judged)
        assert (profile["executions"], profile["judged"], profile["successful"]) == (len(ours), len(judged), successes)
        assert profile["timed"] == len(durations)
        newest = max(ours, key=lambda row: row["started_at"])["configuration"]
        assert (json.loads(profile["configuration"]) if profile["configuration"] else None) == newest
        assert profile["success_rate"] == pytest.approx(successes / len(judged))
        assert (profile["success_rate_low"], profile["success_rate_high"]) == pytest.approx(
            (interval.low, interval.high)
        )
        assert profile["median_duration_seconds"] == pytest.approx(statistics.median(durations))
        assert profile["p95_duration_seconds"] == pytest.approx(percentile(durations, 0.95))
        assert profile["mean_queued_seconds"] == pytest.approx(statistics.fmean(queued))
        assert json.loads(profile["performance_baseline"]) == pytest.approx(
            {
                "judged": len(judged),
                "median_seconds": statistics.median(durations),
                "p95_seconds": percentile(durations, 0.95),
                "success_rate": successes / len(judged),
                "timed": len(durations),
            }
        )
    assert [version for version, profile in found.items() if profile["is_active"]] == ["2"]


def test_a_pipeline_has_a_duration_when_it_ended_and_a_rate_when_a_step_did(signals):
    kept, _, records = signals
    found = {row["id"]: row for row in kept.rows("select * from staging.stg_pipelines")}
    for record in records["pipelines"]:
        ended = [step["status"] for step in record["steps"] if step["status"] != "skipped"]
        rate = ended.count("success") / len(ended) if ended else None
        assert found[record["id"]]["success_rate"] == pytest.approx(rate)
        assert found[record["id"]]["total_duration_seconds"] == (next(iter(seconds([record])), None))
    assert any(row["success_rate"] is None for row in found.values())
