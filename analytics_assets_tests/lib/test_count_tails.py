"""How often as much is counted by chance, and whether days agree."""

import numpy as np
import pytest
from scipy.stats import ttest_1samp

from analytics_assets.lib.by_day import days_p_value
from analytics_assets.lib.count_tails import as_many_or_more


@pytest.mark.parametrize(("mean", "variance"), [(4.0, 4.0), (4.0, 2.0), (4.0, 12.0), (0.5, 0.8)])
def test_tails_are_those_of_counts_drawn_at_random(mean, variance):
    rng = np.random.default_rng(0)
    rates = rng.gamma(mean**2 / (variance - mean), (variance - mean) / mean, 200_000) if variance > mean else mean
    drawn = rng.poisson(rates, 200_000)
    for count in (0, 1, 3, 8):
        assert float(as_many_or_more(count, mean, variance)) == pytest.approx(np.mean(drawn >= count), abs=0.005)


def test_many_are_told_at_once_and_of_nothing_expected_nothing_is_likely():
    told = as_many_or_more([0, 3, 3], [0.0, 0.0, 2.0], [0.0, 0.0, 9.0])
    assert told[:2].tolist() == [1.0, 0.0]
    assert told[2] == as_many_or_more(3, 2.0, 9.0)


def test_days_agree_as_the_t_test_says():
    sums = np.random.default_rng(1).normal(0.4, 1, 28)
    assert days_p_value(sums, both_ways=True) == pytest.approx(ttest_1samp(sums, 0).pvalue)
    assert days_p_value(sums, both_ways=False) == pytest.approx(ttest_1samp(sums, 0, alternative="greater").pvalue)
    assert days_p_value(-sums, both_ways=False) > 0.5


@pytest.mark.parametrize("sums", [[], [3.0], [2.0, 2.0], [0.0, 0.0]], ids=["none", "one", "alike", "nothing"])
def test_days_that_do_not_vary_are_no_evidence(sums):
    assert days_p_value(np.array(sums), both_ways=True) == 1.0
