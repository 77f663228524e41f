"""Does a step stand out among the steps of its pipeline?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from analytics_assets.lib.stand_out import stand_outs


def commits(seed, n=200, steps=6, rate=0.02, odd=0.02):
    """Commits tried once: an execution ends at the step that fails; the last step fails at its own rate."""
    rng = np.random.default_rng(seed)
    rates = np.full(steps, rate)
    rates[-1] = odd
    # A bad day strikes all steps: it is no evidence against one.
    fails = rng.random((n, steps)) < rates * rng.choice([0.3, 3.0], (n, 1))
    first = np.where(fails.any(axis=1), fails.argmax(axis=1), steps)[:, None]
    place = np.arange(steps)[None, :]
    return place == first, (place <= first).astype(float), float((first < steps).sum())


def test_steps_that_are_alike_seldom_stand_out_whichever_comes_last():
    p_values = np.array([[one.p_value for one in stand_outs(*commits(seed))] for seed in range(120)])
    assert (p_values < 0.05).mean(axis=0).max() <= 0.1


def test_a_step_that_is_met_more_often_stands_out():
    found = [stand_outs(*commits(seed, odd=0.1))[-1] for seed in range(30)]
    assert np.mean([one.p_value < 0.01 for one in found]) > 0.8
    assert all(one.expected < 15 for one in found)


def test_steps_tried_alike_are_compared_by_the_binomial_test():
    is_met = np.zeros((40, 4), dtype=bool)
    is_met[:12, 0] = is_met[10:14, 1] = True
    first = stand_outs(is_met, np.full((40, 4), 3.0), 16.0)[0]
    assert first.expected == 4
    assert first.p_value == pytest.approx(binomtest(12, 16, 0.25, alternative="greater").pvalue)


def test_a_step_that_is_tried_more_often_may_be_met_more_often():
    is_met = np.zeros((40, 2), dtype=bool)
    is_met[:20, 0] = True
    often = np.column_stack([np.full(40, 9.0), np.full(40, 1.0)])
    alike, more = stand_outs(is_met, np.ones((40, 2)), 1.0)[0], stand_outs(is_met, often, 1.0)[0]
    assert alike.expected == 10
    assert 17.5 < more.expected < 18
    assert more.p_value > alike.p_value


@pytest.mark.parametrize(
    "tries", [np.zeros((0, 2)), np.ones((5, 1)), np.zeros((5, 2)), np.array([[1.0, 0.0]])], ids=str
)
def test_without_another_step_or_a_try_nothing_can_be_said(tries):
    assert set(stand_outs(tries > 0, tries, 1.0)) == {(None, None)}


@pytest.mark.parametrize(("is_met", "failures"), [(False, 0.0), (True, 10.0)], ids=["none fails", "all fail"])
def test_where_all_steps_do_the_same_none_stands_out(is_met, failures):
    for found in stand_outs(np.full((5, 2), is_met), np.ones((5, 2)), failures):
        assert found.p_value > 0.5
