"""Probabilities of Beta posteriors, against draws from them and against exact sums."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_assets.lib.posterior import probability_below, probability_lower, probability_of_a_difference


def counts(largest=200):
    return st.integers(0, largest).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize("case", [(35, 47, 0, 3), (2, 8, 0, 5), (0, 0, 0, 0), (10, 1000, 20, 1000), (5, 10, 900, 1000)])
def test_as_many_draws_are_lower_as_is_said(case):
    failures, runs, other_failures, other_runs = case
    rng = np.random.default_rng(1)
    draws = rng.beta(1 + failures, 1 + runs - failures, 400_000)
    others = rng.beta(1 + other_failures, 1 + other_runs - other_failures, 400_000)
    assert probability_lower(*case) == pytest.approx((others < draws).mean(), abs=0.003)
    assert probability_lower(*case, margin=0.05) == pytest.approx((others < draws + 0.05).mean(), abs=0.003)


@given(counts(), counts())
def test_one_of_the_two_is_lower(one, other):
    assert probability_lower(*one, *other) + probability_lower(*other, *one) == pytest.approx(1.0, abs=0.005)


@given(counts(60), st.floats(0.01, 0.99))
def test_a_share_is_below_a_bound_as_often_as_enough_trials_succeed(counted, bound):
    failures, runs = counted
    # Beta(a, b) of whole numbers is the tail of a binomial: at least a of a + b - 1.
    exact = sum(comb(runs + 1, k) * bound**k * (1 - bound) ** (runs + 1 - k) for k in range(failures + 1, runs + 2))
    assert probability_below(failures, runs, bound) == pytest.approx(exact, abs=1e-9)


def test_looking_at_more_alternatives_makes_a_difference_less_likely():
    one, many = (probability_of_a_difference(20, 60, 8, 60, alternatives=n) for n in (1, 9))
    assert many < one


def test_without_runs_a_difference_is_as_likely_as_before():
    assert probability_of_a_difference(0, 0, 0, 0, alternatives=1) == pytest.approx(0.5)
    assert probability_of_a_difference(0, 0, 0, 0, alternatives=5) == pytest.approx(0.1)


def test_a_difference_beyond_doubt_is_certain_and_no_overflow():
    assert probability_of_a_difference(0, 100_000, 100_000, 100_000, alternatives=3) == pytest.approx(1.0)


@pytest.mark.parametrize("wrong", [(3, 2, 0, 0), (0, 0, -1, 2)])
def test_impossible_counts_are_refused(wrong):
    with pytest.raises(ValueError, match="failures of"):
        probability_lower(*wrong)


def test_no_alternative_at_all_is_refused():
    with pytest.raises(ValueError, match="alternative"):
        probability_of_a_difference(1, 2, 1, 2, alternatives=0)
