"""Effects against published examples, SciPy, and counts by hand."""

from __future__ import annotations

from itertools import combinations
from math import comb
from statistics import NormalDist, median

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import false_discovery_control

from analytics_assets.lib.effects import (
    RankTest,
    adjusted_p_values,
    evenly_spaced,
    median_difference,
    median_difference_interval,
    needed_runs,
    newcombe_interval,
    proportions_p_value,
    rank_test,
)

NEWCOMBE = [
    # R. G. Newcombe, Statistics in Medicine 17 (1998), table II, method 10.
    ((56, 70, 48, 80), (0.0524, 0.3339)),
    ((9, 10, 3, 10), (0.1705, 0.8090)),
    ((6, 7, 2, 7), (0.0582, 0.8062)),
    ((5, 56, 0, 29), (-0.0381, 0.1926)),
    ((0, 10, 0, 20), (-0.1611, 0.2775)),
    ((0, 10, 0, 10), (-0.2775, 0.2775)),
    ((10, 10, 0, 20), (0.6791, 1.0000)),
    ((10, 10, 0, 10), (0.6075, 1.0000)),
]
COUNTS = st.integers(1, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
P_VALUES = st.lists(st.none() | st.floats(0, 1), max_size=30)
VALUES = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30)


@pytest.mark.parametrize(("counts", "published"), NEWCOMBE)
def test_the_interval_of_a_difference_is_the_published_one(counts, published):
    assert newcombe_interval(*counts) == pytest.approx(published, abs=5e-5)


@given(COUNTS, COUNTS)
def test_the_interval_holds_the_difference_stays_within_one_and_turns_with_the_sides(a, b):
    low, high = newcombe_interval(*a, *b)
    assert -1 <= low <= a[0] / a[1] - b[0] / b[1] <= high <= 1
    assert newcombe_interval(*b, *a) == pytest.approx((-high, -low))


def test_the_interval_holds_the_truth_nineteen_times_in_twenty():
    rng = np.random.default_rng(7)
    first, second = rng.binomial(60, 0.7, 2000), rng.binomial(40, 0.5, 2000)
    intervals = [newcombe_interval(int(a), 60, int(b), 40) for a, b in zip(first, second, strict=True)]
    assert 0.93 <= np.mean([low <= 0.2 <= high for low, high in intervals]) <= 0.97


def test_a_side_without_runs_has_no_interval_and_no_test():
    assert newcombe_interval(0, 0, 1, 2) is None
    assert newcombe_interval(1, 2, 0, 0) is None
    assert proportions_p_value(0, 0, 1, 2) is None
    assert proportions_p_value(1, 2, 0, 0) is None


def exact(successes_a, n_a, successes_b, n_b):
    """Fisher's test by its definition: all tables with these margins that are no likelier than the one seen."""
    total = successes_a + successes_b

    def likelihood(k):
        return comb(n_a, k) * comb(n_b, total - k) / comb(n_a + n_b, total)

    seen = likelihood(successes_a)
    tables = range(max(0, total - n_b), min(n_a, total) + 1)
    return sum(likelihood(k) for k in tables if likelihood(k) <= seen * (1 + 1e-7))


@pytest.mark.parametrize("counts", [(2, 2, 0, 2), (7, 9, 1, 8), (30, 40, 12, 35), (5, 5, 5, 5), (100, 121, 85, 121)])
def test_the_test_of_rates_sums_what_is_as_unlikely_as_what_was_seen(counts):
    assert proportions_p_value(*counts) == pytest.approx(exact(*counts))


@given(COUNTS, COUNTS)
@settings(max_examples=50, deadline=None)
def test_the_test_of_rates_does_not_care_which_side_is_first(a, b):
    assert proportions_p_value(*a, *b) == pytest.approx(proportions_p_value(*b, *a))
    assert 0 <= proportions_p_value(*a, *b) <= 1


def test_two_against_two_prove_nothing():
    assert proportions_p_value(2, 2, 0, 2) == pytest.approx(1 / 3)


@pytest.mark.parametrize("counts", [(3, 2, 1, 2), (-1, 2, 1, 2), (1, 2, 3, 2)])
def test_impossible_counts_are_an_error(counts):
    with pytest.raises(ValueError, match="successes of"):
        proportions_p_value(*counts)
    with pytest.raises(ValueError, match="successes of"):
        newcombe_interval(*counts)


@pytest.mark.parametrize(
    ("rate", "expected", "runs"), [(0.75, 0.10, 8), (0.30, 0.15, 121), (0.10, 0.05, 435), (0.05, 0.10, 435)]
)
def test_the_needed_runs_are_the_known_ones(rate, expected, runs):
    assert needed_runs(rate, expected) == runs


@pytest.mark.parametrize(("rate", "expected"), [(0.30, 0.15), (0.6, 0.8)])
def test_with_the_needed_runs_four_in_five_changes_are_seen(rate, expected):
    n = needed_runs(rate, expected)
    rng = np.random.default_rng(1)
    before, after = rng.binomial(n, rate, 20_000) / n, rng.binomial(n, expected, 20_000) / n
    mean = (before + after) / 2
    z = np.abs(before - after) / np.sqrt(2 * mean * (1 - mean) / n)
    assert np.mean(z > NormalDist().inv_cdf(0.975)) == pytest.approx(0.80, abs=0.03)


def test_a_change_of_nothing_can_never_be_seen_and_a_share_is_a_share():
    assert needed_runs(0.5, 0.5) is None
    with pytest.raises(ValueError, match="shares"):
        needed_runs(0.5, 1.1)


def test_the_ranks_of_small_samples_are_counted_out():
    a, b = [1.0, 2.0, 4.0], [3.0, 5.0, 6.0, 7.0]
    pairs = sum(x > y for x in a for y in b)
    ways = [sum(x > y for x in left for y in {*a, *b} - {*left}) for left in combinations([*a, *b], 3)]
    middle = len(a) * len(b) / 2
    as_far = sum(abs(u - middle) >= abs(pairs - middle) for u in ways) / len(ways)
    assert rank_test(a, b) == pytest.approx(RankTest(as_far, pairs / 12))


@given(VALUES, VALUES)
@settings(deadline=None)
def test_superiority_is_the_share_of_pairs_that_are_larger_with_ties_as_halves(a, b):
    pairs = [(x > y) + 0.5 * (x == y) for x in a for y in b]
    test = rank_test(a, b)
    assert test.superiority == pytest.approx(np.mean(pairs))
    assert 0 <= test.p_value <= 1
    assert test.p_value == pytest.approx(rank_test(b, a).p_value)


def test_equal_values_are_no_difference():
    assert rank_test([2, 2, 2], [2, 2]) == RankTest(1.0, 0.5)


def test_samples_of_nothing_have_no_ranks_and_no_medians():
    assert rank_test([], [1.0]) is None
    assert median_difference([1.0], []) is None
    assert median_difference_interval([1.0], [1.0, 2.0]) is None


def test_the_interval_of_medians_holds_the_truth_about_nineteen_times_in_twenty():
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(200):
        low, high = median_difference_interval(rng.lognormal(0.5, 1, 60), rng.lognormal(0, 1, 60))
        held += low <= np.exp(0.5) - 1 <= high
    assert 0.90 <= held / 200 <= 0.99


@given(VALUES.filter(lambda v: len(v) > 1), VALUES.filter(lambda v: len(v) > 1))
@settings(max_examples=25, deadline=None)
def test_the_interval_of_medians_is_the_same_each_time_and_within_what_there_is(a, b):
    interval = median_difference_interval(a, b)
    assert interval == median_difference_interval(a, b)
    assert min(a) - max(b) - 1e-6 <= interval.low <= interval.high <= max(a) - min(b) + 1e-6


@given(st.lists(st.floats(-1e6, 1e6), max_size=60), st.integers(2, 40))
def test_values_in_place_of_many_are_in_order_and_hold_both_ends(values, most):
    kept = evenly_spaced(values, most)
    assert kept == sorted(kept)
    assert len(kept) == min(most, len(values))
    if values:
        assert (kept[0], kept[-1]) == (min(values), max(values))


def test_the_median_of_the_kept_values_is_the_median_of_all():
    values = list(np.random.default_rng(5).lognormal(0, 1, 20_001))
    assert median(evenly_spaced(values, 501)) == median(values)


@given(P_VALUES)
def test_adjusted_p_values_are_those_of_scipy_and_leave_out_what_is_not_known(p_values):
    adjusted = adjusted_p_values(p_values)
    known = [p for p in p_values if p is not None]
    assert [p is None for p in adjusted] == [p is None for p in p_values]
    assert [p for p in adjusted if p is not None] == pytest.approx(
        list(false_discovery_control(known)) if known else []
    )


def test_of_the_fifteen_published_p_values_four_stay_significant():
    # Benjamini and Hochberg (1995), section 4.
    published = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344]
    published += [0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    assert sum(p <= 0.05 for p in adjusted_p_values(published)) == 4
