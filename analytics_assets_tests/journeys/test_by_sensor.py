"""What the daemon does: the sensor's own selection, executed, changes the answers and not only the records."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster import DagsterInstance

from analytics_assets.definitions import defs
from analytics_assets.defs.automation.inbox import inbox_sensor
from analytics_assets.queries import get_api_usage_and_costing, get_system_learning, get_task_pipeline
from analytics_assets_tests.journeys.conftest import executions, land

NOW = datetime.now(UTC)


def recent(count: int) -> list[dict[str, object]]:
    """Calls of the last minutes, the newest a minute ago."""
    return [
        {
            "execution_id": f"new{n}",
            "agent_id": "agent-0",
            "tool_name": "search",
            "started_at": (NOW - timedelta(minutes=count - n)).isoformat(),
            "success": True,
            "tokens_used": 5,
        }
        for n in range(count)
    ]


def test_a_file_that_lands_later_moves_every_window(journey):
    land(journey.settings, "executions/old.jsonl", executions())
    assert journey.refresh().success
    assert get_task_pipeline()["is_stale"] is True

    land(journey.settings, "executions/new.jsonl", recent(10))
    repository = defs().get_repository_def()
    with (
        DagsterInstance.ephemeral() as instance,
        dg.build_sensor_context(instance, repository_def=repository) as context,
    ):
        asked = inbox_sensor(context)
    # As the daemon does: the sensor's checks too, else those of the quality suites would come along.
    run = (
        defs()
        .resolve_job_def("refresh")
        .get_subset(asset_selection=set(asked.asset_selection), asset_check_selection=set(asked.asset_check_keys))
    )
    assert run.execute_in_process().success

    pipeline = get_task_pipeline()
    assert (pipeline["total_tasks"], pipeline["is_stale"]) == (10, False)
    assert get_api_usage_and_costing()["total_tokens_24h"] == 50
    assert [tool["total_executions"] for tool in get_system_learning()["tool_profiles"]] == [10, 0, 0]
