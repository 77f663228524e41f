"""What has been learned about the tools."""

from __future__ import annotations

from analytics_assets.queries.answers import Answer, freshness, rows, without_window
from analytics_assets.queries.snapshot import Snapshot, reading

LEVELS = ("HIGH", "MEDIUM", "LOW")

PROFILES = """
    select
        tool_name,
        confidence_level,
        success_rate,
        success_rate_low,
        success_rate_high,
        total_executions,
        successful_executions,
        failed_executions,
        avg_duration_seconds,
        avg_cost_usd,
        lifetime_executions,
        last_seen_at,
        risk,
        as_of,
        is_stale
    from profiles.tool_profiles
    order by total_executions desc, tool_name
"""


def get_system_learning(snapshot: Snapshot | None = None) -> Answer:
    """Confidence in the tools over 30 days: confidence_distribution and tool_profiles.

    The distribution counts the tools of each level; a tool without an execution in the window has no level
    and is in no count. Each profile has its success_rate (0 to 1) with the Wilson interval and the executions
    it rests on.
    """
    with reading(snapshot) as current:
        profiles = rows(current, PROFILES)
        ends = freshness(current, profiles)
    levels = [profile["confidence_level"] for profile in profiles]
    return {
        "confidence_distribution": {level: levels.count(level) for level in LEVELS},
        "tool_profiles": without_window(profiles),
        **ends,
    }
