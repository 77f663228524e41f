"""`analytics predict` and `analytics risk`: what to expect of a run, in words, as JSON, and in the journal."""

from __future__ import annotations

import shutil

import pytest

from analytics_assets.predicting import asked
from analytics_assets.settings import Settings
from analytics_assets_tests.queries.prediction_tables import NO_COST, publish_predictions, rewrite
from analytics_assets_tests.queries.published import publish

LATER = "2026-02-16T15:00"
ONE = ("predict", "hard-0", "--model", "weak", "--at", LATER)
OF_A_ROW = {
    *("model", "memory_limit", "cpu_limit", "agent_id", "project_id", "runs_of_spec", "runs_of_type"),
    *("failure_probability", "seen_rate", "risk_factors", "recommended_actions", "duration_seconds", "cost_usd"),
    *("versions", "latency_ms"),
}
OF_AN_ANSWER = {
    *("spec_id", "question_id", "starts_at", "newest_run_at", "based_on", "based_on_started_at", "predictions"),
    *("reasons", "notes", "as_of", "is_stale"),
}


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """Models are fitted once; nobody writes here."""
    made = Settings(data_dir=tmp_path_factory.mktemp("predicting"))
    publish_predictions(made)
    return made


@pytest.fixture
def published(cli, original):
    shutil.copytree(original.data_dir, cli.settings.data_dir)
    return cli


def test_a_run_is_told_of_in_words_with_what_to_do_and_who_says_so(published):
    lines = published.run(*ONE).stdout.splitlines()
    assert lines[0] == "hard-0, a run that starts 2026-02-16 15:00 UTC, records are stale"
    titles = [line[3:13].strip() for line in lines[2:]]
    assert [title for title in titles if title] == [
        *("model", "memory", "failure", "why", "to do", "duration", "cost", "told by")
    ]
    told = "\n".join(lines)
    assert "all else as its newest run was, run-149 of 2026-02-16 11:30 UTC" in told
    assert "of 40 runs told about as much in the test 70 % failed (35 to 90 %)" in told
    assert "Run it with" in told
    assert "in the middle; 1 in 10 under" in told
    assert f"not known: {NO_COST}" in told
    assert "failure_risk/v1, run_duration/v1" in told
    assert "NULL" not in told
    assert "None" not in told


def test_without_a_model_there_is_a_line_for_each_the_best_first(published):
    lines = published.run("predict", "hard-0").stdout.splitlines()
    models = [line.split()[0] for line in lines if line.startswith(("weak ", "strong ", "other "))]
    assert sorted(models) == ["other", "strong", "weak"]
    assert models[-1] == "weak"
    assert lines[-1] == f"Why, and what to do: analytics predict hard-0 --model {models[0]}"
    assert f"cost not known: {NO_COST}" in lines


def test_programs_get_every_figure_and_nothing_else(published):
    found = published.json(*ONE, "--json")
    assert set(found) == OF_AN_ANSWER
    assert [set(row) for row in found["predictions"]] == [OF_A_ROW]
    (row,) = found["predictions"]
    assert set(row["duration_seconds"]) == {"q10", "q50", "q90"}
    assert set(row["risk_factors"][0]) == {"feature_name", "importance_score", "description"}
    assert set(row["recommended_actions"][0]) == {"text", "model", "memory_limit", "probability"}
    assert found["reasons"] == {"run_cost": NO_COST}


def test_what_was_answered_waits_in_the_journal_with_its_latency_and_its_run(published):
    found = published.json(*ONE, "--run-id", "run-next", "--json")
    taken = asked.take(published.settings)
    assert taken.skipped == []
    assert {(row["model_id"], row["subject_id"]) for row in taken.rows} == {
        ("failure_risk/v1", "run-next"),
        ("run_duration/v1", "run-next"),
    }
    assert all(row["latency_ms"] > 0 for row in taken.rows)
    values = {row["model_name"]: row["predicted_value"] for row in taken.rows}
    assert values["failure_risk"] == found["predictions"][0]["failure_probability"]
    assert values["run_duration"] == found["predictions"][0]["duration_seconds"]["q50"]


def test_an_answer_that_cannot_be_kept_is_told_all_the_same(published):
    (published.settings.models / "asked").write_text("in the way")
    done = published.run(*ONE)
    assert "told by" in done.stdout
    assert "This answer is not kept" in done.stderr


def test_a_model_never_seen_is_said_to_be_so(published):
    said = published.run("predict", "hard-0", "--model", "\x1b[31mweka").stdout
    assert "it is told as other models are" in said
    assert "\x1b[31m" not in said


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (("hard-00",), 1, "did you mean hard-"),
        (("hard-0", "--at", "2026-01-01"), 1, "lies before the newest run"),
        (("hard-0", "--at", "soon"), 2, "no day and no time"),
        (("hard-0", "--run-id", "next"), 1, "say which"),
        (("--model", "weak"), 2, "Of which spec?"),
    ],
)
def test_what_cannot_be_answered_says_why_and_keeps_nothing(published, words, code, why):
    assert why in " ".join(published.run("predict", *words, exit_code=code).stderr.split())
    assert asked.take(published.settings).rows == []


def test_where_no_version_answers_the_reason_stands_in_the_place_of_figures(published):
    rewrite(
        published.settings,
        "update predictions.model_versions set stage = 'unpublished'; "
        "update predictions.ml_models set reason = 'no version beats the rate of all runs'",
    )
    told = published.run(*ONE).stdout
    assert told.count("not known: no version beats the rate of all runs") == 3
    assert "told by" not in told
    assert asked.take(published.settings).rows == []


def test_a_version_whose_files_were_changed_is_named_with_what_to_do(published):
    (published.settings.models / "failure_risk" / "v1" / "model.json").write_text("{}")
    told = published.run(*ONE).stdout
    assert "failure_risk/v1 does not answer" in told
    assert "analytics predictors failure_risk --rollback --yes" in told
    assert "in the middle" in told


def test_before_models_were_computed_it_says_what_to_do(cli):
    publish(cli.settings, {"staging.stg_specs": [{"id": "a"}]})
    assert "analytics refresh" in cli.run("predict", "a", exit_code=1).stderr


def test_without_a_spec_the_next_runs_are_listed_the_riskiest_first(published):
    lines = published.run("predict").stdout.splitlines()
    assert [line.split()[0] for line in lines[2:5]] == ["hard-0", "easy-1", "easy-0"]
    assert "83 %" in lines[2]
    assert "Run it with x." in lines[2]
    assert "no model named" in lines[4]
    assert "not known" in lines[4]
    assert len(published.json("predict", "--json")) == 3


def test_a_run_that_was_made_has_its_predictions_beside_what_came(published):
    told = published.run("risk", "run-148").stdout
    assert "failure   80 %; it failed (failure_risk/v1, champion)" in told
    assert "failure   80 %; it failed (failure_risk/v1, champion, asked by a person)" in told
    assert "duration  1.5 min; no outcome yet (run_duration/v1, champion)" in told
    assert "it fails \\x1b[31mred" in told
    assert len(published.json("risk", "run-148", "--json")["predictions"]) == 4


def test_a_run_without_a_prediction_says_why_and_an_unknown_one_is_no_run(published):
    assert "No prediction: failure_risk/v1 may have learnt from it" in published.run("risk", "run-000").stdout
    assert "There is no run 'nobody'" in published.run("risk", "nobody", exit_code=1).stderr


def test_the_report_tells_of_models_and_of_the_riskiest_next_runs(published):
    said = published.run("report").stdout.partition("## What predicts runs")[2].partition("\n## ")[0]
    assert "| failure\\_risk | v1 | Brier score 0.120, AUC 0.800 | off by 3.0 points on average |" in said
    assert "1 of 2 features, cpu\\_load most (0.42)" in said
    assert "78 % within its band of 80 %" in said
    assert f"- run\\_cost: {NO_COST}" in said
    assert "- Next run of hard-0 with weak: fails with 83 %: this model fails \\\\x1b\\[31mred. Run it with x" in said
    assert "easy-0" not in said
