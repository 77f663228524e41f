"""What the daemon does: the sensor's own selection, executed, changes the answers and not only the records."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

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


@pytest.mark.slow
def test_a_file_that_lands_later_moves_every_window(journey):
    land(journey.settings, "executions/old.jsonl", executions())
    assert journey.refresh().success
    assert get_task_pipeline()["is_stale"] is True

    land(journey.settings, "executions/new.jsonl", recent(10))
    assert journey.daemon_refresh()

    pipeline = get_task_pipeline()
    assert (pipeline["total_tasks"], pipeline["is_stale"]) == (10, False)
    assert get_api_usage_and_costing()["total_tokens_24h"] == 50
    assert [tool["total_executions"] for tool in get_system_learning()["tool_profiles"]] == [10, 0, 0]
