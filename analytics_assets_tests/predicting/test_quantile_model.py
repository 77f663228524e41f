"""A model of durations: what it answers, that it comes back as it was, and what it refuses to read."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import skops.io
from sklearn.linear_model import ElasticNet
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from analytics_assets.predicting.examples import Examples
from analytics_assets.predicting.performance import ALGORITHMS, PerformanceParameters, QuantileModel, parameters_from
from analytics_assets.predicting.trusted_pipelines import read_pipeline
from analytics_assets_tests.predicting.quantity_worlds import examples_of, quantities, run_of

DURATION = "duration_seconds"


@pytest.fixture(scope="module")
def past() -> Examples:
    return quantities(0, 250, size_matters=True)


@pytest.fixture(scope="module")
def fitted(past: Examples) -> dict[str, QuantileModel]:
    return {name: QuantileModel.fit(past, PerformanceParameters(DURATION, name)) for name in ALGORITHMS}


@pytest.fixture(scope="module")
def trees(fitted: dict[str, QuantileModel]) -> QuantileModel:
    return fitted["gradient_boosting"]


@pytest.mark.parametrize("algorithm", ALGORITHMS)
class TestEveryContestant:
    def test_comes_back_as_it_was(
        self, algorithm: str, past: Examples, fitted: dict[str, QuantileModel], tmp_path: Path
    ) -> None:
        model = fitted[algorithm]
        model.save(tmp_path)
        loaded = QuantileModel.load(tmp_path)
        assert (loaded.predict(past) == model.predict(past)).all()
        assert loaded.importance() == model.importance()
        assert loaded.parameters == model.parameters
        assert {file.suffix for file in tmp_path.iterdir()} <= {".json", ".skops"}

    def test_is_the_same_when_fitted_again(
        self, algorithm: str, past: Examples, fitted: dict[str, QuantileModel]
    ) -> None:
        again = QuantileModel.fit(past, PerformanceParameters(DURATION, algorithm))
        assert (again.predict(past) == fitted[algorithm].predict(past)).all()

    def test_answers_three_rising_quantiles_within_what_was_seen(
        self, algorithm: str, past: Examples, fitted: dict[str, QuantileModel]
    ) -> None:
        found = fitted[algorithm].predict(quantities(7, 200, size_matters=True))
        seconds = [run.duration_seconds for run in past.runs if run.duration_seconds]
        assert found.shape == (200, 3)
        assert (np.diff(found, axis=1) >= 0).all()
        assert min(seconds) * 0.999 <= found.min()
        assert found.max() <= max(seconds) * 1.001


def test_what_matters_is_found_important(trees: QuantileModel) -> None:
    shares = trees.importance()
    assert max(shares, key=lambda name: shares[name]) == "size"
    assert sum(shares.values()) == pytest.approx(1)


def test_one_name_is_taken_from_other_runs_and_nothing_else_moves(past: Examples, trees: QuantileModel) -> None:
    order = np.arange(len(past))[::-1]
    before, after = (one.raw.inputs.of(past) for one in (trees, trees.with_shuffled("spec_id", order)))
    place = trees.raw.inputs.names.index("spec_id")
    np.testing.assert_array_equal(after[:, place], before[order, place])
    np.testing.assert_array_equal(np.delete(after, place, 1), np.delete(before, place, 1))
    assert (trees.with_shuffled("spec_id", order).predict(past) != trees.predict(past)).any()


def test_a_column_that_disappears_is_not_known_and_is_named(past: Examples, trees: QuantileModel) -> None:
    without = replace(past, features=past.features.drop(columns="size"))
    unknown = replace(past, features=past.features.assign(size=np.nan))
    assert trees.lacking(without) == ["size"]
    assert (trees.predict(without) == trees.predict(unknown)).all()


def test_a_column_that_is_new_or_elsewhere_changes_nothing(past: Examples, trees: QuantileModel) -> None:
    other = replace(past, features=past.features.assign(new=1.0)[["new", "other", "size"]])
    assert (trees.predict(other) == trees.predict(past)).all()


def test_a_model_and_a_spec_never_seen_are_answered(trees: QuantileModel) -> None:
    strange = examples_of([run_of(0, "naïve 'spec'\n", None, None), run_of(1, "", "new", None)], size=[1, np.inf])
    found = trees.predict(strange)
    assert np.isfinite(found).all()
    assert (found > 0).all()


def test_no_example_is_no_answer(past: Examples, trees: QuantileModel) -> None:
    assert trees.predict(past.take([])).shape == (0, 3)


def test_losses_are_of_the_runs_that_count(past: Examples, trees: QuantileModel) -> None:
    runs = [replace(run, duration_seconds=None) if number < 3 else run for number, run in enumerate(past.runs)]
    assert len(trees.losses(replace(past, runs=tuple(runs)))) == len(past) - 3


def test_too_few_runs_are_refused_in_words() -> None:
    with pytest.raises(ValueError, match="not enough runs to predict duration_seconds: 12 runs"):
        QuantileModel.fit(quantities(0, 12, size_matters=True), PerformanceParameters(DURATION))


def test_parameters_come_back_from_json_and_others_are_refused() -> None:
    parameters = PerformanceParameters(DURATION, "svr", svr_cost=2.5)
    assert (
        parameters_from(json.loads(json.dumps({"target": DURATION, "algorithm": "svr", "svr_cost": 2.5}))) == parameters
    )
    with pytest.raises(ValueError, match="no such parameter: depth"):
        parameters_from({"target": DURATION, "depth": 3})
    with pytest.raises(ValueError, match="a target is needed"):
        parameters_from({})
    with pytest.raises(ValueError, match="no algorithm 'forest': elastic_net, svr"):
        parameters_from({"target": DURATION, "algorithm": "forest"})


def shout(values: np.ndarray) -> np.ndarray:
    raise AssertionError("a file of a model was executed")


@pytest.mark.parametrize("foreign", [shout, np.abs], ids=["a function of somebody", "one that skops would trust"])
def test_an_artefact_with_a_foreign_type_is_refused(
    foreign: object, past: Examples, trees: QuantileModel, tmp_path: Path
) -> None:
    trees.save(tmp_path)
    skops.io.dump(make_pipeline(FunctionTransformer(foreign), ElasticNet()), tmp_path / "pipeline.skops")
    with pytest.raises(ValueError, match=r"holds .*FunctionTransformer.*, which no model of ours is made of"):
        QuantileModel.load(tmp_path)


def test_a_file_that_is_none_of_skops_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pipeline.skops").write_bytes(b"\x80\x04N.")
    with pytest.raises(ValueError, match="is no file of skops"):
        read_pipeline(tmp_path / "pipeline.skops")


def test_a_model_of_another_format_is_refused(trees: QuantileModel, tmp_path: Path) -> None:
    trees.save(tmp_path)
    file = tmp_path / "model.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"format": 2}))
    with pytest.raises(ValueError, match="is of format 2, not 1"):
        QuantileModel.load(tmp_path)
