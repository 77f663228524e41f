"""When a model is better than the naive answer."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import numpy as np
import pytest

from analytics_assets.lib.judged_models import Judged, gained, log_losses, split_by_time, verdict

FIRST = datetime(2026, 1, 1)


def test_the_split_is_by_time_and_not_by_the_order_of_the_rows():
    moments = [FIRST + timedelta(days=n) for n in np.random.default_rng(0).permutation(100).tolist()]
    split = split_by_time(moments)
    assert split.at == FIRST + timedelta(days=70)
    assert split.is_train.tolist() == [moment < split.at for moment in moments]


def test_what_became_known_at_one_moment_is_on_one_side():
    moments = [FIRST] * 65 + [FIRST + timedelta(days=1)] * 35
    assert split_by_time(moments).is_train.tolist() == [True] * 65 + [False] * 35
    assert "only 0 are older" in split_by_time([FIRST] * 100)


@pytest.mark.parametrize("count", [0, 1, 59])
def test_too_few_examples_are_said_in_words(count):
    assert split_by_time([FIRST] * count) == f"not enough data to judge a model: {count} examples, 60 needed"


def test_the_interval_is_that_of_the_mean():
    rng = np.random.default_rng(1)
    differences = rng.normal(0.5, 1.0, 400)
    gain = gained(differences, np.zeros(400))
    assert gain.mean == pytest.approx(differences.mean())
    assert gain.low == pytest.approx(differences.mean() - 1.645 * differences.std() / 20, abs=0.01)


def test_examples_of_one_group_are_one_piece_of_luck():
    rng = np.random.default_rng(2)
    luck = np.repeat(rng.normal(0.3, 1.0, 40), 10)
    alone, together = gained(luck, luck * 0), gained(luck, luck * 0, groups=[f"g{n // 10}" for n in range(400)])
    assert together.low < alone.low
    assert together.low == pytest.approx(luck.mean() - 1.645 * luck.std() / np.sqrt(40), abs=0.05)


def test_of_few_groups_each_counts_by_what_hangs_on_it():
    """Two groups of a hundred and of two: without the first there is hardly anything."""
    gain = np.array([1.0] * 100 + [-1.0] * 2)
    assert gained(gain, 0 * gain, ["a"] * 100 + ["b"] * 2).low < 0
    assert gained(gain + 1, 0 * gain, ["a"] * 102).low == -math.inf
    assert "which may be chance: all of them share their luck" in verdict(
        gained(gain, 0 * gain, ["a"] * 102), 2.0, naive="the mean", examples="newest 102 fixes"
    )
    even = np.tile([0.9, 1.1], 50)
    found = gained(even, 0 * even, [f"g{n // 10}" for n in range(100)])
    assert found == pytest.approx((1.0, 1.0))


def test_the_best_of_several_has_to_be_further_ahead():
    differences = np.random.default_rng(3).normal(0.2, 1.0, 100)
    assert gained(differences, differences * 0, tries=3).low < gained(differences, differences * 0).low


def test_a_model_that_is_equal_is_published_once_in_twenty_times():
    rng = np.random.default_rng(4)
    published = sum(gained(rng.normal(0, 1, 60), np.zeros(60)).low > 0 for _ in range(400))
    assert 8 <= published <= 32


def test_the_same_losses_have_no_gain():
    assert gained([1.0] * 30, [1.0] * 30) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("naive", "words"),
    [(2.0, "50 % less"), (1.0, "no less"), (0.5, "no less"), (1.1, "may be chance"), (1.001, "under 1 % less")],
)
def test_the_verdict_says_why_without_a_word_of_statistics(naive, words):
    noise = np.random.default_rng(0).normal(0, 1 if words == "may be chance" else 0, 50)
    gain = gained(naive + noise - noise.mean(), np.ones(50))
    said = verdict(gain, naive, naive="the mean", examples="newest 50 fixes")
    assert words in said
    assert "simple answer (the mean) on the newest 50 fixes" in said


def test_a_model_is_published_when_its_losses_are_smaller():
    model = Judged(model="m", target="t", features=(), metric="loss", train_n=70, test_n=30)
    better = model.against("mean", np.full(30, 2.0), np.ones(30), split_at=FIRST, examples="fixes")
    assert (better.is_published, better.score, better.naive_score, better.gain) == (True, 1.0, 2.0, (1.0, 1.0))
    assert better.reason.startswith("the model errs 50 % less than the simple answer (mean) on the newest 30 fixes")
    assert not model.against("mean", np.ones(30), np.ones(30), split_at=FIRST, examples="fixes").is_published


def test_what_was_thought_impossible_costs_no_more_than_one_in_a_thousand():
    assert log_losses([0.0, 1e-9, 0.5, 1.0]) == pytest.approx([np.log(1000), np.log(1000), np.log(2), 0.0])
