"""How much of each agent will be free in the next hour, and what holds it up?

Reads the hourly tool usage, the forecasts of series, and the work that waits from staging; feeds the answer on
predictive capacity.
"""

from datetime import datetime
from typing import TYPE_CHECKING

import dagster as dg

from analytics_assets.defs.forecasts.series_forecasts import KEY as FORECASTS
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema, shown_rows
from analytics_assets.pictures import drawn
from analytics_assets.thresholds import PROFILE
from analytics_assets.warehouse.accounting import EXAMPLES
from analytics_assets.warehouse.columns import Column

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

COLUMNS = (
    Column("agent_id", "VARCHAR", "Agent."),
    Column("forecast_for", "TIMESTAMP", "Start of the hour that is forecast, UTC."),
    Column("estimated_available_capacity", "DOUBLE", "Free share of that hour, percent; NULL without enough history."),
    Column("lower", "DOUBLE", "Lower end of the 80 % band, percent."),
    Column("upper", "DOUBLE", "Upper end of the 80 % band, percent."),
    Column("current_queue_depth", "BIGINT", "Tasks and runs known to wait or run; NULL when no work is recorded."),
    Column("bottleneck_tools", "VARCHAR", "JSON list of the tools that hold the agent up, worst first."),
    Column(
        "method",
        "VARCHAR",
        "As forecasts.series_forecasts has it; of an agent that has none there prophet or seasonal_naive, as the last "
        "day chose, or insufficient_history.",
    ),
    Column("history_hours", "BIGINT", "Hours of history it rests on."),
    Column("expected_utilisation", "DOUBLE", "Share of the hour that calls are expected to fill."),
    Column("slowdown", "DOUBLE", "How many times longer than usual the last day's calls took."),
    Column("response_time_seconds", "DOUBLE", "Mean duration of the last day's calls, seconds."),
    Column("as_of", "TIMESTAMP", "Newest execution the windows end at, UTC."),
    Column("is_stale", "BOOLEAN", "Whether as_of is over a day old."),
)
USAGE = """
    select hour, agent_id, tool_name, executions, failed_executions, timed_executions, duration_seconds
    from summaries.hourly_tool_usage
    where hour > cast($as_of as timestamp) - to_days($days) and hour <= $as_of and agent_id is not null
"""
# The one forecast of an agent's hours; those that are left out there are forecast here.
EXPECTED = f"""
    select substr(series, length('capacity/') + 1) as agent_id, method, value, lower, upper
    from {".".join(FORECASTS)}
    where topic = 'capacity' and value is not null
        and forecast_for = date_trunc('hour', cast($as_of as timestamp)) + interval 1 hour
"""
# Open work by agent: tracked tasks and runs without an end.
WAITING = """
    select assigned_to as agent_id, status, count(*) as items
    from staging.stg_tasks where assigned_to is not null group by all
    union all
    select agent_id, status, count(*) from staging.stg_runs where agent_id is not null group by all
"""


@dg.asset(
    key=["forecasts", "capacity_forecasts"],
    deps=[
        ["summaries", "hourly_tool_usage"],
        FORECASTS,
        ["profiles", "agent_status"],
        ["staging", "stg_tasks"],
        ["staging", "stg_runs"],
        ["staging", "stg_as_of"],
    ],
    kinds={"pandas", "prophet"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(COLUMNS)},
)
def capacity_forecasts(warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """Availability of each agent in the hour after ``as_of``'s, with a band. One row per agent."""
    from analytics_assets.lib.capacity import Expected, queue_depths
    from analytics_assets.lib.capacity import capacity_forecasts as forecast

    with warehouse.get_connection() as con:
        as_of, is_stale = _clock(con)
        usage = con.execute(USAGE, {"as_of": as_of, "days": int(PROFILE.value)}).df()
        queue = queue_depths(con.execute(WAITING).df())
        agents = [agent for (agent,) in con.execute("select agent_id from profiles.agent_status").fetchall()]
        known = con.execute(EXPECTED, {"as_of": as_of}).fetchall()
    expected = {agent: Expected(method, *share) for agent, method, *share in known}
    forecasts = forecast(usage, queue, as_of, is_stale=is_stale, agents=agents, expected=expected)
    return dg.MaterializeResult(
        value=forecasts,
        metadata={"as_of": str(as_of), "is_stale": is_stale, **drawn("forecasts.capacity_forecasts", forecasts)},
    )


def _clock(con: "DuckDBPyConnection") -> tuple[datetime | None, bool]:
    """Where the windows end: the newest execution; of a system that records none, the newest run or task."""
    row = con.execute(
        "select as_of, is_stale from staging.stg_as_of where kind in ('executions', 'runs', 'tasks') "
        "order by kind = 'executions' desc, as_of desc limit 1"
    ).fetchone()
    return (row[0], bool(row[1])) if row is not None else (None, True)


@dg.asset_check(asset=["forecasts", "capacity_forecasts"], description="Every agent with calls has a row.")
def every_agent_has_an_outlook(capacity_forecasts: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """An agent that was left out would look as if it did not exist."""
    with warehouse.get_connection() as con:
        known = {agent for (agent,) in con.execute("select agent_id from profiles.agent_status").fetchall()}
    missing = sorted(known - set(capacity_forecasts["agent_id"]))
    return dg.AssetCheckResult(passed=not missing, metadata={"agents": len(known), "missing": missing[:EXAMPLES]})


@dg.asset_check(asset=["forecasts", "capacity_forecasts"], description="Each estimate lies within its band.")
def estimates_within_their_bands(capacity_forecasts: Frame) -> dg.AssetCheckResult:
    """An estimate outside of 0 to 100, or of its own band, is a fault of the method."""
    known = capacity_forecasts.dropna(subset=["estimated_available_capacity", "lower", "upper"])
    value = known["estimated_available_capacity"]
    outside = known[~value.between(known["lower"], known["upper"]) | ~value.between(0, 100)]
    shown = outside[["agent_id", "lower", "estimated_available_capacity", "upper"]].head(EXAMPLES)
    return dg.AssetCheckResult(
        passed=outside.empty,
        metadata={"forecasts": len(known), "outside": shown_rows(list(shown.columns), shown.to_numpy().tolist())},
    )
