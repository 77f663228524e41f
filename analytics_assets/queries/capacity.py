"""How much of each agent will be free."""

from __future__ import annotations

import json

from analytics_assets.queries.answers import Answer, freshness, rows, without_window
from analytics_assets.queries.snapshot import Snapshot, reading

CAPACITY = """
    select agent_id, estimated_available_capacity, current_queue_depth, bottleneck_tools, as_of, is_stale
    from forecasts.capacity_forecasts
    order by agent_id
"""


def get_predictive_capacity(snapshot: Snapshot | None = None) -> Answer:
    """Expected capacity of every agent in the hour after as_of's: ``agents``, one object per agent.

    Each has agent_id, estimated_available_capacity (percent; None without enough history),
    current_queue_depth (None when no work is recorded) and bottleneck_tools (a list, worst first; None
    without a call in 24 h). The band and the method stand in ``forecasts.capacity_forecasts``.
    """
    with reading(snapshot) as current:
        agents = rows(current, CAPACITY)
        ends = freshness(current, agents)
    for agent in agents:
        agent["bottleneck_tools"] = json.loads(agent["bottleneck_tools"]) if agent["bottleneck_tools"] else None
    return {"agents": without_window(agents), **ends}
