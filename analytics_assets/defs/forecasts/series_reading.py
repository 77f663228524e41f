"""Which series are forecast by competition, and where they are read: for the assets of this stage and of outcomes."""

from typing import TYPE_CHECKING

from analytics_assets.lib.forecast_series import Forecastable, Source, forecastables, longest

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

RUNS, CALLS = "summaries.hourly_runs", "summaries.hourly_tool_usage"
WITHIN = "between cast($since as timestamp) and cast($until as timestamp) - interval 1 microsecond"
# A day on which no run has a price has no known cost: it is NULL, not 0.
COST = f"sum(llm_cost_usd) as value from summaries.daily_runs where day {WITHIN}"
COSTS = f"""
    select 'cost/total' as series, cast(day as timestamp) as at, {COST} group by all
    union all
    select 'cost/' || model, cast(day as timestamp), {COST} and model is not null group by all
"""
SOURCES = (
    Source(
        "volume",
        "hourly",
        "runs an hour",
        "runs",
        f"select 'volume/runs' as series, hour as at, sum(runs)::double as value from {RUNS} "
        f"where hour {WITHIN} group by all",
        missing=0.0,
    ),
    Source(
        "volume",
        "hourly",
        "tool calls an hour",
        "executions",
        f"select 'volume/tool_calls' as series, hour as at, sum(executions)::double as value from {CALLS} "
        f"where hour {WITHIN} group by all",
        missing=0.0,
    ),
    # An untimed call counts as long as the timed ones of its hour; an hour of which none was timed is not known.
    Source(
        "capacity",
        "hourly",
        "share of the hour",
        "executions",
        "select 'capacity/' || agent_id as series, hour as at, "
        "sum(duration_seconds) / nullif(sum(timed_executions), 0) * sum(executions) / 3600 as value "
        f"from {CALLS} where agent_id is not null and hour {WITHIN} group by all",
        missing=0.0,
    ),
    Source("cost", "daily", "USD a day", "runs", COSTS, missing=0.0),
    Source(
        "resource",
        "hourly",
        "percent of the capacity",
        "metrics",
        "select 'resource/' || component || '/' || resource_type as series, date_trunc('hour', measured_at) as at, "
        "max(peak_usage) as value from profiles.resource_usage "
        f"where component is not null and measured_at {WITHIN} group by all",
    ),
    Source(
        "health",
        "weekly",
        "points",
        "issues",
        "select 'health/' || scope as series, cast(week as timestamp) as at, max(health_score) as value "
        f"from kpis.weekly_health where is_finished and week {WITHIN} group by all",
        ceiling=100.0,
    ),
)
DEPS = [
    ["summaries", "hourly_runs"],
    ["summaries", "hourly_tool_usage"],
    ["summaries", "daily_runs"],
    ["profiles", "resource_usage"],
    ["kpis", "weekly_health"],
    ["staging", "stg_as_of"],
]
CLOCKS = "select kind, as_of, is_stale from staging.stg_as_of"


def read_series(con: "DuckDBPyConnection", topic: str | None = None) -> list[Forecastable]:
    """Every series, or those of a topic, up to the last step that is over."""
    clocks = {kind: (as_of, is_stale) for kind, as_of, is_stale in con.execute(CLOCKS).fetchall() if as_of is not None}
    found: list[Forecastable] = []
    for source in SOURCES:
        if source.clock not in clocks or topic not in {None, source.topic}:
            continue
        as_of, is_stale = clocks[source.clock]
        until = source.until(as_of)
        rows = con.execute(source.sql, {"since": source.since(until), "until": until}).df()
        found += forecastables(source, rows, as_of, is_stale=bool(is_stale))
    return found


def bounded(found: list[Forecastable], most: int) -> tuple[list[Forecastable], list[str]]:
    """The series that are forecast, the longest first, and the names of those that are left out."""
    kept = longest(found, most)
    names = {one.name for one in kept}
    return kept, sorted(one.name for one in found if one.name not in names)
