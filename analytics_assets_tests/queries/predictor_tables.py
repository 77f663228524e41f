"""A published version with models: one with two versions, one without any, and one of issues."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pandas as pd

from analytics_assets.defs.predictions.registry_columns import MODELS, PERFORMANCE, TRAINING_DATA, VERSIONS
from analytics_assets.predicting.inventory import inventory
from analytics_assets.predicting.purposes import PURPOSES
from analytics_assets.predicting.teaching import data_hash
from analytics_assets.settings import Settings
from analytics_assets.warehouse import frames
from analytics_assets_tests.predicting.stand_in import FIRST, made, table, training, version

END = {"as_of": FIRST, "is_stale": False}
MATRIX = {"tp": 30, "fp": 4, "tn": 60, "fn": 6}
ISSUE_MODEL = {
    "model": "fix_time",
    "target": "minutes of a fix",
    "features": "[]",
    "trained_at": FIRST,
    "is_published": False,
    "score": 1.5,
    "naive_score": 1.2,
    "improvement": -0.3,
    "improvement_low": None,
    "reason": "the model errs no less than the simple answer",
}

RUNS = table(100)


def learnt() -> str:
    """Hash of what the published runs teach a model of failing runs."""
    return data_hash(made(RUNS), made(RUNS).is_failed)


def versions(**champion: Any) -> list[dict[str, Any]]:
    """v2 answers and took over from v1; v3 did not beat the baselines."""
    figures = {"brier": 0.14, "auc": 0.88, "accuracy": 0.8, "live_n": 12, "live_score": 0.15}
    return [
        version(1, "retired"),
        version(2, "champion", predecessor="failure_risk/v1") | figures | champion,
        version(3, "unpublished", is_better_than_baselines=False),
    ]


def answers(version_id: str, losses: list[float | None]) -> dict[str, list[dict[str, Any]]]:
    """What a version said of runs, one for each loss, by table; None where no outcome is known."""
    told = {"model_id": version_id, "model_name": version_id.split("/", maxsplit=1)[0], "subject_type": "run"}
    listed = [(f"p{number}", loss) for number, loss in enumerate(losses)]
    return {
        "model_predictions": [
            told | {"id": key, "actual_value": None if loss is None else 1.0} for key, loss in listed
        ],
        "prediction_accuracy_tracking": [
            {"prediction_id": key, "error_magnitude": loss} for key, loss in listed if loss is not None
        ],
    }


def publish_predictors(
    settings: Settings,
    rows: list[dict[str, Any]] | None = None,
    *,
    runs: pd.DataFrame = RUNS,
    more: dict[str, list[dict[str, Any]]] | None = None,
) -> None:
    """Publish the tables of models with these versions, the runs that they learn from, and what else is given."""
    listed = versions() if rows is None else rows
    matrix = {"id": "m", "model_id": "failure_risk/v2", "model_name": "failure_risk", "version": "v2"}
    matrix |= {"metric_name": "confusion_matrix", "evaluation_dataset": "time_split", "metric_value": 100.0}
    tables = {
        "ml_models": (MODELS, [row | END for row in inventory(PURPOSES.values(), listed, [ISSUE_MODEL])]),
        "model_versions": (VERSIONS, [row | END for row in listed]),
        "model_training_data": (TRAINING_DATA, [training(n) | END | {"sample_count": 100 * n} for n in (1, 2, 3)]),
        "model_performance_metrics": (PERFORMANCE, [matrix | {"evaluation_context": json.dumps({"points": MATRIX})}]),
    }
    settings.published.mkdir(parents=True, exist_ok=True)
    file = settings.published / "snapshot-1.duckdb"
    file.unlink(missing_ok=True)
    with duckdb.connect(str(file)) as con:
        con.execute("create schema predictions")
        for name, (columns, content) in tables.items():
            frames.write(con, "predictions", name, frame=frames.frame_of(columns, content))
        for name, rows_of in (more or {}).items():
            frames.write(con, "predictions", name, frame=pd.DataFrame(rows_of))
        frames.write(con, "predictions", "run_features", frame=runs)
    pointer = {"version": 1, "file": file.name, "published_at": "2026-02-16T12:30:00Z"}
    settings.pointer.write_text(json.dumps(pointer))
