"""Sensors ask for a training and for advice with their reasons; each skip says why."""

from __future__ import annotations

import importlib
from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest
from dagster import AssetKey, DagsterInstance

from analytics_assets.definitions import defs
from analytics_assets.defs.automation import learning
from analytics_assets.defs.automation.learning import MODELS, REASON, RECOMMENDATIONS
from analytics_assets.defs.predictions.tracking_columns import RETRAINING
from analytics_assets.settings import Settings
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.frames import frame_of, write
from analytics_assets.warehouse.publish import publish
from analytics_assets.warehouse.schema import create_schema

NOW = datetime.now(UTC).replace(tzinfo=None)
REASONS = {True: "due: trained 8.0 days ago (over 7)", False: "not due: no drift"}


class Published:
    """A data folder whose snapshot says what is due and when files were taken."""

    def __init__(self, folder):
        self.settings = Settings(data_dir=folder)

    def publish(self, *, taken_at=None, **due):
        """``due``: whether each model is."""
        with connect(self.settings) as con:
            create_schema(con)
            rows = [
                {"model_name": name, "version": "v2", "trained_at": NOW, "is_due": is_due, "reason": REASONS[is_due]}
                for name, is_due in due.items()
            ]
            if due:
                write(con, "predictions", "retraining_status", frame=frame_of(RETRAINING, rows))
            if taken_at is not None:
                con.execute(
                    "insert into raw.ingested_files (file_id, path, status, new_records, batch_id, ingested_at) "
                    "values (1, 'a.jsonl', 'taken', 3, 1, ?)",
                    [taken_at],
                )
            publish(con, self.settings)

    def train(self):
        with DagsterInstance.ephemeral() as instance, dg.build_sensor_context(instance):
            return learning.retraining_sensor()

    def advise(self, *, made=True):
        with DagsterInstance.ephemeral() as instance:
            if made:
                instance.report_runless_asset_event(dg.AssetMaterialization(RECOMMENDATIONS))
            with dg.build_sensor_context(instance) as context:
                return learning.recommendations_sensor(context)


@pytest.fixture
def published(tmp_path, monkeypatch):
    monkeypatch.setenv("ANALYTICS_DATA_DIR", str(tmp_path))
    return Published(tmp_path)


def test_before_the_first_publication_nothing_is_asked_for(published):
    assert published.train().skip_message == "nothing is published yet"
    assert published.advise().skip_message == "nothing is published yet"


def test_before_the_first_look_at_models_nothing_is_asked_for(published):
    published.publish()
    assert published.train().skip_message == "no model was looked at yet: the next refresh does"


def test_a_model_that_is_due_is_trained_with_its_reason_on_the_run(published):
    published.publish(failure_risk=True, run_cost=False)
    asked = published.train()
    reason = "failure_risk v2 is due: trained 8.0 days ago (over 7)"
    assert asked.tags[REASON] == reason
    assert asked.tags[MODELS] == "failure_risk"
    config = {"models": ["failure_risk"], "reason": reason}
    assert asked.run_config == {"ops": {"model_training": {"config": config}}}
    assert asked.run_key == f"failure_risk/v2 of {NOW.isoformat()}Z on {datetime.now(UTC):%Y-%m-%d}"
    assert published.train().run_key == asked.run_key


def test_the_run_that_is_asked_for_is_one_that_dagster_takes(published):
    published.publish(failure_risk=True)
    asked = published.train()
    repository = defs().get_repository_def()
    job = repository.get_job("retrain_models")
    assert dg.validate_run_config(job, asked.run_config)
    with DagsterInstance.ephemeral() as instance:
        run = instance.create_run_for_job(job, run_config=asked.run_config, tags=asked.tags)
        assert instance.get_run_by_id(run.run_id).tags[REASON] == asked.tags[REASON]


def test_models_that_are_not_due_are_left_and_the_skip_says_why(published):
    published.publish(failure_risk=False, run_cost=False)
    assert published.train().skip_message == "failure_risk is not due: no drift; run_cost is not due: no drift"


def test_training_can_be_switched_off(published, monkeypatch):
    published.publish(failure_risk=True)
    monkeypatch.setenv("ANALYTICS_MODEL_TRAINING_ENABLED", "false")
    assert "ANALYTICS_MODEL_TRAINING_ENABLED is off" in published.train().skip_message


def test_the_sensor_of_models_looks_as_often_as_the_setting_says(monkeypatch):
    assert learning.retraining_sensor.minimum_interval_seconds == 60
    assert learning.retraining_sensor.default_status is dg.DefaultSensorStatus.RUNNING
    monkeypatch.setenv("ANALYTICS_METRICS_COLLECTION_INTERVAL", "600")
    try:
        assert importlib.reload(learning).retraining_sensor.minimum_interval_seconds == 600
    finally:
        monkeypatch.delenv("ANALYTICS_METRICS_COLLECTION_INTERVAL")
        importlib.reload(learning)


def test_old_advice_is_made_anew_where_records_came_since(published, monkeypatch):
    published.publish(taken_at=NOW + timedelta(hours=1))
    assert published.advise(made=False).skip_message == "recommendations were never made: the first refresh makes them"
    assert published.advise().skip_message.startswith("they are 0.0 hours old, 6 are allowed")
    monkeypatch.setenv("ANALYTICS_RECOMMENDATION_REFRESH_INTERVAL", "0.000000001")
    asked = published.advise()
    assert asked.tags[REASON].endswith("and records came since")
    monkeypatch.setenv("ANALYTICS_RECOMMENDATION_GENERATION_ENABLED", "false")
    assert published.advise().skip_message == "ANALYTICS_RECOMMENDATION_GENERATION_ENABLED is off"


def test_advice_stands_where_nothing_came_since(published):
    published.publish(taken_at=NOW - timedelta(days=1))
    assert "nothing was taken in since" in published.advise().skip_message


def test_the_jobs_do_what_they_say_and_publish_it():
    repository = defs().get_repository_def()
    trained = repository.get_job("retrain_models").asset_layer.executable_asset_keys
    names = {key.path[-1] for key in trained}
    assert {"run_features", "model_training_data", "model_versions", "retraining_status"} <= names
    assert "issue_models" not in names
    advised = repository.get_job("refresh_recommendations").asset_layer.executable_asset_keys
    assert AssetKey(["suggestions", "learned_fields"]) not in advised
    snapshot = AssetKey(["publish", "published_snapshot"])
    assert snapshot in trained
    assert snapshot in advised
    assert RECOMMENDATIONS in advised
