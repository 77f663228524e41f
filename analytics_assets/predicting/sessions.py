"""One look at all models: which are trained now, and what the tables about them hold after it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from analytics_assets.predicting import artefacts
from analytics_assets.predicting.purpose import Parameters, Purpose
from analytics_assets.predicting.purposes import PURPOSES
from analytics_assets.predicting.records_end import end_of_records
from analytics_assets.predicting.stages import champion_of, on_trial_of
from analytics_assets.predicting.stored import looked_back_on, stored_examples
from analytics_assets.predicting.teaching import data_hash, taught
from analytics_assets.predicting.training import train
from analytics_assets.predicting.training_requests import Answer, ModelSoFar, TrainingRequest, due_now, may_be_asked
from analytics_assets.predicting.training_rows import of_versions, rows_of
from analytics_assets.predicting.tuning_rounds import accepted_last
from analytics_assets.predicting_thresholds import VERSIONS_KEPT
from analytics_assets.settings import Settings

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from analytics_assets.predicting.examples import Examples

Row = dict[str, Any]
STAGE = "predictions"
TRIED_AT = """
    select model_id, max(measured_at) from predictions.prediction_accuracy_tracking
    where error_magnitude is not null group by model_id
"""


class UnknownModelError(ValueError):
    """A training was asked for of a model that there is not."""


@dataclass
class Session:
    """What is known of the models before a training, and after ``run`` what is known then.

    ``tried_at`` is when the newest outcome of a version in use was known, ``new`` are ids of versions that were trained
    now, ``removed`` the folders that killed trainings had left.
    """

    settings: Settings
    now: datetime
    examples: Examples
    training: list[Row]
    features: list[Row]
    metrics: list[Row]
    versions: list[Row]
    due: dict[str, Row]
    tuned: dict[str, Parameters]
    tried_at: dict[str, datetime]
    end: dict[str, Any]
    new: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, con: DuckDBPyConnection, settings: Settings, *, now: datetime) -> Session:
        """From the tables as they are; one that is not there yet is empty."""
        import pandas as pd

        from analytics_assets.warehouse.frames import earlier_rows, read

        training, features, metrics, versions, due, tuning = (
            earlier_rows(con, STAGE, table)
            for table in (
                *("model_training_data", "feature_engineering", "model_performance_metrics", "model_versions"),
                *("retraining_status", "parameter_tuning"),
            )
        )
        has_runs = settings.model_training_enabled and _exists(con, "run_features")
        rows = read(con, STAGE, "run_features") if has_runs else pd.DataFrame(columns=["run_id", "started_at"])
        tried_at = con.execute(TRIED_AT).fetchall() if _exists(con, "prediction_accuracy_tracking") else []
        known = {row["id"] for row in training}
        return cls(
            settings,
            now,
            stored_examples(rows, looked_back_on(con) if has_runs else ()),
            training,
            of_versions(features, known),
            of_versions(metrics, known),
            versions,
            {row["model_name"]: row for row in due},
            accepted_last(tuning),
            dict(tried_at),
            end_of_records(con),
        )

    def run(self, models: Collection[str] = (), reason: str = "", *, is_by_person: bool = False) -> dict[str, str]:
        """Train what is due, or what is asked for; what was done with each model, and why.

        Raises:
            UnknownModelError: there is no such model.
        """
        strangers = sorted(set(models) - set(PURPOSES))
        if strangers:
            raise UnknownModelError(f"There is no model {', '.join(strangers)}: there are {', '.join(PURPOSES)}.")
        from threadpoolctl import threadpool_limits

        request = TrainingRequest(tuple(models), reason, is_by_person)
        # On a busy machine of two cores two threads of arithmetic wait for each other, and it takes thrice as long.
        with threadpool_limits(1):
            said = {name: self._visit(purpose, request) for name, purpose in PURPOSES.items()}
        self._settle()
        return said

    def _visit(self, purpose: Purpose, request: TrainingRequest) -> str:
        may = may_be_asked(purpose.name, request, is_enabled=self.settings.model_training_enabled)
        if not may.is_yes:
            return may.reason
        target = purpose.targets(self.examples)
        known = self.examples.take(taught(self.examples, target))
        model = self._so_far(purpose.name)
        answer = due_now(
            purpose.name,
            request,
            model,
            data_hash=data_hash(known, purpose.targets(known)),
            interval_hours=self.settings.model_retraining_interval,
            now=self.now,
        )
        return self._train(purpose, model, answer) if answer.is_yes else f"not trained: {answer.reason}"

    def _train(self, purpose: Purpose, model: ModelSoFar, answer: Answer) -> str:
        name = purpose.name
        known = [row["version"] for row in (*self.training, *self.versions) if row["model_name"] == name]
        version = artefacts.next_version(self.settings, name, known)
        self.removed += [f"{name}/{folder}" for folder in artefacts.sweep(self.settings, name, known)]
        parameters = {**purpose.parameters, **self.tuned.get(name, {})}
        trained = train(
            self.settings, purpose, self.examples, version=version, parameters=parameters, champion=model.champion
        )
        if isinstance(trained, str):
            return f"not trained: {trained}"
        made = rows_of(trained, reason=answer.reason, now=self.now)
        self.training.append(made.training)
        self.features += made.features
        self.metrics += made.metrics
        self.new.append(made.training["id"])
        return f"{version} was trained: {answer.reason}; {trained.judgement.verdict}"

    def _so_far(self, name: str) -> ModelSoFar:
        champion, on_trial = champion_of(self.versions, name), on_trial_of(self.versions, name)
        if champion is not None:
            # As the files are now: the table says how they were at the last refresh.
            path, sha256 = champion["artifact_path"], champion["artifact_sha256"]
            champion = champion | {"problem": artefacts.problem(self.settings, path, sha256)}
        trained = [row for row in self.training if row["model_name"] == name]
        return ModelSoFar(
            newest=max(trained, key=lambda row: artefacts.version_number(row["version"]), default=None),
            champion=champion,
            on_trial=on_trial,
            tried_at=self.tried_at.get(on_trial["id"]) if on_trial else None,
            status=self.due.get(name),
        )

    def _settle(self) -> None:
        """The newest versions of each model, and those that the registry still has; all with the end of the records."""
        kept = {row["id"] for row in self.versions}
        for name in {row["model_name"] for row in self.training}:
            own = [row for row in self.training if row["model_name"] == name]
            own.sort(key=lambda row: artefacts.version_number(row["version"]))
            kept |= {row["id"] for row in own[-int(VERSIONS_KEPT.value) :]}
        self.training = [row | self.end for row in self.training if row["id"] in kept]
        self.features = [row | self.end for row in of_versions(self.features, kept)]
        self.metrics = [row | self.end for row in of_versions(self.metrics, kept)]


def _exists(con: DuckDBPyConnection, table: str) -> bool:
    known = con.execute(
        "select 1 from information_schema.tables where table_schema = ? and table_name = ?", [STAGE, table]
    )
    return known.fetchone() is not None
