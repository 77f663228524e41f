"""Is what is asked of the models still what they learnt from, and when are they trained again?

Reads the runs as they were known at their start, the versions in use and how right they were; feeds the sensor that
asks for a training, and the training itself.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import dagster as dg

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.defs.predictions.tracking_columns import DRIFT, RETRAINING
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema, shown_rows
from analytics_assets.pictures import drawn
from analytics_assets.warehouse.accounting import EXAMPLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from duckdb import DuckDBPyConnection

KEY = ["predictions", "drift_reports"]
STATUS_KEY = ["predictions", "retraining_status"]
SHOWN = ("model_name", "version", "feature_name", "test", "drift_score", "p_adjusted", "reason")
SHOWN_STATUS = ("model_name", "version", "is_due", "hit_rate", "drift_score", "days_since_training", "reason")


@dg.asset(
    key=KEY,
    deps=[
        ["predictions", "run_features"],
        ["predictions", "model_versions"],
        ["predictions", "model_performance_metrics"],
        ["predictions", "prediction_accuracy_tracking"],
        ["staging", "stg_as_of"],
    ],
    kinds={"python", "scipy"},
    pool="warehouse",
    tags={"module": "M7"},
    metadata={"dagster/column_schema": column_schema(DRIFT)},
)
def drift_reports(context: dg.AssetExecutionContext, warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """How far runs since the training differ from those learnt from. One row per model and feature, and its errors.

    Of each champion. What moves by nature is listed and not compared: counts grow, clocks go on, rates of all that was
    settle. Without new runs or outcomes the comparisons stand as they were.
    """
    from analytics_assets.predicting.records_end import end_of_records
    from analytics_assets.warehouse.frames import earlier_rows, frame_of

    with warehouse.get_connection() as con:
        earlier = earlier_rows(con, *KEY)
        if warehouse.settings.performance_monitoring_enabled:
            rows = list(_compared(con, earlier))
        else:
            context.log.warning("ANALYTICS_PERFORMANCE_MONITORING_ENABLED is off: nothing is compared")
            rows = earlier
        end = end_of_records(con)
    frame = frame_of(DRIFT, [row | end for row in rows])
    drifted = [row for row in rows if row["is_drifted"]]
    for row in drifted:
        context.log.warning("%s %s: %s: %s", row["model_name"], row["version"], row["feature_name"], row["reason"])
    return dg.MaterializeResult(
        value=frame,
        metadata={
            "compared": sum(row["test"] is not None for row in rows),
            "drifted": _shown(SHOWN, sorted(drifted, key=lambda row: -row["drift_score"])),
            **drawn(".".join(KEY), frame),
        },
    )


def _compared(con: "DuckDBPyConnection", earlier: "Iterable[Mapping[str, Any]]") -> "Iterable[dict[str, Any]]":
    from analytics_assets.predicting.watched import champions, drift_of, examined
    from analytics_assets.warehouse.frames import earlier_rows

    before: dict[str, list[dict[str, Any]]] = {}
    for row in earlier:
        before.setdefault(row["examined"], []).append(dict(row))
    metrics: list[dict[str, Any]] | None = None
    for champion in champions(con):
        there = examined(con, champion)
        if there in before:
            yield from before[there]
            continue
        metrics = earlier_rows(con, "predictions", "model_performance_metrics") if metrics is None else metrics
        for row in drift_of(con, champion, metrics):
            yield row | {"examined": there}


@dg.asset(
    key=STATUS_KEY,
    deps=[
        ["predictions", "run_features"],
        ["predictions", "model_training_data"],
        ["predictions", "model_performance_metrics"],
        ["predictions", "model_versions"],
        ["predictions", "model_predictions"],
        ["predictions", "prediction_accuracy_tracking"],
        ["staging", "stg_as_of"],
    ],
    ins={"drift_reports": dg.AssetIn(key=KEY)},
    kinds={"python", "duckdb"},
    pool="warehouse",
    tags={"module": "M7"},
    metadata={"dagster/column_schema": column_schema(RETRAINING)},
)
def retraining_status(
    context: dg.AssetExecutionContext, drift_reports: Frame, warehouse: WarehouseResource
) -> dg.MaterializeResult[Frame]:
    """Which models are to be trained again, by hit rate, drift, age and volume. One row per model."""
    from analytics_assets.lib.plain_rows import plain_rows
    from analytics_assets.predicting.purposes import PURPOSES
    from analytics_assets.predicting.records_end import end_of_records
    from analytics_assets.warehouse.frames import frame_of

    settings = warehouse.settings
    now = datetime.now(UTC).replace(tzinfo=None)
    drifts = plain_rows(drift_reports) if settings.performance_monitoring_enabled else []
    with warehouse.get_connection() as con:
        end = end_of_records(con)
        rows = [_status(con, warehouse, name, drifts, now) | end for name in PURPOSES]
    for row in rows:
        context.log.info("%s %s is %s", row["model_name"], row["version"] or "(no version)", row["reason"])
    return dg.MaterializeResult(value=frame_of(RETRAINING, rows), metadata={"models": _shown(SHOWN_STATUS, rows)})


def _status(
    con: "DuckDBPyConnection",
    warehouse: WarehouseResource,
    name: str,
    drifts: "Iterable[Mapping[str, Any]]",
    now: datetime,
) -> dict[str, Any]:
    from dataclasses import replace

    from analytics_assets.predicting.retraining import HOUR, judged
    from analytics_assets.predicting.watched import standing_of
    from analytics_assets.warehouse.frames import earlier_rows

    settings = warehouse.settings
    metrics = earlier_rows(con, "predictions", "model_performance_metrics")
    standing, outcomes_in_use = standing_of(con, name, drifts, metrics, now=now)
    if not settings.performance_monitoring_enabled:
        standing, outcomes_in_use = replace(standing, hit_rate=None), 0
    verdict = judged(
        standing,
        min_accuracy=settings.min_model_accuracy,
        interval_hours=settings.model_retraining_interval,
        now=now,
    )
    hours = None if standing.trained_at is None else (now - standing.trained_at) / HOUR
    return {
        "model_name": name,
        "version": standing.version,
        "hit_rate": standing.hit_rate,
        "hit_rate_n": outcomes_in_use,
        "min_hit_rate": settings.min_model_accuracy * standing.promised,
        "drift_score": standing.drift_score,
        "days_since_training": None if hours is None else hours / 24,
        "hours_since_training": hours,
        "prediction_volume": standing.predictions,
        "new_outcomes": standing.new_outcomes,
        "trained_at": standing.trained_at,
        "is_due": verdict.is_due,
        "reason": verdict.reason,
        "checked_at": now,
    }


def _shown(titles: tuple[str, ...], rows: list[dict[str, Any]]) -> dg.MarkdownMetadataValue:
    return shown_rows(titles, [[*map(row.get, titles)] for row in rows], numbers=".3g")


@dg.asset_check(asset=KEY, description="What is called drift is beyond chance and over 0.3, and has the runs for it.")
def drift_is_backed(drift_reports: Frame) -> dg.AssetCheckResult:
    """Drift asks for a training: of a handful of runs, or by chance, models would be trained for nothing."""
    from analytics_assets.predicting_thresholds import DRIFT_LEAST, DRIFT_SCORE, LIVE_LEAST
    from analytics_assets.thresholds import SIGNIFICANT

    drifted = drift_reports[drift_reports["is_drifted"].fillna(value=False).astype(bool)]
    least = drifted["drift_type"].map({"data": DRIFT_LEAST.value, "concept": LIVE_LEAST.value})
    is_backed = (
        (drifted["p_adjusted"] < SIGNIFICANT.value)
        & (drifted["drift_score"] > DRIFT_SCORE.value)
        & (drifted["drift_score"] <= 1)
        & (drifted["current_n"] >= least)
    )
    wrong = drifted[~is_backed.fillna(value=False).astype(bool)]
    return dg.AssetCheckResult(
        passed=wrong.empty,
        metadata={
            "drifted": len(drifted),
            "not_backed": shown_rows(SHOWN, wrong[list(SHOWN)].head(EXAMPLES).to_numpy().tolist()),
        },
    )


@dg.asset_check(asset=KEY, description="Every model that answers was looked at, feature by feature, once.")
def every_feature_is_listed(drift_reports: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """A feature that is not listed may drift unseen; one that is not compared says why."""
    from analytics_assets.predicting.drift import OUTCOME
    from analytics_assets.predicting.features import NAMES
    from analytics_assets.predicting.watched import champions
    from analytics_assets.warehouse.frames import columns_of

    with warehouse.get_connection() as con:
        answering = {row["model_name"] for row in champions(con)}
        wanted = {*NAMES} & columns_of(con, "predictions", "run_features") | {OUTCOME}
    listed = drift_reports.groupby("model_name")["feature_name"].agg(set).to_dict()
    missing = {name: sorted(wanted - listed.get(name, set())) for name in sorted(answering)}
    wrong = [(name, features) for name, features in missing.items() if features]
    twice = drift_reports[drift_reports[["model_name", "feature_name"]].duplicated()]["feature_name"].tolist()
    is_on = warehouse.settings.performance_monitoring_enabled
    return dg.AssetCheckResult(
        passed=(not wrong and not twice) or not is_on,
        metadata={"missing": shown_rows(("model", "features"), wrong), "twice": twice[:EXAMPLES]},
    )


@dg.asset_check(asset=STATUS_KEY, description="What is due says which criterion holds, and keeps the interval.")
def due_has_its_reason(retraining_status: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """Training without a reason, or again and again within a day, costs a machine its time and tells nothing."""
    due = retraining_status[retraining_status["is_due"].astype(bool)]
    hours = due["hours_since_training"].astype("Float64")
    is_soon = (hours < warehouse.settings.model_retraining_interval).fillna(value=False)
    is_idle = (due["new_outcomes"] == 0) & hours.notna()
    is_mute = ~due["reason"].str.startswith("due: ")
    wrong = due[(is_soon | is_idle | is_mute).astype(bool)]
    return dg.AssetCheckResult(
        passed=wrong.empty,
        metadata={
            "due": due["model_name"].tolist(),
            "wrong": shown_rows(SHOWN_STATUS, wrong[list(SHOWN_STATUS)].to_numpy().tolist()),
        },
    )
