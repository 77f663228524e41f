"""Which resource will be too small within 30 days, when, and what would do?

Reads the usage of resources and the anomalies of their metrics; feeds the recommendations.
"""

from typing import TYPE_CHECKING

import dagster as dg

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema, shown_rows
from analytics_assets.pattern_thresholds import CAPACITY_USED_AFTER
from analytics_assets.pictures import drawn
from analytics_assets.warehouse.accounting import EXAMPLES
from analytics_assets.warehouse.columns import RECORDS_END, Column

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KEY = ["forecasts", "capacity_planning"]
USAGE_KEY = ["profiles", "resource_usage"]
COLUMNS = (
    Column("component", "VARCHAR", "Component.", required=True),
    Column("resource_type", "VARCHAR", "cpu, memory, disk or network.", required=True),
    Column("current_capacity", "DOUBLE", "Capacity now, in capacity_unit; NULL where no metric tells."),
    Column("capacity_unit", "VARCHAR", "Unit of the capacities, as the metric names it."),
    Column(
        "current_usage",
        "DOUBLE",
        "Peak of its last 24 hours with a sample (95th percentile of the hourly peaks), percent of the capacity now; "
        "NULL: no hour of 0 to 1,000 %.",
    ),
    Column("projected_usage", "DOUBLE", "Highest daily peak of the next 30 days, percent; NULL: insufficient_history."),
    Column(
        "projection_date", "DATE", "The day of it; the last of the 30 days where nothing is projected.", required=True
    ),
    Column(
        "confidence_interval", "VARCHAR", "JSON: lower and upper end of its 80 % band, percent; null: too few errors."
    ),
    Column("breach_date", "DATE", "First day whose peak is expected over 80 %; NULL: none of the 30 days."),
    Column("breach_low", "DATE", "First day on which the upper end of the band is over 80 %: the earliest."),
    Column("breach_high", "DATE", "First day on which the lower end of the band is over 80 %: the latest."),
    Column("days_over_limit", "BIGINT", "Of the 30 days ahead, those with an expected peak over 80 %."),
    Column("days_over_before", "BIGINT", "Of the days of history, those with a peak over 80 %."),
    Column(
        "hours_at_risk",
        "DOUBLE",
        "Hours of the 30 days ahead in which work may be lost: one at 80 % counts 0, one at 100 % counts 1.",
    ),
    Column("recommendation", "VARCHAR", "What to get, by when and why; NULL where 80 % holds."),
    Column(
        "recommended_capacity", "DOUBLE", "Of which the projected peak is 80 %, rounded up; NULL: none, or not known."
    ),
    Column("urgency", "VARCHAR", "high (projected over 90 %), medium (over 80 %) or none.", required=True),
    Column("estimated_cost_usd", "DOUBLE", "US dollars a month more than now; NULL: none, or no price for the unit."),
    Column("confidence", "DOUBLE", "P(projected peak over 80 %) by its band, 0 to 1; NULL without one."),
    Column(
        "method",
        "VARCHAR",
        "seasonal_naive (the weekday before), or drift, prophet, auto_ets, mstl or dynamic_theta where the "
        "back-test proves them closer, or insufficient_history.",
        required=True,
    ),
    Column("history_days", "BIGINT", "Days with 18 hours or more that it rests on.", required=True),
    Column("mae", "DOUBLE", "Mean absolute error of the method in the back-test, up to 14 days ahead, points."),
    Column("naive_mae", "DOUBLE", "That of the seasonal naive method, points."),
    Column("anomaly_alerts", "BIGINT", "Times in 14 days when it was above what is usual.", required=True),
    Column("reason", "VARCHAR", "Why this method, or why none, in a sentence.", required=True),
    Column("evidence_sql", "VARCHAR", "Query on the published snapshot that gives the daily peaks.", required=True),
    *RECORDS_END,
)
USAGE = """
    select component, resource_type, measured_at, peak_usage, capacity, capacity_unit
    from profiles.resource_usage
    where component is not null
"""
SERIES = "select distinct component, resource_type from profiles.resource_usage where peak_usage is not null"
SHOWN = ("component", "resource_type", "current_usage", "projected_usage", "breach_date", "urgency", "recommendation")


@dg.asset(
    key=KEY,
    deps=[USAGE_KEY, ["patterns", "anomalies"], ["staging", "stg_as_of"]],
    kinds={"python", "prophet"},
    pool="warehouse",
    tags={"module": "M3"},
    metadata={"dagster/column_schema": column_schema(COLUMNS)},
)
def capacity_planning(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """How full each resource will be in 30 days, and what would do. One row per component and resource type.

    Forecast is what a capacity must hold: the peak of a day. The seasonal naive forecast is the bar: a drift, or
    a fitted method where 80 % is near, replaces it when a back-test shows it closer by more than chance.
    """
    from analytics_assets.lib.capacity_plans import capacity_plans
    from analytics_assets.warehouse.frames import earlier_rows, frame_of

    settings = warehouse.settings
    with warehouse.get_connection() as con:
        usage = con.execute(USAGE).df()
        odd = earlier_rows(con, "patterns", "anomalies")
        end = con.execute("select as_of, is_stale from staging.stg_as_of where kind = 'metrics'").fetchone()
    as_of, is_stale = end or (None, True)
    rows = capacity_plans(usage, odd, as_of, prices=settings.resource_prices, most=settings.pattern_signals)
    frame = frame_of(COLUMNS, [row | {"as_of": as_of, "is_stale": bool(is_stale)} for row in rows])
    known = usage.dropna(subset=["peak_usage"]).groupby(["component", "resource_type"]).ngroups
    context.log.info("%d of %d resources planned", len(frame), known)
    planned = frame[frame["recommendation"].notna()]
    return dg.MaterializeResult(
        value=frame,
        metadata={
            "resources": known,
            "left_out": known - len(frame),
            "recommended": shown_rows(SHOWN, planned[list(SHOWN)].head(EXAMPLES).to_numpy().tolist()),
            **drawn("forecasts.capacity_planning", frame),
        },
    )


@dg.asset_check(asset=KEY, additional_deps=[USAGE_KEY], description="Every resource with a sample has a row.")
def every_resource_is_planned(capacity_planning: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """A resource that is left out would look as if it sufficed; where there are too many, the emptiest are."""
    with warehouse.get_connection() as con:
        known = set(con.execute(SERIES).fetchall())
    missing = sorted(known - set(zip(capacity_planning["component"], capacity_planning["resource_type"], strict=True)))
    return dg.AssetCheckResult(
        passed=not missing,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "resources": len(known),
            "missing": len(missing),
            "examples": shown_rows(("component", "resource_type"), missing[:EXAMPLES]),
        },
    )


@dg.asset_check(asset=KEY, description="Each projection lies within its band, and breaches are in order.")
def projections_within_their_bands(capacity_planning: Frame) -> dg.AssetCheckResult:
    """A projection outside of its own band, or a breach before its earliest day, is a fault of the method."""
    import json
    from itertools import pairwise

    import pandas as pd

    wrong = []
    for row in capacity_planning.dropna(subset=["projected_usage"]).to_dict("records"):
        band = json.loads(row["confidence_interval"])
        ends = [end for end in (band["lower"], row["projected_usage"], band["upper"]) if end is not None]
        # The ends are told to six digits.
        is_ordered = all(one <= other + 1e-5 * max(1.0, other) for one, other in pairwise(ends))
        dates = [day for day in (row["breach_low"], row["breach_date"], row["breach_high"]) if not pd.isna(day)]
        if not is_ordered or dates != sorted(dates):
            wrong.append([row[name] for name in SHOWN[:5]])
    return dg.AssetCheckResult(
        passed=not wrong, metadata={"projections": len(capacity_planning), "wrong": shown_rows(SHOWN[:5], wrong)}
    )


@dg.asset_check(asset=KEY, description="What is recommended would hold: the projected peak is 80 % of it or less.")
def recommended_capacities_hold(capacity_planning: Frame) -> dg.AssetCheckResult:
    """Advice that is followed and leads to the same advice again is none."""
    planned = capacity_planning.dropna(subset=["recommended_capacity"])
    needed = planned["projected_usage"] / 100 * planned["current_capacity"]
    is_small = needed > planned["recommended_capacity"] * CAPACITY_USED_AFTER.value * (1 + 1e-9)
    small = planned[(is_small | (planned["recommended_capacity"] <= planned["current_capacity"])).astype(bool)]
    return dg.AssetCheckResult(
        passed=small.empty,
        metadata={
            "recommended": len(planned),
            "too_small": shown_rows(SHOWN, small[list(SHOWN)].head(EXAMPLES).to_numpy().tolist()),
        },
    )


@dg.asset_check(
    asset=KEY, additional_deps=[USAGE_KEY], description="The evidence of every recommendation has its days."
)
def daily_peaks_can_be_reproduced(capacity_planning: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """Run each statement as a reader would: the days it rests on are there."""
    planned = capacity_planning[capacity_planning["recommendation"].notna()].to_dict("records")
    with warehouse.get_connection() as con:
        wrong = [
            (row["component"], row["resource_type"])
            for row in planned
            if _days(con, str(row["evidence_sql"])) < row["history_days"]
        ]
    return dg.AssetCheckResult(
        passed=not wrong,
        metadata={"statements": len(planned), "without_days": shown_rows(("component", "resource_type"), wrong)},
    )


def _days(con: "DuckDBPyConnection", statement: str) -> int:
    return len(con.execute(statement).fetchall())
