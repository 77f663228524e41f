"""How often do critical issues come, and from which part of the system will the next one?

Reads the issues with their features; feeds the reports.
"""

import dagster as dg

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.defs.predictions.columns import CRITICAL
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema, shown_rows
from analytics_assets.warehouse.accounting import EXAMPLES

KEY = ["predictions", "critical_outlook"]
SHOWN = ("category", "p0_issues", "p0_per_week", "probability_next", "reason")
CRITICAL_BY_CATEGORY = """
    select category, count(*) filter (where priority = 0) from kpis.issue_features
    group by category having category is not null
"""
WATCHED = """
    select as_of, is_stale,
        epoch(as_of - (select min(first_seen) from kpis.issue_features)) / (7 * 24 * 60 * 60) as weeks
    from staging.stg_issue_clock where as_of is not null
"""


@dg.asset(
    key=KEY,
    deps=[["kpis", "issue_features"], ["staging", "stg_issue_clock"]],
    kinds={"python", "duckdb"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(CRITICAL)},
)
def critical_outlook(warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """Rate of critical issues, and where the next comes from, with intervals. One row per category."""
    from analytics_assets.lib.critical_outlook import critical_outlook as outlook
    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        counts = dict(con.execute(CRITICAL_BY_CATEGORY).fetchall())
        watched = con.execute(WATCHED).fetchone()
    as_of, is_stale, weeks = watched or (None, True, None)
    rows = [row | {"as_of": as_of, "is_stale": is_stale} for row in outlook(counts, weeks or 0.0)]
    shown = shown_rows(SHOWN, [[row.get(name) for name in SHOWN] for row in rows])
    return dg.MaterializeResult(value=frame_of(CRITICAL, rows), metadata={"outlook": shown})


@dg.asset_check(asset=KEY, description="The next critical issue comes from one of the categories.")
def shares_are_the_whole(critical_outlook: Frame) -> dg.AssetCheckResult:
    """The probabilities add up to 1, and each lies in its own interval."""
    told = critical_outlook.dropna(subset=["probability_next"])
    total = float(told["probability_next"].sum())
    is_inside = told["probability_next"].between(told["probability_next_low"], told["probability_next_high"])
    outside = told.loc[~is_inside, "category"].tolist()
    is_whole = told.empty or abs(total - 1) < 1e-6  # noqa: PLR2004 - but for rounding
    return dg.AssetCheckResult(
        passed=bool(is_whole and not outside), metadata={"sum": total, "outside_of_interval": outside[:EXAMPLES]}
    )
