"""`analytics predictors`: the list, one with its versions, and a person's word on which version answers."""

from __future__ import annotations

import json

import pytest

from analytics_assets.cli.doctor.models import model_files
from analytics_assets.predicting import artefacts
from analytics_assets_tests.cli.analysed import EVIL
from analytics_assets_tests.predicting.stand_in import Rates, version
from analytics_assets_tests.queries.predictor_tables import RUNS, answers, learnt, publish_predictors, versions

NAME = "failure_risk"


@pytest.fixture
def published(cli):
    """Three versions with their files."""
    rows = versions()
    for row in rows:
        saved = artefacts.save(cli.settings, Rates(0.25, 0.75), NAME, row["version"])
        row |= {"artifact_path": saved.path, "artifact_sha256": saved.sha256}
    publish_predictors(cli.settings, rows)
    return cli


def decisions(cli):
    return [json.loads(file.read_text()) for file in sorted((cli.settings.inbox / "decisions").glob("[!.]*"))]


def test_the_list_says_which_version_answers_how_well_and_why(published):
    lines = published.run("predictors").stdout.splitlines()
    (line,) = (line for line in lines if line.startswith(NAME))
    assert "v2" in line
    assert "Brier 0.14" in published.run("predictors").stdout.replace("\n", " ")
    assert any(line.startswith("fix_time") for line in lines)
    assert [row["model_version"] for row in published.json("predictors", "--json")] == ["v2", None, None, None]


def test_one_is_shown_with_the_history_of_its_versions_and_their_matrices(published):
    said = " ".join(published.run("predictors", NAME).stdout.split())
    assert "The probability that a run fails, before it starts." in said
    found = published.json("predictors", NAME, "--json")
    assert found["versions"][1]["confusion_matrix"] == {"tp": 30, "fp": 4, "tn": 60, "fn": 6}


def test_a_roll_back_is_only_told_without_yes(published):
    said = published.run("predictors", NAME, "--rollback").stdout
    assert "v2 is withdrawn, and v1 answers again." in said
    assert "Nothing was changed. To do it, add --yes." in said
    assert decisions(published) == []


def test_a_roll_back_lands_in_the_inbox_as_a_rejection_of_the_champion(published):
    published.run("predictors", NAME, "--rollback", "--yes", "--note", "it cries wolf")
    (landed,) = decisions(published)
    assert (landed["subject_type"], landed["subject_id"], landed["decision"]) == (
        "model",
        "failure_risk/v2",
        "rejected",
    )
    assert landed["notes"] == "it cries wolf"


def test_at_night_a_roll_back_needs_no_note(published):
    published.run("predictors", NAME, "--rollback", "--yes")
    assert decisions(published)[0]["notes"] == "rolled back by hand"


def test_a_version_is_promoted_by_its_number_or_its_id(published):
    for word in ("v1", "failure_risk/v1"):
        published.run("predictors", NAME, "--promote", word, "--yes")
    assert [(one["subject_id"], one["decision"]) for one in decisions(published)] == [
        ("failure_risk/v1", "applied")
    ] * 2


def test_json_says_what_was_done(published):
    planned = published.json("predictors", NAME, "--rollback", "--json")
    assert (planned["is_done"], planned["decision_id"]) == (False, None)
    done = published.json("predictors", NAME, "--rollback", "--yes", "--json")
    assert done["decision_id"] == decisions(published)[0]["decision_id"]


@pytest.mark.parametrize(
    ("words", "code", "why"),
    [
        (("failure_risk", "--promote", "v9"), 1, "There is no version 'v9'"),
        (("failure_risk", "--promote", "v2"), 1, "answers already"),
        (("failure_risk", "--promote", "v3"), 1, "does not beat both baselines"),
        (("failure_risk", "--promote", "v1", "--rollback"), 2, "at a time"),
        (("failure_risk", "--yes"), 2, "belong to a change"),
        (("--rollback",), 2, "Of which model?"),
        (("run_cost", "--rollback"), 1, "No version of run_cost answers"),
        (("fix_time", "--retrain", "--yes"), 1, "fitted anew each day"),
        (("fix_time", "--rollback"), 1, "fitted anew each day"),
        (("fix_time", "--promote", "v1"), 1, "fitted anew each day"),
        (("failure-risk",), 1, "did you mean failure_risk?"),
    ],
)
def test_what_cannot_be_done_says_why_and_lands_nothing(published, words, code, why):
    assert why in published.run("predictors", *words, exit_code=code).stderr
    assert decisions(published) == []


def test_a_version_whose_files_are_broken_is_not_promoted_and_not_gone_back_to(published):
    (published.settings.models / NAME / "v1" / "rates.json").write_text("[]")
    assert "is not what was written" in published.run("predictors", NAME, "--promote", "v1", exit_code=1).stderr
    assert "the model stops answering" in published.run("predictors", NAME, "--rollback").stdout


def test_retraining_runs_the_job_with_its_reason(published, monkeypatch):
    asked = []
    monkeypatch.setattr("analytics_assets.cli.refreshing.refresh", lambda *given: asked.append(given[2:]))
    assert "Nothing was changed" in published.run("predictors", NAME, "--retrain").stdout
    assert asked == []
    said = published.run("predictors", NAME, "--retrain", "--yes", "--note", "new tools").stdout
    assert "No version of failure_risk was trained: its runs do not suffice to judge it" in said
    config = {"models": [NAME], "reason": "new tools", "is_asked_by_person": True}
    assert asked == [("retrain_models", {"model_training": config})]


def test_retraining_says_before_and_after_why_it_makes_no_version(cli, monkeypatch):
    monkeypatch.setattr("analytics_assets.cli.refreshing.refresh", lambda *_: None)
    same = [version(1, "unpublished", data_hash=learnt())]
    few, unpriced = RUNS[:12], RUNS.assign(llm_cost_usd=0.0)
    for name, rows, runs, why in (
        (NAME, same, RUNS, "nothing came since v1: it learnt from the same data"),
        (NAME, [], few, "there are 12 runs with an outcome, 90 are needed"),
        ("run_cost", [], unpriced, "none of 100 runs with an outcome has a cost above 0, 90 are needed"),
    ):
        publish_predictors(cli.settings, rows, runs=runs)
        planned = cli.run("predictors", name, "--retrain").stdout
        assert planned == f"No version of {name} would be trained: {why}. Nothing was changed.\n"
        assert f"No version of {name} was trained: {why}." in cli.run("predictors", name, "--retrain", "--yes").stdout


def test_what_waits_for_the_refresh_can_be_taken_back(published):
    published.run("predictors", NAME, "--rollback", "--yes")
    assert "v2 answers on" in published.run("predictors", NAME, "--promote", "v2", "--yes").stdout
    newest = max(decisions(published), key=lambda one: one["decided_at"])
    assert (newest["subject_id"], newest["decision"]) == ("failure_risk/v2", "applied")
    publish_predictors(published.settings, versions(decision_id=newest["decision_id"]))
    assert "answers already" in published.run("predictors", NAME, "--promote", "v2", exit_code=1).stderr


def test_the_answers_of_a_champion_are_counted_with_their_loss(cli):
    publish_predictors(cli.settings, versions(), more=answers("failure_risk/v2", [0.1, 0.3, None]))
    assert "3 answers, loss 0.2 of 2" in cli.run("predictors", NAME).stdout
    champion = cli.json("predictors", NAME, "--json")["versions"][1]
    assert (champion["answers"], champion["answers_with_outcome"]) == (3, 2)


def test_a_long_reason_does_not_make_the_list_wide(cli):
    publish_predictors(cli.settings, [version(1, "unpublished", stage_reason="it errs " * 60)])
    assert max(map(len, cli.run("predictors").stdout.splitlines())) < 200
    assert cli.json("predictors", "--json")[0]["reason"].count("it errs") == 60


def test_retraining_that_is_switched_off_says_so(published, monkeypatch):
    monkeypatch.setenv("ANALYTICS_MODEL_TRAINING_ENABLED", "false")
    assert "switched off" in published.run("predictors", NAME, "--retrain", "--yes", exit_code=1).stderr


def test_the_doctor_names_a_champion_whose_files_were_changed_and_what_to_do(published):
    (fine,) = model_files(published.settings, None)
    assert fine.level == "fine"
    assert "failure_risk/v2" in fine.message
    (published.settings.models / NAME / "v2" / "rates.json").write_text("[1, 1]")
    (found,) = model_files(published.settings, None)
    assert found.level == "problem"
    assert "failure_risk/v2 cannot be read" in found.message
    assert "answers nothing until then" in found.message
    assert "--rollback --yes" in found.remedy


def test_the_doctor_says_nothing_before_there_is_a_version(cli):
    assert model_files(cli.settings, None) == []
    publish_predictors(cli.settings, [])
    assert model_files(cli.settings, None) == []


def test_a_note_does_not_act_on_the_terminal(cli):
    publish_predictors(cli.settings, [version(1, "champion", stage_reason=EVIL)])
    for words in (("predictors",), ("predictors", NAME)):
        assert "\x1b[31m" not in cli.run(*words).stdout
