"""Robust spreads: those of normal values, whatever lies far out, and 0 only where nothing varies."""

from __future__ import annotations

import numpy as np
import pytest

from analytics_assets.lib.robust import median_and_scale, scale_of, scale_within

NORMAL = np.random.default_rng(0).normal(5, 2, 20_000)
EMPTY = np.zeros(0)


def test_of_normal_values_all_are_the_standard_deviation():
    assert median_and_scale(NORMAL) == pytest.approx((5, 2), rel=0.03)
    assert scale_of(NORMAL - 5) == pytest.approx(2, rel=0.03)
    assert scale_within(NORMAL) == pytest.approx(2, rel=0.1)


def test_a_far_value_and_one_that_is_not_known_move_nothing():
    values = np.concatenate([NORMAL, [1e9, np.nan]])
    assert median_and_scale(values) == pytest.approx(median_and_scale(NORMAL), rel=0.01)


def test_of_two_groups_the_spread_within_is_that_of_one():
    both = np.concatenate([NORMAL, NORMAL + 40])
    # A quarter of all is half of one group.
    assert scale_within(both) == pytest.approx(2 * 1.349 / 0.6373, rel=0.1)
    assert scale_of(both - np.median(both)) == pytest.approx(1.4826 * 20, rel=0.1)


def test_where_most_is_one_value_what_varies_still_counts():
    values = np.array([0.0] * 8 + [1.0, 3.0])
    assert median_and_scale(values) == pytest.approx((0, values.std()))
    assert scale_of(values) == scale_within(values) == pytest.approx(1.2533 * 0.4)


@pytest.mark.parametrize("values", [EMPTY, np.full(5, 3.0)], ids=["none", "constant"])
def test_what_does_not_vary_has_no_spread(values):
    assert median_and_scale(values)[1] == scale_of(values - 3) == 0
    assert scale_within(np.full(5, 3.0)) == 0


def test_of_nothing_known_the_median_and_scale_are_zero():
    assert median_and_scale(np.full(3, np.nan)) == (0, 0)
