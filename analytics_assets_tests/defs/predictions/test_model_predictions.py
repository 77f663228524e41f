"""Predictions are made once, beside the outcomes that come later, and scored as an independent count scores them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import dagster as dg
import pandas as pd
import pytest

from analytics_assets.defs.predictions import model_predictions as module
from analytics_assets.defs.predictions import prediction_accuracy
from analytics_assets.predicting import asked, tracked
from analytics_assets.predicting.answering import is_canarys
from analytics_assets.predicting.purposes import PURPOSES
from analytics_assets.warehouse.connection import connect
from analytics_assets_tests.defs.predictions.watching import Watched
from analytics_assets_tests.defs.undecorated import undecorated
from analytics_assets_tests.predicting.stand_in import STAND_IN, table

V1 = "failure_risk/v1"
EARLY, LATE = table(200), table(40, since=200)
ARE_SCORED, ADD_UP = map(undecorated, (prediction_accuracy.outcomes_are_scored, prediction_accuracy.weeks_add_up))
CHECKS = [value for value in vars(module).values() if isinstance(value, dg.AssetChecksDefinition)]


@pytest.fixture
def watched(warehouse, monkeypatch):
    """v1 answers, having learnt from 200 runs."""
    monkeypatch.setitem(PURPOSES, "failure_risk", STAND_IN)
    monkeypatch.setattr(prediction_accuracy, "drawn_from", lambda *_: {})
    # Held open, so that the steps need not open the file each for itself.
    with connect(warehouse.settings):
        made = Watched(warehouse)
        made.know(EARLY)
        made.answers_with(EARLY, trained_at=datetime(2026, 2, 1))
        yield made


def failing(watched):
    return {check.check_key.name for check in CHECKS if not undecorated(check)(warehouse=watched.warehouse).passed}


def test_before_any_version_there_is_an_empty_table(warehouse):
    watched = Watched(warehouse)
    watched.know(EARLY)
    assert watched.predict()["dagster/row_count"] == 0
    watched.execute(
        "create table predictions.model_versions "
        "(id varchar, trained_at timestamp, trained_until timestamp, stage varchar)"
    )
    watched.score()
    assert watched.predictions() == []
    assert failing(watched) == set()


def test_runs_that_a_version_learnt_from_are_not_predicted(watched):
    assert watched.predict()["made_now"] == 0
    watched.know(EARLY, LATE)
    assert watched.predict()["made_now"] == 40
    assert {row["subject_id"] for row in watched.predictions()} == set(LATE["run_id"])
    assert failing(watched) == set()


def test_a_prediction_says_what_it_rests_on_and_stays_as_it_was_made(watched):
    watched.know(EARLY, LATE)
    watched.predict()
    row = watched.predictions(subject_id="r00200")[0]
    is_complex = LATE["complexity_log"].iloc[0] > 1
    assert row["predicted_value"] == pytest.approx(0.9 if is_complex else 0.1, abs=0.1)
    assert row["confidence_score"] == pytest.approx(max(row["predicted_value"], 1 - row["predicted_value"]))
    assert json.loads(row["prediction_input"])["features"]["complexity_log"] == LATE["complexity_log"].iloc[0]
    assert json.loads(row["prediction_output"])["failure_probability"] == pytest.approx(
        row["predicted_value"], rel=1e-5
    )
    assert json.loads(row["context_metadata"]) == {"counts": True}
    assert row["latency_ms"] > 0
    assert (row["model_id"], row["role"], row["run_started_at"]) == (V1, "champion", LATE["started_at"].iloc[0])
    before = watched.predictions()
    assert watched.predict()["made_now"] == 0
    watched.record(200, complexity_log=7.0)
    assert watched.predict()["made_now"] == 0
    assert [row["prediction_input"] for row in watched.predictions()] == [row["prediction_input"] for row in before]


def test_an_outcome_that_comes_later_is_joined_and_one_that_changes_is_corrected(watched):
    waiting = LATE.assign(is_failed=None, known_at=pd.NaT, status="running")
    watched.know(EARLY, waiting)
    watched.predict()
    (row,) = watched.predictions(subject_id="r00203")
    assert (row["actual_value"], row["outcome_joined_at"], row["is_after_outcome"]) == (None, None, False)
    watched.record(203, is_failed=True, status="failed", known_at=datetime(2026, 1, 14))
    assert failing(watched) == {"outcomes_are_those_of_the_runs"}
    watched.predict()
    (row,) = watched.predictions(subject_id="r00203")
    assert (row["actual_value"], row["outcome_timestamp"], row["is_corrected"]) == (1.0, datetime(2026, 1, 14), False)
    assert row["prediction_accuracy"] == pytest.approx(row["predicted_value"])
    assert json.loads(row["actual_outcome"])["status"] == "failed"
    watched.record(203, is_failed=False, status="success")
    watched.predict()
    (row,) = watched.predictions(subject_id="r00203")
    assert (row["actual_value"], row["is_corrected"]) == (0.0, True)
    watched.record(203, is_failed=None, status="running")
    watched.predict()
    assert watched.predictions(subject_id="r00203")[0]["actual_value"] is None
    assert failing(watched) == set()


def test_an_outcome_outlives_the_record_of_its_run(watched):
    watched.know(EARLY, LATE)
    watched.predict()
    watched.know(EARLY)
    watched.predict()
    assert len([row for row in watched.predictions() if row["actual_value"] is not None]) == 40


def test_a_shadow_answers_beside_the_champion_and_a_canary_for_its_tenth(watched):
    watched.know(EARLY, table(150, since=200))
    as_second = (
        "select * replace ('failure_risk/v2' as id, 'v2' as version, {} as stage) from predictions.model_versions"
    )
    watched.execute(f"insert into predictions.model_versions {as_second.format(repr('shadow'))}")
    watched.predict()
    assert len(watched.predictions(model_id="failure_risk/v2", role="shadow")) == 150
    assert {row["context_metadata"] for row in watched.predictions(role="shadow")} == {'{"counts": false}'}
    watched.execute("drop table predictions.model_predictions")
    watched.execute("update predictions.model_versions set stage = 'canary' where version = 'v2'")
    watched.predict()
    canarys = {row["subject_id"] for row in watched.predictions(role="canary")}
    assert canarys == {f"r{number:05}" for number in range(200, 350) if is_canarys(f"r{number:05}")}
    assert 5 < len(canarys) < 30
    counting = [row["subject_id"] for row in watched.predictions() if json.loads(row["context_metadata"])["counts"]]
    assert sorted(counting) == sorted(f"r{number:05}" for number in range(200, 350))
    watched.score()
    weeks = pd.DataFrame(watched.rows("weekly_model_accuracy")).groupby("role")["n"].sum()
    assert weeks.to_dict() == {"champion": 150 - len(canarys), "canary": len(canarys)}
    assert ADD_UP(warehouse=watched.warehouse).passed


def test_a_version_whose_files_changed_does_not_answer_and_the_check_says_so(watched):
    watched.know(EARLY, LATE)
    (watched.settings.models / "failure_risk/v1/rates.json").write_text("[0.5, 0.5]")
    told = watched.predict()
    assert "failure_risk/v1 does not answer" in told["problems"].value
    assert watched.predictions() == []
    assert failing(watched) == {"champions_answer"}


def question(number, **changed):
    """An answer to a person, as the journal keeps it."""
    answer = {"model_id": V1, "model_name": "failure_risk", "version": "v1", "role": "champion", "input_hash": "0"}
    answer |= {"id": f"q{number}", "subject_id": f"question {number}", "spec_id": "a", "model": "b"}
    answer |= {"prediction_input": {"features": {}}, "prediction_output": {"failure_probability": 0.3}}
    answer |= {"predicted_value": 0.3, "latency_ms": 1.0, "context_metadata": {"counts": True}}
    return answer | {"is_after_outcome": False} | changed


def test_questions_of_people_are_taken_up_once_and_a_torn_line_is_told(watched):
    now = datetime.now(UTC)
    path = asked.append(watched.settings, question(1), now=now)
    path.write_bytes(path.read_bytes() + b'{"id": "q2", "mod')
    assert "it was not written to its end" in watched.predict()["problems"].value
    asked.append(watched.settings, question(3), now=now)
    assert watched.predict()["made_now"] == 1
    assert watched.predict()["made_now"] == 0
    rows = watched.predictions(subject_type="asked")
    assert sorted(row["id"] for row in rows) == ["q1", "q3"]
    assert {row["actual_value"] for row in rows} == {None}
    assert failing(watched) == set()


def test_a_question_about_a_run_that_is_then_made_gets_its_outcome_and_stays_out_of_the_score(watched):
    asked.append(watched.settings, question(1, subject_id="r00200"))
    watched.know(EARLY, LATE)
    watched.predict()
    (row,) = watched.predictions(subject_type="asked")
    failed = float(LATE["is_failed"].iloc[0])
    assert (row["actual_value"], row["prediction_accuracy"]) == (failed, pytest.approx(1 - abs(0.3 - failed)))
    watched.score()
    assert sum(week["n"] for week in watched.rows("weekly_model_accuracy")) == len(LATE)
    assert failing(watched) == set()


def test_what_is_forgotten_is_answered_no_more_and_no_champion_is_silent(watched, monkeypatch):
    monkeypatch.setitem(tracked.WINDOW, "most", 30)
    asked.append(watched.settings, question(1), now=datetime.now(UTC))
    watched.know(EARLY, LATE)
    assert watched.predict()["made_now"] == 31
    watched.know(EARLY, LATE, table(20, since=240))
    assert [watched.predict()["made_now"] for _ in range(3)] == [20, 0, 0]
    runs = {row["subject_id"] for row in watched.predictions(subject_type="run")}
    assert runs == {f"r{number:05}" for number in range(230, 260)}
    assert len(watched.predictions(subject_type="asked")) == 1
    assert failing(watched) == set()
    later = table(1, since=260)
    later[["started_at", "known_at"]] += timedelta(days=91)
    watched.know(EARLY, LATE, later)
    watched.predict()
    assert {row["subject_id"] for row in watched.predictions(subject_type="run")} == {"r00260"}
    assert failing(watched) == set()


@pytest.mark.parametrize(
    ("name", "column", "known"), [("run_duration", "duration_seconds", 600.0), ("run_cost", "llm_cost_usd", 0.5)]
)
def test_a_time_or_a_cost_that_is_recorded_no_more_is_withdrawn(watched, name, column, known):
    watched.know(EARLY, LATE)
    watched.predict()
    watched.execute(f"update {tracked.TABLE} set model_name = '{name}', actual_value = null")
    watched.predict()
    assert {row["actual_value"] for row in watched.predictions()} == {known}
    watched.record(200, **{column: None})
    assert failing(watched) == {"outcomes_are_those_of_the_runs"}
    watched.predict()
    (row,) = watched.predictions(subject_id="r00200")
    assert (row["actual_value"], row["prediction_accuracy"], row["is_corrected"]) == (None, None, True)
    assert failing(watched) == set()


def test_weeks_are_scored_as_an_independent_count_scores_them(watched):
    watched.know(EARLY, table(300, since=200))
    watched.predict()
    watched.score()
    runs = pd.concat([EARLY, table(300, since=200)])
    asked_for = pd.DataFrame(watched.predictions())
    frame = asked_for.merge(runs, left_on="subject_id", right_on="run_id", suffixes=("", "_run"))
    frame["week"] = frame["started_at"].dt.to_period("W-SUN").dt.start_time
    found = {row["week"]: row for row in watched.rows("weekly_model_accuracy")}
    assert len(found) == frame["week"].nunique() > 1
    for week, rows in frame.groupby("week"):
        p, y = rows["predicted_value"].astype(float), rows["is_failed"].astype(float)
        before = runs.loc[runs["known_at"] < week, "is_failed"].astype(float).mean()
        row = found[pd.Timestamp(week).date()]
        assert row["n"] == len(rows)
        assert row["brier"] == pytest.approx(((p - y) ** 2).mean())
        assert row["accuracy"] == pytest.approx(((p >= 0.5) == (y == 1)).mean())
        assert row["baseline"] == pytest.approx(((before - y) ** 2).mean())
        assert row["calibration_gap"] == pytest.approx(p.mean() - y.mean())
        assert row["latency_p95_ms"] == pytest.approx(rows["latency_ms"].quantile(0.95))
    scored = pd.DataFrame(watched.rows("prediction_accuracy_tracking"))
    assert scored["error_magnitude"].mean() == pytest.approx(
        ((frame["predicted_value"] - frame["is_failed"]) ** 2).mean()
    )
    assert set(scored["error_type"]) == {"none", "false_alarm", "missed_failure"}
    assert ARE_SCORED(warehouse=watched.warehouse).passed
    assert ADD_UP(warehouse=watched.warehouse).passed
    watched.execute("delete from predictions.prediction_accuracy_tracking where error_type = 'false_alarm'")
    assert not ARE_SCORED(warehouse=watched.warehouse).passed
    assert not ADD_UP(warehouse=watched.warehouse).passed


def test_a_persons_word_on_a_prediction_is_told(watched):
    watched.know(EARLY, LATE)
    watched.predict()
    key = watched.predictions()[0]["id"]
    values = ["d1", "prediction", key, "rejected", datetime(2026, 2, 1), "ann", None]
    watched.execute("insert into staging.stg_decisions values (?, ?, ?, ?, ?, ?, ?)", values)
    watched.score()
    human = [
        row["prediction_id"]
        for row in watched.rows("prediction_accuracy_tracking")
        if row["feedback_source"] == "human"
    ]
    assert human == [key]


def test_without_monitoring_scores_stay_as_they_were(watched, monkeypatch):
    watched.know(EARLY, LATE)
    watched.predict()
    watched.score()
    monkeypatch.setenv("ANALYTICS_PERFORMANCE_MONITORING_ENABLED", "false")
    watched.know(EARLY, LATE, table(20, since=240))
    watched.predict()
    told = watched.score()
    assert "ANALYTICS_PERFORMANCE_MONITORING_ENABLED is off" in told["monitoring"]
    assert len(watched.rows("prediction_accuracy_tracking")) == 40
    assert len(watched.predictions()) == 60


def test_a_table_of_an_earlier_release_keeps_its_rows(watched):
    watched.know(EARLY, LATE)
    watched.predict()
    watched.execute("alter table predictions.model_predictions drop column is_corrected")
    watched.execute(
        "update predictions.model_predictions set prediction_timestamp = ?", [datetime.now(UTC) - timedelta(days=1)]
    )
    assert watched.predict()["made_now"] == 0
    assert len(watched.predictions()) == 40
