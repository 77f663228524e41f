"""Standardised counts, against the formula of Mantel and Haenszel and against draws."""

from __future__ import annotations

import numpy as np
import pytest

from analytics_assets.lib.stratified import Stratum, standardised

MIXED = [Stratum(160, 200, 8, 10), Stratum(1, 10, 20, 200)]


def test_the_difference_is_the_weighted_mean_of_those_within_strata():
    found = standardised([Stratum(30, 100, 20, 100), Stratum(400, 500, 300, 400)])
    weights = [100 * 100 / 200, 500 * 400 / 900]
    expected = (weights[0] * 0.10 + weights[1] * 0.05) / sum(weights)
    assert found.failures / found.runs - found.other_failures / found.other_runs == pytest.approx(expected, abs=0.01)


def test_two_sides_that_are_alike_in_each_stratum_are_alike():
    found = standardised(MIXED)
    assert found.failures / found.runs == pytest.approx(found.other_failures / found.other_runs, abs=0.03)


def test_the_runs_are_worth_what_the_mean_varies():
    rng = np.random.default_rng(1)
    weight = 200 * 10 / 210
    hard, easy = rng.binomial(200, 0.8, 100_000) / 200, rng.binomial(10, 0.1, 100_000) / 10
    variance = ((weight * hard + weight * easy) / (2 * weight)).var()
    worth = 0.45 * 0.55 / variance
    assert standardised(MIXED).runs == pytest.approx(worth, rel=0.35)


def test_never_more_runs_than_there_were():
    found = standardised([Stratum(50, 50, 50, 50), Stratum(0, 50, 0, 50)])
    assert (found.runs, found.other_runs) == (100, 100)


def test_strata_that_only_one_side_ran_are_left_out():
    assert standardised([Stratum(5, 10, 0, 0), Stratum(3, 12, 5, 40)]) == Stratum(3, 12, 5, 40)
    assert standardised([]) is None
