"""A training as rows of the tables about models."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from analytics_assets.lib.json_text import json_text
from analytics_assets.predicting.encoding import logic
from analytics_assets.predicting.features import BY_NAME
from analytics_assets.predicting.purpose import Purpose
from analytics_assets.predicting.splits import moment
from analytics_assets.predicting.training import Impact, Trained
from analytics_assets.predicting.trials import SameSplit

Row = dict[str, Any]
SOURCE = "predictions.run_features"


@dataclass(frozen=True)
class Rows:
    """Of the three tables: ``training`` has one row, the others one per feature, and per dataset and metric."""

    training: Row
    features: list[Row]
    metrics: list[Row]


def rows_of(trained: Trained, *, reason: str, now: datetime) -> Rows:
    """The rows of one version; ``now`` is naive UTC."""
    name = trained.purpose.name
    version: Row = {"model_id": f"{name}/{trained.version}", "model_name": name, "version": trained.version}
    return Rows(
        _training(trained, version, reason, now),
        [_feature(impact, trained.purpose, version, now) for impact in trained.impacts],
        _metrics(trained, version, now),
    )


def _training(trained: Trained, version: Row, reason: str, now: datetime) -> Row:
    judgement, examples = trained.judgement, trained.examples
    importance = {one.name: one.importance for one in trained.impacts if one.importance is not None}
    starts, n = examples.started_at, len(examples)
    return version | {
        "id": version["model_id"],
        "trained_at": now,
        "trained_until": trained.trained_until,
        "algorithm_name": judgement.algorithm,
        "parameters": json_text(trained.parameters),
        "data_hash": trained.data_hash,
        "artifact_path": trained.artefact.path,
        "artifact_sha256": trained.artefact.sha256,
        "is_better_than_baselines": judgement.is_better,
        "data_source": SOURCE,
        "feature_count": examples.features.shape[1] + examples.categories.shape[1],
        "sample_count": n,
        "data_quality_score": trained.quality["score"],
        "quality_details": json_text(trained.quality),
        "feature_importance": json_text(importance),
        "training_start": moment(starts.min()),
        "training_end": moment(starts.max()),
        "validation_split": judgement.validated / n,
        "test_split": judgement.tested / n,
        "seconds": trained.seconds,
        "reason": reason,
        "verdict": judgement.verdict,
    }


def _feature(impact: Impact, purpose: Purpose, version: Row, now: datetime) -> Row:
    feature = BY_NAME.get(impact.name)
    mean = "Share of failures" if purpose.model_type == "classification" else f"Mean rank (0 to 1) of {purpose.target}"
    return version | {
        "id": f"{version['model_id']}/{impact.name}",
        "feature_name": impact.name,
        "feature_type": feature.group if feature else "category",
        "transformation_logic": feature.logic if feature else logic(impact.name, mean),
        "feature_importance": impact.importance,
        "correlation_with_target": impact.correlation,
        "created_at": now,
        "is_active": bool(impact.importance),
        "performance_impact": json_text({"loss": purpose.loss, "worse_by": impact.worse}),
    }


def _metrics(trained: Trained, version: Row, now: datetime) -> list[Row]:
    found = []
    for metric in trained.metrics:
        against = f"/{metric.baseline}" if metric.baseline else ""
        less = None if metric.value is None or metric.against is None else metric.value - metric.against
        found.append(
            version
            | {
                "id": f"{version['model_id']}/{metric.dataset}/{metric.name}{against}",
                "metric_name": metric.name,
                "metric_value": metric.value,
                "metric_type": metric.kind,
                "evaluation_dataset": metric.dataset,
                "evaluation_timestamp": now,
                "evaluation_context": json_text(metric.context),
                "benchmark_comparison": less,
                "baseline": metric.baseline,
                "baseline_value": metric.against,
            }
        )
    return found


def same_splits(metrics: Iterable[Mapping[str, Any]]) -> dict[str, SameSplit]:
    """How versions did against the champion of their time, by id: from ``model_performance_metrics``."""
    import json

    found = {}
    for row in metrics:
        if row["evaluation_dataset"] == "same_split":
            told = json.loads(row["evaluation_context"])
            score = row["metric_value"]
            found[row["model_id"]] = SameSplit(
                row["baseline"],
                told["n"],
                score,
                score - row["benchmark_comparison"],
                is_won=told["is_won"],
                is_lost=told["is_lost"],
            )
    return found


def main_scores(metrics: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, float | None]]:
    """The main figures of the time split, by version and name: from ``model_performance_metrics``."""
    found: dict[str, dict[str, float | None]] = {}
    for row in metrics:
        if row["evaluation_dataset"] == "time_split" and row["metric_name"] in ("brier", "auc", "accuracy", "pinball"):
            found.setdefault(row["model_id"], {}).setdefault(row["metric_name"], row["metric_value"])
    return found


def of_versions(rows: Iterable[Row], versions: Collection[str]) -> list[Row]:
    """Those of versions that are known: a training that was killed left rows of one that is not."""
    return [row for row in rows if row["model_id"] in versions]
