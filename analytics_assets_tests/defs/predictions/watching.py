"""A warehouse in which a small model answers for runs: predicted, scored and watched, as a refresh does."""

from __future__ import annotations

import json
from datetime import datetime
from logging import getLogger
from types import SimpleNamespace

import dagster as dg
import pandas as pd

from analytics_assets.defs.predictions.drift_reports import drift_reports, retraining_status
from analytics_assets.defs.predictions.model_predictions import model_predictions
from analytics_assets.defs.predictions.prediction_accuracy import prediction_accuracy_tracking, weekly_model_accuracy
from analytics_assets.defs.predictions.registry_columns import PERFORMANCE, TRAINING_DATA, VERSIONS
from analytics_assets.predicting import artefacts
from analytics_assets.warehouse.frames import frame_of
from analytics_assets_tests.defs.predictions.registry_tables import Registry
from analytics_assets_tests.defs.undecorated import undecorated
from analytics_assets_tests.predicting.stand_in import Rates, made, version

QUANTITIES = ("duration_seconds", "llm_cost_usd")


class Watched(Registry):
    """Predicts, scores and watches."""

    def know(self, *tables: pd.DataFrame) -> None:
        """These are the runs now, in the types of the real table."""
        runs = pd.concat(tables, ignore_index=True)
        typed = {name: runs[name].astype("Float64") for name in QUANTITIES}
        self.write("run_features", runs.assign(**typed, is_failed=runs["is_failed"].astype("boolean")))

    def ingested(self, runs: pd.DataFrame, at: datetime) -> None:
        """When the outcomes of these runs were recorded, by the clock."""
        with self.warehouse.get_connection() as con:
            con.register("told", runs[["run_id", "status", "started_at", "known_at"]])
            con.execute(
                "insert into raw.runs by name select * exclude (known_at), known_at::timestamp as completed_at, "
                "?::timestamp as ingested_at from told",
                [at],
            )
            con.unregister("told")

    def answers_with(self, learnt: pd.DataFrame, *, trained_at: datetime, accuracy: float = 0.9) -> None:
        """v1 is champion, having learnt from these runs; its test was as good as its rates say."""
        kept = artefacts.save(self.settings, Rates.fit(made(learnt), {}), "failure_risk", "v1")
        row = version(1, "champion", trained_at=trained_at, trained_until=learnt["known_at"].max())
        row |= {"artifact_path": kept.path, "artifact_sha256": kept.sha256, "is_stale": False}
        training = row | {"model_id": row["id"], "sample_count": len(learnt)}
        self.write("model_versions", frame_of(VERSIONS, [row]))
        self.write("model_training_data", frame_of(TRAINING_DATA, [training]))
        told = {"model_id": row["id"], "evaluation_dataset": "time_split", "evaluation_context": json.dumps({"n": 300})}
        metrics = [
            told
            | {"metric_name": "brier", "metric_value": 0.09, "baseline": "constant", "benchmark_comparison": -0.16},
            told | {"metric_name": "accuracy", "metric_value": accuracy, "baseline": "constant"},
        ]
        self.write("model_performance_metrics", frame_of(PERFORMANCE, metrics))

    def predict(self):
        """Answers for what is new; what the asset says of it."""
        return self._called(model_predictions).metadata

    def score(self):
        """Scores what has an outcome; what the weekly table says of it."""
        undecorated(prediction_accuracy_tracking)(warehouse=self.warehouse)
        return undecorated(weekly_model_accuracy)(warehouse=self.warehouse).metadata

    def watch(self):
        """Compares and judges: the frames of drift and of what is due, as the tables now are."""
        drifts = self._called(drift_reports).value
        self.write("drift_reports", drifts)
        status = self._called(retraining_status, drift_reports=drifts).value
        self.write("retraining_status", status)
        return drifts, status

    def _called(self, asset: dg.AssetsDefinition, **given):
        return undecorated(asset)(SimpleNamespace(log=getLogger(__name__)), warehouse=self.warehouse, **given)

    def predictions(self, **chosen):
        """Those with these values."""
        found = self.rows("model_predictions")
        return [row for row in found if all(row[name] == value for name, value in chosen.items())]

    def record(self, number: int, **changed) -> None:
        """A run is recorded anew."""
        values = ", ".join(f"{name} = ?" for name in changed)
        self.execute(f"update predictions.run_features set {values} where run_id = 'r{number:05}'", [*changed.values()])
