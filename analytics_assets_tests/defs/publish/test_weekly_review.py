"""The weekly review as files: written from what is published, replaced by another of its week, and judged."""

from __future__ import annotations

import json

import dagster as dg
import pytest

from analytics_assets.definitions import defs
from analytics_assets.defs.publish.weekly_review import (
    every_question_is_answered,
    figures_are_the_published_ones,
    weekly_review,
)
from analytics_assets.queries.errors import NoSnapshotError
from analytics_assets.settings import Settings
from analytics_assets_tests.queries import issue_tables
from analytics_assets_tests.queries.issue_tables import EVIL, LEARNED, WORLD, hostile, kpi, publish

QUESTIONS = [{"question_number": n, "question": f"question {n}?", "answer": f"answer {n}"} for n in (1, 2, 3, 4)]
WHOLE = WORLD | {"patterns.issue_answers": QUESTIONS}


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setenv("ANALYTICS_DATA_DIR", str(tmp_path))
    return Settings()


def write():
    done = dg.materialize([weekly_review, every_question_is_answered, figures_are_the_published_ones])
    (made,) = done.asset_materializations_for_node("publish__weekly_review")
    return made.metadata, {result.check_name: result for result in done.get_asset_check_evaluations()}


def test_a_report_is_written_as_text_record_and_page(settings):
    publish(settings, WHOLE)
    metadata, checks = write()
    assert sorted(file.name for file in settings.reports.iterdir()) == [
        *("review-2026-W05.html", "review-2026-W05.json", "review-2026-W05.md"),
    ]
    assert metadata["week"].value == "2026-W05"
    assert metadata["dagster/row_count"].value == 3
    assert "| Health | 72 % | 75 % | ↓ worse | 20 |" in (settings.reports / "review-2026-W05.md").read_text()
    assert json.loads((settings.reports / "review-2026-W05.json").read_text())["version"] == 3
    assert (settings.reports / "review-2026-W05.html").read_text().startswith("<!doctype html>")
    assert "OPT-006 (4.2, P1)" in metadata["answers"].value
    assert "question 4? answer 4" in metadata["answers"].value
    assert all(check.passed for check in checks.values())
    assert len(checks) == 2


def test_another_review_of_the_same_week_replaces_its_files(settings):
    publish(settings, WHOLE)
    write()
    other = [row for row in WHOLE["kpis.optimization_kpis"] if row["kpi"] != "health_score"]
    publish(settings, WHOLE | {"kpis.optimization_kpis": [*other, *kpi("health_score", 88.0, 75.0)]}, version=4)
    write()
    assert len(list(settings.reports.iterdir())) == 3
    assert "| Health | 88 % | 75 % | ↑ better | 20 |" in (settings.reports / "review-2026-W05.md").read_text()


def test_a_question_without_an_answer_or_a_reason_fails(settings):
    publish(settings, WHOLE | {"patterns.issue_answers": [*QUESTIONS[:3], QUESTIONS[3] | {"answer": None}]})
    _, checks = write()
    assert not checks["every_question_is_answered"].passed
    assert checks["every_question_is_answered"].metadata["silent"].value == ["question 4?"]


def test_the_question_of_health_ahead_of_issues_has_an_answer_or_a_reason_too(settings):
    publish(settings, WHOLE | {"patterns.lag_correlations": []})
    assert all(check.passed for check in write()[1].values())
    file = settings.reports / "review-2026-W05.json"
    review = json.loads(file.read_text())
    review["leading"] |= {"answer": None, "reason": None}
    file.write_text(json.dumps(review))
    found = every_question_is_answered()
    assert not found.passed
    assert found.metadata["silent"].value == ["Does a drop in health precede new issues?"]


def test_a_question_that_is_missing_fails(settings):
    publish(settings, WHOLE | {"patterns.issue_answers": QUESTIONS[:3]})
    _, checks = write()
    assert not checks["every_question_is_answered"].passed


def test_before_anything_is_learned_the_review_says_so_and_passes(settings):
    publish(settings, WHOLE, without=LEARNED)
    metadata, checks = write()
    assert "Not computed yet: analytics learn." in metadata["answers"].value
    assert all(check.passed for check in checks.values())


def test_a_figure_that_is_not_the_published_one_fails(settings):
    publish(settings, WHOLE)
    write()
    assert figures_are_the_published_ones().passed
    file = settings.reports / "review-2026-W05.json"
    review = json.loads(file.read_text())
    review["summary"][0]["value"] = 99.0
    file.write_text(json.dumps(review))
    found = figures_are_the_published_ones()
    assert not found.passed
    assert found.severity is dg.AssetCheckSeverity.ERROR
    assert "| health_score | 99.0 | 72.0 |" in found.metadata["wrong"].value


def test_a_review_without_the_figures_that_are_published_fails(settings):
    publish(settings)
    write()
    assert figures_are_the_published_ones().passed
    publish(settings, WHOLE)
    assert not figures_are_the_published_ones().passed


def test_without_an_issue_the_review_is_of_the_week_of_publication_and_says_why_it_is_empty(settings):
    publish(settings)
    metadata, checks = write()
    assert metadata["week"].value == "2026-W05"
    assert "No issue and no review is known so far." in (settings.reports / "review-2026-W05.md").read_text()
    assert all(check.passed for check in checks.values())


def test_texts_of_the_tracker_are_no_markup_in_the_ui(settings):
    publish(settings, hostile())
    metadata, _ = write()
    assert EVIL not in metadata["answers"].value
    assert "<script>" not in metadata["answers"].value


def test_without_a_publication_it_is_an_outage(settings):
    with pytest.raises(NoSnapshotError):
        write()


def test_the_review_is_written_by_its_own_job_alone_and_needs_no_writer():
    repository, key = defs().get_repository_def(), dg.AssetKey(["publish", "weekly_review"])
    named = [job for job in repository.get_all_jobs() if not job.name.startswith("__")]
    with_review = {job.name for job in named if key in job.asset_layer.selected_asset_keys}
    assert with_review == {"weekly_review"}
    job = repository.get_job("weekly_review")
    assert job.asset_layer.selected_asset_keys == {key}
    assert {key.name for key in job.asset_layer.asset_graph.asset_check_keys} == {
        *("every_question_is_answered", "figures_are_the_published_ones"),
    }
    assert [node.definition.pools for node in job.nodes] == [set()] * 3


def test_the_schedule_starts_it_on_monday_morning():
    (schedule,) = (s for s in defs().get_repository_def().schedule_defs if s.name == "weekly_review")
    assert schedule.cron_schedule == "0 6 * * 1"
    assert schedule.job_name == "weekly_review"
    assert issue_tables.AS_OF.isoweekday() == 1
