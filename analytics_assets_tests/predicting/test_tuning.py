"""A search over parameters finds what is planted, and takes over nothing that later data does not bear out."""

from dataclasses import replace

import numpy as np
import pytest

from analytics_assets.predicting.purposes import PURPOSES
from analytics_assets.predicting.splits import time_split
from analytics_assets.predicting.tuning import Range, Task, tune
from analytics_assets.predicting.tuning_rounds import tune_model
from analytics_assets_tests.predicting.run_worlds import small_world

FOLDS, HELD_BACK = (0, 1, 2), 3


def losses_around(best, spread=0.02):
    """Each fold's losses grow with the distance from ``best``, which the folds share or do not."""

    def losses(parameters, fold):
        noise = np.random.default_rng(fold).normal(0, spread, 200)
        return 0.2 + (parameters["depth"] - best(fold)) ** 2 / 100 + noise

    return losses


def task(losses, **space):
    return Task(space or {"depth": Range(1, 12)}, losses, FOLDS, HELD_BACK)


def test_a_planted_better_value_is_found_and_taken_over():
    tuned = tune(task(losses_around(lambda _: 6)), {"depth": 1, "seed": 7})
    assert tuned.is_accepted
    assert tuned.parameters == {"depth": 6, "seed": 7}
    assert tuned.improvement == pytest.approx(1 - 0.2 / 0.45, abs=0.02)
    assert tuned.reason.startswith("the best of 20 trials errs 55 % less on later data")
    assert tuned.reason.endswith("taken over")


def test_what_only_the_searched_past_bears_out_is_not_taken_over():
    tuned = tune(task(losses_around(lambda fold: 1 if fold == HELD_BACK else 6)), {"depth": 1})
    assert tuned.proposed == {"depth": 6}
    assert tuned.proposed_score < tuned.previous_score
    assert not tuned.is_accepted
    assert tuned.parameters == {"depth": 1}


def test_a_gain_of_one_lucky_day_is_not_taken_over():
    def losses(parameters, _):
        return np.where((np.arange(200) < 50) & (parameters["depth"] == 6), 0.1, 0.2)

    days = [f"day {number // 50}" for number in range(200)]
    sure, lucky = (
        tune(Task({"depth": Range(1, 12)}, losses, FOLDS, HELD_BACK, luck), {"depth": 1}) for luck in (None, days)
    )
    assert sure.proposed == lucky.proposed == {"depth": 6}
    assert (sure.is_accepted, lucky.is_accepted) == (True, False)
    assert lucky.reason.endswith("which may be chance")


def test_what_versions_are_judged_by_takes_no_part():
    """Neither in the search nor in its verdict: else parameters would be chosen by what then says how good they are."""
    seen, runs = [], small_world(0, 240)

    def fit(examples, _):
        seen.extend(examples.runs)

    def losses(_, examples):
        seen.extend(examples.runs)
        return np.full(len(examples), 0.2)

    purpose = replace(PURPOSES["failure_risk"], fit=fit, losses=losses)
    told = tune_model(purpose, runs, purpose.parameters, trials=1, seconds=60)
    assert told.reason == "the best of 1 trial is what is in use"
    split = time_split(runs)
    assert max(run.known_at for run in seen) < split.at
    assert {run.run_id for run in seen} == {
        run.run_id for run, known in zip(runs.runs, split.train, strict=True) if known
    }
    few = tune_model(purpose, runs.take(range(100)), purpose.parameters, trials=1, seconds=60)
    assert few.endswith("90 needed; those that versions are judged by are left out")


def test_less_than_two_percent_is_not_taken_over():
    def losses(parameters, _):
        return np.full(200, 0.2 if parameters["depth"] == 1 else 0.1962)

    tuned = tune(task(losses), {"depth": 1})
    assert tuned.improvement == pytest.approx(0.019)
    assert not tuned.is_accepted
    assert tuned.reason.endswith("errs 2 % less on later data that took no part in the search, and 2 % is asked for")


def test_noise_is_rarely_taken_over():
    def world(seed):
        def losses(parameters, fold):
            return np.random.default_rng([seed, fold, parameters["depth"]]).normal(0.2, 0.3, 100)

        return losses

    accepted = [tune(task(world(seed)), {"depth": 6}, trials=10).is_accepted for seed in range(20)]
    assert sum(accepted) <= 3


def test_the_same_seed_finds_the_same():
    one, other = (tune(task(losses_around(lambda _: 4), depth=Range(0.5, 12.0)), {"depth": 9.0}) for _ in range(2))
    assert one == other


def test_what_is_in_use_is_tried_first_and_stays_where_nothing_is_better():
    tuned = tune(task(losses_around(lambda _: 5)), {"depth": 5}, trials=3)
    assert tuned.proposed == {"depth": 5}
    assert not tuned.is_accepted
    assert tuned.reason == "the best of 3 trials is what is in use"


def test_no_trial_begins_after_the_time_is_up():
    tuned = tune(task(losses_around(lambda _: 6)), {"depth": 1}, trials=1_000_000, seconds=0.05)
    assert 1 <= tuned.trials < 10_000


def test_a_model_that_cannot_be_judged_is_worse_than_any():
    def losses(parameters, _):
        return np.full(100, np.nan if parameters["depth"] > 3 else 0.2 + parameters["depth"] / 100)

    assert tune(task(losses), {"depth": 3}).proposed["depth"] <= 3


@pytest.mark.parametrize(("space", "folds"), [({}, FOLDS), ({"depth": Range(1, 2)}, ())])
def test_nothing_to_change_or_to_judge_by_is_an_error(space, folds):
    with pytest.raises(ValueError, match="are needed"):
        tune(Task(space, losses_around(lambda _: 1), folds, HELD_BACK), {"depth": 1})
