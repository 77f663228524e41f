"""What will health be when the week ends, and which method says so?

Reads the weekly health of each part; feeds the predictions and the reports.
"""

from typing import Any

import dagster as dg

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema, shown_rows
from analytics_assets.pictures import drawn
from analytics_assets.warehouse.accounting import EXAMPLES
from analytics_assets.warehouse.columns import WINDOW_END, Column

KEY = ["forecasts", "health_forecast"]
COLUMNS = (
    Column("scope", "VARCHAR", "overall, or a part of the system.", required=True),
    Column("forecast_for", "DATE", "Monday of the week whose end is forecast: it runs at as_of.", required=True),
    Column("health_score", "DOUBLE", "Expected health at its end, 0 to 100; NULL without enough history."),
    Column("lower", "DOUBLE", "Lower end of the 80 % band."),
    Column("upper", "DOUBLE", "Upper end of the 80 % band."),
    Column("last_known_health", "DOUBLE", "Health of the last week that is over and has one, 0 to 100."),
    Column(
        "method",
        "VARCHAR",
        "naive (last known health), or mean_of_weeks, damped_trend, issue_velocity, auto_ets or dynamic_theta where "
        "the back-test proves them closer, or insufficient_history.",
        required=True,
    ),
    Column("weeks", "BIGINT", "Weeks that are over and have a measurement.", required=True),
    Column("mae", "DOUBLE", "Mean absolute error of the method in the back-test, points."),
    Column("naive_mae", "DOUBLE", "That of the naive method in the same weeks, points."),
    Column("tests", "BIGINT", "Weeks that were forecast in the back-test.", required=True),
    Column("tested_from", "DATE", "Monday of the first of them; NULL without a back-test of several methods."),
    Column("challenger", "VARCHAR", "The method that came closest there, but for the naive one."),
    Column("challenger_mae", "DOUBLE", "Its mean absolute error, points."),
    Column("improvement_low", "DOUBLE", "Lower end of the one-sided 95 % interval of naive_mae less challenger_mae."),
    Column("reason", "VARCHAR", "Why this method, in a sentence.", required=True),
    *WINDOW_END,
)
SHOWN = ("scope", "health_score", "lower", "upper", "method", "reason")
# In a week without a count no issue of the scope was known yet: none came and none was fixed.
HISTORY = """
    select
        scope, week, health_score, coalesce(new_issues, 0), coalesce(fixed_issues, 0),
        is_finished, as_of, is_stale
    from kpis.weekly_health
    order by scope, week
"""


@dg.asset(
    key=KEY,
    deps=[["kpis", "weekly_health"]],
    kinds={"python", "duckdb"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(COLUMNS)},
)
def health_forecast(warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """Health at the end of the running week with an 80 % band, by the closest method so far. One row per scope."""
    from itertools import groupby

    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        history = con.execute(HISTORY).fetchall()
    rows = [_forecast(scope, list(weeks)) for scope, weeks in groupby(history, key=lambda row: row[0])]
    frame = frame_of(COLUMNS, rows)
    shown = shown_rows(SHOWN, [[row[name] for name in SHOWN] for row in rows], numbers=".1f")
    return dg.MaterializeResult(value=frame, metadata={"forecasts": shown, **drawn(".".join(KEY), frame)})


def _forecast(scope: str, weeks: list[tuple[Any, ...]]) -> dict[str, Any]:
    from datetime import timedelta

    from analytics_assets.lib.weekly_forecasts import Week, forecast_week

    over = [Week(health, new, fixed) for _, _, health, new, fixed, is_over, _, _ in weeks if is_over]
    known = [week.health for week in over if week.health is not None]
    forecast = forecast_week(over)
    first_week, as_of, is_stale = weeks[0][1], *weeks[-1][-2:]
    tested = forecast.first_test
    return forecast.row() | {
        "scope": scope,
        "forecast_for": first_week + timedelta(weeks=len(over)),
        "last_known_health": known[-1] if known else None,
        "tested_from": first_week + timedelta(weeks=tested) if tested is not None else None,
        "as_of": as_of,
        "is_stale": is_stale,
    }


@dg.asset_check(asset=KEY, description="Each forecast lies within its band, and that within 0 to 100.")
def health_within_its_band(health_forecast: Frame) -> dg.AssetCheckResult:
    """A health of 120, or a forecast outside of its own band, is a fault of the method."""
    known = health_forecast.dropna(subset=["health_score"])
    is_inside = (
        known["health_score"].between(known["lower"], known["upper"]) & (known["lower"] >= 0) & (known["upper"] <= 100)  # noqa: PLR2004
    )
    outside = known.loc[~is_inside.fillna(value=False).astype(bool), "scope"].tolist()
    return dg.AssetCheckResult(passed=not outside, metadata={"forecasts": len(known), "outside": outside[:EXAMPLES]})


@dg.asset_check(asset=KEY, description="A method other than the naive one was closer in the back-test.")
def chosen_methods_are_closer(health_forecast: Frame) -> dg.AssetCheckResult:
    """Also that every scope whose history is too short says so and has no figure."""
    is_silent = health_forecast["method"] == "insufficient_history"
    is_other = ~is_silent & (health_forecast["method"] != "naive")
    is_wrong = (
        is_other & ~(health_forecast["mae"] < health_forecast["naive_mae"]).fillna(value=False).astype(bool)
    ) | (is_silent != health_forecast["health_score"].isna())
    return dg.AssetCheckResult(
        passed=not bool(is_wrong.any()), metadata={"wrong": health_forecast.loc[is_wrong, "scope"].tolist()[:EXAMPLES]}
    )
