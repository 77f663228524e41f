"""Which method forecasts health, and how wide its band is."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pytest

from analytics_assets.lib import weekly_forecasts
from analytics_assets.lib.weekly_forecasts import METHODS, Week, forecast_week, judged_forecast


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
    assert sum(forecast_week(walk(seed)).method != "naive" for seed in range(30)) <= 2


def test_the_band_holds_four_fifths_of_what_comes():
    held = []
    for seed in range(60):
        *past, last = walk(seed, 31)
        forecast = forecast_week(past)
        held.append(forecast.lower <= last.health <= forecast.upper)
    assert 0.72 <= np.mean(held) <= 0.9


def test_a_week_is_forecast_from_the_weeks_before_it_alone(monkeypatch):
    given = {name: [] for name in METHODS}

    def watched(name, method):
        def forecast(history):
            given[name].append(len(history))
            return method(history)

        return forecast

    monkeypatch.setattr(weekly_forecasts, "METHODS", {name: watched(name, method) for name, method in METHODS.items()})
    forecast = forecast_week(drifting(1, 40))
    # Each of the newest 26 weeks is forecast from as many weeks as are before it, and then the next one from all.
    tested = list(range(14, 40))
    last = given.pop(forecast.method)
    assert last == [*tested, 40]
    assert set(map(tuple, given.values())) == {tuple(tested)}


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


def row(forecast, **fields):
    return forecast.row() | {"scope": "overall", "tested_from": date(2026, 3, 2)} | fields


def test_what_the_forecast_is_worth_is_said_as_of_the_other_models():
    better, same = forecast_week(drifting(0)), forecast_week(walk(0))
    judged = judged_forecast([row(same, scope="agents"), row(better)])
    assert judged.is_published
    assert (judged.score, judged.naive_score) == (better.mae, better.naive_mae)
    assert judged.gain.mean == pytest.approx(better.naive_mae - better.mae)
    assert (judged.train_n, judged.test_n, judged.split_at) == (34, 26, datetime(2026, 3, 2))
    assert judged.details["agents"]["method"] == "naive"
    held_back = judged_forecast([row(same)])
    assert not held_back.is_published
    assert held_back.score == same.challenger_mae
    assert held_back.gain.low <= 0


@pytest.mark.parametrize("weeks", [1, 12])
def test_a_forecast_without_a_back_test_is_not_judged(weeks):
    judged = judged_forecast([row(forecast_week(history([70.0] * weeks)), tested_from=None)])
    assert judged.reason.startswith("not enough data")
    assert (judged.is_published, judged.score) == (False, None)
    assert judged_forecast([]).reason == "not enough data: no week has a health score"
