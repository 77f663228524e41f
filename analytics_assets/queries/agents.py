"""How the agents are."""

from __future__ import annotations

from analytics_assets.queries.answers import Answer, freshness, rows, without_window
from analytics_assets.queries.snapshot import Snapshot, reading

AGENTS = """
    select
        agent_id,
        status,
        tasks_completed_today,
        avg_response_time_seconds as avg_response_time,
        success_rate,
        last_activity_at as last_activity,
        as_of,
        is_stale
    from profiles.agent_status
    order by agent_id
"""


def get_agents_status(snapshot: Snapshot | None = None) -> Answer:
    """Status of every agent: ``agents``, one object per agent, in the order of their ids.

    Each has agent_id, status, tasks_completed_today (executions that succeeded on the day of as_of, UTC),
    avg_response_time (seconds), success_rate (0 to 1) and last_activity.
    """
    with reading(snapshot) as current:
        agents = rows(current, AGENTS)
        ends = freshness(current, agents)
    return {"agents": without_window(agents), **ends}
