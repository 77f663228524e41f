"""Which version of each model answers, which is on trial, and why?

Reads what was trained, how versions do in use and what people decided; feeds the answers, the reports and the doctor.
"""

from datetime import UTC, datetime

import dagster as dg

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.defs.predictions.registry_columns import VERSIONS
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema, shown_rows

KEY = ["predictions", "model_versions"]
SHOWN = ("id", "stage", "stage_since", "stage_reason", "live_n", "live_score", "champion_live_score", "problem")


@dg.asset(
    key=KEY,
    deps=[
        ["predictions", "model_training_data"],
        ["predictions", "model_performance_metrics"],
        ["staging", "stg_decisions"],
        ["staging", "stg_as_of"],
    ],
    kinds={"python", "duckdb"},
    pool="warehouse",
    tags={"module": "M7"},
    metadata={"dagster/column_schema": column_schema(VERSIONS)},
)
def model_versions(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """The life of each version: on trial, champion, retired. One row per model and version.

    A new version that beats the baselines is compared with the champion, or tried beside it: ANALYTICS_MODEL_DEPLOYMENT
    says how. A person's decision wins over all but the baselines. Files beyond the newest twenty versions are removed.
    """
    from analytics_assets.predicting import artefacts
    from analytics_assets.predicting.evidence import gathered
    from analytics_assets.predicting.records_end import end_of_records
    from analytics_assets.predicting.registry import advance
    from analytics_assets.warehouse.frames import earlier_rows, frame_of

    settings = warehouse.settings
    now = datetime.now(UTC).replace(tzinfo=None)
    with warehouse.get_connection() as con:
        before = earlier_rows(con, *KEY)
        evidence = gathered(con, settings, before, now=now)
        end = end_of_records(con)
    rows = [row | end for row in advance(before, evidence)]
    stages = {row["id"]: row["stage"] for row in before}
    for row in rows:
        if stages.get(row["id"]) != row["stage"]:
            context.log.info("%s is %s: %s", row["id"], row["stage"], row["stage_reason"])
        if row.get("artifact_removed_at") is not None:
            try:
                artefacts.remove(settings, row["artifact_path"])
            except artefacts.ArtefactError as error:
                context.log.warning("nothing was removed of %s: %s", row["id"], error)
    shown = shown_rows(SHOWN, [[row.get(name) for name in SHOWN] for row in rows if row["stage"] != "unpublished"])
    return dg.MaterializeResult(value=frame_of(VERSIONS, rows), metadata={"versions": shown})


@dg.asset_check(asset=KEY, blocking=True, description="At most one version of a model answers.")
def one_champion_at_most(model_versions: Frame) -> dg.AssetCheckResult:
    """Two champions would answer differently, and nobody could say which one was asked."""
    champions = model_versions[model_versions["stage"] == "champion"].groupby("model_name")["id"].agg(list)
    several = {name: ids for name, ids in champions.items() if len(ids) > 1}
    ids = model_versions["id"]
    twice = sorted(ids[ids.duplicated()])
    return dg.AssetCheckResult(
        passed=not several and not twice,
        metadata={"champions": shown_rows(("model", "versions"), champions.items()), "versions_twice": twice},
    )


@dg.asset_check(asset=KEY, blocking=True, description="No champion and no version on trial loses to a baseline.")
def answers_beat_the_baselines(model_versions: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """A model that the rate of the model on the type of spec beats is worse than a table: it must not answer.

    Held against the judged figures themselves, not against what the training made of them.
    """
    from analytics_assets.lib.plain_rows import plain_rows
    from analytics_assets.predicting.evidence import unbeaten
    from analytics_assets.predicting.stages import ANSWERING
    from analytics_assets.warehouse.frames import earlier_rows

    answering = model_versions[model_versions["stage"].isin(ANSWERING)]
    with warehouse.get_connection() as con:
        metrics = earlier_rows(con, "predictions", "model_performance_metrics")
    wrong = [
        (row["id"], row["stage"], sentence) for row in plain_rows(answering) for sentence in unbeaten(row, metrics)
    ]
    return dg.AssetCheckResult(
        passed=not wrong,
        metadata={"answering": len(answering), "wrong": shown_rows(("version", "stage", "why"), wrong)},
    )


@dg.asset_check(asset=KEY, description="The files of champions and of those before them are what was written.")
def files_are_as_written(model_versions: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """A changed file is never read: its model stops answering, and a roll-back needs the files of the one before.

    Not blocking: the model stops by itself and says so, and everything else is right and is published.
    """
    from analytics_assets.lib.plain_rows import plain_rows
    from analytics_assets.predicting.artefacts import problem
    from analytics_assets.predicting.stages import champions

    rows = {row["id"]: row for row in plain_rows(model_versions)}
    answering = [*champions(rows.values()).values()]
    needed = answering + [rows[row["predecessor"]] for row in answering if row["predecessor"] in rows]
    found = ((row["id"], problem(warehouse.settings, row["artifact_path"], row["artifact_sha256"])) for row in needed)
    wrong = [(key, sentence) for key, sentence in found if sentence is not None]
    return dg.AssetCheckResult(
        passed=not wrong, metadata={"looked_at": len(needed), "wrong": shown_rows(("version", "why"), wrong)}
    )
