"""Do eight in ten of the suggestions stated with 80 % prove right?

Reads back-tests and outcomes; published beside every list of suggestions.
"""

import dagster as dg

from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema, shown_rows
from analytics_assets.pictures import drawn
from analytics_assets.warehouse.columns import Column

KEY = ["outcomes", "calibration"]
COLUMNS = (
    Column("source", "VARCHAR", "backtest: replayed history; verdicts: what people applied.", required=True),
    Column("confidence_from", "DOUBLE", "Lower end of the bin, inclusive, 0 to 1.", required=True),
    Column("confidence_to", "DOUBLE", "Upper end of the bin, exclusive but for 1.", required=True),
    Column("n", "BIGINT", "Suggestions stated with such a confidence, whose truth is known.", required=True),
    Column("held", "BIGINT", "Of these, those that proved right.", required=True),
    Column("held_share", "DOUBLE", "held / n, 0 to 1; NULL without one."),
    Column("held_share_low", "DOUBLE", "Lower end of its 95 % Wilson interval."),
    Column("held_share_high", "DOUBLE", "Upper end of its 95 % Wilson interval."),
    Column("mean_confidence", "DOUBLE", "Mean of the stated confidences, 0 to 1; NULL without one."),
    Column("brier", "DOUBLE", "Mean squared distance of confidence and outcome: 0 is perfect, 0.25 a thrown coin."),
    Column("is_calibrated", "BOOLEAN", "Whether mean_confidence lies in the interval; NULL below 10."),
)
SHOWN = ("source", "confidence_from", "n", "mean_confidence", "held_share", "held_share_low", "held_share_high")


@dg.asset(
    key=KEY,
    kinds={"python", "duckdb"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(COLUMNS)},
    ins={
        "suggestion_backtests": dg.AssetIn(key=["outcomes", "suggestion_backtests"]),
        "recommendation_effectiveness": dg.AssetIn(key=["outcomes", "recommendation_effectiveness"]),
    },
)
def calibration(suggestion_backtests: Frame, recommendation_effectiveness: Frame) -> dg.MaterializeResult[Frame]:
    """Stated confidence against what proved right. One row per source and bin of confidence.

    Of what people applied, final outcomes with ten runs on each side tell: right is a suggestion whose own direction
    the runs since took, more likely than not: fewer failures, or for a saving hardly more. The verdict is stricter.
    """
    from analytics_assets.lib.backtesting import outcomes
    from analytics_assets.lib.calibrating import applied_outcomes, binned
    from analytics_assets.warehouse.frames import frame_of

    stated = recommendation_effectiveness.dropna(subset=["confidence"])
    rows = [
        *binned("backtest", outcomes(suggestion_backtests.to_dict("records"))),
        *binned("verdicts", applied_outcomes(stated.to_dict("records"))),
    ]
    frame = frame_of(COLUMNS, rows)
    table = shown_rows(SHOWN, [[row[name] for name in SHOWN] for row in rows if row["n"]], numbers=".2f")
    return dg.MaterializeResult(value=frame, metadata={"bins": table, **drawn(".".join(KEY), frame)})


@dg.asset_check(asset=KEY, description="Of what is stated with some confidence, as many prove right.")
def stated_confidence_holds(calibration: Frame) -> dg.AssetCheckResult:
    """Warn of each bin whose mean stated confidence lies outside of the interval of what held.

    Of ten bins one lies outside by chance in two tables of five: a bin that stays outside is a fault.
    """
    off = calibration[(~calibration["is_calibrated"]).fillna(value=False).astype(bool)]
    shown = [[row[name] for name in SHOWN] for row in off.to_dict("records")]
    return dg.AssetCheckResult(
        passed=off.empty,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "bins_judged": int(calibration["is_calibrated"].notna().sum()),
            "off": shown_rows(SHOWN, shown, numbers=".2f"),
            "remedy": "Read the confidences of this bin as the share that held, and look at outcomes.rule_scores for "
            "the rule that promises more than it holds.",
        },
    )
