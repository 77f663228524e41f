"""Published figures of real logs come out of the models."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

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
