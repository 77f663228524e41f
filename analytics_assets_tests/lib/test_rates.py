"""Rates and their intervals."""

import pytest
from scipy.stats import binomtest

from analytics_assets.lib.rates import success_rate, wilson_interval


def test_a_rate_over_nothing_is_unknown_not_zero():
    assert success_rate(0, 0) is None
    assert wilson_interval(0, 0) is None


def test_a_rate_is_the_share_of_successes():
    assert success_rate(23, 53) == pytest.approx(23 / 53)


@pytest.mark.parametrize(
    ("successes", "executions"), [(0, 1), (1, 1), (2, 2), (23, 53), (62, 104), (10, 10), (950, 1000)]
)
def test_the_interval_agrees_with_an_independent_implementation(successes, executions):
    expected = binomtest(successes, executions).proportion_ci(confidence_level=0.95, method="wilson")
    low, high = wilson_interval(successes, executions)
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-7)


def test_two_of_two_proves_little():
    low, high = wilson_interval(2, 2)
    assert low < 0.35
    assert high == 1.0


@pytest.mark.parametrize("executions", range(1, 60))
def test_the_interval_holds_the_rate_and_stays_a_share(executions):
    for successes in range(executions + 1):
        low, high = wilson_interval(successes, executions)
        assert 0.0 <= low <= successes / executions <= high <= 1.0


@pytest.mark.parametrize(("successes", "executions"), [(3, 2), (-1, 2), (0, -1)])
def test_impossible_counts_are_an_error(successes, executions):
    with pytest.raises(ValueError, match="successes of"):
        success_rate(successes, executions)
    with pytest.raises(ValueError, match="successes of"):
        wilson_interval(successes, executions)
