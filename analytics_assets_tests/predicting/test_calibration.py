"""Calibrated votes: too sure ones are taken back, good ones stay, useless ones become the rate."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from analytics_assets.predicting.calibration import Calibration, logit, sigmoid


def worlds(sureness, n=4_000, seed=0):
    """Votes whose log-odds are so many times the true ones."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(-1, 1, n)
    return sigmoid(sureness * truth), (rng.random(n) < sigmoid(truth)).astype(float)


def test_votes_that_are_twice_too_sure_are_halved():
    assert Calibration.fit(*worlds(2.0)).slope == pytest.approx(0.5, abs=0.05)


def test_votes_that_hold_stay_as_they_are():
    found = Calibration.fit(*worlds(1.0))
    assert found.slope == pytest.approx(1, abs=0.1)
    assert found.intercept == pytest.approx(0, abs=0.1)


def test_of_many_runs_it_is_plain_logistic_regression():
    votes, outcomes = worlds(1.7, n=20_000)
    reference = LogisticRegression(C=1e9, tol=1e-8).fit(logit(votes)[:, None], outcomes)
    found = Calibration.fit(votes, outcomes)
    assert found.slope == pytest.approx(reference.coef_[0, 0], abs=0.02)
    assert found.intercept == pytest.approx(reference.intercept_[0], abs=0.02)


def test_votes_that_point_the_wrong_way_become_the_rate_of_failing():
    votes, outcomes = worlds(1.0)
    found = Calibration.fit(1 - votes, outcomes)
    assert found.slope == 0
    assert found.probabilities([0.1, 0.9]) == pytest.approx(outcomes.mean(), abs=0.01)


@pytest.mark.parametrize(
    ("votes", "outcomes"),
    [([], []), ([0.2] * 49, [0.0, 1.0] * 24 + [1.0]), ([0.2] * 80, [1.0] * 80)],
    ids=["none", "49 runs", "one outcome"],
)
def test_too_little_leaves_the_vote_as_it_is(votes, outcomes):
    found = Calibration.fit(np.array(votes), np.array(outcomes))
    assert (found.slope, found.intercept) == (1.0, 0.0)


def test_a_line_counts_where_it_does_better_on_runs_that_did_not_tell_it():
    too_sure = [worlds(2.0, 300, seed) for seed in range(2)]
    assert Calibration.proved(too_sure).slope == pytest.approx(0.5, abs=0.15)
    assert Calibration.proved(too_sure).n == 600


def test_a_line_that_the_next_look_does_not_bear_out_leaves_the_vote_as_it_is():
    """The causes of failing turned round before the first of two looks, and the voters learnt it by the second."""
    votes, outcomes = worlds(1.0, 300)
    assert Calibration.proved([(1 - votes, outcomes), worlds(1.0, 300, seed=1)]) == Calibration()
    assert Calibration.proved([worlds(2.0, 300)]) == Calibration.proved([]) == Calibration()


def test_a_perfect_vote_stays_a_probability():
    outcomes = np.tile([0.0, 1.0], 100)
    told = Calibration.fit(outcomes, outcomes).probabilities(outcomes)
    assert ((told > 0) & (told < 1)).all()
    assert (told[outcomes == 1] > 0.95).all()
