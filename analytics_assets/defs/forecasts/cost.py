"""What will the runs cost in the next 30 days, in all and by model?

Reads the forecasts of series and the daily runs; feeds reviews of the budget.
"""

import dagster as dg

from analytics_assets.defs.forecasts.backtests import METHODS
from analytics_assets.defs.forecasts.series_forecasts import KEY as FORECASTS
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema, shown_rows
from analytics_assets.thresholds import PROFILE
from analytics_assets.warehouse.accounting import EXAMPLES
from analytics_assets.warehouse.columns import RECORDS_END, Column

KEY = ["forecasts", "cost_forecast"]
COLUMNS = (
    Column("scope", "VARCHAR", "total, or the model.", required=True),
    Column("forecast_for", "TIMESTAMP", "Day that is forecast, its start, UTC.", required=True),
    Column("day_ahead", "BIGINT", "Days ahead, 1 to 30.", required=True),
    Column("expected_cost_usd", "DOUBLE", "Known cost that is expected, US dollars; NULL: insufficient_history."),
    Column("lower", "DOUBLE", "Lower end of the 80 % band, US dollars; NULL: too few errors tell."),
    Column("upper", "DOUBLE", "Upper end of the 80 % band, US dollars; NULL: too few errors tell."),
    Column("cumulative_usd", "DOUBLE", "Expected from the first day ahead to this one, US dollars."),
    Column("method", "VARCHAR", METHODS, required=True),
    Column("known_share", "DOUBLE", "Share of the last 30 days' runs that have a price; NULL without a run."),
    Column(
        "runs_without_price", "BIGINT", "Runs of those days without one: what they cost is not in it.", required=True
    ),
    Column("reason", "VARCHAR", "Why this method, or why none, in a sentence.", required=True),
    *RECORDS_END,
)
PRICES = f"""
    with recent as (
        select model, runs, priced_runs from summaries.daily_runs
        where day > (select max(day) from summaries.daily_runs) - {int(PROFILE.value)}
    )
    select 'cost/total' as series, sum(runs) as runs, sum(priced_runs) as priced from recent
    union all
    select 'cost/' || model, sum(runs), sum(priced_runs) from recent where model is not null group by model
"""
EXPECTED = f"select * from {'.'.join(FORECASTS)} where topic = 'cost' order by series, step"
SHOWN = ("scope", "cumulative_usd", "method", "known_share", "runs_without_price")


@dg.asset(
    key=KEY,
    deps=[FORECASTS, ["summaries", "daily_runs"]],
    kinds={"python"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(COLUMNS)},
)
def cost_forecast(warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """What the runs will cost, in all and of each model. One row per scope and day ahead.

    Costs that are not known are not 0: a day of which no run has a price is no history, and how many runs lack one is
    said. Each scope is forecast by itself: those of the models need not add up to the total.
    """
    from analytics_assets.lib.forecast_rows import cost_rows
    from analytics_assets.warehouse.connection import records
    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        points, prices = records(con, EXPECTED), con.execute(PRICES).fetchall()
    unknown = {"known_share": None, "runs_without_price": 0}
    shares = dict.fromkeys((point["series"] for point in points), unknown) | {
        series: {
            "known_share": (priced or 0) / runs if runs else None,
            "runs_without_price": int(runs or 0) - int(priced or 0),
        }
        for series, runs, priced in prices
    }
    rows = cost_rows(points, shares)
    last = [row for row in rows if row["day_ahead"] == max(r["day_ahead"] for r in rows)]
    shown = shown_rows(SHOWN, [[row.get(name) for name in SHOWN] for row in last[:EXAMPLES]])
    return dg.MaterializeResult(
        value=frame_of(COLUMNS, rows), metadata={"scopes": len({row["scope"] for row in rows}), "expected": shown}
    )


@dg.asset_check(asset=KEY, description="Costs are not negative, and add up to the cumulative ones.")
def costs_add_up(cost_forecast: Frame) -> dg.AssetCheckResult:
    """A negative cost, or a month that is not the sum of its days, is a fault of the table."""
    known = cost_forecast.dropna(subset=["expected_cost_usd"])
    summed = known.groupby("scope")["expected_cost_usd"].cumsum()
    is_off = ((summed - known["cumulative_usd"]).abs() > 1e-6 * summed.abs().clip(lower=1)) | (
        known["expected_cost_usd"] < 0
    )
    wrong = sorted(set(known.loc[is_off.astype(bool), "scope"]))
    return dg.AssetCheckResult(passed=not wrong, metadata={"days": len(known), "wrong": wrong[:EXAMPLES]})
