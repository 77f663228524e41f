"""Where do signals go, and where have they jumped to and stayed?

Reads the hours of all signals; feeds the patterns of metrics and of performance.
"""

import dagster as dg

from analytics_assets.defs.patterns.signal_tables import HOURLY, IS_WORSE, SIGNAL, recent_hours
from analytics_assets.defs.patterns.tables import REASON, TESTED, none_wrong, p_values_verdict, shown
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema
from analytics_assets.pictures import drawn
from analytics_assets.warehouse.columns import RECORDS_END, Column

TRENDS_KEY = ["patterns", "trends"]
SHIFTS_KEY = ["patterns", "level_shifts"]
TRENDS = (
    *SIGNAL,
    Column("trend_direction", "VARCHAR", "increasing, decreasing, stable or volatile; NULL where nothing can be said."),
    Column("slope_per_day", "DOUBLE", "Robust slope, in its unit a day."),
    Column("slope_low", "DOUBLE", "Lower end of its 95 % interval."),
    Column("slope_high", "DOUBLE", "Upper end of it."),
    Column("relative_slope", "DOUBLE", "The slope as a share of the mean, per day; NULL where that is 0."),
    *TESTED,
    Column("days", "BIGINT", "Days it rests on.", required=True),
    Column("mean", "DOUBLE", "Mean of the days."),
    Column(
        "volatility", "DOUBLE", "Deviation of the days around the slope as a share of their mean; NULL where that is 0."
    ),
    IS_WORSE,
    REASON,
    *RECORDS_END,
)
SHIFTS = (
    *SIGNAL,
    Column("changed_at", "TIMESTAMP", "First hour after the newest lasting change, UTC.", required=True),
    Column("before", "DOUBLE", "Level before it, since the change before that one.", required=True),
    Column("after", "DOUBLE", "Level since.", required=True),
    Column("ratio", "DOUBLE", "after / before; NULL where that is 0."),
    Column("difference", "DOUBLE", "after - before, in its unit.", required=True),
    Column("n_before", "BIGINT", "Hours before.", required=True),
    Column("n_after", "BIGINT", "Hours since.", required=True),
    *TESTED,
    IS_WORSE,
    Column("algorithm", "VARCHAR", "What found it.", required=True),
    *RECORDS_END,
)
SHOWN_TRENDS = ("signal", "trend_direction", "slope_per_day", "relative_slope", "p_adjusted", "is_worse", "reason")
SHOWN_SHIFTS = ("signal", "changed_at", "before", "after", "p_adjusted", "is_worse")


@dg.asset(
    key=TRENDS_KEY,
    deps=[HOURLY],
    kinds={"python"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(TRENDS)},
)
def trends(warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """Whether each signal rises, falls, is stable or volatile over four weeks. One row per signal.

    A direction is one that is left when all signals are asked at once.
    """
    from analytics_assets.lib.signal_changes import trend_rows
    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        hours = recent_hours(con, warehouse.settings.pattern_signals)
    frame = frame_of(TRENDS, trend_rows(hours.signals))
    directed = frame[frame["is_significant"].fillna(value=False).astype(bool)].sort_values("p_adjusted")
    return dg.MaterializeResult(
        value=frame,
        metadata={**hours.told, "trends": shown(directed, SHOWN_TRENDS), **drawn("patterns.trends", frame)},
    )


@dg.asset_check(asset=TRENDS_KEY, description="What rises or falls is significant, and the other way round.")
def directions_are_significant(trends: Frame) -> dg.AssetCheckResult:
    """Of a hundred signals five have a slope by chance: what is not left of it has no direction."""
    is_directed = trends["trend_direction"].isin(["increasing", "decreasing"])
    is_excluded = (trends["slope_low"] > 0) | (trends["slope_high"] < 0)
    is_wrong = is_directed & ~(trends["is_significant"] & is_excluded).fillna(value=False).astype(bool)
    wrong = trends[is_wrong]
    return dg.AssetCheckResult(
        passed=wrong.empty, metadata={"directed": int(is_directed.sum()), "wrong": shown(wrong, SHOWN_TRENDS)}
    )


@dg.asset_check(asset=TRENDS_KEY, description="Each signal has a direction or a reason why it has none.")
def every_trend_is_answered(trends: Frame) -> dg.AssetCheckResult:
    """A signal that says nothing would look as if it were stable."""
    wrong = trends[trends["trend_direction"].isna() & trends["reason"].isna()]
    return none_wrong("signals", trends, wrong, SHOWN_TRENDS)


@dg.asset_check(asset=TRENDS_KEY, description="P-values are shares, and adjusting makes none smaller.")
def trend_p_values_are_sound(trends: Frame) -> dg.AssetCheckResult:
    """What is called significant rests on them."""
    return p_values_verdict(trends)


@dg.asset(
    key=SHIFTS_KEY,
    deps=[HOURLY],
    kinds={"python"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(SHIFTS)},
)
def level_shifts(warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """The newest lasting change of each signal that has one, the surest first. One row per signal.

    P-values are adjusted over all signals that were asked, also over those without a change.
    """
    from analytics_assets.lib.signal_changes import shift_rows
    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        hours = recent_hours(con, warehouse.settings.pattern_signals)
    frame = frame_of(SHIFTS, shift_rows(hours.signals))
    return dg.MaterializeResult(value=frame, metadata={**hours.told, "level_shifts": shown(frame, SHOWN_SHIFTS)})


@dg.asset_check(asset=SHIFTS_KEY, description="Each change lies within the window, with hours on both sides.")
def shifts_lie_within_the_window(level_shifts: Frame) -> dg.AssetCheckResult:
    """A change at an end of the window is no lasting one."""
    is_wrong = (
        (level_shifts["n_before"] < 1)
        | (level_shifts["n_after"] < 1)
        | (level_shifts["changed_at"] > level_shifts["as_of"])
    )
    wrong = level_shifts[is_wrong.fillna(value=True).astype(bool)]
    return none_wrong("level_shifts", level_shifts, wrong, SHOWN_SHIFTS)


@dg.asset_check(asset=SHIFTS_KEY, description="P-values are shares, and adjusting makes none smaller.")
def shift_p_values_are_sound(level_shifts: Frame) -> dg.AssetCheckResult:
    """What is called significant rests on them."""
    return p_values_verdict(level_shifts)
