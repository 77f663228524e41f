"""A question before a run is answered by the champions, and kept for the next refresh."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from analytics_assets.predicting import artefacts, asked, questions
from analytics_assets.predicting.examples import Run
from analytics_assets.predicting.purposes import PURPOSES
from analytics_assets.settings import Settings
from analytics_assets_tests.predicting.stand_in import STAND_IN, Rates, version

NOW = datetime(2026, 3, 1, 12)
RUNS = [
    Run(run_id="r1", spec_id="a", model="m", memory_limit="1Gi", complexity=9.0, started_at=NOW - timedelta(days=3)),
    Run(run_id="r2", spec_id="a", model="n", memory_limit="2Gi", complexity=9.0, started_at=NOW - timedelta(days=2)),
]


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setitem(PURPOSES, "failure_risk", STAND_IN)
    monkeypatch.setattr(questions, "read_runs", lambda _: RUNS)
    monkeypatch.setattr(questions, "read_surroundings", lambda _: None)
    return Settings(data_dir=tmp_path)


@pytest.fixture
def rows(settings):
    kept = artefacts.save(settings, Rates(0.1, 0.7), "failure_risk", "v1")
    champion = version(1, "champion", artifact_path=kept.path, artifact_sha256=kept.sha256)
    champion["trained_until"] = "2026-02-28T00:00:00Z"
    return lambda statement: [champion] if "model_versions" in statement else []


def test_a_question_is_answered_as_the_last_run_of_the_spec_would_be(settings, rows):
    reply = questions.ask(settings, rows, "a", now=NOW)
    assert reply.based_on == RUNS[1]
    assert (reply.run.model, reply.run.memory_limit, reply.run.started_at) == ("n", "2Gi", NOW)
    ((found, answer),) = reply.said
    assert (found.id, answer.value) == ("failure_risk/v1", 0.7)


def test_another_model_is_asked_about_as_its_own_last_run(settings, rows):
    reply = questions.ask(settings, rows, "a", now=NOW, model="m", memory_limit=None)
    assert (reply.based_on, reply.run.memory_limit) == (RUNS[0], "1Gi")
    assert questions.ask(settings, rows, "a", now=NOW, model="new").run.model == "new"


def test_a_spec_that_never_ran_is_answered_too(settings, rows):
    reply = questions.ask(settings, rows, "never seen", now=NOW)
    assert reply.based_on is None
    assert [answer.value for _, answer in reply.said] == [0.1]


def test_every_question_is_kept_for_the_next_refresh(settings, rows):
    for _ in range(2):
        questions.ask(settings, rows, "a", now=NOW)
    kept = asked.take(settings).rows
    assert len({row["id"] for row in kept}) == len(kept) == 2
    assert kept[0]["predicted_value"] == 0.7
    assert kept[0]["context_metadata"] == '{"counts": true}'


def test_where_no_version_answers_it_is_said(settings, rows):
    (settings.models / "failure_risk/v1/rates.json").write_text("[0, 0]")
    reply = questions.ask(settings, rows, "a", now=NOW)
    assert reply.said == []
    assert "failure_risk/v1 does not answer" in reply.problems[0]
    assert asked.take(settings).rows == []
