"""What can be learnt from the runs so far, how good is it, and is it better than what is in use?

Reads the runs as they were known at their start, the versions so far and what says that one is due; feeds the versions,
of which it makes no champion: that is decided where versions are compared.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import dagster as dg
from pydantic import Field

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.defs.predictions.registry_columns import FEATURE_ENGINEERING, PERFORMANCE, TRAINING_DATA
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema, shown_rows
from analytics_assets.pictures import drawn
from analytics_assets.warehouse.accounting import EXAMPLES

if TYPE_CHECKING:
    from analytics_assets.warehouse.columns import Column

TRAINING_KEY = ["predictions", "model_training_data"]
SHOWN = ("model_id", "reason", "sample_count", "data_quality_score", "is_better_than_baselines", "verdict", "seconds")
SHOWN_METRICS = ("model_id", "evaluation_dataset", "metric_name", "metric_value", "baseline", "benchmark_comparison")
STATES_GRAIN = {
    "model_training_data": "What each version learnt from, and how good that was. One row per version.",
    "feature_engineering": "What each feature is to a version. One row per version and feature.",
    "model_performance_metrics": "How versions were judged. One row per version, dataset, metric and baseline.",
}


class RetrainConfig(dg.Config):
    """Which models to train; by default those that are due."""

    models: list[str] = Field(
        default=[],
        description="Names of models; only these are trained, also when they are not due. Empty: what is due.",
    )
    reason: str = Field(default="", description="Why, in a sentence; it is kept with the version.")
    is_asked_by_person: bool = Field(
        default=False, description="A person may ask sooner than ANALYTICS_MODEL_RETRAINING_INTERVAL; a sensor may not."
    )


def _table(name: str, columns: "tuple[Column, ...]") -> dg.AssetOut:
    return dg.AssetOut(
        key=["predictions", name],
        description=STATES_GRAIN[name],
        kinds={"scikit-learn", "xgboost"},
        tags={"module": "M7"},
        metadata={"dagster/column_schema": column_schema(columns)},
    )


@dg.multi_asset(
    outs={
        # What announces a version comes last: where a run is killed before it, there is no version.
        "model_performance_metrics": _table("model_performance_metrics", PERFORMANCE),
        "feature_engineering": _table("feature_engineering", FEATURE_ENGINEERING),
        "model_training_data": _table("model_training_data", TRAINING_DATA),
    },
    deps=[["predictions", "run_features"], ["predictions", "parameter_tuning"], ["staging", "stg_as_of"]],
    pool="warehouse",
)
def model_training(
    context: dg.AssetExecutionContext, config: RetrainConfig, warehouse: WarehouseResource
) -> Iterator[dg.Output[Any]]:
    """Train what is due or asked for: judge it on the past, fit it on everything known, keep its files."""
    from analytics_assets.predicting.sessions import Session, UnknownModelError
    from analytics_assets.warehouse.frames import frame_of

    with warehouse.get_connection() as con:
        session = Session.read(con, warehouse.settings, now=datetime.now(UTC).replace(tzinfo=None))
    try:
        said = session.run(config.models, config.reason, is_by_person=config.is_asked_by_person)
    except UnknownModelError as error:
        raise dg.Failure(str(error)) from error
    for name, sentence in said.items():
        context.log.info("%s: %s", name, sentence)
    metrics = frame_of(PERFORMANCE, session.metrics)
    new = [row for row in session.metrics if row["model_id"] in session.new and row["metric_type"] in ("loss", "score")]
    yield dg.Output(
        metrics,
        "model_performance_metrics",
        metadata={"new": _shown(SHOWN_METRICS, new), **drawn("predictions.model_performance_metrics", metrics)},
    )
    features = frame_of(FEATURE_ENGINEERING, session.features)
    yield dg.Output(features, "feature_engineering", metadata=drawn("predictions.feature_engineering", features))
    trained = [row for row in session.training if row["id"] in session.new]
    told = shown_rows(("model", "what was done, and why"), said.items())
    yield dg.Output(
        frame_of(TRAINING_DATA, session.training),
        "model_training_data",
        metadata={"models": told, "trained": _shown(SHOWN, trained), "removed_folders": session.removed},
    )


def _shown(titles: tuple[str, ...], rows: list[dict[str, Any]]) -> dg.MarkdownMetadataValue:
    return shown_rows(
        titles, [[f"{cell:.4g}" if isinstance(cell, float) else cell for cell in map(row.get, titles)] for row in rows]
    )


@dg.asset_check(asset=TRAINING_KEY, description="Each version was trained on as much as it says, and once.")
def versions_are_told_once(model_training_data: Frame) -> dg.AssetCheckResult:
    """A version is immutable: two rows of one would mean that its files belong to neither for sure."""
    table = model_training_data
    twice = sorted(table.loc[table["id"].duplicated(), "id"])
    is_odd = (table["training_start"] > table["training_end"]) | (table["sample_count"] < 1)
    odd = table.loc[is_odd.fillna(value=True).astype(bool), "id"].tolist()
    return dg.AssetCheckResult(
        passed=not twice and not odd, metadata={"versions": len(table), "twice": twice, "odd_spans": odd[:EXAMPLES]}
    )


@dg.asset_check(asset=TRAINING_KEY, description="Scores of quality are shares, and the mean of their parts.")
def quality_is_the_mean_of_its_parts(model_training_data: Frame) -> dg.AssetCheckResult:
    """A score that does not follow from its parts cannot be explained to anybody."""
    import json

    parts = ("known_cells", "known_outcomes", "span", "balance")
    wrong = []
    for row in model_training_data.to_dict("records"):
        details = json.loads(row["quality_details"])
        mean = sum(details[name] for name in parts) / len(parts)
        # The parts are told to six digits.
        if not 0 <= row["data_quality_score"] <= 1 or abs(mean - row["data_quality_score"]) > 1e-5:  # noqa: PLR2004
            wrong.append(row["id"])
    return dg.AssetCheckResult(passed=not wrong, metadata={"versions": len(model_training_data), "wrong": wrong})


@dg.asset_check(
    asset=["predictions", "feature_engineering"],
    additional_ins={"model_training_data": dg.AssetIn(key=TRAINING_KEY)},
    description="Every version says what its features are to it, and the shares add up to 1.",
)
def importances_add_up(feature_engineering: Frame, model_training_data: Frame) -> dg.AssetCheckResult:
    """Shares that do not add up would rank features of different versions wrongly."""
    sums = feature_engineering.groupby("model_id")["feature_importance"].sum()
    missing = sorted(set(model_training_data["id"]) - set(sums.index))
    off = {str(key): float(total) for key, total in sums.items() if not (0.999 < total < 1.001 or total == 0)}  # noqa: PLR2004 - rounding
    return dg.AssetCheckResult(
        passed=not off and not missing,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "versions": len(sums),
            "without_features": missing,
            "off": shown_rows(("version", "sum"), off.items()),
        },
    )


@dg.asset_check(
    asset=["predictions", "model_performance_metrics"],
    additional_ins={"model_training_data": dg.AssetIn(key=TRAINING_KEY)},
    description="Every version is judged on the time split, by a loss that is known.",
)
def versions_are_judged(model_performance_metrics: Frame, model_training_data: Frame) -> dg.AssetCheckResult:
    """A version without a score of its own could not be compared, and would still look like one that won."""
    losses = model_performance_metrics[
        (model_performance_metrics["evaluation_dataset"] == "time_split")
        & (model_performance_metrics["metric_type"] == "loss")
    ].dropna(subset=["metric_value"])
    unjudged = sorted(set(model_training_data["id"]) - set(losses["model_id"]))
    return dg.AssetCheckResult(passed=not unjudged, metadata={"losses": len(losses), "unjudged": unjudged[:EXAMPLES]})
