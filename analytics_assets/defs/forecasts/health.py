"""What will health be next week, and which method says so?

Reads the weekly health of each part; feeds the reports.
"""

from typing import Any

import dagster as dg

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema, shown_rows
from analytics_assets.pictures import drawn
from analytics_assets.warehouse.accounting import EXAMPLES
from analytics_assets.warehouse.columns import Column

KEY = ["forecasts", "health_forecast"]
COLUMNS = (
    Column("scope", "VARCHAR", "overall, or a part of the system.", required=True),
    Column("forecast_for", "DATE", "Monday of the week that is forecast.", required=True),
    Column("health_score", "DOUBLE", "Expected health at its end, 0 to 100; NULL without enough history."),
    Column("lower", "DOUBLE", "Lower end of the 80 % band."),
    Column("upper", "DOUBLE", "Upper end of the 80 % band."),
    Column("last_week_health", "DOUBLE", "Last known health, 0 to 100."),
    Column(
        "method",
        "VARCHAR",
        "naive (last week's health), mean_of_weeks, damped_trend or issue_velocity where the back-test proves them "
        "closer, or insufficient_history.",
        required=True,
    ),
    Column("weeks", "BIGINT", "Weeks with a measurement.", required=True),
    Column("mae", "DOUBLE", "Mean absolute error of the method in the back-test, points."),
    Column("naive_mae", "DOUBLE", "That of the naive method in the same weeks, points."),
    Column("tests", "BIGINT", "Weeks that were forecast in the back-test.", required=True),
    Column("reason", "VARCHAR", "Why this method, in a sentence.", required=True),
    Column("as_of", "TIMESTAMP", "Newest moment that is known of issues and reviews, UTC.", required=True),
    Column("is_stale", "BOOLEAN", "Whether as_of is over a day old.", required=True),
)
SHOWN = ("scope", "health_score", "lower", "upper", "method", "reason")
# Weeks before the first measurement say nothing, also where issues came in them.
HISTORY = """
    select scope, week, health_score, coalesce(new_issues, 0), coalesce(fixed_issues, 0), as_of, is_stale
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
    """Health of the next week with an 80 % band, by the method that was closest so far. One row per scope."""
    from itertools import groupby

    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        history = con.execute(HISTORY).fetchall()
    rows = [_forecast(scope, list(weeks)) for scope, weeks in groupby(history, key=lambda row: row[0])]
    frame = frame_of(COLUMNS, rows)
    shown = shown_rows(SHOWN, [[_short(row[name]) for name in SHOWN] for row in rows])
    return dg.MaterializeResult(value=frame, metadata={"forecasts": shown, **drawn(".".join(KEY), frame)})


def _forecast(scope: str, weeks: list[tuple[Any, ...]]) -> dict[str, Any]:
    from datetime import timedelta

    from analytics_assets.lib.weekly_forecasts import Week, forecast_week

    _, last_week, _, _, _, as_of, is_stale = weeks[-1]
    history = [Week(health, new, fixed) for _, _, health, new, fixed, _, _ in weeks]
    known = [week.health for week in history if week.health is not None]
    return forecast_week(history).row() | {
        "scope": scope,
        "forecast_for": last_week + timedelta(weeks=1),
        "last_week_health": known[-1] if known else None,
        "as_of": as_of,
        "is_stale": is_stale,
    }


def _short(cell: object) -> object:
    return f"{cell:.1f}" if isinstance(cell, float) else cell


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
