"""What did the models say of each run when it started, and what came of it?

Reads the runs as they were known at their start, the versions in use and what people asked; feeds the scores of the
versions, drift, and when models are trained again.
"""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.defs.predictions.tracking_columns import PREDICTIONS
from analytics_assets.metadata import Materialized, column_schema, shown_rows
from analytics_assets.warehouse.accounting import EXAMPLES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from analytics_assets.settings import Settings

KEY = ["predictions", "model_predictions"]
SHOWN = ("model_id", "role", "predictions", "with_outcome", "accuracy", "latency_p95_ms")
FEATURES = "select * from predictions.run_features where run_id in (select unnest($runs))"


@dg.asset(
    key=KEY,
    deps=[
        ["predictions", "run_features"],
        ["predictions", "model_versions"],
        ["predictions", "model_performance_metrics"],
        ["staging", "stg_as_of"],
    ],
    kinds={"duckdb", "xgboost"},
    pool="warehouse",
    tags={"module": "M7"},
    metadata={"dagster/column_schema": column_schema(PREDICTIONS)},
)
def model_predictions(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> Materialized:
    """What each version in use says of a run, and what came of it. One row per version and run or question.

    A version answers for runs whose outcome was not on record when it was trained: for those, it could not know what
    came, whenever they started. The table is changed in place; of the 90 days before the newest run predictions are
    kept, at most of 12,000 runs, and as many questions.
    """
    from analytics_assets.predicting import asked, tracked
    from analytics_assets.predicting.records_end import end_of_records
    from analytics_assets.warehouse.connection import transaction

    settings = warehouse.settings
    now = datetime.now(UTC).replace(tzinfo=None)
    with warehouse.get_connection() as con:
        tracked.create(con, PREDICTIONS)
        taken = asked.take(settings, since=tracked.newest_question(con))
        rows, problems = _answered(con, settings, now)
        with transaction(con):
            made = tracked.insert(con, [*rows, *tracked.from_journal(taken.rows)], PREDICTIONS)
            tracked.settle(con, now, end_of_records(con))
        told = tracked.tally(con)
    asked.forget(settings, (now - timedelta(days=asked.KEPT_DAYS)).date())
    for sentence in (*problems, *taken.skipped):
        context.log.warning(sentence)
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": sum(row["predictions"] for row in told),
            "made_now": made,
            "versions": shown_rows(SHOWN, [[row[name] for name in SHOWN] for row in told]),
            "problems": shown_rows(("what is wrong",), [(one,) for one in (*problems, *taken.skipped)][:EXAMPLES]),
        }
    )


def _answered(con: "DuckDBPyConnection", settings: "Settings", now: datetime) -> tuple[list[dict[str, Any]], list[str]]:
    """Rows of new answers. Where there is nothing to answer no model is loaded, and nothing heavy is imported."""
    from analytics_assets.predicting import tracked
    from analytics_assets.predicting.stages import ANSWERING, CANARY
    from analytics_assets.warehouse.frames import earlier_rows

    in_use = [row for row in earlier_rows(con, "predictions", "model_versions") if row["stage"] in ANSWERING]
    waiting = {row["id"]: runs for row in in_use if (runs := tracked.unanswered(con, row))}
    if not waiting:
        return [], []
    from analytics_assets.predicting.answering import answers, load
    from analytics_assets.predicting.stored import looked_back_on, stored_examples

    metrics = earlier_rows(con, "predictions", "model_performance_metrics")
    versions, problems = load(settings, [row for row in in_use if row["id"] in waiting], metrics)
    wanted = sorted({run for runs in waiting.values() for run in runs})
    examples = stored_examples(con.execute(FEATURES, {"runs": wanted}).df(), looked_back_on(con))
    rows = []
    for version in versions:
        own, has_canary = set(waiting[version.id]), _has(in_use, version.model_name, CANARY)
        chosen = examples.take([run.run_id in own for run in examples.runs])
        rows += tracked.as_rows(version, answers(version, chosen), now=now, has_canary=has_canary)
        if lacking := version.model.lacking(chosen):
            problems.append(
                f"{version.id} answers without what it learnt from and is not computed any more: {', '.join(lacking)}."
            )
    return rows, problems


def _has(in_use: list[dict[str, Any]], name: str, stage: str) -> bool:
    return any(row["model_name"] == name and row["stage"] == stage for row in in_use)


@dg.asset_check(asset=KEY, blocking=True, description="A version was asked the same about a subject once.")
def predictions_are_made_once(warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """A run that counts twice would make the score of its version surer than it is."""
    sql = """
        select model_id, subject_id, count(*) from predictions.model_predictions
        group by model_id, subject_type, subject_id, input_hash having count(*) > 1
        union all
        select model_id, subject_id, count(*) from predictions.model_predictions where subject_type = 'run'
        group by model_id, subject_id having count(*) > 1
        order by 1, 2
    """
    with warehouse.get_connection() as con:
        twice = con.execute(sql).fetchall()
    return dg.AssetCheckResult(
        passed=not twice, metadata={"twice": shown_rows(("version", "subject", "rows"), twice[:EXAMPLES])}
    )


@dg.asset_check(
    asset=KEY,
    additional_deps=[["predictions", "run_features"], ["predictions", "model_versions"]],
    description="No version answered for a run that it could have learnt from.",
)
def answers_come_before_their_outcomes(warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """A version that is judged on what it learnt looks better than it is, and wins its trial by it."""
    from analytics_assets.predicting.learnt import EARLY

    with warehouse.get_connection() as con:
        early = con.execute(EARLY).fetchall()
    return dg.AssetCheckResult(
        passed=not early, metadata={"too_early": shown_rows(("prediction", "run"), early[:EXAMPLES])}
    )


@dg.asset_check(
    asset=KEY,
    additional_deps=[["predictions", "run_features"]],
    description="Every outcome that is known of a run stands beside its predictions.",
)
def outcomes_are_those_of_the_runs(warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """Runs are recorded anew with another outcome: a score that rests on the old one is wrong."""
    from analytics_assets.predicting.tracked import OTHERWISE

    with warehouse.get_connection() as con:
        changed = con.execute(OTHERWISE).fetchall()
    return dg.AssetCheckResult(
        passed=not changed, metadata={"other_outcome": shown_rows(("prediction", "run"), changed[:EXAMPLES])}
    )


@dg.asset_check(
    asset=KEY,
    additional_deps=[["predictions", "run_features"], ["predictions", "model_versions"]],
    description="The champion of each model has answered for every run since it was trained.",
)
def champions_answer(warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """A model whose files are gone or changed stops answering; nobody would miss what is not there."""
    from analytics_assets.predicting import tracked
    from analytics_assets.predicting.stages import champions
    from analytics_assets.warehouse.frames import earlier_rows

    with warehouse.get_connection() as con:
        answering = champions(earlier_rows(con, "predictions", "model_versions")).values()
        silent = {row["id"]: len(tracked.unanswered(con, row)) for row in answering}
    wrong = [(key, n) for key, n in silent.items() if n]
    return dg.AssetCheckResult(
        passed=not wrong,
        metadata={"champions": len(answering), "silent": shown_rows(("version", "runs without an answer"), wrong)},
    )
