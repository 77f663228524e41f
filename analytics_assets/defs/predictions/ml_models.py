"""Which models are there, what is each for, and does it answer?

Reads the versions, the models of issues, and of how many runs something is known; feeds the reports and the commands.
"""

import dagster as dg

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.defs.predictions.registry_columns import MODELS
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema, shown_rows

KEY = ["predictions", "ml_models"]
VERSIONS_KEY = ["predictions", "model_versions"]
SHOWN = ("id", "is_active", "model_version", "challenger_version", "performance_metrics", "reason")


@dg.asset(
    key=KEY,
    deps=[
        VERSIONS_KEY,
        ["predictions", "issue_models"],
        ["predictions", "run_features"],
        ["staging", "stg_as_of"],
    ],
    kinds={"python", "duckdb"},
    pool="warehouse",
    tags={"module": "M7"},
    metadata={"dagster/column_schema": column_schema(MODELS)},
)
def ml_models(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """The models, each with the version that answers and why. One row per model.

    Those of issues are among them: they are fitted anew each day, so they have no versions and no files.
    """
    from analytics_assets.predicting.inventory import how_many, inventory
    from analytics_assets.predicting.lacking import missing
    from analytics_assets.predicting.purposes import PURPOSES
    from analytics_assets.predicting.records_end import end_of_records
    from analytics_assets.warehouse.frames import earlier_rows, frame_of

    with warehouse.get_connection() as con:
        versions, of_issues = (earlier_rows(con, "predictions", name) for name in ("model_versions", "issue_models"))
        lacks = missing(con, warehouse.settings)
        end = end_of_records(con)
    rows = [row | end for row in inventory(PURPOSES.values(), versions, of_issues, lacks)]
    context.log.info(how_many(rows))
    shown = shown_rows(SHOWN, [[row.get(name) for name in SHOWN] for row in rows])
    return dg.MaterializeResult(value=frame_of(MODELS, rows), metadata={"models": shown})


@dg.asset_check(
    asset=KEY, additional_deps=[VERSIONS_KEY], description="A model answers with its champion, or not at all."
)
def active_models_have_a_champion(ml_models: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """What is told to answer would otherwise be another version than the one that does."""
    from analytics_assets.lib.plain_rows import plain_rows
    from analytics_assets.predicting.stages import champions
    from analytics_assets.warehouse.frames import earlier_rows

    with warehouse.get_connection() as con:
        versions = earlier_rows(con, *VERSIONS_KEY)
    answering = {name: row["version"] for name, row in champions(versions).items()}
    models = plain_rows(ml_models)
    told = {row["id"]: row["model_version"] for row in models if row["model_version"] is not None}
    wrong = sorted(set(told.items()) ^ set(answering.items()))
    idle = [
        row["id"] for row in models if row["versions"] is not None and row["is_active"] and row["id"] not in answering
    ]
    return dg.AssetCheckResult(
        passed=not wrong and not idle,
        metadata={"models": len(models), "wrong": shown_rows(("model", "version"), wrong), "without_champion": idle},
    )
