"""Drift is seen in the tables, and it makes a model due; what was looked at is not looked at again."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from analytics_assets.defs.predictions import drift_reports as module
from analytics_assets.defs.predictions import prediction_accuracy
from analytics_assets.predicting.features import NAMES
from analytics_assets.predicting.purposes import PURPOSES
from analytics_assets.warehouse.connection import connect
from analytics_assets_tests.defs.predictions.watching import Watched
from analytics_assets_tests.defs.undecorated import undecorated
from analytics_assets_tests.predicting.stand_in import LOOKS_AT, STAND_IN, table

EARLY, LATE = table(300), table(120, since=300)
NOW = datetime.now(UTC).replace(tzinfo=None)
BACKED, LISTED, REASONED = map(
    undecorated, (module.drift_is_backed, module.every_feature_is_listed, module.due_has_its_reason)
)


@pytest.fixture
def watched(warehouse, monkeypatch):
    """v1 was trained two days ago on 300 runs; nothing else is predicted."""
    monkeypatch.setattr(module, "drawn", lambda *_: {})
    monkeypatch.setattr(prediction_accuracy, "drawn_from", lambda *_: {})
    for name in [*PURPOSES]:
        monkeypatch.delitem(PURPOSES, name)
    monkeypatch.setitem(PURPOSES, "failure_risk", STAND_IN)
    # Held open, so that the steps need not open the file each for itself.
    with connect(warehouse.settings):
        made = Watched(warehouse)
        made.know(EARLY)
        made.answers_with(EARLY, trained_at=NOW - timedelta(days=2))
        yield made


def refreshed(watched, *runs):
    watched.know(*runs)
    watched.predict()
    watched.score()
    drifts, status = watched.watch()
    (model,) = status.to_dict("records")
    return drifts.set_index("feature_name"), model


def test_a_world_as_it_was_is_compared_and_nothing_is_due(watched):
    drifts, model = refreshed(watched, EARLY, LATE)
    assert not drifts["is_drifted"].fillna(value=False).any()
    assert drifts.loc[LOOKS_AT, "test"] == "kolmogorov_smirnov"
    assert (drifts.loc[LOOKS_AT, "reference_n"], drifts.loc[LOOKS_AT, "current_n"]) == (300, 120)
    assert drifts.loc["(outcome)", "current_n"] == 100
    assert drifts.loc["(outcome)", "test"] == "rolling_brier"
    assert not model["is_due"]
    assert (model["version"], model["hit_rate_n"], model["new_outcomes"], model["prediction_volume"]) == (
        *("v1", 100, 120),
        120,
    )
    assert model["days_since_training"] == pytest.approx(2, abs=0.01)


def test_a_world_that_turned_round_is_concept_drift_and_makes_the_model_due(watched):
    drifts, model = refreshed(watched, EARLY, table(120, since=300, turned=True))
    assert drifts.loc["(outcome)", "is_drifted"]
    assert drifts.loc["(outcome)", "drift_score"] == 1
    assert model["is_due"]
    assert re.match(r"due: right in \d+ % of the newest 100 outcomes \(under 80 %\)", model["reason"])
    assert "its errors drifted by 1.00 (over 0.3)" in model["reason"]
    frame = drifts.reset_index()
    assert BACKED(drift_reports=frame).passed
    assert not BACKED(drift_reports=frame.assign(current_n=12)).passed


def test_larger_specs_are_data_drift(watched):
    drifts, model = refreshed(watched, EARLY, LATE.assign(**{LOOKS_AT: LATE[LOOKS_AT] + 3}))
    assert drifts.loc[LOOKS_AT, "is_drifted"]
    assert drifts.loc[LOOKS_AT, "reason"].startswith("median")
    assert drifts.loc[LOOKS_AT, "drift_score"] == 1
    assert model["drift_score"] == 1


def test_without_anything_new_the_comparisons_stand_as_they_were(watched, monkeypatch):
    first, _ = refreshed(watched, EARLY, LATE)
    monkeypatch.setattr("analytics_assets.predicting.watched.drift_of", lambda *_: pytest.fail("it was computed again"))
    again, _ = refreshed(watched, EARLY, LATE)
    assert again["drift_score"].equals(first["drift_score"])
    with pytest.raises(pytest.fail.Exception, match="computed again"):
        refreshed(watched, EARLY, LATE, table(1, since=420))


def test_every_feature_is_listed_and_a_missing_one_is_seen(watched):
    drifts, _ = refreshed(watched, EARLY.assign(**dict.fromkeys(set(NAMES) - {LOOKS_AT}, 1.0)), LATE)
    assert drifts.loc["hour_sin", "reason"] == "not compared: it goes with the clock"
    drifts = drifts.reset_index()
    assert LISTED(drift_reports=drifts, warehouse=watched.warehouse).passed
    lacking = drifts[drifts["feature_name"] != LOOKS_AT]
    assert not LISTED(drift_reports=lacking, warehouse=watched.warehouse).passed


def test_before_a_version_there_is_nothing_to_compare_and_a_first_training_is_due(watched):
    for name in ("model_versions", "model_training_data", "model_performance_metrics"):
        watched.execute(f"drop table predictions.{name}")
    watched.predict()
    watched.score()
    drifts, status = watched.watch()
    assert drifts.empty
    (model,) = status.to_dict("records")
    assert (model["version"], model["reason"]) == (None, "due: never trained, and 300 outcomes known")
    assert REASONED(retraining_status=status, warehouse=watched.warehouse).passed


def test_due_again_within_the_interval_is_an_error(watched):
    refreshed(watched, EARLY, table(120, since=300, turned=True))
    _, status = watched.watch()
    assert REASONED(retraining_status=status, warehouse=watched.warehouse).passed
    for wrong in ({"hours_since_training": 3.0}, {"new_outcomes": 0}, {"reason": "because"}):
        assert not REASONED(retraining_status=status.assign(**wrong), warehouse=watched.warehouse).passed


def test_the_interval_and_the_bar_are_settings(watched, monkeypatch):
    monkeypatch.setenv("ANALYTICS_MODEL_RETRAINING_INTERVAL", "72")
    _, model = refreshed(watched, EARLY, table(120, since=300, turned=True))
    assert not model["is_due"]
    assert model["reason"].startswith("not yet due")
    monkeypatch.setenv("ANALYTICS_MODEL_RETRAINING_INTERVAL", "24")
    _, model = refreshed(watched, EARLY, LATE)
    assert not model["is_due"]
    monkeypatch.setenv("ANALYTICS_MIN_MODEL_ACCURACY", "0.99")
    watched.execute("update predictions.model_performance_metrics set metric_value = 1 where metric_name = 'accuracy'")
    _, model = refreshed(watched, EARLY, LATE)
    assert model["is_due"]
    assert "(under 99 %)" in model["reason"]


def test_without_monitoring_only_age_makes_a_model_due(watched, monkeypatch):
    monkeypatch.setenv("ANALYTICS_PERFORMANCE_MONITORING_ENABLED", "false")
    drifts, model = refreshed(watched, EARLY, table(120, since=300, turned=True))
    assert drifts.empty
    assert (model["is_due"], model["hit_rate"], model["drift_score"]) == (False, None, None)
    watched.execute("update predictions.model_training_data set trained_at = trained_at - interval 6 day")
    _, model = refreshed(watched, EARLY, LATE)
    assert model["reason"] == "due: trained 8.0 days ago (over 7)"
