"""The model of failing runs: finds what is planted, says what moved it, survives bad input, and is kept as JSON."""

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from analytics_assets.predicting.calibration import logit
from analytics_assets.predicting.encoding import ENCODED
from analytics_assets.predicting.examples import Examples, examples, with_candidate
from analytics_assets.predicting.failure import FailureModel, parameters_from
from analytics_assets.predicting.voters import FailureParameters
from analytics_assets_tests.predicting.run_worlds import a_run, small_world

SMALL = FailureParameters(forest_trees=30, boosted_rounds=30, threads=1)


@pytest.fixture(scope="module")
def learnt():
    return small_world(2, 600)


@pytest.fixture(scope="module")
def model(learnt):
    return FailureModel.fit(learnt, SMALL)


def asked(learnt, **changed):
    return with_candidate(learnt.runs, a_run(600, is_failed=None, known_at=None, **changed))


def test_the_planted_risk_is_told_within_a_tenth(learnt, model):
    assert model.predict(asked(learnt, spec="spec-4", model="model-0"))[0] == pytest.approx(0.8, abs=0.12)
    assert model.predict(asked(learnt, spec="spec-4", model="model-1"))[0] == pytest.approx(0.15, abs=0.1)
    assert model.predict(asked(learnt, spec="spec-2", model="model-0"))[0] == pytest.approx(0.15, abs=0.1)


def test_the_same_examples_give_the_same_model_on_any_number_of_threads(learnt, model):
    assert (FailureModel.fit(learnt, SMALL).predict(learnt) == model.predict(learnt)).all()
    two = FailureModel.fit(learnt, replace(SMALL, threads=2))
    assert two.predict(learnt) == pytest.approx(model.predict(learnt), abs=0.02)


def test_what_moved_an_answer_sums_to_the_answer(learnt, model):
    moved = model.contributions(learnt)
    assert list(moved.columns) == [*learnt.features.columns, *ENCODED]
    p = model.predict(learnt)
    mean = np.log(p / (1 - p)) - moved.sum(axis=1)
    assert mean.std() < 1e-3
    votes = model.votes(learnt)
    assert float(mean.iloc[0]) == pytest.approx(float(model.calibration.log_odds(np.array([votes.mean()]))[0]), abs=0.4)


def test_the_planted_cause_moves_the_answer_most(learnt, model):
    moved = model.contributions(asked(learnt, spec="spec-4", model="model-0")).iloc[0]
    assert "model_" in moved.idxmax()
    assert next(iter(model.importance())).startswith(("model_", "recent_model_spec"))
    assert sum(model.importance().values()) == pytest.approx(1)


def test_one_encoding_is_taken_from_other_runs_and_nothing_else_moves(learnt, model):
    order = np.random.default_rng(0).permutation(len(learnt))
    place = [*model.features, *ENCODED].index("model_x_spec_id")
    moved = model.with_shuffled("model_x_spec_id", order)
    before, after = (one.contributions(learnt).to_numpy() for one in (model, moved))
    rates, others = (one.rates.encoded(learnt.categories) for one in (model, moved))
    column = place - len(model.features)
    np.testing.assert_array_equal(others[:, column], rates[order, column])
    np.testing.assert_array_equal(np.delete(others, column, 1), np.delete(rates, column, 1))
    assert np.abs(after - before)[:, place].mean() > 0.01


def test_a_model_never_seen_is_as_likely_to_fail_as_what_is_around_it(learnt, model):
    new = model.predict(asked(learnt, spec="spec-2", model="a model of tomorrow"))[0]
    assert new == pytest.approx(0.15, abs=0.12)
    assert np.isfinite(model.predict(asked(learnt, spec="spec-9", model=None))).all()


def test_a_column_that_vanished_counts_as_not_known_and_is_named(learnt, model):
    less = Examples(
        learnt.runs,
        learnt.features.drop(columns=["spec_failure_rate"]).assign(new_one=1.0),
        learnt.categories.drop(columns=["agent_id"]),
    )
    assert model.lacking(less) == ["spec_failure_rate"]
    assert model.lacking(learnt) == []
    changed = np.abs(model.predict(less) - model.predict(learnt))
    assert changed.max() < 0.6
    assert changed.mean() < 0.1


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_features_that_are_all_unknown_or_infinite_leave_the_names_to_tell(learnt, value):
    blind = Examples(learnt.runs, learnt.features * np.nan + value, learnt.categories)
    fitted = FailureModel.fit(blind, SMALL)
    told = fitted.predict(blind)
    assert np.isfinite(told).all()
    assert told[[run.model == "model-0" and run.spec_id == "spec-4" for run in learnt.runs]].mean() > 0.6
    assert set(fitted.usual.values()) == {None}


def test_everything_unknown_is_answered_with_the_rate_of_late(learnt):
    nothing = Examples(learnt.runs, learnt.features * np.nan, learnt.categories.iloc[:, :0])
    told = FailureModel.fit(nothing, SMALL).predict(nothing)
    assert told == pytest.approx(learnt.is_failed[-240:].mean(), abs=0.05)


@pytest.mark.parametrize(("ended", "word", "risk"), [(False, "succeeded", 1 / 102), (True, "failed", 101 / 102)])
def test_runs_that_all_ended_alike_are_answered_with_a_constant_that_says_so(tmp_path, ended, word, risk):
    alike = examples([a_run(number, is_failed=ended) for number in range(100)])
    fitted = FailureModel.fit(alike, SMALL)
    assert fitted.predict(alike) == pytest.approx(risk)
    assert fitted.reason == f"all 100 runs that could be learnt from {word}: there is nothing to tell failing runs by"
    assert not fitted.contributions(alike).to_numpy().any()
    assert set(fitted.importance().values()) == {0.0}
    fitted.save(tmp_path)
    assert FailureModel.load(tmp_path) == fitted


def test_one_run_and_no_run_have_an_outcome_each():
    assert FailureModel.fit(small_world(0, 1), SMALL).voters is None
    with pytest.raises(ValueError, match="without an outcome"):
        FailureModel.fit(examples([a_run(0, is_failed=None)]), SMALL)


def test_nobody_asked_is_nobody_answered(learnt, model):
    none = learnt.take([])
    assert model.predict(none).shape == (0,)
    assert model.contributions(none).shape[0] == 0


def test_turned_labels_make_the_model_less_sure_not_wrong(learnt):
    rng = np.random.default_rng(0)
    runs = [replace(run, is_failed=run.is_failed ^ bool(rng.random() < 0.2)) for run in learnt.runs]
    noisy = FailureModel.fit(examples(runs), SMALL)
    high = noisy.predict(asked(learnt, spec="spec-4", model="model-0"))[0]
    low = noisy.predict(asked(learnt, spec="spec-4", model="model-1"))[0]
    assert 0.5 < high < 0.85
    assert 0.1 < low < 0.45


def test_ten_thousand_names_are_learnt_and_answered():
    rng = np.random.default_rng(0)
    runs = [
        a_run(n, spec=f"spec-{n}", model=f"m{n}", agent_id=f"a\n{n}\x00'\"", is_failed=bool(rng.random() < 0.3))
        for n in range(2_000)
    ]
    fitted = FailureModel.fit(examples(runs), replace(SMALL, forest_trees=5, boosted_rounds=5))
    assert fitted.predict(examples(runs[:50])) == pytest.approx(0.3, abs=0.15)


def test_what_is_saved_is_json_and_answers_the_same_when_it_is_read(tmp_path, learnt, model):
    model.save(tmp_path / "v1")
    for path in (tmp_path / "v1").iterdir():
        json.loads(path.read_text())
    again = FailureModel.load(tmp_path / "v1")
    assert (again.predict(learnt) == model.predict(learnt)).all()
    assert again.importance() == model.importance()
    assert again.parameters == SMALL


@pytest.mark.parametrize("name", ["forest.json", "boosted.json", "model.json"])
def test_a_file_that_is_something_else_is_refused(tmp_path, model, name):
    model.save(tmp_path)
    (tmp_path / name).write_text('{"format": 0}')
    with pytest.raises(ValueError, match=r"\S"):
        FailureModel.load(tmp_path)


def test_parameters_survive_json_and_unknown_ones_are_refused():
    assert parameters_from(json.loads(json.dumps(asdict(SMALL)))) == SMALL
    assert parameters_from({"forest_trees": 50.0}).forest_trees == 50
    with pytest.raises(ValueError, match="no such parameter: trees"):
        parameters_from({"trees": 5})


def test_log_odds_of_certainty_are_bounded():
    assert np.isfinite(logit([0.0, 1.0])).all()
