"""What went through in the last 24 hours."""

from __future__ import annotations

from analytics_assets.lib.rates import success_rate, wilson_interval
from analytics_assets.queries.answers import Answer, freshness, rows
from analytics_assets.queries.snapshot import Snapshot, reading
from analytics_assets.thresholds import WINDOW

TOOLS = """
    select
        usage.tool_name,
        sum(usage.executions) as total_tasks,
        sum(usage.successful_executions) as successful_tasks,
        sum(usage.failed_executions) as failed_tasks
    from summaries.hourly_tool_usage as usage
    inner join staging.stg_as_of as clock on clock.kind = 'executions'
    where usage.hour > clock.as_of - to_hours($hours) and usage.hour <= clock.as_of
    group by usage.tool_name
    order by total_tasks desc, usage.tool_name
"""


def get_task_pipeline(snapshot: Snapshot | None = None) -> Answer:
    """The tasks of the 24 hours that end with as_of's hour.

    A task is an execution, as one is recorded per task execution. Each tool of the breakdown has tool_name,
    total_tasks, successful_tasks, failed_tasks, success_rate and the Wilson interval success_rate_low,
    success_rate_high.
    """
    with reading(snapshot) as current:
        tools = rows(current, TOOLS, {"hours": int(WINDOW.value)})
        ends = freshness(current)
    for tool in tools:
        counts = int(tool["successful_tasks"]), int(tool["total_tasks"])
        interval = wilson_interval(*counts)
        tool["success_rate"] = success_rate(*counts)
        tool["success_rate_low"], tool["success_rate_high"] = interval or (None, None)
    total, successful, failed = (
        sum(tool[name] for tool in tools) for name in ("total_tasks", "successful_tasks", "failed_tasks")
    )
    return {
        "total_tasks": total,
        "successful_tasks": successful,
        "failed_tasks": failed,
        "success_rate": success_rate(successful, total),
        "tool_breakdown": tools,
        **ends,
    }
