"""How right were the predictions, and how does that change from week to week?

Reads the predictions with their outcomes; feeds the trials of versions, drift, and when models are trained again.
"""

from typing import TYPE_CHECKING, Any

import dagster as dg

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.defs.predictions.tracking_columns import ACCURACY, WEEKLY
from analytics_assets.metadata import Materialized, column_schema, shown_rows
from analytics_assets.pictures import drawn_from
from analytics_assets.warehouse.accounting import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from duckdb import DuckDBPyConnection

    from analytics_assets.warehouse.columns import Column

KEY = ["predictions", "prediction_accuracy_tracking"]
WEEKLY_KEY = ["predictions", "weekly_model_accuracy"]
PREDICTIONS = ["predictions", "model_predictions"]
OFF = "ANALYTICS_PERFORMANCE_MONITORING_ENABLED is off: the rows are those of before"
BY_ERROR = """
    select model_id, role, error_type, count(*) from predictions.prediction_accuracy_tracking
    group by all order by all
"""
NEWEST_WEEKS = """
    select model_id, role, week, n, round(accuracy, 3), round(coalesce(brier, pinball), 4), round(baseline, 4)
    from predictions.weekly_model_accuracy order by week desc, model_id, role limit 20
"""
# What is not scored, and what is scored without an outcome.
UNSCORED = """
    select coalesce(predictions.id, tracked.prediction_id)
    from (select * from predictions.model_predictions where actual_value is not null) as predictions
    full join predictions.prediction_accuracy_tracking as tracked on predictions.id = tracked.prediction_id
    where predictions.id is null or tracked.prediction_id is null
        or abs(predictions.prediction_accuracy - tracked.accuracy_score) > 1e-9
    order by 1
"""


@dg.asset(
    key=KEY,
    deps=[PREDICTIONS, ["staging", "stg_decisions"]],
    kinds={"duckdb"},
    pool="warehouse",
    tags={"module": "M7"},
    metadata={"dagster/column_schema": column_schema(ACCURACY)},
)
def prediction_accuracy_tracking(warehouse: WarehouseResource) -> Materialized:
    """How far off each prediction was whose outcome is known. One row per prediction with an outcome."""
    from analytics_assets.predicting.scored import ACCURACY as SCORED
    from analytics_assets.predicting.scored import DECIDED, UNDECIDED
    from analytics_assets.predicting_thresholds import RUN_FAILS
    from analytics_assets.warehouse.frames import columns_of

    with warehouse.get_connection() as con:
        has_decisions = columns_of(con, "staging", "stg_decisions") >= {"subject_type", "subject_id"}
        statement = f"with decided as ({DECIDED if has_decisions else UNDECIDED}) select * from ({SCORED})"
        told = _written(con, warehouse, KEY, ACCURACY, statement, {"fails": RUN_FAILS.value})
        errors = con.execute(BY_ERROR).fetchall()
    shown = shown_rows(("version", "role", "error", "predictions"), errors)
    return dg.MaterializeResult(metadata={**told, "errors": shown})


@dg.asset(
    key=WEEKLY_KEY,
    deps=[KEY, PREDICTIONS, ["predictions", "run_features"]],
    kinds={"duckdb"},
    pool="warehouse",
    tags={"module": "M7"},
    metadata={"dagster/column_schema": column_schema(WEEKLY)},
)
def weekly_model_accuracy(warehouse: WarehouseResource) -> Materialized:
    """How each version did in each week, beside what was known before the week. One row per version, role and week.

    Of a champion the answers that count; for the tenth of runs that its canary answers for, those are not its own.
    """
    from analytics_assets.predicting.scored import WEEKLY as BY_WEEK

    with warehouse.get_connection() as con:
        told = _written(con, warehouse, WEEKLY_KEY, WEEKLY, BY_WEEK)
        newest = con.execute(NEWEST_WEEKS).fetchall()
        pictures = drawn_from(con, ".".join(WEEKLY_KEY))
    shown = shown_rows(("version", "role", "week", "n", "accuracy", "loss", "baseline"), newest)
    return dg.MaterializeResult(metadata={**told, "newest": shown, **pictures})


def _written(
    con: "DuckDBPyConnection",
    warehouse: WarehouseResource,
    key: list[str],
    columns: "Sequence[Column]",
    statement: str,
    parameters: "Mapping[str, object] | None" = None,
) -> dict[str, Any]:
    """Replace the table by what the statement says, in the declared types; where nobody watches, it stays as it is."""
    from analytics_assets.warehouse.connection import count, transaction
    from analytics_assets.warehouse.frames import columns_of

    table, is_on = ".".join(key), warehouse.settings.performance_monitoring_enabled
    told: dict[str, Any] = {} if is_on else {"monitoring": OFF}
    if is_on or not columns_of(con, *key):
        typed = ", ".join(f'cast("{column.name}" as {column.type}) as "{column.name}"' for column in columns)
        nothing = "" if is_on else " where 1 = 0"
        with transaction(con):
            con.execute(f"create or replace table {table} as select {typed} from ({statement}){nothing}", parameters)
    return {"dagster/row_count": count(con, f"select count(*) from {table}"), **told}


@dg.asset_check(asset=KEY, additional_deps=[PREDICTIONS], description="Every prediction with an outcome is scored.")
def outcomes_are_scored(warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """A trial is won by scores: what is left out of them may be what was wrong."""
    with warehouse.get_connection() as con:
        unscored = [row[0] for row in con.execute(UNSCORED).fetchall()]
    is_on = warehouse.settings.performance_monitoring_enabled
    return dg.AssetCheckResult(
        passed=not unscored or not is_on,
        metadata={"unscored": unscored[:EXAMPLES], "count": len(unscored), **({} if is_on else {"monitoring": OFF})},
    )


@dg.asset_check(asset=WEEKLY_KEY, additional_deps=[KEY, PREDICTIONS], description="Weeks count every scored run once.")
def weeks_add_up(warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """A week that loses runs, or counts one twice, shows another course than the model took."""
    from analytics_assets.predicting.scored import WEIGHED
    from analytics_assets.warehouse.connection import count

    with warehouse.get_connection() as con:
        in_weeks = count(con, "select coalesce(sum(n), 0) from predictions.weekly_model_accuracy")
        scored = count(
            con,
            f"""
            select count(*) from predictions.prediction_accuracy_tracking as tracked
            inner join predictions.model_predictions as predictions on tracked.prediction_id = predictions.id
            where {WEIGHED}
            """,
        )
    is_on = warehouse.settings.performance_monitoring_enabled
    return dg.AssetCheckResult(
        passed=in_weeks == scored or not is_on, metadata={"in_weeks": in_weeks, "scored": scored}
    )
