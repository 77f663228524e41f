"""The contest for durations and costs: planted -> published, noise -> not, and runs that tell nothing."""

import math
from dataclasses import replace

import numpy as np
import pytest

from analytics_assets.predicting.examples import Examples
from analytics_assets.predicting.performance import (
    ALGORITHMS,
    BAR,
    PerformanceJudged,
    PerformanceParameters,
    QuantileModel,
    judge_performance,
    logarithms,
)
from analytics_assets.predicting.quantile_bands import pinball_losses
from analytics_assets.predicting.splits import time_split
from analytics_assets_tests.predicting.quantity_worlds import SPREAD, examples_of, quantities, run_of

DURATION, COST = "duration_seconds", "llm_cost_usd"


def with_values(examples: Examples, values: list[float | None]) -> Examples:
    runs = [replace(run, duration_seconds=value) for run, value in zip(examples.runs, values, strict=True)]
    return replace(examples, runs=tuple(runs))


@pytest.mark.parametrize("target", [DURATION, COST])
def test_what_the_simple_answer_cannot_see_is_published(target: str) -> None:
    judged = judge_performance(quantities(1, size_matters=True), target)
    assert judged.is_published
    assert judged.winner in ALGORITHMS
    assert "with 95 % confidence" in judged.reason
    assert judged.scores[judged.winner].pinball < 0.6 * judged.scores[BAR].pinball


def test_the_winner_comes_near_the_loss_that_chance_leaves() -> None:
    judged = judge_performance(quantities(2, 600, size_matters=True), DURATION)
    rng = np.random.default_rng(0)
    chance = rng.normal(0, SPREAD, 50_000)
    least = pinball_losses(chance, np.tile(np.quantile(chance, [0.1, 0.5, 0.9]), (len(chance), 1))).mean()
    assert judged.winner is not None
    assert judged.scores[judged.winner].pinball < 1.25 * least


def test_where_only_spec_and_model_matter_nothing_is_published() -> None:
    """Of 60 such worlds of 400 runs six were; in half of all some model is a trifle better."""
    judged = [judge_performance(quantities(seed, 250, size_matters=False), DURATION) for seed in (1_000, 1_001)]
    assert not any(one.is_published for one in judged)
    assert all(one.winner for one in judged)


def test_every_contestant_is_scored_on_both_datasets_and_timed() -> None:
    judged = judge_performance(quantities(3, size_matters=True), DURATION)
    assert set(judged.scores) == set(judged.rolling) == {*ALGORITHMS, BAR}
    assert judged.folds == 3
    for name in ALGORITHMS:
        score = judged.scores[name]
        assert score.n == judged.test_n == 120
        assert 0.6 <= score.coverage <= 1
        assert score.width > 1
        assert score.ms is not None
        assert score.ms > 0


def test_the_same_runs_are_judged_alike() -> None:
    one, other = (judge_performance(quantities(4, 150, size_matters=True), DURATION) for _ in range(2))

    def without_times(judged: PerformanceJudged) -> PerformanceJudged:
        return replace(judged, scores={name: replace(score, ms=None) for name, score in judged.scores.items()})

    assert without_times(one) == without_times(other)


def test_nothing_after_the_split_is_learnt_from() -> None:
    """The runs after the split take a hundred times as long: all answers fall behind, and none is another."""
    examples = quantities(5, 150, size_matters=True)
    split = time_split(examples)
    assert not isinstance(split, str)
    longer = [
        (run.duration_seconds or 0) * (100 if late else 1) for run, late in zip(examples.runs, split.test, strict=True)
    ]
    before, after = (judge_performance(one, DURATION) for one in (examples, with_values(examples, longer)))
    for name in ALGORITHMS:
        assert after.scores[name].below == (0.0, 0.0, 0.0)
        assert after.scores[name].width == before.scores[name].width


def test_what_judges_does_not_choose() -> None:
    """After the split all is chance: there another one looks best, and the choice made before stands."""
    examples = quantities(3, 200, size_matters=True)
    split = time_split(examples)
    assert not isinstance(split, str)
    rng = np.random.default_rng(0)
    wild = [
        float(rng.lognormal(5, 3)) if late else run.duration_seconds
        for run, late in zip(examples.runs, split.test, strict=True)
    ]
    calm, chance = (judge_performance(one, DURATION) for one in (examples, with_values(examples, wild)))
    assert chance.winner == calm.winner != min(ALGORITHMS, key=lambda name: chance.scores[name].pinball)
    assert f"did best of 4 for the duration before {split.at:%Y-%m-%d %H:%M}: " in calm.reason


def test_what_is_kept_holds_on_later_runs_in_80_percent() -> None:
    model = QuantileModel.fit(quantities(6, 600, size_matters=True), PerformanceParameters(DURATION))
    later = quantities(16, 1_000, size_matters=True)
    found = model.predict(later)
    actual = np.exp(logarithms(later, DURATION))
    assert 0.75 <= np.mean((found[:, 0] <= actual) & (actual <= found[:, 2])) <= 0.85


def test_runs_count_that_ended_with_a_value_above_zero() -> None:
    values = [10.0, 0.0, -1.0, math.nan, math.inf, None, 20.0]
    runs = [run_of(number, "a", "m", value) for number, value in enumerate(values)]
    runs[6] = replace(runs[6], is_failed=None)
    found = logarithms(examples_of(runs), DURATION)
    assert found[0] == math.log(10)
    assert np.isnan(found[1:]).all()


def test_no_cost_at_all_is_said() -> None:
    judged = judge_performance(examples_of([run_of(number, "a", "m", 10.0) for number in range(200)]), COST)
    assert not judged.is_published
    assert judged.reason == "no run with an outcome has a cost above 0: there is nothing to learn from"
    assert judged.skipped == 200


@pytest.mark.parametrize("runs", [0, 1, 12, 95])
def test_few_runs_are_a_sentence(runs: int) -> None:
    judged = judge_performance(quantities(0, runs, size_matters=True), DURATION)
    assert not judged.is_published
    assert judged.reason.startswith(("not enough runs", "no run with an outcome", "the duration of all"))
    assert judged.winner is None


def test_a_duration_that_never_changes_is_nothing_to_predict() -> None:
    examples = quantities(0, 200, size_matters=True)
    judged = judge_performance(with_values(examples, [60.0] * 200), DURATION)
    assert not judged.is_published
    assert judged.reason == "the duration of all 200 runs is 60 seconds: there is nothing to predict"


def test_a_duration_that_changed_once_is_no_error_of_the_simple_answer() -> None:
    examples = quantities(0, 150, size_matters=True)
    judged = judge_performance(with_values(examples, [10.0] + [60.0] * 149), DURATION)
    assert not judged.is_published
    assert "never errs on the newest 45 runs" in judged.reason


def test_one_spec_one_model_and_features_that_are_never_known_are_judged() -> None:
    rng = np.random.default_rng(0)
    runs = [run_of(number, "a", None, float(np.exp(rng.normal(4, 1)))) for number in range(150)]
    judged = judge_performance(examples_of(runs), DURATION)
    assert not judged.is_published
    assert judged.scores[BAR].n == 45


def test_a_target_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no target 'memory': duration_seconds, llm_cost_usd"):
        judge_performance(quantities(0, 10, size_matters=True), "memory")
