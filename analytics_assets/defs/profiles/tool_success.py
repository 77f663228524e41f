"""Has a tool stopped working?

Reads ``tool_profiles``. A tool that has collapsed is a finding and no bad data: it is shown, and nothing waits for it.
"""

import dagster as dg

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.lib.verdicts import at_least
from analytics_assets.metadata import shown_rows
from analytics_assets.thresholds import CONFIDENCE_MIN_EXECUTIONS, TOOL_SUCCESS_RATE
from analytics_assets.warehouse.accounting import EXAMPLES

WORST_FIRST = """
    select tool_name, success_rate, failed_executions, total_executions
    from profiles.tool_profiles
    where total_executions >= ?
    order by success_rate, total_executions desc, tool_name
"""


@dg.asset_check(
    asset=["profiles", "tool_profiles"],
    description=f"No tool with {CONFIDENCE_MIN_EXECUTIONS.value:.0f} executions or more has collapsed.",
)
def no_tool_has_collapsed(warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """Compare the lowest success rate with the floor; tools with few executions prove nothing."""
    with warehouse.get_connection() as con:
        tools = con.execute(WORST_FIRST, [CONFIDENCE_MIN_EXECUTIONS.value]).fetchall()
    judged: dict[str, dg.MetadataValue | str | float | int | bool] = {"tools_judged": len(tools)}
    if not tools:
        return dg.AssetCheckResult(passed=True, metadata=judged)
    titles = ("tool", "success rate", "failed", "executions")
    return at_least(tools[0][1], TOOL_SUCCESS_RATE, {**judged, "worst": shown_rows(titles, tools[:EXAMPLES])})
