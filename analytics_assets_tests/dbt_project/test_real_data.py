"""Published figures of real logs come out of the models."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from analytics_assets_tests.dbt_project.run_history import assert_table, groups, moment, rated

SHARED = Path(__file__).parents[3] / "shared" / "data"

SUCCESS_PER_MODEL = {
    "Claude 3.5 Sonnet (New)": (242, 589),
    "o1-preview": (191, 358),
    "o1": (189, 671),
    "Claude 3.5 Sonnet (Old)": (180, 634),
    "GPT-4o": (135, 662),
    "GPT-4 0314": (83, 429),
    "Claude 3 Opus": (118, 657),
    "GPT-4 Turbo": (105, 682),
}


def _land(refresh, kind, name):
    source = SHARED / name
    if not source.exists():
        pytest.skip(f"{name} is not in ../shared/data, where the real logs are")
    folder = refresh.settings.inbox / kind
    folder.mkdir(parents=True)
    shutil.copyfile(source, folder / source.name)
    refresh.ingest()


def test_tool_calls_of_an_airline_agent_give_their_published_success_rates(refresh):
    _land(refresh, "executions", "tau-bench/executions.jsonl")
    refresh.build("--select", "staging", "+tool_recommendations")
    profiles = {row["tool_name"]: row for row in refresh.rows("select * from profiles.tool_profiles")}
    assert sum(profile["total_executions"] for profile in profiles.values()) == 1164
    assert len(profiles) == 14
    failing = {
        tool: (p["successful_executions"], p["total_executions"])
        for tool, p in profiles.items()
        if p["failed_executions"]
    }
    assert failing == {
        "book_reservation": (23, 53),
        "update_reservation_flights": (62, 104),
        "update_reservation_baggages": (13, 14),
    }
    rare = [profile["confidence_level"] for profile in profiles.values() if profile["total_executions"] == 2]
    assert rare == ["MEDIUM", "MEDIUM"]
    assert profiles["update_reservation_baggages"]["confidence_level"] == "MEDIUM"
    assert all(profile["avg_duration_seconds"] is None for profile in profiles.values())
    advised = refresh.rows("select tool_name from suggestions.tool_recommendations order by tool_name")
    assert [row["tool_name"] for row in advised] == ["book_reservation", "update_reservation_flights"]


def test_runs_of_models_on_tasks_give_their_published_success_rates(refresh):
    _land(refresh, "runs", "metr-runs/runs.jsonl")
    refresh.build("--select", "staging", "+daily_runs")
    for table, count in (
        ("staging.stg_runs", "count(*) filter (where status = 'success') as good, count(*) as n"),
        ("summaries.hourly_runs", "sum(successful_runs) as good, sum(runs) as n"),
        ("summaries.daily_runs", "sum(successful_runs) as good, sum(runs) as n"),
    ):
        rows = refresh.rows(f"select model, {count} from {table} group by model")
        found = {row["model"]: (row["good"], row["n"]) for row in rows}
        assert {model: found[model] for model in SUCCESS_PER_MODEL} == SUCCESS_PER_MODEL
        assert sum(n for _, n in found.values()) == 4796


def test_success_of_models_within_families_of_tasks_is_that_of_the_file(refresh):
    _land(refresh, "runs", "metr-runs/runs.jsonl")
    refresh.build("--select", "+model_effectiveness", "+cost_efficiency")
    lines = (SHARED / "metr-runs/runs.jsonl").read_text(encoding="utf-8").splitlines()
    runs = [record | {"started_at": moment(record["started_at"])} for record in map(json.loads, lines)]
    as_of = max(run["started_at"] for run in runs)
    month = [run for run in runs if run["started_at"] > as_of - timedelta(days=30)]
    assert len(month) < len(runs)

    rows = refresh.rows("select * from profiles.model_effectiveness")
    ever = {}
    for row in rows:
        good, n = ever.get(row["model"], (0, 0))
        ever[row["model"]] = (good + row["lifetime_successful_runs"], n + row["lifetime_runs"])
    assert {model: ever[model] for model in SUCCESS_PER_MODEL} == SUCCESS_PER_MODEL

    in_month = groups(month, "spec_type", "model")
    expected = {}
    for key, found in groups(runs, "spec_type", "model").items():
        recent = in_month.get(key, [])
        good = sum(run["status"] == "success" for run in recent)
        rates = {"success_rate": None, "success_rate_low": None, "success_rate_high": None}
        expected[key] = {
            "runs": len(recent),
            "successful_runs": good,
            **(rated("success_rate", good, len(recent)) if recent else rates),
            "specs": len({run["spec_id"] for run in recent}),
            "lifetime_runs": len(found),
        }
    assert_table(rows, ("spec_type", "model"), expected)
    families = refresh.rows("select * from profiles.cost_efficiency where scope = 'spec_type'")
    assert_table(families, ("scope_id", "model"), {key: {"runs": len(found)} for key, found in in_month.items()})
