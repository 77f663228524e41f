"""A published version with 150 runs, small models that learnt from them, and what was predicted with them.

``hard`` specs fail with the model ``weak``. ``failure_risk`` and ``run_duration`` answer, ``run_cost`` does not.
"""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import duckdb
import pandas as pd

from analytics_assets.defs.predictions.registry_columns import MODELS, PERFORMANCE, VERSIONS
from analytics_assets.defs.predictions.tracking_columns import DRIFT, OUTLOOK, PREDICTIONS, RETRAINING
from analytics_assets.predicting import artefacts
from analytics_assets.predicting.examples import examples, read_runs
from analytics_assets.predicting.failure import FailureModel, FailureParameters
from analytics_assets.predicting.inventory import inventory
from analytics_assets.predicting.performance import PerformanceParameters, QuantileModel
from analytics_assets.predicting.purposes import PURPOSES
from analytics_assets.queries import answers
from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets.settings import Settings
from analytics_assets.warehouse import frames
from analytics_assets_tests.predicting.stand_in import version
from analytics_assets_tests.queries.published import AS_OF, publish

RUNS = 150
NEWEST = AS_OF - timedelta(minutes=30)
END = {"as_of": AS_OF, "is_stale": False}
EVIL = "\x1b[31mred"
FOREST = FailureParameters(forest_trees=10, boosted_rounds=10, calibration_folds=2, threads=1)
TREES = PerformanceParameters(target="duration_seconds", boosted_rounds=5)
TRAINED_UNTIL = datetime(2026, 2, 12)
NO_COST = "no run has a cost"
POINTS = [
    {"low": low / 2, "high": low / 2 + 0.5, "n": 40, "failed_share": share, "share_low": share / 2, "share_high": 0.9}
    for low, share in ((0, 0.2), (1, 0.7))
]


def runs() -> list[dict[str, Any]]:
    """Runs an hour apart up to half an hour before the end; the last one is of ``hard-0`` with ``weak``."""
    draw, made = random.Random(3), []
    for number in range(RUNS):
        spec = draw.choice(["hard-0", "hard-1", "easy-0", "easy-1"])
        model = draw.choice(["weak", "strong", "other"])
        if number == RUNS - 1:
            spec, model = "hard-0", "weak"
        is_failed = draw.random() < (0.9 if model == "weak" and spec.startswith("hard") else 0.1)
        at = NEWEST - timedelta(hours=RUNS - 1 - number)
        seconds = (300 if spec.startswith("easy") else 900) * draw.uniform(0.5, 1.5)
        made.append(
            {"run_id": f"run-{number:03d}", "spec_id": spec, "spec_type": spec[:4], "model": model, "agent_id": "ann"}
            | {"memory_limit": "2Gi", "cpu_limit": "1", "status": "failed" if is_failed else "success"}
            | {"started_at": at, "completed_at": at + timedelta(seconds=seconds), "duration_seconds": seconds}
        )
    return made


def publish_predictions(settings: Settings) -> None:
    """Publish runs, models with their files, and the tables about them."""
    documents = [{"id": "new-0", "spec_type": "hard", "model": "strong", "memory_limit": "no size", "path": "new.json"}]
    publish(settings, {"staging.stg_specs": documents})
    with _published(settings) as con:
        con.register("made", pd.DataFrame(runs()))
        con.execute("insert into staging.stg_runs by name select * from made")
    with open_snapshot(settings) as snapshot:
        known = examples(read_runs(partial(answers.rows, snapshot)))
    fitted = {
        "failure_risk": FailureModel.fit(known, FOREST),
        "run_duration": QuantileModel.fit(known, TREES),
    }
    versions = []
    for name, model in fitted.items():
        kept = artefacts.save(settings, model, name, "v1")
        about = {"artifact_path": kept.path, "artifact_sha256": kept.sha256, "trained_until": TRAINED_UNTIL}
        figures = {"brier": 0.12, "auc": 0.8} if name == "failure_risk" else {"pinball": 0.1}
        versions.append(version(1, "champion", model_name=name, **about, **figures))
    listed = [row | END for row in inventory(PURPOSES.values(), versions, [])]
    listed = [row | {"reason": NO_COST} if row["id"] == "run_cost" else row for row in listed]
    tables = {
        "model_versions": (VERSIONS, [row | END for row in versions]),
        "ml_models": (MODELS, listed),
        "model_performance_metrics": (PERFORMANCE, _metrics()),
        "next_run_outlook": (OUTLOOK, _outlook()),
        "model_predictions": (PREDICTIONS, _predictions()),
        "drift_reports": (DRIFT, _drift()),
        "retraining_status": (RETRAINING, [_status()]),
    }
    with _published(settings) as con:
        con.execute("create schema predictions")
        for table, (columns, content) in tables.items():
            frames.write(con, "predictions", table, frame=frames.frame_of(columns, content))


def rewrite(settings: Settings, sql: str) -> None:
    """Change what is published by hand."""
    with _published(settings) as con:
        con.execute(sql)


def _published(settings: Settings) -> duckdb.DuckDBPyConnection:
    return duckdb.connect(str(settings.published / json.loads(settings.pointer.read_text())["file"]))


def _metrics() -> list[dict[str, Any]]:
    told = {"evaluation_dataset": "time_split", "evaluation_timestamp": AS_OF, "metric_type": "share"} | END
    return [
        told
        | {"id": name, "model_id": f"{model}/v1", "model_name": model, "version": "v1", "metric_name": name}
        | {"metric_value": value, "evaluation_context": json.dumps({"points": POINTS})}
        for model, name, value in (
            ("failure_risk", "reliability", 0.03),
            ("failure_risk", "calibration_error", 0.03),
            ("run_duration", "coverage", 0.78),
        )
    ]


def _outlook() -> list[dict[str, Any]]:
    factor = {"feature_name": "model", "importance_score": 0.9, "description": f"this model fails {EVIL}"}
    told = {"runs": 12, "last_run_at": NEWEST, "model_versions": '["failure_risk/v1"]'} | END
    risky = {"failure_probability": 0.83, "risk_factors": json.dumps([factor]), "recommended_action": "Run it with x."}
    return [
        told | {"spec_id": "easy-0", "model": None, "reason": "no version answers of failure_risk"},
        told | {"spec_id": "easy-1", "model": "weak", "failure_probability": 0.1, "duration_q50": 300.0},
        told | {"spec_id": "hard-0", "model": "weak"} | risky,
    ]


def _predictions() -> list[dict[str, Any]]:
    """Of the last run but one: the champion's, a shadow's, and one that a person asked for, with what came."""
    output = {"failure_probability": 0.8, "risk_factors": [{"description": f"it fails {EVIL}"}]}
    told = {"subject_id": "run-148", "version": "v1", "input_hash": "0", "prediction_input": "{}", "latency_ms": 1.0}
    told |= {"prediction_timestamp": AS_OF, "is_after_outcome": False, "is_corrected": False, **END}
    told |= {"context_metadata": '{"counts": true}', "model_id": "failure_risk/v1", "model_name": "failure_risk"}
    told |= {"prediction_output": json.dumps(output), "predicted_value": 0.8, "subject_type": "run"}
    told |= {"actual_value": 1.0, "actual_outcome": '{"status": "failed"}', "prediction_accuracy": 0.8}
    of_time = {"model_id": "run_duration/v1", "model_name": "run_duration", "predicted_value": 90.0}
    of_time |= {"prediction_output": '{"q10": 60, "q50": 90, "q90": 120}', "actual_value": None, "actual_outcome": None}
    return [
        told | {"id": "a", "role": "champion"},
        told | {"id": "b", "role": "shadow"},
        told | {"id": "c", "role": "champion", "subject_type": "asked"},
        told | {"id": "d", "role": "champion"} | of_time,
    ]


def _drift() -> list[dict[str, Any]]:
    told = {"model_name": "failure_risk", "version": "v1", "drift_type": "data", "reason": "as it was", **END}
    compared = {"test": "psi", "drift_score": 0.05, "is_drifted": False}
    return [
        told | compared | {"feature_name": "task_count"},
        told | compared | {"feature_name": "cpu_load", "drift_score": 0.42, "is_drifted": True, "reason": "it doubled"},
        told | {"feature_name": "runs_so_far", "reason": "it counts on"},
    ]


def _status() -> dict[str, Any]:
    told = {"min_hit_rate": 0.8, "prediction_volume": 0, "new_outcomes": 0, "checked_at": AS_OF, **END}
    return told | {"model_name": "failure_risk", "version": "v1", "is_due": True, "reason": "cpu_load moved by 0.42"}
