"""Which method forecasts each series best?

Reads summaries, the usage of resources, weekly health and its own earlier rows; feeds the forecasts of series.
"""

from datetime import UTC, datetime

import dagster as dg

from analytics_assets.defs.forecasts.series_reading import DEPS, bounded, read_series
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.forecast_thresholds import CONTEST_PROCESSES, CONTEST_SECONDS
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema, shown_rows
from analytics_assets.warehouse.accounting import EXAMPLES
from analytics_assets.warehouse.columns import RECORDS_END, Column

KEY = ["forecasts", "forecast_backtests"]
METHODS = (
    "seasonal_naive, weekly_naive, prophet, auto_arima, auto_ets, mstl, dynamic_theta, weighted (the combination of "
    "the closest), or insufficient_history."
)
SERIES = (
    Column(
        "series",
        "VARCHAR",
        "volume/runs, volume/tool_calls, capacity/<agent>, cost/total, cost/<model>, resource/<component>/<type> or "
        "health/<scope>.",
        required=True,
    ),
    Column("topic", "VARCHAR", "volume, capacity, cost, resource or health.", required=True),
    Column("frequency", "VARCHAR", "hourly, daily or weekly.", required=True),
    Column("unit", "VARCHAR", "Unit of its values.", required=True),
)
COLUMNS = (
    *SERIES,
    Column("method", "VARCHAR", METHODS, required=True),
    Column("mase", "DOUBLE", "Mean absolute error of the looks back / that of the season before; NULL: none to tell."),
    Column("smape", "DOUBLE", "Mean of 200 |a - f| / (|a| + |f|) of the looks back, percent from 0 to 200."),
    Column("coverage", "DOUBLE", "Share of outcomes within its 80 % band, made from the other looks."),
    Column("mae", "DOUBLE", "Mean absolute error of the looks back, in the unit."),
    Column("seconds", "DOUBLE", "Time of a fit (median)."),
    Column("origins", "BIGINT", "Looks back: each method knew only what was before.", required=True),
    Column("horizon", "BIGINT", "Steps ahead of each look.", required=True),
    Column("weight", "DOUBLE", "Its share of the forecast; NULL of the combination itself."),
    Column("is_winner", "BOOLEAN", "Whether the series is forecast by it.", required=True),
    Column("band", "VARCHAR", "JSON of the winner: still, growing and least of its band (lib/competing/bands.py)."),
    Column("reason", "VARCHAR", "Why the winner, or why there is none, in a sentence.", required=True),
    Column("history_steps", "BIGINT", "Measured steps it rests on.", required=True),
    Column("contested_at", "TIMESTAMP", "When its methods were compared, UTC; NULL: the time has not reached it yet."),
    *RECORDS_END,
)
SHOWN = ("series", "method", "mase", "smape", "coverage", "reason")


@dg.asset(
    key=KEY,
    deps=DEPS,
    kinds={"python", "prophet"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(COLUMNS)},
)
def forecast_backtests(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """How close each method came in looks back, and which one forecasts. One row per series and method.

    What the time does not reach keeps its rows and comes first the next time.
    """
    from analytics_assets.lib.competing import judge_all
    from analytics_assets.lib.forecast_rows import Earlier, backtest_rows
    from analytics_assets.warehouse.frames import earlier_rows, frame_of

    now = datetime.now(UTC).replace(tzinfo=None)
    with warehouse.get_connection() as con:
        found, left_out = bounded(read_series(con), warehouse.settings.forecast_series)
        earlier = Earlier(earlier_rows(con, *KEY))
    contests = judge_all(
        [one.entry for one in found],
        budget_seconds=CONTEST_SECONDS.value,
        processes=int(CONTEST_PROCESSES.value),
        contested=earlier.contested,
    )
    rows = [
        row
        for one, contest in zip(found, contests, strict=True)
        for row in (earlier.rows(one) if contest is None else backtest_rows(one, contest, now))
    ]
    waiting = sum(contest is None for contest in contests)
    winners = [row for row in rows if row["is_winner"]]
    context.log.info("%d of %d series compared, %d left out", len(found) - waiting, len(found), len(left_out))
    return dg.MaterializeResult(
        value=frame_of(COLUMNS, rows),
        metadata={
            "series": len(found),
            "not_reached": waiting,
            "left_out": len(left_out),
            "left_out_examples": left_out[:EXAMPLES],
            "winners": shown_rows(SHOWN, [[row.get(name) for name in SHOWN] for row in winners[:EXAMPLES]]),
        },
    )


@dg.asset_check(asset=KEY, description="Each series has one winner, and its weights sum to 1.")
def every_series_has_a_winner(forecast_backtests: Frame) -> dg.AssetCheckResult:
    """Two winners would be two forecasts; weights that sum to less would forecast too little."""
    wrong = []
    for series, rows in forecast_backtests.groupby("series"):
        is_silent = bool((rows["method"] == "insufficient_history").any())
        total = float(rows["weight"].fillna(0.0).sum())
        if int(rows["is_winner"].sum()) != 1 or abs(total - (not is_silent)) > 1e-6:  # noqa: PLR2004
            wrong.append(str(series))
    return dg.AssetCheckResult(passed=not wrong, metadata={"wrong": wrong[:EXAMPLES]})


@dg.asset_check(asset=KEY, description="No winner was further off than the seasonal naive forecast.")
def winners_beat_the_bar(forecast_backtests: Frame) -> dg.AssetCheckResult:
    """A method that loses to the season before in the unit of the series is chosen by a fault of the choice."""
    known = forecast_backtests.dropna(subset=["mae"])
    winners = known[known["is_winner"]].set_index("series")
    bars = known[known["method"] == "seasonal_naive"].set_index("series")
    bars = bars.reindex(winners.index)
    is_worse = winners["mae"] > bars["mae"]
    worse = winners.index[is_worse.fillna(value=False).astype(bool)].tolist()
    return dg.AssetCheckResult(passed=not worse, metadata={"winners": len(winners), "worse": worse[:EXAMPLES]})
