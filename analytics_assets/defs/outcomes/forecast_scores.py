"""How good were the forecasts that were made, once their hours, days and weeks had come?

Reads the forecasts of series, the series as they came, and its own earlier rows; feeds `analytics forecast`.
"""

import dagster as dg

from analytics_assets.defs.forecasts.series_reading import DEPS, read_series
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.forecast_thresholds import BANDS_HELD
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema, shown_rows
from analytics_assets.pictures import drawn
from analytics_assets.thresholds import FORECAST_BAND_MIN
from analytics_assets.warehouse.accounting import EXAMPLES
from analytics_assets.warehouse.columns import RECORDS_END, Column

KEY = ["outcomes", "forecast_scores"]
FORECASTS = ["forecasts", "series_forecasts"]
COLUMNS = (
    Column("id", "VARCHAR", "Series and day on which it was made.", required=True),
    Column("series", "VARCHAR", "Series, as in forecasts.series_forecasts.", required=True),
    Column("topic", "VARCHAR", "volume, capacity, cost, resource or health.", required=True),
    Column("frequency", "VARCHAR", "hourly, daily or weekly.", required=True),
    Column("unit", "VARCHAR", "Unit of its values.", required=True),
    Column("made_at", "TIMESTAMP", "Start of its first step: what is before was known, UTC.", required=True),
    Column("method", "VARCHAR", "Method that made it.", required=True),
    Column("steps", "BIGINT", "Steps ahead that were forecast.", required=True),
    Column("scored_steps", "BIGINT", "Of these, those that came and were measured.", required=True),
    Column("mase", "DOUBLE", "Mean absolute error / that of the season before in what was known; NULL: none yet."),
    Column("smape", "DOUBLE", "Mean of 200 |a - f| / (|a| + |f|), percent from 0 to 200; NULL: none yet."),
    Column("coverage", "DOUBLE", "Share of the scored steps within the 80 % band; NULL: none yet, or no band."),
    Column("bias", "DOUBLE", "Mean of forecast less outcome, in the unit: above 0 it was too high; NULL: none yet."),
    Column("points", "VARCHAR", "JSON list of value, lower and upper of each step; NULL when all have come."),
    Column("is_complete", "BOOLEAN", "Whether all of its steps are over.", required=True),
    *RECORDS_END,
)
SUMMED = ("topic", "method", "forecasts", "mase", "smape", "coverage")


@dg.asset(
    key=KEY,
    deps=[FORECASTS, *DEPS],
    kinds={"python"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(COLUMNS)},
)
def forecast_scores(warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """What became of past forecasts: the first of each day, kept 90 days. One row per series and day it was made."""
    from analytics_assets.lib.past_forecasts import scores
    from analytics_assets.warehouse.connection import records
    from analytics_assets.warehouse.frames import earlier_rows, frame_of

    with warehouse.get_connection() as con:
        forecasts = records(con, f"select * from {'.'.join(FORECASTS)} order by series, step")
        found, earlier = read_series(con), earlier_rows(con, *KEY)
    rows = scores(earlier, forecasts, found)
    frame = frame_of(COLUMNS, rows)
    scored = frame[frame["scored_steps"] > 0]
    means = [
        [topic, method, len(own), *(f"{own[name].mean():.2f}" for name in SUMMED[3:])]
        for (topic, method), own in scored.groupby(["topic", "method"])
    ]
    return dg.MaterializeResult(
        value=frame,
        metadata={
            "forecasts": len(frame),
            "complete": int(frame["is_complete"].sum()),
            "scores": shown_rows(SUMMED, means[:EXAMPLES]),
            **drawn(".".join(KEY), frame),
        },
    )


@dg.asset_check(asset=KEY, description="Scores are of steps that came, and what is complete keeps no points.")
def scores_are_of_what_came(forecast_scores: Frame) -> dg.AssetCheckResult:
    """A score of no step, a share outside of 0 to 1, or more steps scored than were forecast are faults."""
    has_score = forecast_scores["smape"].notna()
    is_wrong = (
        (has_score != (forecast_scores["scored_steps"] > 0))
        | (forecast_scores["scored_steps"] > forecast_scores["steps"])
        | ~forecast_scores["coverage"].fillna(0.0).between(0, 1)
        | (forecast_scores["points"].isna() != forecast_scores["is_complete"])
    )
    wrong = forecast_scores.loc[is_wrong.astype(bool), "id"].tolist()
    return dg.AssetCheckResult(
        passed=not wrong, metadata={"forecasts": len(forecast_scores), "wrong": wrong[:EXAMPLES]}
    )


@dg.asset_check(asset=KEY, description="Of the hours that were forecast, 60 % or more came within the 80 % band.")
def bands_hold(forecast_scores: Frame) -> dg.AssetCheckResult:
    """Bands that miss twice as often as they say make every plan by them wrong."""
    known = forecast_scores.dropna(subset=["coverage"])
    known = known[known["scored_steps"] >= FORECAST_BAND_MIN.value]
    steps = float(known["scored_steps"].sum())
    held = float((known["coverage"] * known["scored_steps"]).sum() / steps) if steps else None
    return dg.AssetCheckResult(
        passed=held is None or held >= BANDS_HELD.value,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"steps": int(steps), "held": held if held is not None else "no step has come", "why": BANDS_HELD.why},
    )
