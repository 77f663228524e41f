"""A version in use answers with what it rests on; what it cannot say stays unsaid."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from analytics_assets.predicting import answering
from analytics_assets.predicting.answering import Version, answers, input_hash, prediction_id, seen_rate
from analytics_assets.predicting.examples import Run, with_candidates
from analytics_assets.predicting.outlook import asked, candidates, next_of, row
from analytics_assets.predicting.purposes import PURPOSES
from analytics_assets.predicting.tracked import as_rows, asked_row
from analytics_assets.settings import Settings
from analytics_assets_tests.predicting.stand_in import STAND_IN, Rates

NOW = datetime(2026, 3, 1)
BINS = (
    {"low": 0.0, "high": 0.5, "n": 50, "failed_share": 0.2, "share_low": 0.11, "share_high": 0.33},
    {"low": 0.5, "high": 1.0, "n": 30, "failed_share": 0.7, "share_low": 0.52, "share_high": 0.83},
)


class Band:
    """Answers with the same three quantiles for every run."""

    def predict(self, examples):
        return np.tile([10.0, 20.0, 60.0], (len(examples), 1))

    def lacking(self, _):
        return ["moon"]


def a_run(number, *, spec="a", model="m", days=1.0, **fields):
    at = NOW - timedelta(days=days, minutes=number)
    return Run(run_id=f"r{number}", spec_id=spec, model=model, complexity=9.0, started_at=at, is_failed=False, **fields)


RISK = Version("failure_risk/v1", "failure_risk", "v1", "champion", NOW, STAND_IN, Rates(0.1, 0.8), BINS)
TIME = replace(
    RISK, id="run_duration/v1", model_name="run_duration", purpose=replace(STAND_IN, model_type="regression")
)
TIME = replace(TIME, model=Band(), coverage=0.78)


def test_a_probability_has_what_was_seen_of_such_runs_beside_it():
    (one,) = answers(RISK, with_candidates([], [a_run(1)]))
    assert (one.value, one.confidence) == (0.8, 0.8)
    assert one.output["seen_rate"] == {"share": 0.7, "low": 0.52, "high": 0.83, "n": 30}
    assert one.output["recommended_actions"] == []
    assert one.inputs["categories"] == {"spec_id": "a", "model": "m"}
    assert "dependencies" not in one.inputs["features"]
    assert one.latency_ms > 0


def test_a_quantity_has_its_quantiles_and_the_share_that_its_band_held():
    (one,) = answers(TIME, with_candidates([], [a_run(1)]))
    assert one.output == {"q10": 10, "q50": 20, "q90": 60}
    assert (one.value, one.confidence) == (20, 0.78)


def test_a_feature_that_is_not_computed_any_more_stands_beside_the_answer():
    (known,), (missed,) = (answers(version, with_candidates([], [a_run(1)])) for version in (RISK, TIME))
    rows = [*as_rows(RISK, [known], now=NOW, has_canary=False), asked_row(TIME, missed, "q", NOW)]
    assert [row["context_metadata"] for row in rows] == ['{"counts": true}', '{"counts": true, "lacking": ["moon"]}']


def test_nothing_asked_is_nothing_answered():
    assert answers(RISK, with_candidates([], [])) == []


@pytest.mark.parametrize(("probability", "share"), [(0.0, 0.2), (0.5, 0.7), (1.0, 0.7)])
def test_every_probability_falls_into_one_bin(probability, share):
    assert seen_rate(BINS, probability)["share"] == share


def test_the_same_question_has_the_same_key_and_another_one_has_not():
    told = {"features": {"a": 1.0}, "categories": {"spec_id": "ä"}}
    assert input_hash(told) == input_hash({"categories": {"spec_id": "ä"}, "features": {"a": 1.0}})
    assert input_hash(told) != input_hash({"features": {"a": 1.5}, "categories": {"spec_id": "ä"}})
    keys = {prediction_id(version, subject, "0") for version in ("m/v1", "m/v2") for subject in ("r1", "r2")}
    assert len(keys) == 4


def test_a_version_of_a_model_that_is_no_more_does_not_answer(tmp_path, monkeypatch):
    monkeypatch.setitem(PURPOSES, "failure_risk", STAND_IN)
    known = {
        "artifact_path": "x/v1",
        "artifact_sha256": "0",
        "trained_until": NOW,
        "version": "v1",
        "stage": "champion",
    }
    versions = [known | {"id": "old/v1", "model_name": "old"}, known | {"id": "f/v1", "model_name": "failure_risk"}]
    loaded, problems = answering.load(Settings(data_dir=tmp_path), versions, [])
    assert loaded == []
    assert problems[0].startswith("f/v1 does not answer")
    assert problems[1] == "old/v1 does not answer: there is no model old any more."


def test_the_next_run_is_as_the_last_one_of_the_same_spec_and_model():
    runs = [a_run(2, days=3, memory_limit="1Gi"), a_run(1, days=2, memory_limit="2Gi"), a_run(0, spec="b", days=40)]
    found, counts, left_out = candidates(runs, NOW)
    assert [(run.spec_id, run.memory_limit, run.started_at, run.is_failed) for run in found] == [
        ("a", "2Gi", NOW, None)
    ]
    assert (list(counts.values()), left_out) == ([2], 0)


def test_specs_beyond_the_bound_are_left_out_and_counted(monkeypatch):
    runs = [a_run(number, spec=f"s{number}") for number in range(520)]
    found, _, left_out = candidates(sorted(runs, key=lambda run: run.place), NOW)
    assert (len(found), left_out) == (500, 20)
    assert found[0].spec_id == "s0"


def test_an_outlook_has_what_champions_say_and_names_who_is_silent():
    runs = [a_run(number) for number in range(3)]
    wanted = [replace(next_of(runs[0], NOW, "next"), memory_limit="1Gi")]
    said = asked([RISK, TIME, replace(RISK, id="failure_risk/v2", role="shadow")], runs, wanted, None)
    told = row(wanted[0], said["next"], ["failure_risk", "run_duration", "run_cost"])
    assert (told["failure_probability"], told["failed_share_low"], told["failed_share_high"]) == (0.8, 0.52, 0.83)
    assert (told["duration_q10"], told["duration_q50"], told["duration_q90"]) == (10, 20, 60)
    assert told["model_versions"] == '["failure_risk/v1", "run_duration/v1"]'
    assert told["reason"] == "no version answers of run_cost"
    assert told["memory_limit"] == wanted[0].memory_limit == "1Gi"
    few = replace(RISK, reliability=[part | {"n": 9} for part in RISK.reliability])
    told = row(wanted[0], asked([few], runs, wanted, None)["next"], ["failure_risk"])
    assert (told["failure_probability"], told["failed_share_low"], told["failed_share_high"]) == (0.8, None, None)
