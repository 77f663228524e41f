"""The seven read functions: exactly the fields that are promised, also of a system that has seen nothing yet."""

from __future__ import annotations

import json

import pytest

from analytics_assets import queries
from analytics_assets.queries.errors import NoSnapshotError
from analytics_assets.refresh import run_refresh
from analytics_assets_tests.journeys.conftest import executions, land

WINDOW = {"as_of", "is_stale"}
FIELDS = {
    "get_agents_status": {"agents"},
    "get_predictive_capacity": {"agents"},
    "get_task_pipeline": {"total_tasks", "successful_tasks", "failed_tasks", "success_rate", "tool_breakdown"},
    "get_api_usage_and_costing": {
        "total_tasks_24h",
        "total_tokens_24h",
        "execution_costs",
        "storage_costs",
        "tier1_record_count",
        "tier2_record_count",
    },
    "get_system_learning": {"confidence_distribution", "tool_profiles"},
    "get_risk_patterns": {"failure_patterns", "cost_anomalies", "cost_anomaly_count"},
    "get_tool_recommendations": {"recommendations"},
}
AGENT = {"agent_id", "status", "tasks_completed_today", "avg_response_time", "success_rate", "last_activity"}
CAPACITY = {"agent_id", "estimated_available_capacity", "current_queue_depth", "bottleneck_tools"}


def ask(name: str) -> dict[str, object]:
    return getattr(queries, name)()


def test_before_the_first_refresh_every_function_says_what_to_do(journey):
    for name in FIELDS:
        with pytest.raises(NoSnapshotError, match="analytics refresh"):
            ask(name)


@pytest.fixture(scope="module")
def empty(journey):
    assert journey.refresh().success
    return {name: ask(name) for name in FIELDS}


@pytest.fixture(scope="module")
def filled(empty, journey):
    land(journey.settings, "executions/log.jsonl", executions())
    assert journey.daemon_refresh()
    # The sensor leaves them to their schedule.
    assert run_refresh(journey.settings, job_name="hourly_forecasts").success
    return {name: ask(name) for name in FIELDS}


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("system", ["empty", "filled"])
def test_each_answers_with_exactly_its_fields_and_where_its_window_ends(name, system, request):
    answer = request.getfixturevalue(system)[name]
    assert set(answer) == FIELDS[name] | WINDOW
    json.dumps(answer)


def test_of_nothing_counts_are_zero_and_measurements_unknown(empty):
    assert empty["get_agents_status"]["agents"] == []
    pipeline = empty["get_task_pipeline"]
    assert (pipeline["total_tasks"], pipeline["success_rate"]) == (0, None)
    usage = empty["get_api_usage_and_costing"]
    assert (usage["total_tasks_24h"], usage["total_tokens_24h"], usage["execution_costs"]) == (0, None, None)
    assert empty["get_system_learning"]["confidence_distribution"] == {"HIGH": 0, "MEDIUM": 0, "LOW": 0}
    assert {answer["as_of"] for answer in empty.values()} == {None}


def test_agents_and_capacities_have_the_promised_fields(filled):
    assert {frozenset(agent) for agent in filled["get_agents_status"]["agents"]} == {frozenset(AGENT)}
    assert {frozenset(agent) for agent in filled["get_predictive_capacity"]["agents"]} == {frozenset(CAPACITY)}


def test_the_breakdown_of_the_pipeline_adds_up(filled):
    pipeline = filled["get_task_pipeline"]
    assert sum(tool["total_tasks"] for tool in pipeline["tool_breakdown"]) == pipeline["total_tasks"] == 300
    assert all(
        tool["success_rate_low"] <= tool["success_rate"] <= tool["success_rate_high"]
        for tool in pipeline["tool_breakdown"]
    )
