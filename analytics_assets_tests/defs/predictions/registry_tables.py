"""A warehouse with runs to learn from, and the assets about models computed in it, as a refresh does."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any

import dagster as dg
import pandas as pd

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.defs.predictions.ml_models import ml_models
from analytics_assets.defs.predictions.model_training import RetrainConfig, model_training
from analytics_assets.defs.predictions.model_versions import model_versions
from analytics_assets.settings import Settings
from analytics_assets.warehouse import frames


@cache
def instance() -> dg.DagsterInstance:
    """One for all contexts: each of its own costs more than what is tested."""
    return dg.DagsterInstance.ephemeral()


class Registry:
    """Trains, moves versions and reads what came of it."""

    def __init__(self, warehouse: WarehouseResource) -> None:
        self.warehouse = warehouse
        self.execute("create table staging.stg_as_of (kind varchar, as_of timestamp, is_stale boolean)")
        self.execute("insert into staging.stg_as_of values ('runs', '2026-02-01', false)")
        self.execute(
            "create table staging.stg_decisions (decision_id varchar, subject_type varchar, subject_id varchar, "
            "decision varchar, decided_at timestamp, decided_by varchar, notes varchar)"
        )

    @property
    def settings(self) -> Settings:
        return self.warehouse.settings

    def execute(self, sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
        """Run a statement."""
        with self.warehouse.get_connection() as con:
            return con.execute(sql, parameters).fetchall()

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The rows of a table of predictions."""
        with self.warehouse.get_connection() as con:
            return frames.earlier_rows(con, "predictions", table)

    def write(self, table: str, frame: pd.DataFrame) -> None:
        """Replace a table of predictions."""
        with self.warehouse.get_connection() as con:
            frames.write(con, "predictions", table, frame=frame)

    def know(self, *tables: pd.DataFrame) -> None:
        """These are the runs now."""
        self.write("run_features", pd.concat(tables, ignore_index=True))

    def train(self, *models: str, reason: str = "", by_person: bool = False) -> dict[str, Any]:
        """Compute the training; what it says of itself."""
        config = RetrainConfig(models=list(models), reason=reason, is_asked_by_person=by_person)
        said = {}
        with dg.build_asset_context(instance=instance()) as context:
            for output in model_training(context, config=config, warehouse=self.warehouse):
                said |= output.metadata
                self.write(model_training.keys_by_output_name[output.output_name].path[-1], output.value)
        return said

    def look(self) -> dict[str, str]:
        """Move the versions on; stage by version, and the models beside it."""
        for asset in (model_versions, ml_models):
            with dg.build_asset_context(instance=instance()) as context:
                self.write(asset.key.path[-1], asset(context, warehouse=self.warehouse).value)
        return {row["id"]: row["stage"] for row in self.rows("model_versions")}

    def compute(self, asset: dg.AssetsDefinition, **given: Any) -> pd.DataFrame:
        """Compute any other asset; its table afterwards."""
        with dg.build_asset_context(instance=instance()) as context:
            takes_context = "context" in asset.op.compute_fn.decorated_fn.__annotations__
            words = {"warehouse": self.warehouse} | given
            result = asset(context, **words) if takes_context else asset(**words)
        if isinstance(result.value, pd.DataFrame):
            self.write(asset.key.path[-1], result.value)
        with self.warehouse.get_connection() as con:
            return frames.read(con, *asset.key.path)

    def age(self, days: float) -> None:
        """As if the trainings so far had been made this long ago."""
        self.execute(f"update predictions.model_training_data set trained_at = trained_at - interval {days * 24} hour")

    def decide(self, decision: str, version: str, at: datetime, notes: str = "as agreed") -> None:
        """A person's word on a version."""
        values = [f"{decision} {version} {at}", "model", version, decision, at, "ann", notes]
        self.execute("insert into staging.stg_decisions values (?, ?, ?, ?, ?, ?, ?)", values)

    def answered(self, losses: dict[str, list[float]], first: datetime = datetime(2026, 2, 1)) -> None:
        """Losses in use of each version, one a run: what the tracking of predictions leaves."""
        asked, tracked = [], []
        for version, own in losses.items():
            for number, loss in enumerate(own):
                key = f"{version} {number}"
                told = {"model_id": version, "model_name": version.split("/")[0]}
                at = first + timedelta(hours=number)
                run = {"subject_type": "run", "subject_id": f"run {number}", "run_started_at": at}
                asked.append(told | run | {"id": key})
                tracked.append(told | {"prediction_id": key, "error_magnitude": loss, "measured_at": at})
        self.write("model_predictions", pd.DataFrame(asked))
        self.write("prediction_accuracy_tracking", pd.DataFrame(tracked))
