"""Trained, tried, promoted, rolled back: the tables and the files of versions together."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import dagster as dg
import pandas as pd
import pytest

from analytics_assets.defs.predictions import model_versions as versions_module
from analytics_assets.predicting import artefacts
from analytics_assets.predicting.purposes import PURPOSES
from analytics_assets.warehouse.connection import connect
from analytics_assets_tests.defs.predictions.registry_checks import TABLES, checks, is_check
from analytics_assets_tests.defs.predictions.registry_tables import Registry
from analytics_assets_tests.predicting.stand_in import STAND_IN, made, table

V1, V2, V3 = (f"failure_risk/v{number}" for number in (1, 2, 3))
EARLY, LATE = table(120), table(330, since=120, turned=True)
NOW = datetime.now(UTC).replace(tzinfo=None)


@pytest.fixture
def registry(warehouse, monkeypatch):
    for name in [*PURPOSES]:
        monkeypatch.delitem(PURPOSES, name)
    monkeypatch.setitem(PURPOSES, "failure_risk", STAND_IN)
    # Held open, so that the steps need not open the file each for itself.
    with connect(warehouse.settings):
        made = Registry(warehouse)
        made.know(EARLY)
        yield made


@pytest.fixture
def with_challenger(registry):
    """v1 answers; v2 has learnt that the world turned round."""
    registry.train()
    registry.look()
    registry.age(2)
    registry.know(EARLY, LATE)
    registry.train("failure_risk", reason="due: drift")
    return registry


def test_a_first_training_makes_a_version_with_its_data_features_and_figures(registry):
    said = registry.train()
    assert "v1 was trained: no version was trained yet" in said["models"].value
    (row,) = registry.rows("model_training_data")
    assert (row["id"], row["sample_count"], row["algorithm_name"]) == (V1, 120, "rates")
    assert row["trained_until"] == EARLY["known_at"].max()
    assert (row["training_start"], row["training_end"]) == (EARLY["started_at"].min(), EARLY["started_at"].max())
    assert json.loads(row["feature_importance"]) == {"complexity_log": 1.0}
    (used,) = (row for row in registry.rows("feature_engineering") if row["is_active"])
    assert (used["feature_name"], used["feature_type"]) == ("complexity_log", "contextual")
    assert used["correlation_with_target"] > 0.7
    assert json.loads(used["performance_impact"])["worse_by"] > 0.2
    held = [row for row in registry.rows("model_performance_metrics") if row["baseline"] is not None]
    assert held
    assert all(row["metric_value"] - row["baseline_value"] == row["benchmark_comparison"] for row in held)
    assert registry.look() == {V1: "champion"}
    (model,) = registry.rows("ml_models")
    assert (model["id"], model["model_version"], model["is_active"]) == ("failure_risk", "v1", True)
    passed, _ = checks(registry)
    assert all(passed.values())


def test_too_few_runs_train_nothing_and_say_so(registry):
    registry.know(table(12))
    assert "only 12 runs" in registry.train()["models"].value
    assert registry.look() == {}
    (model,) = registry.rows("ml_models")
    assert (model["is_active"], model["model_version"], model["versions"]) == (False, None, 0)
    assert model["reason"] == "no version was trained yet: there are 12 runs with an outcome, 90 are needed"


def test_before_the_first_run_there_are_empty_tables(registry):
    registry.execute("drop table predictions.run_features")
    registry.train()
    assert (registry.rows("model_training_data"), registry.look()) == ([], {})


def test_a_model_that_does_not_beat_the_baseline_never_answers(registry):
    registry.know(table(200, sure=0.5))
    registry.train()
    assert registry.look() == {V1: "unpublished"}
    assert registry.rows("ml_models")[0]["model_version"] is None


def test_the_same_data_trains_nothing_even_where_a_person_asks(registry):
    registry.train()
    registry.look()
    said = registry.train("failure_risk", reason="please", by_person=True)
    assert "it learnt from the same data" in said["models"].value
    assert len(registry.rows("model_training_data")) == 1


def test_switched_off_nothing_is_trained(registry, monkeypatch):
    monkeypatch.setenv("ANALYTICS_MODEL_TRAINING_ENABLED", "false")
    assert "switched off" in registry.train("failure_risk", by_person=True)["models"].value


def test_the_interval_between_two_trainings_is_that_of_the_settings(registry, monkeypatch):
    registry.train()
    registry.know(EARLY, LATE)
    assert "24 h lie between" in registry.train("failure_risk")["models"].value
    registry.age(1 / 24)
    monkeypatch.setenv("ANALYTICS_MODEL_RETRAINING_INTERVAL", "0.5")
    assert "v2 was trained" in registry.train("failure_risk", reason="due")["models"].value


def test_a_model_that_there_is_not_fails_the_run_with_its_name(registry):
    with pytest.raises(dg.Failure, match="There is no model weather: there are failure_risk"):
        registry.train("weather")


def test_parameters_that_were_accepted_are_those_of_the_next_version(registry):
    tuned = {"model_name": "failure_risk", "tuned_at": NOW, "is_accepted": True, "tuned_parameters": '{"weight": 7}'}
    registry.write("parameter_tuning", pd.DataFrame([tuned, tuned | {"is_accepted": False, "tuned_parameters": "{}"}]))
    registry.train()
    assert json.loads(registry.rows("model_training_data")[0]["parameters"]) == {"weight": 7}


def test_switch_promotes_the_winner_and_the_old_one_still_loads_and_predicts(with_challenger, monkeypatch):
    monkeypatch.setenv("ANALYTICS_MODEL_DEPLOYMENT", "switch")
    assert with_challenger.look() == {V1: "retired", V2: "champion"}
    old, new = with_challenger.rows("model_versions")
    assert new["predecessor"] == V1
    assert "errs less than v1" in new["stage_reason"]
    for row, complex_fail in ((old, True), (new, False)):
        model = artefacts.load(with_challenger.settings, "failure_risk", row["artifact_path"], row["artifact_sha256"])
        assert (model.complex > model.simple) == complex_fail
    passed, _ = checks(with_challenger)
    assert all(passed.values()), passed


def test_shadow_waits_for_thirty_outcomes_of_the_same_runs(with_challenger):
    assert with_challenger.look() == {V1: "champion", V2: "shadow"}
    with_challenger.answered({V1: [0.5] * 29, V2: [0.1] * 29})
    assert with_challenger.look()[V2] == "shadow"
    with_challenger.answered({V1: [0.5] * 30, V2: [0.1] * 30})
    assert with_challenger.look() == {V1: "retired", V2: "champion"}
    row = with_challenger.rows("model_versions")[1]
    assert (row["live_n"], row["champion_live_score"]) == (30, pytest.approx(0.5))
    assert "erred less than v1 on the same 30 runs" in row["stage_reason"]


def test_a_canary_is_stopped_by_its_own_score(with_challenger, monkeypatch):
    monkeypatch.setenv("ANALYTICS_MODEL_DEPLOYMENT", "canary")
    assert with_challenger.look() == {V1: "champion", V2: "canary"}
    with_challenger.answered({V1: [0.1, 0.2] * 6, V2: [0.8, 0.9] * 6})
    assert with_challenger.look() == {V1: "champion", V2: "rejected"}


def test_a_rejection_rolls_back_and_the_version_is_not_trained_again(with_challenger, monkeypatch):
    monkeypatch.setenv("ANALYTICS_MODEL_DEPLOYMENT", "switch")
    with_challenger.look()
    with_challenger.decide("rejected", V2, NOW)
    assert with_challenger.look() == {V1: "champion", V2: "withdrawn"}
    assert with_challenger.rows("ml_models")[0]["model_version"] == "v1"
    assert "the same data" in with_challenger.train("failure_risk", by_person=True)["models"].value
    assert with_challenger.look() == {V1: "champion", V2: "withdrawn"}
    with_challenger.decide("applied", V2, NOW.replace(year=NOW.year + 1))
    assert with_challenger.look() == {V1: "retired", V2: "champion"}


def test_a_broken_champion_stays_says_why_and_does_not_answer(registry):
    registry.train()
    registry.look()
    (registry.settings.models / V1 / "rates.json").write_text("[0, 1]")
    assert registry.look() == {V1: "champion"}
    (row,), (model,) = registry.rows("model_versions"), registry.rows("ml_models")
    assert "rates.json is not what was written" in row["problem"]
    assert (model["is_active"], model["model_version"]) == (False, "v1")
    assert "v1 should answer, and cannot" in model["reason"]
    passed, results = checks(registry)
    assert [name for name, is_passed in passed.items() if not is_passed] == ["files_are_as_written"]
    assert V1 in results["files_are_as_written"].metadata["wrong"].value


def test_from_broken_files_to_a_training_of_the_same_data_to_an_answer(registry):
    registry.train()
    registry.look()
    # Broken since the last look: no table knows of it yet.
    (registry.settings.models / V1 / "rates.json").unlink()
    said = registry.train("failure_risk", reason="its files are gone", by_person=True)
    assert "v2 was trained: its files are gone" in said["models"].value
    assert registry.look() == {V1: "retired", V2: "champion"}
    champion, (model,) = registry.rows("model_versions")[1], registry.rows("ml_models")
    assert "v1 could not answer" in champion["stage_reason"]
    assert (model["is_active"], model["model_version"]) == (True, "v2")
    path, sha256 = champion["artifact_path"], champion["artifact_sha256"]
    answered = artefacts.load(registry.settings, "failure_risk", path, sha256).predict(made(EARLY))
    assert len(set(answered)) == 2
    assert all(row["evaluation_dataset"] != "same_split" for row in registry.rows("model_performance_metrics"))
    assert "the same data" in registry.train("failure_risk", by_person=True)["models"].value


def test_a_trial_whose_outcomes_still_come_is_not_ended_by_a_newer_training(with_challenger):
    with_challenger.look()
    with_challenger.age(40)
    with_challenger.execute("update predictions.model_versions set stage_since = stage_since - interval 40 day")
    with_challenger.know(EARLY, LATE, table(50, since=450, turned=True))
    with_challenger.answered({V1: [0.5] * 20, V2: [0.1] * 20}, first=NOW - timedelta(days=1))
    assert "v2 is on trial" in with_challenger.train("failure_risk", reason="due")["models"].value
    with_challenger.answered({V1: [0.5] * 20, V2: [0.1] * 20}, first=NOW - timedelta(days=35))
    assert "v3 was trained" in with_challenger.train("failure_risk", reason="due")["models"].value


def test_a_killed_training_left_a_folder_without_a_row_which_is_no_version(registry):
    registry.train()
    registry.look()
    registry.age(2)
    before = registry.rows("model_training_data")
    registry.know(EARLY, LATE)
    registry.train("failure_risk", reason="due")
    # Killed after the files were written, and before the row was.
    with registry.warehouse.get_connection() as con:
        con.execute("delete from predictions.model_training_data where version = 'v2'")
    assert registry.look() == {V1: "champion"}
    said = registry.train("failure_risk", reason="due again")
    assert "v3 was trained" in said["models"].value
    assert said["removed_folders"].value == ["failure_risk/v2"]
    assert sorted(one.name for one in (registry.settings.models / "failure_risk").iterdir()) == ["v1", "v3"]
    assert [row["id"] for row in registry.rows("model_training_data")] == [before[0]["id"], V3]
    assert {row["model_id"] for row in registry.rows("feature_engineering")} == {V1, V3}


def test_files_of_old_versions_go_and_the_row_says_so(registry):
    registry.train()
    registry.look()
    first = registry.rows("model_versions")[0]
    many = [first | {"id": f"failure_risk/v{n}", "version": f"v{n}", "stage": "rejected"} for n in range(2, 30)]
    many = [row | {"artifact_path": f"failure_risk/{row['version']}"} for row in many]
    registry.write("model_versions", pd.DataFrame([first, *many]))
    for row in many:
        (registry.settings.models / row["artifact_path"]).mkdir()
    outside = registry.settings.models.parent / "keep"
    outside.mkdir()
    registry.execute("update predictions.model_versions set artifact_path = '../keep' where version = 'v3'")
    registry.look()
    assert outside.is_dir()
    kept = sorted(one.name for one in (registry.settings.models / "failure_risk").iterdir())
    assert kept == sorted(["v1", "v3", *(f"v{n}" for n in range(10, 30))])
    removed = [row["version"] for row in registry.rows("model_versions") if row["artifact_removed_at"] is not None]
    assert removed == [f"v{n}" for n in range(2, 10)]


CHANGES = {
    "one_champion_at_most": "update predictions.model_versions set stage = 'champion'",
    "answers_beat_the_baselines": "update predictions.model_performance_metrics set benchmark_comparison = 0 "
    "where metric_name = 'brier'",
    "files_are_as_written": "update predictions.model_versions set artifact_sha256 = 'other'",
    "active_models_have_a_champion": "update predictions.ml_models set model_version = 'v9'",
    "versions_are_told_once": "update predictions.model_training_data set id = 'failure_risk/v1'",
    "quality_is_the_mean_of_its_parts": "update predictions.model_training_data set data_quality_score = 0.01",
    "importances_add_up": "update predictions.feature_engineering set feature_importance = 0.9",
    "versions_are_judged": "update predictions.model_performance_metrics set metric_type = 'share'",
}


def test_each_check_can_fail(with_challenger):
    with_challenger.look()
    passed, _ = checks(with_challenger)
    assert passed == dict.fromkeys(CHANGES, True)
    kept = {name: pd.DataFrame(with_challenger.rows(name)) for name in TABLES}
    for failing, change in CHANGES.items():
        changed = change.split()[1].split(".")[1]
        with_challenger.execute(change)
        assert not checks(with_challenger, failing)[0][failing], failing
        with_challenger.write(changed, kept[changed])


def test_a_version_that_was_never_held_against_a_baseline_does_not_answer(registry):
    registry.train()
    registry.look()
    registry.execute("delete from predictions.model_performance_metrics where baseline is not null")
    _, results = checks(registry, "answers_beat_the_baselines")
    assert "never held against a baseline" in results["answers_beat_the_baselines"].metadata["wrong"].value


def test_checks_that_guard_who_answers_block_what_is_built_on_it():
    specs = [spec for one in vars(versions_module).values() if is_check(one) for spec in one.check_specs]
    guards = {spec.name: spec.blocking for spec in specs}
    assert guards == {"one_champion_at_most": True, "answers_beat_the_baselines": True, "files_are_as_written": False}
