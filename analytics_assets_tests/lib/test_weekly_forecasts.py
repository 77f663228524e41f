"""Which method forecasts health, and how wide its band is."""

from __future__ import annotations

import numpy as np
import pytest

from analytics_assets.lib.weekly_forecasts import Week, forecast_week


def history(health, new=None, fixed=None):
    """Weeks of these scores."""
    zeros = [0] * len(health)
    columns = zip(health, new if new is not None else zeros, fixed if fixed is not None else zeros, strict=True)
    return [Week(None if h is None else float(np.clip(h, 0, 100)), int(n), int(f)) for h, n, f in columns]


def drifting(seed, weeks=60):
    """Health that follows what came and was fixed the week before."""
    rng = np.random.default_rng(seed)
    new, fixed = rng.poisson(8, weeks), rng.poisson(8, weeks)
    health = 60 + np.concatenate([[0], np.cumsum(fixed - new)[:-1]]) * 0.6 + rng.normal(0, 0.5, weeks)
    return history(health, new, fixed)


def walk(seed, weeks=40):
    return history(70 + np.cumsum(np.random.default_rng(seed).normal(0, 1.5, weeks)))


@pytest.mark.parametrize("seed", range(5))
def test_planted_velocity_is_found_and_is_closer(seed):
    forecast = forecast_week(drifting(seed))
    assert forecast.method == "issue_velocity"
    assert forecast.mae < forecast.naive_mae / 2


def test_a_steady_climb_is_followed_by_a_trend_or_velocity():
    forecast = forecast_week(history(20 + 1.5 * np.arange(40) + np.random.default_rng(0).normal(0, 0.2, 40)))
    assert forecast.method != "naive"
    assert forecast.health_score > 78.5


def test_a_random_walk_stays_naive_but_for_one_in_twenty():
    assert sum(forecast_week(walk(seed)).method != "naive" for seed in range(60)) <= 3


def test_the_band_holds_four_fifths_of_what_comes():
    held = []
    for seed in range(150):
        *past, last = walk(seed, 31)
        forecast = forecast_week(past)
        held.append(forecast.lower <= last.health <= forecast.upper)
    assert 0.72 <= np.mean(held) <= 0.9


def test_the_future_is_not_known():
    weeks = drifting(1)
    assert forecast_week(weeks[:40]) == forecast_week([*weeks[:40]])
    errors = [forecast_week(weeks[:n]).health_score for n in (40, 41)]
    changed = [*weeks[:40], Week(5.0, 0, 0)]
    assert forecast_week(changed[:40]).health_score == errors[0]
    assert forecast_week(changed).health_score != errors[1]


@pytest.mark.parametrize("weeks", [0, 1, 4])
def test_too_few_weeks_are_said(weeks):
    forecast = forecast_week(history([70.0] * weeks))
    assert (forecast.method, forecast.health_score, forecast.weeks) == ("insufficient_history", None, weeks)
    assert "5 needed" in forecast.reason


def test_weeks_without_a_measurement_are_no_weeks_of_zero():
    forecast = forecast_week(history([70.0, None, 72.0, None, None, 71.0, 73.0, 74.0, None]))
    assert (forecast.weeks, forecast.health_score, forecast.method) == (5, 74.0, "naive")
    assert forecast.lower == 72.0


def test_a_score_that_never_changes_is_forecast_as_it_is():
    forecast = forecast_week(history([88.0] * 40))
    assert (forecast.method, forecast.health_score, forecast.lower, forecast.upper) == ("naive", 88.0, 88.0, 88.0)


def test_the_band_stays_within_what_health_can_be():
    forecast = forecast_week(history([100.0, 60.0, 100.0, 55.0, 100.0, 98.0]))
    assert (forecast.lower >= 0, forecast.upper) == (True, 100.0)
