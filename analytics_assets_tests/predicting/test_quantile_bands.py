"""Pinball loss, coverage, and quantiles that are moved to where they held."""

import numpy as np
import pytest

from analytics_assets.predicting.quantile_bands import QUANTILES, banded, coverage, offsets, pinball_losses


def test_the_loss_is_that_of_the_definition() -> None:
    losses = pinball_losses(np.array([2.0]), np.array([[1.0, 2.0, 4.0]]))
    assert losses == pytest.approx([(0.1 * 1 + 0 + 0.1 * 2) / 3])


def test_true_quantiles_lose_least() -> None:
    values = np.random.default_rng(0).normal(size=20_000)
    true = np.quantile(values, QUANTILES)
    best = pinball_losses(values, np.tile(true, (len(values), 1))).mean()
    for changed in (true + 0.2, true - 0.2, true * 1.3, true * 0.7):
        assert pinball_losses(values, np.tile(changed, (len(values), 1))).mean() > best


def test_a_value_on_the_edge_is_covered_and_nothing_covers_nothing() -> None:
    assert coverage(np.array([1.0, 3.0, 4.0, 5.0]), np.tile([1.0, 2.0, 4.0], (4, 1))) == 0.75
    assert np.isnan(coverage(np.empty(0), np.empty((0, 3))))


def test_moved_quantiles_cover_80_percent_of_new_values_whatever_the_noise() -> None:
    rng = np.random.default_rng(1)
    held = []
    for _ in range(300):
        values = rng.exponential(size=(2, 60))
        moved = offsets(values[0], np.zeros((60, 3)))
        held.append(coverage(values[1], np.tile(moved, (60, 1))))
    assert 0.8 <= np.mean(held) <= 0.83


def test_few_values_move_the_outer_quantiles_to_the_outermost() -> None:
    assert offsets(np.array([3.0, 1.0, 2.0]), np.zeros((3, 3))).tolist() == [1.0, 2.0, 3.0]


def test_quantiles_that_cross_are_sorted_and_held_within_what_was_seen() -> None:
    assert banded(np.array([[3.0, 2.0, 9.0]]), np.array([0.0, 0.5, 0.0]), (2.6, 5.0)).tolist() == [[2.6, 3.0, 5.0]]
