"""Splits by time: nothing that was not known before the split is learnt from."""

from datetime import timedelta

import numpy as np
import pytest

from analytics_assets.predicting.examples import examples
from analytics_assets.predicting.splits import rolling_origins, time_split
from analytics_assets_tests.predicting.run_worlds import END, a_run, small_world


def test_the_last_three_tenths_are_judged_by_what_was_known_before_them():
    found = small_world(0, 200)
    split = time_split(found)
    assert split.at == found.runs[140].started_at
    assert split.test.sum() == 60
    assert (found.known_at[split.train] < np.datetime64(split.at, "us")).all()
    assert not (split.train & split.test).any()


def test_a_run_that_was_under_way_at_the_split_is_on_neither_side():
    late = END + timedelta(days=30)
    runs = [a_run(number, known_at=late) if number == 100 else a_run(number) for number in range(200)]
    split = time_split(examples(runs))
    assert not split.train[100]
    assert not split.test[100]
    assert split.train[99]


def test_outcomes_of_unknown_time_and_runs_without_one_are_not_learnt_from():
    runs = [a_run(n, known_at=None) if n < 20 else a_run(n, is_failed=None) if n < 40 else a_run(n) for n in range(200)]
    split = time_split(examples(runs))
    assert not split.train[:40].any()
    assert split.train[40:140].all()


@pytest.mark.parametrize("runs", [0, 1, 12, 89])
def test_too_few_runs_are_told_in_a_sentence(runs):
    said = time_split(small_world(0, runs))
    assert said.startswith("not enough runs to judge a model")
    assert f"{runs} run" in said


def test_runs_that_all_start_at_one_moment_cannot_be_split():
    runs = [a_run(0, run_id=f"r{number}") for number in range(200)]
    assert "0 were known before" in time_split(examples(runs))
    assert rolling_origins(examples(runs)) == []


def test_each_look_back_judges_up_to_the_next_one_and_no_run_twice():
    found = small_world(0, 400)
    splits = rolling_origins(found, 4)
    assert len(splits) == 4
    judged = np.sum([split.test for split in splits], axis=0)
    assert (judged[160:] == 1).all()
    assert not judged[:160].any()
    for split in splits:
        assert (found.known_at[split.train] < np.datetime64(split.at, "us")).all()
        assert (found.started_at[split.test] >= np.datetime64(split.at, "us")).all()
