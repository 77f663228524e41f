"""What comes next: hours, days and weeks of every series, each by the method that won its last back-test.

Reads the same series as the back-tests, and the back-tests; feeds the outlook of capacity and costs, and the scores of
past forecasts.
"""

import dagster as dg

from analytics_assets.defs.forecasts.backtests import KEY as BACKTESTS
from analytics_assets.defs.forecasts.backtests import METHODS, SERIES
from analytics_assets.defs.forecasts.series_reading import DEPS, bounded, read_series
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema, shown_rows
from analytics_assets.pictures import drawn
from analytics_assets.warehouse.accounting import EXAMPLES
from analytics_assets.warehouse.columns import RECORDS_END, Column

KEY = ["forecasts", "series_forecasts"]
COLUMNS = (
    *SERIES,
    Column("step", "BIGINT", "Steps ahead, from 1.", required=True),
    Column("forecast_for", "TIMESTAMP", "Start of that step, UTC.", required=True),
    Column("value", "DOUBLE", "What is expected, in the unit; NULL: insufficient_history."),
    Column("lower", "DOUBLE", "Lower end of the 80 % band; NULL: too few errors tell."),
    Column("upper", "DOUBLE", "Upper end of the 80 % band; NULL: too few errors tell."),
    Column("method", "VARCHAR", METHODS, required=True),
    Column("reason", "VARCHAR", "Why this method, or why none, in a sentence.", required=True),
    *RECORDS_END,
)
SHOWN = ("series", "forecast_for", "value", "lower", "upper", "method")


@dg.asset(
    key=KEY,
    deps=[BACKTESTS, *DEPS],
    kinds={"python", "prophet"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(COLUMNS)},
)
def series_forecasts(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """What every series will be, with a band: 48 hours, 30 days or 4 weeks ahead. One row per series and step.

    Only the winner of the last back-test is fitted anew; a series that had none is forecast by the season before.
    """
    from analytics_assets.lib.forecast_rows import by_last_winner, point_rows
    from analytics_assets.warehouse.frames import earlier_rows, frame_of

    with warehouse.get_connection() as con:
        found, left_out = bounded(read_series(con), warehouse.settings.forecast_series)
        backtests = earlier_rows(con, *BACKTESTS)
    contests = by_last_winner(found, backtests)
    rows = [row for one, contest in zip(found, contests, strict=True) for row in point_rows(one, contest)]
    first = [[row.get(name) for name in SHOWN] for row in rows if row["step"] == 1]
    context.log.info("%d series were forecast, %d left out", len(found), len(left_out))
    frame = frame_of(COLUMNS, rows)
    return dg.MaterializeResult(
        value=frame,
        metadata={
            "series": len(found),
            "left_out": len(left_out),
            "next": shown_rows(SHOWN, first[:EXAMPLES]),
            **drawn(".".join(KEY), frame),
        },
    )


@dg.asset_check(asset=KEY, description="Each value lies within its band, and steps follow one another from 1.")
def values_within_their_bands(series_forecasts: Frame) -> dg.AssetCheckResult:
    """A value outside of its own band, or a step that is missing or twice, is a fault of the method."""
    known = series_forecasts.dropna(subset=["value", "lower", "upper"])
    is_inside = known["value"].between(known["lower"], known["upper"])
    wrong = set(known.loc[~is_inside.astype(bool), "series"])
    for series, rows in series_forecasts.groupby("series"):
        if rows["step"].tolist() != list(range(1, len(rows) + 1)):
            wrong.add(str(series))
    return dg.AssetCheckResult(
        passed=not wrong,
        metadata={"series": int(series_forecasts["series"].nunique()), "wrong": sorted(wrong)[:EXAMPLES]},
    )


@dg.asset_check(asset=KEY, description="A series has a value at each step, or says that its history is too short.")
def silence_is_said(series_forecasts: Frame) -> dg.AssetCheckResult:
    """A forecast without a value that does not say why would be read as one of nothing."""
    is_silent = series_forecasts["value"].isna()
    is_said = series_forecasts["method"] == "insufficient_history"
    wrong = sorted(set(series_forecasts.loc[is_silent != is_said, "series"]))
    return dg.AssetCheckResult(passed=not wrong, metadata={"wrong": wrong[:EXAMPLES]})
