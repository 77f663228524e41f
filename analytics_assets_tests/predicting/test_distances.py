"""Distances are 0 to 1 on one scale, and p-values are right where nothing moved."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from analytics_assets.predicting.distances import categories_moved, numbers_moved

NAMES = [f"spec-{number}" for number in range(6)]


def normal(seed, n, mean=0.0):
    return np.random.default_rng(seed).normal(mean, 1, n)


def drawn(seed, n, weights=None):
    return np.random.default_rng(seed).choice(NAMES, n, p=weights).tolist()


def bursts(seed, n, length):
    """Runs in groups that share their value."""
    return np.repeat(np.random.default_rng(seed).normal(size=-(-n // length)), length)[:n]


def test_the_distance_of_small_samples_is_scipys():
    first, second = normal(0, 200), normal(1, 80, 0.5)
    ours, theirs = numbers_moved(first, second), stats.ks_2samp(first, second, method="asymp")
    assert ours.test == "kolmogorov_smirnov"
    assert ours.distance == ours.statistic == pytest.approx(theirs.statistic)
    assert ours.p_value == pytest.approx(theirs.pvalue, abs=0.03)


def test_chi_square_is_scipys_where_no_cell_is_small():
    first, second = drawn(0, 600), drawn(1, 300, [0.3, 0.3, 0.1, 0.1, 0.1, 0.1])
    counts = [[sample.count(name) for name in NAMES] for sample in (first, second)]
    ours, theirs = categories_moved(first, second), stats.chi2_contingency(counts, correction=False)
    assert ours.test == "chi_square"
    assert ours.statistic == pytest.approx(theirs.statistic)


def test_many_numbers_are_compared_by_psi_computed_by_hand():
    first, second = normal(0, 3000), normal(1, 2000, 0.5)
    edges = np.quantile(first, np.arange(1, 10) / 10)
    before, after = (np.histogram(values, [-np.inf, *edges, np.inf])[0] / len(values) for values in (first, second))
    ours = numbers_moved(first, second)
    assert ours.test == "psi"
    assert ours.statistic == pytest.approx(float(np.sum((after - before) * np.log(after / before))))


@pytest.mark.parametrize("shift", [0.25, 0.5, 1.0, 2.0])
def test_the_same_move_has_the_same_distance_whichever_test_measures_it(shift):
    by_distance = numbers_moved(normal(0, 990), normal(1, 990, shift)).distance
    by_psi = numbers_moved(normal(0, 20_000), normal(1, 20_000, shift)).distance
    true = 2 * stats.norm.cdf(shift / 2) - 1
    assert by_distance == pytest.approx(true, abs=0.07)
    assert by_psi == pytest.approx(true, abs=0.07)


def test_categories_measure_the_same_however_large_the_samples_are():
    moved = [0.35, 0.13, 0.13, 0.13, 0.13, 0.13]
    sizes = [(2000, 200), (900, 900), (300, 900)]
    distances = [categories_moved(drawn(0, n), drawn(1, m, moved)).distance for n, m in sizes]
    assert max(distances) - min(distances) < 0.1
    assert categories_moved(["a"] * 2000, ["b"] * 50).distance == pytest.approx(1, abs=0.01)


def test_of_samples_of_one_world_few_p_values_are_small():
    small = [numbers_moved(normal(seed, 400), normal(seed + 1000, 60)).p_value < 0.05 for seed in range(200)]
    large = [numbers_moved(normal(seed, 1500), normal(seed + 1000, 1200)).p_value < 0.05 for seed in range(200)]
    names = [categories_moved(drawn(seed, 400), drawn(seed + 1000, 120)).p_value < 0.05 for seed in range(200)]
    assert max(map(sum, (small, large, names))) <= 18


def test_bursts_are_worth_less_than_their_runs():
    wrong = [numbers_moved(bursts(seed, 600, 20), bursts(seed + 1000, 100, 20)).p_value < 0.05 for seed in range(100)]
    as_if_apart = [
        stats.ks_2samp(bursts(seed, 600, 20), bursts(seed + 1000, 100, 20)).pvalue < 0.05 for seed in range(100)
    ]
    assert sum(as_if_apart) > 80
    assert sum(wrong) <= 10


def test_names_in_bursts_are_worth_less_too():
    def named(seed, n):
        return [NAMES[int(value * 1000) % 6] for value in bursts(seed, n, 10)]

    wrong = [categories_moved(named(seed, 600), named(seed + 1000, 200)).p_value < 0.05 for seed in range(60)]
    assert sum(wrong) <= 6


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (["a"] * 100, ["a"] * 100),
        ([f"n{number}" for number in range(100)], [f"m{number}" for number in range(100)]),
        ([None] * 60, [None] * 60),
    ],
    ids=["one category", "each once", "nothing known"],
)
def test_categories_that_leave_one_cell_are_not_compared(first, second):
    assert categories_moved(first, second) is None


def test_ten_thousand_names_and_odd_ones_are_compared_in_bounded_cells():
    first = [f"näme {number % 10_000} 'quoted'" for number in range(5000)] + ["often"] * 5000
    second = ["often"] * 2000 + [None] * 2000
    moved = categories_moved(first, second)
    assert moved.distance > 0.3
    assert moved.p_value < 1e-6


def test_constants_and_jumps_have_the_ends_of_the_scale():
    assert numbers_moved(np.ones(100), np.ones(100)).distance == 0
    assert numbers_moved(np.ones(100), np.ones(100)).p_value == pytest.approx(1)
    assert numbers_moved(np.zeros(100), np.ones(100)).distance == 1
    assert numbers_moved(np.zeros(5000), np.ones(5000)).distance > 0.8
    assert numbers_moved([1e308] * 60, [-1e308] * 60).distance == 1
