"""The doctor on what is written back: documents that refuse it, decisions on what nobody suggested."""

from __future__ import annotations

from datetime import datetime

import pytest

from analytics_assets.cli.doctor import feedback
from analytics_assets.cli.doctor.finding import Level
from analytics_assets.settings import Settings
from analytics_assets_tests.queries.published import publish

NOW = datetime(2026, 2, 16)


@pytest.fixture
def settings(tmp_path):
    return Settings(data_dir=tmp_path)


@pytest.fixture
def told(settings):
    """The findings of an examination, given the rows of some tables."""

    def examined(examination, **tables):
        publish(settings, {name.replace("__", "."): rows for name, rows in tables.items()})
        return examination(settings, NOW)

    return examined


def test_a_document_that_refuses_what_was_learned_is_a_problem_with_its_reason(told):
    rows = [{"path": "a.json", "problem": "It is no JSON."}, {"path": "b.json", "problem": None}]
    (finding,) = told(feedback.documents, suggestions__learned_fields=rows)
    assert finding.level is Level.PROBLEM
    assert "1 spec document" in finding.message
    assert finding.details == ("a.json: It is no JSON.",)


def test_documents_that_took_it_are_fine(told):
    (finding,) = told(feedback.documents, suggestions__learned_fields=[{"path": "b.json"}])
    assert finding.level is Level.FINE


def test_a_decision_on_an_unknown_suggestion_is_noted_with_its_id(told):
    decisions = [
        {"decision_id": "d1", "subject_type": "suggestion", "subject_id": "sg-none", "decision": "applied"},
        {"decision_id": "d2", "subject_type": "suggestion", "subject_id": "sg-1", "decision": "applied"},
        {"decision_id": "d3", "subject_type": "alert", "subject_id": "elsewhere", "decision": "acknowledged"},
    ]
    (finding,) = told(feedback.decisions, staging__stg_decisions=decisions, suggestions__suggestions=[{"id": "sg-1"}])
    assert finding.level is Level.NOTE
    assert finding.details == ("d1: applied sg-none",)


def test_before_anything_is_published_there_is_nothing_to_say(settings):
    assert feedback.documents(settings, NOW) == []
    assert feedback.decisions(settings, NOW) == []
