"""Trends over days. The rates over many seeds are in benchmarks/RESULTS.md."""

import numpy as np
import pytest

from analytics_assets.lib.detectors import Series, trend
from analytics_assets.lib.detectors.trend import daily_values
from analytics_assets_tests.lib.detectors.signal_worlds import KINDS, SPREADS, noise, times


def rising(kind, seed, by):
    series = noise(kind, seed)
    return Series(kind, series.times, series.values + by * np.arange(len(series)) / 24)


@pytest.mark.parametrize("kind", KINDS)
def test_of_noise_one_trend_in_twenty_is_significant_by_itself(kind):
    found = sum(trend(noise(kind, seed)).p_value < 0.05 for seed in range(40))
    assert found <= 6


@pytest.mark.parametrize("kind", ["white noise", "daily season", "lognormal"])
def test_a_slope_of_two_deviations_in_four_weeks_is_found_with_its_interval(kind):
    by = 2 * SPREADS[kind] / 28
    found = [trend(rising(kind, seed, by)) for seed in range(20)]
    assert sum(line.direction == "increasing" for line in found) >= 18
    assert sum(line.low <= by <= line.high for line in found) >= 17


def test_a_falling_signal_is_decreasing():
    line = trend(rising("white noise", 1, -1.0))
    assert line.direction == "decreasing"
    assert line.slope_per_day == pytest.approx(-1, abs=0.2)
    assert line.high < 0


def test_slope_and_test_are_those_of_scipy_where_days_are_independent():
    from scipy.stats import kendalltau, theilslopes

    rng = np.random.default_rng(5)
    days = rng.normal(100, 5, 20) + np.arange(20) * 0.4
    series = Series("days", times(20, 86_400), days)
    line = trend(series)
    expected = theilslopes(days, np.arange(20))
    assert line.slope_per_day == pytest.approx(expected.slope)
    assert line.low <= expected.low_slope + 1e-9
    assert line.high >= expected.high_slope - 1e-9
    # Days that remember can only make it less sure.
    assert line.p_value >= kendalltau(np.arange(20), days, method="asymptotic").pvalue * 0.9


def test_a_daily_season_is_no_trend():
    series = Series("season", times(240), np.sin(np.arange(240) * np.pi / 12) + 2)
    assert trend(series).direction == "stable"
    assert trend(series).slope_per_day == pytest.approx(0, abs=1e-9)


def test_days_that_jump_to_and_fro_are_volatile():
    days = np.where(np.arange(28 * 24) // 24 % 2, 100.0, 300.0)
    line = trend(Series("batch", times(28 * 24), days))
    assert line.direction == "volatile"
    assert line.volatility > 0.25


def test_a_seldom_failing_tool_is_not_volatile_for_its_samples():
    for kind in ("rate of 1.5 an hour", "rate of 40 an hour"):
        assert "volatile" not in {trend(noise(kind, seed)).direction_if(False) for seed in range(10)}


def test_a_verdict_from_elsewhere_decides():
    line = trend(rising("white noise", 1, 1.0))
    assert line.direction_if(False) == "stable"
    assert line.direction_if(True) == "increasing"


def test_a_day_of_a_rate_is_the_share_of_its_samples():
    values, samples = np.tile([0.0, 1.0], 84), np.tile([9.0, 1.0], 84)
    _, days, sampled = daily_values(Series("rate", times(168), values, samples, is_rate=True))
    assert days == pytest.approx([0.1] * 7)
    assert sampled == pytest.approx([np.sqrt(0.09 / 120)] * 7)


def test_a_day_with_a_few_points_is_left_out():
    series = noise("white noise", 1)
    kept = np.r_[0:240, 250:672:1]
    kept = kept[(kept < 264) | (kept >= 284)]
    days, values, _ = daily_values(Series("gap", series.times[kept], series.values[kept]))
    assert len(days) == len(values) == 27
    assert set(range(-27, 1)) - set(days.astype(int)) == {-16}


def test_too_few_days_say_why():
    line = trend(noise("white noise", 1, n=6 * 24))
    assert (line.direction, line.p_value, line.n_days) == (None, None, 6)
    assert line.reason == "fewer than 7 days with enough points"
