"""A question before a run is answered by the champions, and kept for the next refresh."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from analytics_assets.predicting import artefacts, asked, questions
from analytics_assets.predicting.answering import is_canarys, prediction_id
from analytics_assets.predicting.examples import Run
from analytics_assets.predicting.purposes import PURPOSES
from analytics_assets.predicting.questions import Question, QuestionError
from analytics_assets.settings import Settings
from analytics_assets_tests.predicting.stand_in import STAND_IN, Rates, version

NOW = datetime(2026, 3, 1, 12)
RUNS = [
    Run(run_id="r1", spec_id="a", model="m", memory_limit="1Gi", complexity=9.0, started_at=NOW - timedelta(days=3)),
    Run(run_id="r2", spec_id="a", model="n", memory_limit="2Gi", complexity=9.0, started_at=NOW - timedelta(days=2)),
]
A = Question(spec_id="a")


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


def test_a_question_is_answered_as_the_newest_run_of_the_spec_would_be(settings, rows):
    reply = questions.ask(settings, rows, A, now=NOW)
    assert reply.based_on == RUNS[1]
    (told,) = reply.told
    assert (told.run.model, told.run.memory_limit, told.run.started_at) == ("n", "2Gi", NOW)
    ((found, answer),) = told.said
    assert (found.id, answer.value) == ("failure_risk/v1", 0.7)


def test_another_model_and_size_are_asked_about_and_all_else_stays(settings, rows):
    (told,) = questions.ask(settings, rows, Question(spec_id="a", model="m", memory_limit="4Gi"), now=NOW).told
    assert (told.run.model, told.run.memory_limit, told.run.memory_limit_mb) == ("m", "4Gi", 4096)
    assert told.run.complexity == 9


def test_models_that_were_hardly_run_are_not_asked_about(settings, rows, monkeypatch):
    often = [
        Run(run_id=f"o{n}", spec_id="a", model="m", is_failed=False, known_at=NOW, started_at=NOW - timedelta(days=9))
        for n in range(10)
    ]
    monkeypatch.setattr(questions, "read_runs", lambda _: [*often, *RUNS])
    reply = questions.ask(settings, rows, A, now=NOW)
    assert [(told.run.model, told.runs_of_spec) for told in reply.told] == [("m", 10), ("n", 0)]


def test_a_run_starts_no_earlier_than_the_newest_one(settings, rows):
    assert questions.ask(settings, rows, A, now=NOW - timedelta(days=9)).at == RUNS[1].started_at
    with pytest.raises(QuestionError, match="lies before the newest run"):
        questions.ask(settings, rows, Question(spec_id="a", at=NOW - timedelta(days=9)), now=NOW)


def test_a_spec_that_never_ran_is_answered_too(settings, rows):
    reply = questions.ask(settings, rows, Question(spec_id="never seen"), now=NOW)
    assert reply.based_on is None
    assert [answer.value for _, answer in reply.told[0].said] == [0.1]


def test_asking_writes_nothing_and_every_answer_can_be_kept(settings, rows):
    replies = [questions.ask(settings, rows, A, now=NOW) for _ in range(2)]
    assert asked.take(settings).rows == []
    assert [questions.keep(settings, reply, NOW) for reply in replies] == [1, 1]
    kept = asked.take(settings).rows
    assert len({row["id"] for row in kept}) == len(kept) == 2
    assert kept[0]["predicted_value"] == 0.7
    assert kept[0]["context_metadata"] == '{"counts": true}'


def test_a_canary_answers_for_its_tenth_of_the_questions_in_the_champions_stead(settings, rows):
    kept = artefacts.save(settings, Rates(0.1, 0.9), "failure_risk", "v2")
    both = [*rows("model_versions"), version(2, "canary", artifact_path=kept.path, artifact_sha256=kept.sha256)]
    canarys = next(name for name in (f"next-{number}" for number in range(99)) if is_canarys(name))
    told = {}
    for name in (canarys, "next"):
        question = Question(spec_id="a", model="n", run_id=name)
        reply = questions.ask(settings, lambda sql: both if "model_versions" in sql else [], question, now=NOW)
        ((found, answer),) = reply.told[0].said
        told[name] = (found.id, answer.value)
        questions.keep(settings, reply, NOW)
    assert told == {canarys: ("failure_risk/v2", 0.9), "next": ("failure_risk/v1", 0.7)}
    assert {row["context_metadata"] for row in asked.take(settings).rows} == {'{"counts": true}'}


def test_what_was_asked_about_a_run_is_not_the_answer_that_the_run_gets_itself(settings, rows):
    reply = questions.ask(settings, rows, Question(spec_id="a", run_id="r3"), now=NOW)
    questions.keep(settings, reply, NOW)
    (kept,) = asked.take(settings).rows
    assert kept["subject_id"] == "r3"
    assert kept["id"] != prediction_id("failure_risk/v1", "r3", kept["input_hash"])


def test_where_no_version_answers_it_is_said_of_each(settings, rows):
    (settings.models / "failure_risk/v1/rates.json").write_text("[0, 0]")
    reply = questions.ask(settings, rows, A, now=NOW)
    assert [told.said for told in reply.told] == [()]
    assert "failure_risk/v1 does not answer" in reply.silent["failure_risk"]
    assert reply.silent["run_cost"] == questions.NOT_LISTED
