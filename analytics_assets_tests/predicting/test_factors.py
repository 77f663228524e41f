"""Why a run is likely to fail, in its own numbers, and what would make it less likely."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from analytics_assets.predicting.examples import examples, with_candidate
from analytics_assets.predicting.factors import REMEDIES, recommended_actions, risk_factors, tried
from analytics_assets.predicting.failure import FailureModel
from analytics_assets.predicting.voters import FailureParameters
from analytics_assets_tests.predicting.run_worlds import a_run, small_world

SMALL = FailureParameters(forest_trees=30, boosted_rounds=30, threads=1)
NEXT = a_run(600, is_failed=None, known_at=None)
HARD = replace(NEXT, spec_id="spec-4", model="model-0")
EASY = replace(NEXT, spec_id="spec-4", model="model-1")


@pytest.fixture(scope="module")
def learnt():
    return small_world(1, 600)


@pytest.fixture(scope="module")
def model(learnt):
    return FailureModel.fit(learnt, SMALL)


def recommended_action(model, runs, run):
    return recommended_actions(model, runs, [run])[0]


def factors_of(model, runs, run):
    return risk_factors(model, with_candidate(runs, run))[0]


def test_a_factor_counts_the_very_runs_that_were_known(learnt, model):
    own = [run for run in learnt.runs if (run.spec_id, run.model) == ("spec-4", "model-0")]
    failures = sum(run.is_failed for run in own)
    said = factors_of(model, learnt.runs, HARD)[0]
    share = f"{100 * failures / len(own):.0f} %"
    assert said.description.startswith(
        f"this model failed {failures} of its {len(own)} runs of this spec ({share}), of late "
    )
    usual = (learnt.is_failed.sum() + 1) / (len(learnt) + 2)
    assert said.description.endswith(f"; usual is {100 * usual:.0f} %")
    assert "model" in said.feature_name


def test_factors_are_in_the_order_of_their_weight_and_bounded(learnt, model):
    for found in risk_factors(model, learnt):
        weights = [factor.importance_score for factor in found]
        assert weights == sorted(weights, reverse=True)
        assert all(weight >= 0.1 for weight in weights)
        assert len(found) <= 5
        assert len({factor.description for factor in found}) == len(found)


def test_a_run_that_nothing_speaks_against_has_hardly_a_factor(learnt, model):
    easy = [run for run in learnt.runs if run.model != "model-0"]
    hard = [run for run in learnt.runs if run.model == "model-0" and run.spec_id in ("spec-0", "spec-3")]
    weight = {
        run.run_id: sum(f.importance_score for f in found)
        for run, found in zip(learnt.runs, risk_factors(model, learnt), strict=True)
    }
    assert np.mean([weight[run.run_id] for run in hard]) > 5 * np.mean([weight[run.run_id] for run in easy])


def test_a_model_never_seen_is_told_as_new(learnt, model):
    said = " ".join(factor.description for factor in factors_of(model, learnt.runs, replace(HARD, model="new")))
    assert "failed 0 of" not in said
    told = with_candidate(learnt.runs, replace(HARD, model="new"))
    assert told.features["model_spec_runs"][0] == 0


def test_a_constant_answer_has_no_factor_and_advises_nothing():
    alike = examples([a_run(number) for number in range(100)])
    constant = FailureModel.fit(alike, SMALL)
    assert risk_factors(constant, alike) == [[]] * 100
    assert recommended_action(constant, alike.runs, NEXT) is None
    assert risk_factors(constant, alike.take([])) == []


def test_the_model_that_fails_less_is_advised_with_what_it_brings(learnt, model):
    action = recommended_action(model, learnt.runs, HARD)
    assert action.model in ("model-1", "model-2")
    assert action.memory_limit is None
    other = model.predict(with_candidate(learnt.runs, replace(HARD, model=action.model)))[0]
    assert action.probability == pytest.approx(other)
    assert action.text.startswith(f"Run it with {action.model}: a failure is then expected with ")


def test_nothing_is_advised_where_nothing_would_be_gained(learnt, model):
    action = recommended_action(model, learnt.runs, EASY)
    assert action is None or action.probability is None


def test_a_model_that_was_tried_less_than_ten_times_is_not_advised(learnt, model):
    tried = {"model-1": 0, "model-2": 0}
    kept = []
    for run in learnt.runs:
        if run.model in tried:
            tried[run.model] += 1
            if tried[run.model] > 9:
                continue
        kept.append(run)
    action = recommended_action(model, kept, HARD)
    assert action.model is None
    assert action.text in REMEDIES.values()


@pytest.mark.parametrize(("failures", "model"), [(5, None), (1, "lucky")])
def test_what_the_model_hopes_for_must_be_borne_out_by_what_was_tried(monkeypatch, model, learnt, failures):
    """Of many guesses the best is often a lucky one: with 5 of 12 failed it may be no better than the 60 % at hand."""
    past = [*learnt.runs] + [a_run(n, spec="spec-4", model="lucky", is_failed=n < failures) for n in range(12)]
    fitted = FailureModel.fit(learnt.take(range(200)), replace(SMALL, forest_trees=3, boosted_rounds=3))
    monkeypatch.setattr(
        FailureModel, "predict", lambda _, asked: np.array([0.2 if run.model == "lucky" else 0.6 for run in asked.runs])
    )
    action = recommended_action(fitted, [replace(run, run_id=f"p{n}") for n, run in enumerate(past)], HARD)
    assert (action.model if action else None) == model


def test_a_spec_that_was_run_too_little_goes_by_its_type(learnt):
    new = replace(HARD, spec_id="spec-98")
    of_type = [run for run in learnt.runs if run.spec_type == new.spec_type]
    runs = Counter(run.model for run in of_type)
    by_runs = sorted(runs, key=lambda name: (-runs[name], name))
    assert tried(learnt.runs, new, "model") == by_runs
    assert tried(learnt.runs, replace(new, spec_type=None), "model") == []


def test_outcomes_that_were_not_known_at_the_start_advise_nothing(learnt, model):
    late = [replace(run, known_at=NEXT.started_at.replace(year=2030)) for run in learnt.runs]
    action = recommended_action(model, late, HARD)
    assert action is None or action.model is None


def test_more_memory_is_advised_where_runs_with_more_did_not_fail():
    rng = np.random.default_rng(0)
    runs = []
    for number in range(400):
        is_small = bool(rng.random() < 0.7)
        room = (
            {"memory_limit": "1Gi", "memory_limit_mb": 1024.0}
            if is_small
            else {"memory_limit": "4Gi", "memory_limit_mb": 4096.0}
        )
        killed = is_small and number % 2 == 0 and bool(rng.random() < 0.8)
        runs.append(
            a_run(number, spec=f"spec-{number % 2}", is_failed=killed, is_oom=killed, is_transient=False, **room)
        )
    fitted = FailureModel.fit(examples(runs), SMALL)
    small, large = (
        a_run(400, spec="spec-0", memory_limit=size, memory_limit_mb=mb)
        for size, mb in (("1Gi", 1024.0), ("4Gi", 4096.0))
    )
    action = recommended_action(fitted, runs, small)
    assert (action.memory_limit, action.model) == ("4Gi", None)
    assert action.text.startswith("Run it with a memory limit of 4Gi")
    said = [factor.description for factor in factors_of(fitted, runs, small)]
    assert any("of the runs of this spec ran out of memory, and this one may use 1,024 MB" in text for text in said)
    assert (
        recommended_action(fitted, runs, large) is None or recommended_action(fitted, runs, large).memory_limit is None
    )


def test_many_runs_asked_at_once_are_advised_as_each_alone(learnt, model):
    asked = [HARD, EASY, replace(HARD, spec_id="spec-3", spec_type="odd", run_id="x")]
    assert recommended_actions(model, learnt.runs, asked) == [
        recommended_action(model, learnt.runs, run) for run in asked
    ]
    assert recommended_actions(model, learnt.runs, []) == []
