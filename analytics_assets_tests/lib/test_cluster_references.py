"""Clouds without groups: the marginals, correlations and gaps of the points, and one hump."""

from __future__ import annotations

import numpy as np
import pytest

from analytics_assets.lib.cluster_references import References, Scale, one_hump

PLAIN, LOGARITHMIC = Scale(is_logarithmic=False), Scale(is_logarithmic=True)
SHARES = (np.arange(4_000) + 0.5) / 4_000
RNG = np.random.default_rng(0)


def drawn(matrix, scale=PLAIN):
    return References(matrix, [scale] * matrix.shape[1]).cloud(np.random.default_rng(1))


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        (RNG.standard_normal(400), PLAIN),
        (RNG.exponential(size=400), PLAIN),
        (RNG.random(400), PLAIN),
        (RNG.lognormal(3, 1, 400), LOGARITHMIC),
    ],
    ids=["normal", "exponential", "uniform", "lognormal"],
)
def test_one_hump_stays_as_it_is(values, scale):
    again = one_hump(values, scale).at(SHARES)
    places = np.sort(scale.of(values))
    below = np.searchsorted(np.sort(again), places) / len(again)
    # As near as another sample of 400 would be.
    assert np.abs(below - (np.arange(400) + 0.5) / 400).max() < 0.07
    assert (again.min(), again.max()) == pytest.approx((places[0], places[-1]), abs=0.3)


def test_between_two_humps_the_gap_is_filled():
    values = np.concatenate([RNG.normal(0, 1, 240), RNG.normal(12, 1, 160)])
    is_between = (values > 3.5) & (values < 8.5)
    again = one_hump(values, PLAIN).at(SHARES)
    assert is_between.mean() == 0
    assert ((again > 3.5) & (again < 8.5)).mean() > 0.1
    counts, _ = np.histogram(again, bins=np.arange(-1, 14, 3))
    assert all(counts[1:-1] >= counts[2:] - 10)


@pytest.mark.parametrize("scale", [PLAIN, LOGARITHMIC], ids=["plain", "logarithmic"])
def test_counts_stay_counts_and_a_gap_between_them_is_filled_with_counts(scale):
    counts = np.concatenate([RNG.integers(1, 4, 200), RNG.integers(11, 14, 200)]).astype(float)
    again = one_hump(counts, scale).at(SHARES)
    assert {round(value, 9) for value in again} <= {round(value, 9) for value in scale.of(np.arange(1.0, 14.0))}
    assert np.isin(np.round(again, 9), np.round(scale.of(np.arange(4.0, 11.0)), 9)).mean() > 0.1


def test_zeros_stay_zeros_beside_the_hump_of_the_others():
    rates = np.where(np.arange(400) % 5 > 0, 0.0, RNG.uniform(0.3, 0.6, 400))
    cloud = drawn(rates[:, None])
    assert (cloud == 0).mean() == pytest.approx(0.8, abs=0.06)
    assert cloud[cloud > 0].min() >= 0.3


@pytest.mark.parametrize("step", [0.0, 1.0], ids=["continuous", "few values"])
def test_ranks_correlate_as_those_of_the_points(step):
    from scipy.stats import spearmanr

    points = RNG.multivariate_normal([0, 0, 0], [[1, 0.8, 0], [0.8, 1, -0.3], [0, -0.3, 1]], 2_000)
    points = np.round(points / step) * step if step else points
    correlations, again = spearmanr(points).statistic, spearmanr(drawn(points)).statistic
    assert np.abs(correlations - again).max() < 0.08


def test_what_is_not_known_is_not_drawn():
    points = RNG.standard_normal((60, 2))
    points[::3, 0] = np.nan
    points[1::3, 1] = np.nan
    assert np.array_equal(np.isnan(drawn(points)), np.isnan(points))


def test_columns_that_are_never_known_together_are_taken_as_independent():
    points = RNG.standard_normal((60, 2))
    points[::2, 0] = np.nan
    points[1::2, 1] = np.nan
    assert np.isfinite(drawn(points)).sum() == 60
