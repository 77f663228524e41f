"""What makes runs fail changes: drift is seen, the sensor asks, a challenger takes over, the old one still loads.

With real models and every table between, as the jobs compute them; only the clock is moved.
"""

from __future__ import annotations

from dataclasses import replace

import dagster as dg
import pytest

from analytics_assets.defs.automation.learning import retraining_sensor
from analytics_assets.defs.predictions.drift_reports import drift_reports, retraining_status
from analytics_assets.defs.predictions.model_predictions import model_predictions
from analytics_assets.defs.predictions.prediction_accuracy import prediction_accuracy_tracking
from analytics_assets.predicting import artefacts
from analytics_assets.predicting.purposes import PURPOSES
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.publish import publish
from analytics_assets_tests.defs.predictions.registry_tables import Registry
from analytics_assets_tests.predicting.stand_in import LOOKS_AT, OTHER, STAND_IN, made, table

V1, V2 = "failure_risk/v1", "failure_risk/v2"
LIGHT = {"forest_trees": 20, "boosted_rounds": 20, "calibration_folds": 2, "threads": 1}
BEFORE, AFTER = table(200, sure=0.95), table(500, since=200, decided_by=OTHER, sure=0.95)


@pytest.fixture
def registry(warehouse, monkeypatch):
    real = PURPOSES["failure_risk"]
    for name in [*PURPOSES]:
        monkeypatch.delitem(PURPOSES, name)
    monkeypatch.setitem(PURPOSES, "failure_risk", replace(real, parameters={**real.parameters, **LIGHT}))
    with connect(warehouse.settings):
        yield Registry(warehouse)


def watched(registry):
    """Answer, hold the answers against the outcomes, look for drift, and publish what the sensor reads."""
    registry.compute(model_predictions)
    registry.compute(prediction_accuracy_tracking)
    drifts = registry.compute(drift_reports)
    registry.compute(retraining_status, drift_reports=drifts)
    with registry.warehouse.get_connection() as con:
        publish(con, registry.settings)
    return drifts


def gap(risk, values):
    """By how much the probability is higher where the value is."""
    is_high = values.to_numpy() > 1
    return risk[is_high].mean() - risk[~is_high].mean()


def test_from_planted_drift_to_a_new_champion_with_the_old_one_at_hand(registry, monkeypatch):
    monkeypatch.setenv("ANALYTICS_MODEL_DEPLOYMENT", "switch")
    registry.know(BEFORE)
    registry.train()
    assert registry.look() == {V1: "champion"}
    registry.age(2)
    watched(registry)
    assert isinstance(retraining_sensor(), dg.SkipReason)

    registry.know(BEFORE, AFTER)
    drifts = watched(registry)
    assert drifts.loc[drifts["drift_type"] == "concept", "is_drifted"].all()
    request = retraining_sensor()
    assert isinstance(request, dg.RunRequest)
    config = request.run_config["ops"]["model_training"]["config"]
    assert config["models"] == ["failure_risk"]
    assert "drifted" in config["reason"]
    assert config["reason"] in request.tags.values()

    registry.train(*config["models"], reason=config["reason"])
    assert registry.look() == {V1: "retired", V2: "champion"}
    trained = registry.rows("model_training_data")[1]
    assert trained["reason"] == config["reason"]
    assert registry.rows("ml_models")[0]["model_version"] == "v2"

    asked = made(table(20, since=1000))
    told = {}
    for row in registry.rows("model_versions"):
        model = artefacts.load(registry.settings, "failure_risk", row["artifact_path"], row["artifact_sha256"])
        risk = model.predict(asked)
        told[row["id"]] = {name: gap(risk, asked.features[name]) for name in (LOOKS_AT, OTHER)}
    assert told[V1][LOOKS_AT] > 0.5 > abs(told[V1][OTHER])
    assert told[V2][OTHER] > 0.5 > abs(told[V2][LOOKS_AT])

    watched(registry)
    assert isinstance(retraining_sensor(), dg.SkipReason)


def test_by_default_a_challenger_predicts_beside_the_champion_until_thirty_outcomes_tell(registry, monkeypatch):
    monkeypatch.setitem(PURPOSES, "failure_risk", STAND_IN)
    turned = table(600, since=200, turned=True)
    registry.know(BEFORE)
    registry.train()
    registry.look()
    registry.age(2)
    registry.know(BEFORE, turned)
    watched(registry)
    config = retraining_sensor().run_config["ops"]["model_training"]["config"]
    registry.train(*config["models"], reason=config["reason"])
    assert registry.look() == {V1: "champion", V2: "shadow"}
    registry.age(8)

    registry.know(BEFORE, turned, table(20, since=800, turned=True))
    watched(registry)
    assert registry.look() == {V1: "champion", V2: "shadow"}
    beside = [row for row in registry.rows("model_predictions") if row["role"] == "shadow"]
    assert {row["subject_id"] for row in beside} == {f"r{number:05}" for number in range(800, 820)}
    assert {row["context_metadata"] for row in beside} == {'{"counts": false}'}
    (status,) = registry.rows("retraining_status")
    assert status["prediction_volume"] == 620
    assert status["reason"].startswith("not due: v2 is on trial since")
    assert isinstance(retraining_sensor(), dg.SkipReason)

    registry.know(BEFORE, turned, table(30, since=800, turned=True))
    watched(registry)
    assert registry.look() == {V1: "retired", V2: "champion"}
    (_, second) = registry.rows("model_versions")
    assert second["stage_reason"].startswith("erred less than v1 on the same 30 runs")
    registry.know(BEFORE, turned, table(31, since=800, turned=True))
    watched(registry)
    (newest,) = (row for row in registry.rows("model_predictions") if row["subject_id"] == "r00830")
    assert (newest["model_id"], newest["role"]) == (V2, "champion")
    # What waited for the trial counts again.
    assert registry.rows("retraining_status")[0]["reason"].startswith("due: trained 8.0 days ago")
