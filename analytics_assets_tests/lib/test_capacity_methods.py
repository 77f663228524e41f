"""Which method forecasts daily peaks, how wide its band is, and what chance does."""

import numpy as np
import pytest

from analytics_assets.lib import capacity_methods
from analytics_assets.lib.capacity_methods import Peaks, backtest, drift, origins, outlook, seasonal_naive

FIRST = 20_454
SEEDS = 20


def peaks(values, days=None):
    values = np.asarray(values, dtype=float)
    return Peaks(np.arange(FIRST, FIRST + len(values)) if days is None else np.asarray(days), values)


def ahead(history, count=30):
    return np.arange(history.days[-1] + 1, history.days[-1] + 1 + count)


def noise(seed, days, memory=0.0):
    draws = np.random.default_rng(seed).standard_normal(days)
    values = draws.copy()
    for day in range(1, days):
        values[day] = memory * values[day - 1] + np.sqrt(1 - memory**2) * draws[day]
    return values


def test_the_naive_forecast_is_the_last_value_of_the_weekday():
    history = peaks(range(14))
    assert seasonal_naive(history, ahead(history, 8)).tolist() == [7, 8, 9, 10, 11, 12, 13, 7]


def test_a_weekday_that_was_never_seen_is_as_the_last_day():
    history = peaks([5, 6, 7], days=[FIRST, FIRST + 1, FIRST + 2])
    assert seasonal_naive(history, np.array([FIRST + 3])).tolist() == [7]


def test_the_drift_goes_on_as_a_line_and_an_odd_day_does_not_bend_it():
    values = 50 + 0.6 * np.arange(28)
    values[10] = 99
    history = peaks(values)
    assert drift(history, ahead(history, 30))[-1] == pytest.approx(50 + 0.6 * 57)


def test_the_drift_keeps_what_a_weekday_is_above_it():
    week = np.array([0, 0, 0, 0, 0, -20, -20.0])
    values = 60 + np.tile(week, 5)
    history = peaks(values)
    assert drift(history, ahead(history, 7)) == pytest.approx(60 + week, abs=1e-6)


def test_a_look_back_knows_only_what_was_before_it():
    history = peaks(np.random.default_rng(1).normal(60, 2, 30))
    tested = backtest(seasonal_naive, history, origins(history))
    # Counted again without the module: errors against the last value of the weekday before the origin.
    wanted = [
        history.values[origin + lead - 7 * (1 + (lead // 7))] - history.values[origin + lead]
        for origin in range(10, 30)
        for lead in range(min(14, 30 - origin))
    ]
    assert tested.errors == pytest.approx(wanted)
    assert tested.leads.max() == 14


def test_a_trend_is_forecast_by_the_drift_and_its_day_lies_within_the_band():
    found = 0
    for seed in range(SEEDS):
        values = 52 + 0.6 * np.arange(60) + 0.5 * noise(seed, 60)
        history = peaks(values[:30])
        forecast = outlook(history, ahead(history))
        assert forecast.method == "drift"
        found += int(forecast.lower[-1] <= values[-1] <= forecast.upper[-1])
    assert found / SEEDS >= 0.8


@pytest.mark.parametrize(("memory", "least"), [(0.0, 0.8), (0.8, 0.7)], ids=["white noise", "autoregression"])
def test_four_in_five_days_come_within_the_band(memory, least):
    covered = []
    for seed in range(SEEDS):
        values = 60 + noise(seed, 60, memory)
        history = peaks(values[:30])
        forecast = outlook(history, ahead(history))
        covered.append(np.mean((values[30:] >= forecast.lower) & (values[30:] <= forecast.upper)))
    assert least <= np.mean(covered) <= 0.95  # benchmarks/RESULTS.md


def test_noise_far_below_the_limit_never_passes_it():
    over = 0
    for seed in range(SEEDS):
        history = peaks(70 + 2 * noise(seed, 30, 0.5))
        over += int(outlook(history, ahead(history)).values.max() > 80)
    assert over == 0


def test_the_same_every_day_is_forecast_without_a_width():
    forecast = outlook(peaks([40.0] * 20), np.arange(FIRST + 20, FIRST + 50))
    assert (forecast.method, set(forecast.values)) == ("seasonal_naive", {40.0})
    assert (forecast.upper == forecast.lower).all()


def test_days_that_are_missing_are_no_days():
    days = [FIRST + n for n in range(40) if n % 5]
    history = peaks([50 + 0.5 * (day - FIRST) for day in days], days)
    assert drift(history, ahead(history, 1)) == pytest.approx([50 + 0.5 * 40])


def test_a_method_that_is_closer_in_few_looks_back_is_not_chosen():
    values = 52 + 0.6 * np.arange(14)
    forecast = outlook(peaks(values), np.arange(FIRST + 14, FIRST + 20))
    assert forecast.method == "seasonal_naive"
    assert "too short" in forecast.reason


def test_prophet_is_asked_where_it_matters_and_must_be_closer(monkeypatch):
    asked = []

    def exact(history, days):
        asked.append(len(history))
        return 60 + 10 * np.sin(days / 3.0)

    monkeypatch.setitem(capacity_methods.METHODS, "prophet", exact)
    monkeypatch.setattr(capacity_methods, "prophet", exact)
    history = peaks(60 + 10 * np.sin(np.arange(FIRST, FIRST + 30) / 3.0))
    assert outlook(history, ahead(history)).method != "prophet"
    assert not asked
    forecast = outlook(history, ahead(history), is_fitted=lambda quick: quick.method != "prophet")
    assert forecast.method == "prophet"
    assert forecast.values == pytest.approx(60 + 10 * np.sin(ahead(history) / 3.0))
    assert len(asked) == 6


def test_without_a_fit_of_prophet_the_simple_methods_answer(monkeypatch):
    monkeypatch.setattr(capacity_methods, "prophet", lambda *_: None)
    history = peaks(60 + noise(1, 30))
    assert outlook(history, ahead(history), is_fitted=lambda _: True).method in ("seasonal_naive", "drift")


def test_prophet_itself_follows_a_trend():
    history = peaks(50 + 0.6 * np.arange(30) + 0.3 * noise(3, 30))
    forecast = capacity_methods.prophet(history, ahead(history))
    assert forecast[-1] == pytest.approx(50 + 0.6 * 59, abs=4)
