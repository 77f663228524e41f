"""Would other parameters do better? A bounded search once a week, believed only where later data agrees.

Reads the runs as they were known at their start, the versions as they were, and its own rows; feeds the next training.
"""

from datetime import UTC, datetime

import dagster as dg
from pydantic import Field

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema, shown_rows
from analytics_assets.predicting_thresholds import TUNING_IMPROVEMENT, TUNING_SECONDS, TUNING_TRIALS
from analytics_assets.warehouse.accounting import EXAMPLES
from analytics_assets.warehouse.columns import RECORDS_END, Column

KEY = ["predictions", "parameter_tuning"]
COLUMNS = (
    Column("id", "VARCHAR", "Model and time of the search.", required=True),
    Column("model_name", "VARCHAR", "The model.", required=True),
    Column("tuned_at", "TIMESTAMP", "When, by the clock, UTC.", required=True),
    Column("trials", "BIGINT", "Sets of parameters that were tried, the one in use first.", required=True),
    Column("seconds", "DOUBLE", "How long it took.", required=True),
    Column("previous_parameters", "VARCHAR", "JSON: those in use until then.", required=True),
    Column("tuned_parameters", "VARCHAR", "JSON: the best that was found, taken over or not.", required=True),
    Column(
        "previous_score", "DOUBLE", "Mean loss of those in use over the searched past: less is better.", required=True
    ),
    Column("tuned_score", "DOUBLE", "Mean loss of the best, over the same.", required=True),
    Column("held_back_previous", "DOUBLE", "Mean loss of those in use on later runs, not searched.", required=True),
    Column("held_back_tuned", "DOUBLE", "Mean loss of the best, on the same.", required=True),
    Column("improvement_achieved", "DOUBLE", "Share by which the loss on these later runs fell.", required=True),
    Column("is_accepted", "BOOLEAN", "Whether the next training takes them over.", required=True),
    Column("reason", "VARCHAR", "Why or why not, in a sentence.", required=True),
    Column("seed", "BIGINT", "Of the search.", required=True),
    *RECORDS_END,
)
SHOWN = ("model_name", "tuned_at", "trials", "improvement_achieved", "is_accepted", "reason")


class TuningConfig(dg.Config):
    """What to search for; by default each model that answers, once a week."""

    models: list[str] = Field(default=[], description="Names of models to tune now. Empty: those that are due.")
    trials: int = Field(
        default=int(TUNING_TRIALS.value), ge=1, le=1_000, description="Sets of parameters to try for a model."
    )
    seconds: float = Field(
        default=TUNING_SECONDS.value, gt=0, description="No trial of a model begins after this long (seconds)."
    )


@dg.asset(
    key=KEY,
    deps=[["predictions", "run_features"], ["staging", "stg_as_of"]],
    kinds={"python", "xgboost"},
    pool="warehouse",
    tags={"module": "M7"},
    metadata={"dagster/column_schema": column_schema(COLUMNS)},
)
def parameter_tuning(
    context: dg.AssetExecutionContext, config: TuningConfig, warehouse: WarehouseResource
) -> dg.MaterializeResult[Frame]:
    """What searches over parameters found, and whether it was taken over. One row per model and search.

    Reads its own earlier rows, and the versions of the refresh before, in which a champion stands.
    """
    from analytics_assets.predicting.records_end import end_of_records
    from analytics_assets.predicting.stages import champions
    from analytics_assets.predicting.stored import looked_back_on, stored_examples
    from analytics_assets.predicting.tuning_rounds import tuning_round
    from analytics_assets.warehouse.frames import earlier_rows, frame_of, read

    with warehouse.get_connection() as con:
        earlier, versions = earlier_rows(con, *KEY), earlier_rows(con, "predictions", "model_versions")
        rows = read(con, "predictions", "run_features")
        end, past = end_of_records(con), looked_back_on(con)
    if warehouse.settings.model_training_enabled:
        found = tuning_round(
            stored_examples(rows, past),
            earlier,
            champions(versions),
            now=datetime.now(UTC).replace(tzinfo=None),
            asked=config.models,
            trials=config.trials,
            seconds=config.seconds,
        )
        made, said = found.rows, found.said
    else:
        made, said = [], {"all": "training is switched off: ANALYTICS_MODEL_TRAINING_ENABLED"}
    for name, sentence in said.items():
        context.log.info("%s: %s", name, sentence)
    kept = [row | end for row in (*earlier, *made)]
    newest = sorted(kept, key=lambda row: row["tuned_at"], reverse=True)[:EXAMPLES]
    return dg.MaterializeResult(
        value=frame_of(COLUMNS, kept),
        metadata={
            "models": shown_rows(("model", "what was done, and why"), said.items()),
            "newest": shown_rows(SHOWN, [[row[name] for name in SHOWN] for row in newest]),
        },
    )


@dg.asset_check(asset=KEY, description="No parameters are taken over that later data did not bear out.")
def accepted_parameters_are_better(parameter_tuning: Frame) -> dg.AssetCheckResult:
    """The best of many trials always looks better on what it was picked by; a lesser model would come of it."""
    from analytics_assets.lib.plain_rows import plain_rows

    wrong = [
        row["id"]
        for row in plain_rows(parameter_tuning)
        if row["is_accepted"]
        and row["held_back_tuned"] > row["held_back_previous"] * (1 - TUNING_IMPROVEMENT.value) * (1 + 1e-9)
    ]
    return dg.AssetCheckResult(
        passed=not wrong,
        metadata={"searches": len(parameter_tuning), "wrong": wrong[:EXAMPLES], "why": TUNING_IMPROVEMENT.why},
    )
