"""What was known of each run when it started?

Reads the runs, the load of the machines, the ends of tool executions, deployments and dependencies; feeds the models
that predict runs, and what watches them.
"""

from functools import partial
from typing import TYPE_CHECKING, Any

import dagster as dg

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.metadata import Materialized, column_schema, shown_rows
from analytics_assets.predicting.features import FEATURES, Feature
from analytics_assets.predicting_thresholds import EXAMPLES_MOST, HINDSIGHT_ROWS
from analytics_assets.warehouse.accounting import EXAMPLES
from analytics_assets.warehouse.columns import RECORDS_END, Column

if TYPE_CHECKING:
    import pandas as pd
    from duckdb import DuckDBPyConnection

    from analytics_assets.predicting.examples import Examples

KEY = ["predictions", "run_features"]
RECORDED = (
    Column("run_id", "VARCHAR", "The run.", required=True),
    Column("spec_id", "VARCHAR", "What was run.", required=True),
    Column("spec_type", "VARCHAR", "Family of the spec."),
    Column("model", "VARCHAR", "Model that did the work."),
    Column("agent_id", "VARCHAR", "Agent that ran it."),
    Column("project_id", "VARCHAR", "Project of the spec."),
    Column("memory_limit", "VARCHAR", "Memory it might use, a Kubernetes quantity."),
    Column("cpu_limit", "VARCHAR", "CPU it might use, a Kubernetes quantity."),
    Column("status", "VARCHAR", "How it ended, or running."),
    Column("started_at", "TIMESTAMP", "When it began, UTC.", required=True),
    Column("known_at", "TIMESTAMP", "When its outcome was known, UTC, never before its start; NULL: not told."),
    Column("is_failed", "BOOLEAN", "Whether it failed (failed, error, timeout); NULL: no outcome, or none yet."),
    Column("duration_seconds", "DOUBLE", "Time it took, seconds."),
    Column("llm_cost_usd", "DOUBLE", "Cost of its models, US dollars; NULL is not known."),
)


def _column(feature: Feature) -> Column:
    return Column(feature.name, "DOUBLE", f"{feature.meaning} Unit: {feature.unit}. Computed as: {feature.logic}.")


COLUMNS = (*RECORDED, *map(_column, FEATURES), *RECORDS_END)
NOTED = "select comment from duckdb_tables() where schema_name = 'predictions' and table_name = 'run_features'"
REPEATED = "select run_id, count(*) from predictions.run_features group by run_id having count(*) > 1 order by run_id"
CONTENT = "select concat(count(*), ':', bit_xor(hash(kept))) from predictions.run_features as kept"
UNNAMED = "select count(*) from predictions.run_features where run_id is null or spec_id is null or started_at is null"
# Spread over the whole time, so that early and late rows are looked at.
SAMPLE = f"""
    select * from predictions.run_features
    qualify
        (row_number() over (order by started_at desc, run_id) - 1)
        % greatest(1, count(*) over () // {HINDSIGHT_ROWS.value:.0f}) = 0
    order by started_at desc, run_id
    limit {HINDSIGHT_ROWS.value:.0f}
"""
WRONG = ("run", "feature", "kept", "known then")


@dg.asset(
    key=KEY,
    deps=[
        ["staging", "stg_runs"],
        ["staging", "stg_judged_runs"],
        ["staging", "stg_as_of"],
        ["staging", "stg_events"],
        ["staging", "stg_pipeline_configurations"],
        # Read behind them, in raw: also the versions that do not count any more.
        ["staging", "stg_tasks"],
        ["staging", "stg_task_dependencies"],
        ["profiles", "resource_usage"],
        ["staging", "stg_executions"],
    ],
    kinds={"python"},
    pool="warehouse",
    tags={"module": "M7"},
    metadata={"dagster/column_schema": column_schema(COLUMNS)},
)
def run_features(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> Materialized:
    """What was known of a run when it started, and what came of it. One row per run, the newest 20,000 of 60 days.

    Nothing of a row comes from the future of its run: neither its own outcome nor those told later. It looks
    back on all runs that are kept, also on those from before the 60 days. Where nothing that it rests on has changed,
    the table is kept as it is.
    """
    from analytics_assets.predicting.examples import examples
    from analytics_assets.predicting.reading import fingerprint, in_window, read_runs, read_surroundings
    from analytics_assets.predicting.records_end import end_of_records
    from analytics_assets.warehouse import frames
    from analytics_assets.warehouse.connection import records

    with warehouse.get_connection() as con:
        rows = partial(records, con)
        end = end_of_records(con)
        made_of = _made_of(fingerprint(rows), end)
        if made_of in _said(con):
            (count,) = con.execute("select count(*) from predictions.run_features").fetchone() or (0,)
            return dg.MaterializeResult(metadata={"is_kept": True, "dagster/row_count": count})
        runs, around = read_runs(rows), read_surroundings(rows)
    for note in around.notes:
        context.log.warning(note)
    found = examples(runs, around, of=in_window(runs, end["as_of"]))
    with warehouse.get_connection() as con:
        frames.write(con, KEY[0], KEY[1], frame=_frame(found, end))
        con.execute(f"comment on table predictions.run_features is '{made_of}'")
    return dg.MaterializeResult(metadata={"is_kept": False, **_told(found, around.notes)})


def _made_of(read: str, end: dict[str, Any]) -> str:
    """A hash of what the table rests on: what is read, when that ends, and how features are computed."""
    import hashlib

    computed = [(feature.name, feature.logic) for feature in FEATURES]
    return hashlib.sha256(repr((read, end, computed)).encode()).hexdigest()


def _said(con: "DuckDBPyConnection") -> list[str]:
    """What is noted at the table: the hash of what it is made of and, once that was looked at, of what is in it."""
    (said,) = con.execute(NOTED).fetchone() or (None,)
    return (said or "").split()


def _frame(found: "Examples", end: dict[str, Any]) -> "pd.DataFrame":
    import pandas as pd

    from analytics_assets.warehouse.frames import frame_of

    names = [column.name for column in RECORDED]
    rows = [{**{name: getattr(run, name) for name in names}, "known_at": run.told_at} for run in found.runs]
    ends = frame_of(RECORDS_END, [end] * len(rows))
    return pd.concat([frame_of(RECORDED, rows), found.features.astype("Float64"), ends], axis=1)


def _told(found: "Examples", notes: tuple[str, ...]) -> dict[str, Any]:
    unknown = found.features.columns[found.features.isna().all()] if len(found) else ()
    return {
        "dagster/row_count": len(found),
        "outcomes": sum(run.is_failed is not None for run in found.runs),
        "is_cut": len(found) >= EXAMPLES_MOST.value,
        "not_known_of_any_run": ", ".join(map(str, unknown)) or "none",
        "not_read": " ".join(notes) or "nothing",
    }


@dg.asset_check(asset=KEY, blocking=True, description="Every run has one row, with its name, spec and start.")
def runs_are_told_once(warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """A run that is told twice would teach twice, and be judged by itself."""
    with warehouse.get_connection() as con:
        repeated = con.execute(REPEATED).fetchall()
        unnamed = (con.execute(UNNAMED).fetchone() or (0,))[0]
    return dg.AssetCheckResult(
        passed=not repeated and not unnamed,
        metadata={"unnamed": unnamed, "repeated": shown_rows(("run", "rows"), repeated[:EXAMPLES])},
    )


@dg.asset_check(asset=KEY, description="No feature knows the future: from what was known then, the same comes out.")
def features_know_no_future(warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """A model that learnt from the future looks better than it will ever be.

    A few rows, spread over the time, are computed anew from the records as they were at the start of the run. A table
    that passed and was kept since is not looked at again.
    """
    from analytics_assets.predicting.examples import read_runs, read_surroundings
    from analytics_assets.predicting.hindsight import known_otherwise
    from analytics_assets.warehouse.connection import records

    with warehouse.get_connection() as con:
        said, (content,) = _said(con), con.execute(CONTENT).fetchone() or ("",)
        if content in said:
            return dg.AssetCheckResult(passed=True, metadata={"is_as_it_passed": True})
        rows = partial(records, con)
        kept = rows(SAMPLE)
        runs, around = read_runs(rows), read_surroundings(rows)
    wrong = known_otherwise(kept, runs, around)
    if said and not wrong:
        with warehouse.get_connection() as con:
            con.execute(f"comment on table predictions.run_features is '{said[0]} {content}'")
    return dg.AssetCheckResult(
        passed=not wrong, metadata={"rows": len(kept), "wrong": shown_rows(WRONG, wrong[:EXAMPLES])}
    )
