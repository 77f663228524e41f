"""What is to be expected of the next run of each spec with each model?

Reads the runs so far, what surrounds them, and the versions in use; feeds people and the read functions.
"""

from typing import TYPE_CHECKING, Any

import dagster as dg

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.defs.predictions.tracking_columns import OUTLOOK
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema, shown_rows
from analytics_assets.pictures import drawn
from analytics_assets.warehouse.accounting import EXAMPLES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from analytics_assets.settings import Settings

KEY = ["predictions", "next_run_outlook"]
SHOWN = ("spec_id", "model", "failure_probability", "duration_q50", "cost_q50", "recommended_action")
QUANTILES = (("duration_q10", "duration_q50", "duration_q90"), ("cost_q10", "cost_q50", "cost_q90"))


@dg.asset(
    key=KEY,
    deps=[
        ["predictions", "run_features"],
        ["predictions", "model_versions"],
        ["predictions", "model_performance_metrics"],
        ["staging", "stg_as_of"],
    ],
    kinds={"python", "xgboost"},
    pool="warehouse",
    tags={"module": "M7"},
    metadata={"dagster/column_schema": column_schema(OUTLOOK)},
)
def next_run_outlook(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """Risk, duration and cost of a run that starts now as the last one did. One row per spec and model of 30 days.

    Those that ran last first, 500 at most. Nothing heavy is loaded where no version answers.
    """
    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        rows, problems, left_out = _outlook(con, warehouse.settings)
    for sentence in problems:
        context.log.warning(sentence)
    frame = frame_of(OUTLOOK, rows)
    riskiest = sorted(
        (row for row in rows if row.get("failure_probability") is not None), key=lambda row: -row["failure_probability"]
    )
    return dg.MaterializeResult(
        value=frame,
        metadata={
            "left_out": left_out,
            "problems": shown_rows(("what is wrong",), [(one,) for one in problems[:EXAMPLES]]),
            "riskiest": shown_rows(
                SHOWN, [[row.get(name) for name in SHOWN] for row in riskiest[:EXAMPLES]], numbers=".3g"
            ),
            **drawn(".".join(KEY), frame),
        },
    )


def _outlook(con: "DuckDBPyConnection", settings: "Settings") -> tuple[list[dict[str, Any]], list[str], int]:
    """The rows, what is wrong with versions, and how many specs and models were left out."""
    from functools import partial

    from analytics_assets.predicting.answering import load
    from analytics_assets.predicting.examples import read_runs, read_surroundings
    from analytics_assets.predicting.outlook import asked, candidates, row
    from analytics_assets.predicting.purposes import PURPOSES
    from analytics_assets.predicting.records_end import end_of_records
    from analytics_assets.predicting.stages import champions
    from analytics_assets.warehouse.connection import records
    from analytics_assets.warehouse.frames import earlier_rows

    end = end_of_records(con)
    if end["as_of"] is None:
        return [], [], 0
    rows = partial(records, con)
    runs = read_runs(rows)
    wanted, counts, left_out = candidates(runs, end["as_of"])
    answering = champions(earlier_rows(con, "predictions", "model_versions")).values()
    versions, problems = load(settings, answering, earlier_rows(con, "predictions", "model_performance_metrics"))
    said = asked(versions, runs, wanted, read_surroundings(rows)) if versions and wanted else {}
    last = {(run.spec_id, run.model or ""): run.started_at for run in runs}
    made = [
        row(run, said.get(run.run_id, ()), PURPOSES)
        | {"runs": counts[run.run_id], "last_run_at": last[run.spec_id, run.model or ""]}
        | end
        for run in wanted
    ]
    return made, problems, left_out


@dg.asset_check(asset=KEY, description="Risks are shares, quantiles rise, and one row is told of each spec and model.")
def outlooks_make_sense(next_run_outlook: Frame) -> dg.AssetCheckResult:
    """A median above the 90 % quantile, or a risk of 1.2, would be believed by whoever plans by it."""
    table = next_run_outlook
    is_wrong = (table["failure_probability"] < 0) | (table["failure_probability"] > 1)
    for low, middle, high in QUANTILES:
        is_wrong |= (table[low] > table[middle]) | (table[middle] > table[high]) | (table[low] < 0)
    is_wrong = is_wrong.fillna(value=False).astype(bool) | table[["spec_id", "model"]].duplicated()
    wrong = table.loc[is_wrong, ["spec_id", "model"]].head(EXAMPLES)
    return dg.AssetCheckResult(
        passed=wrong.empty,
        metadata={"rows": len(table), "wrong": shown_rows(("spec", "model"), wrong.to_numpy().tolist())},
    )


@dg.asset_check(
    asset=KEY,
    additional_deps=[["predictions", "model_versions"]],
    description="Where a version answers, every row has its answer; else the row says why not.",
)
def silence_has_its_reason(next_run_outlook: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """An empty cell without a word looks like no risk."""
    from analytics_assets.predicting.watched import champions

    with warehouse.get_connection() as con:
        answering = {row["model_name"] for row in champions(con)}
    columns = {"failure_risk": "failure_probability", "run_duration": "duration_q50", "run_cost": "cost_q50"}
    mute = next_run_outlook["reason"].isna()
    unsaid = next_run_outlook[mute & next_run_outlook[list(columns.values())].isna().any(axis=1)]
    broken = [name for name in sorted(answering) if next_run_outlook[columns[name]].isna().any()]
    return dg.AssetCheckResult(
        passed=unsaid.empty and not broken,
        metadata={"without_a_reason": unsaid["spec_id"].head(EXAMPLES).tolist(), "champions_that_are_silent": broken},
    )
