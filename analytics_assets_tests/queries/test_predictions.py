"""What to expect of a run is told by the versions that answer, from what was known; what they do not say, and why."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest

from analytics_assets.predicting import asked
from analytics_assets.predicting.questions import keep
from analytics_assets.queries.errors import NotAnsweredYetError, UnknownSpecError
from analytics_assets.queries.model_health import get_model_health
from analytics_assets.queries.predictions import (
    UnknownRunError,
    WrongQuestionError,
    ask,
    get_outlook,
    get_run_risk,
    predict,
)
from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets.settings import Settings
from analytics_assets_tests.queries.prediction_tables import NEWEST, NO_COST, publish_predictions, rewrite, runs

LATER = NEWEST + timedelta(hours=3)


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """Models are fitted once; nobody writes here."""
    made = Settings(data_dir=tmp_path_factory.mktemp("predictions"))
    publish_predictions(made)
    return made


@pytest.fixture
def settings(original, tmp_path):
    shutil.copytree(original.data_dir, tmp_path / "data")
    return Settings(data_dir=tmp_path / "data")


@pytest.fixture(scope="module")
def snapshot(original):
    with open_snapshot(original) as opened:
        yield opened


@pytest.fixture(scope="module")
def weak(original, snapshot):
    """What is told of a run that fails most likely."""
    return predict("hard-0", snapshot, original, model="weak", at=LATER)


class TestARunThatWouldStart:
    def test_has_a_row_for_each_model_that_was_run_often_enough_the_best_first(self, original, snapshot):
        found = predict("hard-0", snapshot, original)
        risks = [row["failure_probability"] for row in found["predictions"]]
        assert {row["model"] for row in found["predictions"]} == {"weak", "strong", "other"}
        assert risks == sorted(risks)
        assert found["predictions"][-1]["model"] == "weak"
        assert found["based_on"] == "run-149"

    def test_has_the_share_that_failed_its_factors_and_what_to_do_and_its_time(self, weak):
        (row,) = weak["predictions"]
        assert row["failure_probability"] > 0.5
        assert row["seen_rate"] == {"share": 0.7, "low": 0.35, "high": 0.9, "n": 40}
        assert row["risk_factors"][0]["description"]
        assert row["recommended_actions"][0]["model"] in {"strong", "other"}
        assert 0 < row["duration_seconds"]["q10"] <= row["duration_seconds"]["q50"] <= row["duration_seconds"]["q90"]
        assert row["versions"] == ["failure_risk/v1", "run_duration/v1"]

    def test_rests_on_the_runs_that_are_counted_beside_it(self, weak):
        (row,) = weak["predictions"]
        known = [run for run in runs() if run["model"] == "weak" and run["completed_at"] <= LATER]
        assert row["runs_of_spec"] == sum(run["spec_id"] == "hard-0" for run in known)
        assert row["runs_of_type"] == sum(run["spec_type"] == "hard" for run in known)

    def test_is_as_the_newest_run_but_for_what_is_asked(self, original, snapshot):
        wanted = {"memory_limit": "4Gi", "agent_id": "bob", "project_id": "p"}
        (row,) = predict("hard-0", snapshot, original, model="other", **wanted)["predictions"]
        assert {name: row[name] for name in wanted} == wanted
        assert row["cpu_limit"] == "1"

    def test_starts_now_and_never_before_the_newest_run(self, original, snapshot):
        assert ask("hard-0", snapshot, original, now=LATER).at == LATER
        early = predict("hard-0", snapshot, original, now=NEWEST - timedelta(hours=5))
        assert early["starts_at"] == early["newest_run_at"] == f"{NEWEST.isoformat()}Z"
        assert "The newest run starts after the clock" in early["notes"][0]

    def test_of_which_no_version_tells_something_says_why(self, weak):
        assert weak["reasons"] == {"run_cost": NO_COST}
        assert weak["predictions"][0]["cost_usd"] is None

    def test_with_a_model_never_seen_is_told_as_others_and_says_so(self, original, snapshot):
        found = predict("hard-0", snapshot, original, model="weka")
        (row,) = found["predictions"]
        assert 0 < row["failure_probability"] < 1
        assert (row["runs_of_spec"], row["runs_of_type"]) == (0, 0)
        assert found["notes"][-1].endswith("told as other models are; did you mean weak?")

    def test_of_a_spec_that_never_ran_is_as_its_document_says(self, original, snapshot):
        found = predict("new-0", snapshot, original)
        assert found["based_on"] is None
        assert "No run of the spec is known" in found["notes"][0]
        assert {row["model"] for row in found["predictions"]} == {"weak", "strong", "other"}
        assert all(0 < row["failure_probability"] < 1 for row in found["predictions"])
        assert {row["memory_limit"] for row in found["predictions"]} == {"no size"}


class TestAQuestionThatCannotBeAnswered:
    def test_about_an_unknown_spec_names_those_that_are_near(self, original, snapshot):
        with pytest.raises(UnknownSpecError, match="did you mean hard-"):
            predict("hard-00", snapshot, original)

    @pytest.mark.parametrize(
        ("wanted", "why"),
        [
            ({"memory_limit": "4 apples"}, "no size of memory"),
            ({"at": NEWEST - timedelta(days=1)}, "lies before the newest run"),
            ({"run_id": "next"}, "say which"),
            ({"run_id": "run-003", "model": "weak"}, "analytics risk run-003"),
        ],
    )
    def test_says_what_is_wrong_with_it(self, original, snapshot, wanted, why):
        with pytest.raises(WrongQuestionError, match=why):
            ask("hard-0", snapshot, original, **wanted)

    def test_before_any_model_was_looked_at_says_what_to_do(self, settings):
        rewrite(settings, "drop table predictions.model_versions")
        with open_snapshot(settings) as snapshot, pytest.raises(NotAnsweredYetError, match="analytics refresh"):
            predict("hard-0", snapshot, settings)

    def test_has_no_figures_and_a_reason_where_no_version_answers(self, settings):
        rewrite(
            settings,
            "update predictions.model_versions set stage = 'shadow'; "
            "update predictions.ml_models set reason = 'no version of ' || id || ' answers'",
        )
        with open_snapshot(settings) as snapshot:
            found = predict("hard-0", snapshot, settings)
        assert {row["failure_probability"] for row in found["predictions"]} == {None}
        assert {row["duration_seconds"] for row in found["predictions"]} == {None}
        names = ("failure_risk", "run_duration", "run_cost")
        assert found["reasons"] == {name: f"no version of {name} answers" for name in names}

    def test_whose_files_were_changed_stays_without_that_answer_and_says_what_to_do(self, settings):
        (settings.models / "failure_risk" / "v1" / "forest.json").write_text("{}")
        with open_snapshot(settings) as snapshot:
            found = predict("hard-0", snapshot, settings)
        assert "SHA-256 differs" in found["reasons"]["failure_risk"]
        assert "--rollback --yes" in found["reasons"]["failure_risk"]
        assert all(row["duration_seconds"]["q50"] > 0 for row in found["predictions"])
        assert [row["failure_probability"] for row in found["predictions"]] == [None] * 3


def test_an_answer_is_kept_under_the_run_that_it_will_be_and_asked_twice_once(settings):
    with open_snapshot(settings) as snapshot:
        for _ in range(2):
            reply = ask("hard-0", snapshot, settings, model="weak", memory_limit="4Gi", run_id="next", at=LATER)
            assert keep(settings, reply, LATER) == 2
    run = reply.told[0].run
    assert (run.memory_limit_mb, run.status, run.duration_seconds) == (4096, None, None)
    kept = asked.take(settings)
    assert kept.skipped == []
    assert {row["subject_id"] for row in kept.rows} == {"next"}
    assert len({row["id"] for row in kept.rows}) == 2
    assert {row["asked_at"] for row in kept.rows} == {LATER}


class TestARunThatWasMade:
    def test_has_what_was_predicted_of_it_by_whom_and_what_came(self, snapshot):
        found = get_run_risk("run-148", snapshot)
        assert found["run"]["run_id"] == "run-148"
        assert [(row["id"], row["role"], row["subject_type"]) for row in found["predictions"]] == [
            ("a", "champion", "run"),
            ("b", "shadow", "run"),
            ("c", "champion", "asked"),
            ("d", "champion", "run"),
        ]
        first = found["predictions"][0]
        assert first["prediction_output"]["failure_probability"] == 0.8
        assert first["actual_outcome"] == {"status": "failed"}
        assert found["reason"] is None

    def test_that_could_be_learnt_from_says_so(self, snapshot):
        assert "failure_risk/v1 may have learnt from it" in get_run_risk("run-000", snapshot)["reason"]

    def test_that_is_new_waits_for_the_next_refresh(self, snapshot):
        assert "analytics refresh" in get_run_risk("run-149", snapshot)["reason"]

    def test_must_be_known(self, snapshot):
        with pytest.raises(UnknownRunError, match="analytics runs"):
            get_run_risk("nobody", snapshot)


def test_next_runs_come_with_the_riskiest_first_and_unknown_ones_last(snapshot):
    found = get_outlook(snapshot)
    assert [row["spec_id"] for row in found] == ["hard-0", "easy-1", "easy-0"]
    assert found[0]["risk_factors"][0]["feature_name"] == "model"
    assert found[0]["model_versions"] == ["failure_risk/v1"]
    assert found[0]["is_stale"]
    assert [row["spec_id"] for row in get_outlook(snapshot, "easy-0")] == ["easy-0"]
    assert len(get_outlook(snapshot, limit=1)) == 1


def test_the_health_of_models_tells_scores_calibration_drift_and_whether_they_are_due(snapshot):
    found = {row["id"]: row for row in get_model_health(snapshot)}
    risk, duration, cost = (found[name] for name in ("failure_risk", "run_duration", "run_cost"))
    assert (risk["model_version"], risk["calibration_error"], risk["compared"]) == ("v1", 0.03, 2)
    assert [row["feature_name"] for row in risk["drifted"]] == ["cpu_load"]
    assert (risk["is_due"], risk["due_reason"]) == (True, "cpu_load moved by 0.42")
    assert (duration["coverage"], duration["drifted"], duration["is_due"]) == (0.78, None, None)
    assert (cost["is_active"], cost["reason"]) == (False, NO_COST)


def test_health_is_told_before_drift_was_looked_at(settings):
    rewrite(settings, "drop table predictions.drift_reports; drop table predictions.retraining_status")
    with open_snapshot(settings) as snapshot:
        (risk,) = (row for row in get_model_health(snapshot) if row["id"] == "failure_risk")
    assert (risk["compared"], risk["drifted"], risk["is_due"]) == (None, None, None)
