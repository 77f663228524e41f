"""Scores, gaps, bands and weights of the competition, counted again by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from analytics_assets.lib.competing.backtest import Bounds, Looks, looks_back, origins, relative_error
from analytics_assets.lib.competing.bands import Band, calibrated
from analytics_assets.lib.competing.methods import seasonal_naive
from analytics_assets.lib.competing.scoring import coverage, mase, naive_scale, smape
from analytics_assets.lib.competing.series import Frequency, History, history_of
from analytics_assets.lib.competing.weighing import choose, weights

START = pd.Timestamp("2026-01-05")


def hourly(values):
    return pd.Series(values, index=pd.date_range(START, periods=len(values), freq="h"), dtype=float)


def looks(**answers):
    """Two looks of two steps at 10, 10, 10, 10; each method is off by so much in each."""
    actual = np.full((2, 2), 10.0)
    return Looks(actual, {name: actual + np.array(off, dtype=float)[:, None] for name, off in answers.items()}, 1.0)


def test_steps_that_were_not_measured_are_not_scored():
    actual = np.array([1.0, math.nan, 3.0])
    assert mase(np.array([2.0, 9.0, 3.0]), actual, scale=0.5) == 1.0
    assert smape(np.array([1.0, 9.0, 1.0]), actual) == 50.0
    assert coverage(np.zeros(3), np.array([2.0, 2.0, 2.0]), actual) == 0.5


def test_nothing_to_divide_by_is_no_score():
    assert math.isnan(mase(np.array([1.0]), np.array([1.0]), scale=0.0))
    assert math.isnan(naive_scale(np.array([1.0, 2.0]), 24))
    assert smape(np.zeros(2), np.zeros(2)) == 0.0


def test_a_night_that_was_not_measured_is_filled_as_a_night():
    day = np.r_[np.zeros(12), np.full(12, 10.0)]
    values = np.tile(day, 4)
    values[48:60] = math.nan
    assert history_of(hourly(values), Frequency.HOURLY).filled == pytest.approx(np.tile(day, 4))


def test_a_long_gap_ends_what_is_known():
    values = np.r_[np.ones(100), np.full(49, math.nan), np.full(30, 2.0)]
    assert history_of(hourly(values), Frequency.HOURLY).known == 30
    values[120] = 1.0
    assert history_of(hourly(values), Frequency.HOURLY).known == 131
    assert history_of(hourly(np.r_[np.ones(100), np.full(49, math.nan)]), Frequency.HOURLY).known == 0


def test_steps_that_do_not_follow_one_another_are_refused():
    with pytest.raises(ValueError, match="consecutive"):
        history_of(hourly(np.ones(4)).drop(START + pd.Timedelta(hours=1)), Frequency.HOURLY)


def test_each_look_knows_only_what_was_before_it():
    given = []

    def watched(history, horizon):
        given.append((len(history), horizon))
        return seasonal_naive(history, horizon)

    history = history_of(hourly(np.random.default_rng(0).normal(5, 1, 300)), Frequency.HOURLY)
    found = looks_back(history, 48, {"seasonal_naive": seasonal_naive, "watched": watched}, Bounds())
    assert origins(history, 48) == ([108, 156, 204, 252], 48)
    assert given == [(108, 48), (156, 48), (204, 48), (252, 48)]
    assert (found.actual.ravel() == history.values[108:]).all()


def test_the_future_of_a_look_does_not_change_what_is_said():
    values = np.random.default_rng(0).normal(5, 1, 300)
    changed = values.copy()
    changed[252:] = np.random.default_rng(1).normal(50, 9, 48)
    one, other = (
        looks_back(history_of(hourly(v), Frequency.HOURLY), 48, {"seasonal_naive": seasonal_naive}, Bounds())
        for v in (values, changed)
    )
    assert (one.answers["seasonal_naive"] == other.answers["seasonal_naive"]).all()


def test_weights_are_the_inverse_of_squared_errors_of_the_closest_three():
    found = weights(looks(seasonal_naive=[4, 4], a=[1, 1], b=[2, 2], c=[3, 3], d=[5, 5]))
    # Errors relative to the naive one: both its MASE and its sMAPE count.
    errors = {n: (n / 4 + (n / (20 + n)) / (4 / 24)) / 2 for n in (1, 2, 3)}
    total = sum(error**-2 for error in errors.values())
    assert found == pytest.approx({name: errors[n] ** -2 / total for name, n in (("a", 1), ("b", 2), ("c", 3))})


def test_what_is_further_off_than_the_bar_has_no_weight():
    assert weights(looks(seasonal_naive=[1, 1], a=[2, 2])) == {"seasonal_naive": 1.0}
    assert choose(looks(seasonal_naive=[1, 1], a=[2, 2])).method == "seasonal_naive"


def often_zero(*, is_intermittent):
    """Two looks of which three outcomes in four are 0: ``zero`` says so always, ``mean`` is closer in all."""
    actual = np.array([[0.0, 0.0, 0.0, 8.0]] * 2)
    answers = {"seasonal_naive": [0.0, 0.0, 8.0, 0.0], "zero": [0.0] * 4, "close": [1.0, 1.0, 1.0, 6.0]}
    told = {name: np.array([answer] * 2) for name, answer in answers.items()}
    return Looks(actual, told, 1.0, is_intermittent=is_intermittent)


def test_where_outcomes_are_often_0_the_absolute_error_chooses():
    assert choose(often_zero(is_intermittent=False)).method == "zero"
    assert choose(often_zero(is_intermittent=True)).method == "close"
    history = history_of(hourly(np.tile([0.0, 0.0, 0.0, 8.0], 30)), Frequency.HOURLY)
    assert looks_back(history, 24, {"seasonal_naive": seasonal_naive}, Bounds()).is_intermittent
    ones = history_of(hourly(np.tile([1.0, 8.0], 60)), Frequency.HOURLY)
    assert not looks_back(ones, 24, {"seasonal_naive": seasonal_naive}, Bounds()).is_intermittent


def test_what_is_closer_in_shares_alone_does_not_forecast():
    actual = np.array([[1.0, 1.0, 100.0]] * 2)
    answers = {"seasonal_naive": [2.0, 2.0, 110.0], "shares": [1.0, 1.0, 118.0]}
    found = Looks(actual, {name: np.array([answer] * 2) for name, answer in answers.items()}, 1.0)
    assert relative_error(found, found.answers["shares"]) < 1
    assert choose(found).method == "seasonal_naive"


def test_nothing_replaces_an_exact_repetition():
    choice = choose(looks(seasonal_naive=[0, 0], a=[0, 0]))
    assert (choice.method, "repeated exactly" in choice.reason) == ("seasonal_naive", True)


def test_one_look_back_is_not_enough_to_choose():
    choice = choose(looks(seasonal_naive=[4, 4], a=[1, 1]).only([0]))
    assert (choice.method, "too short" in choice.reason) == ("seasonal_naive", True)


def test_errors_in_opposite_directions_are_combined():
    choice = choose(looks(seasonal_naive=[8, 8], a=[2, 2], b=[-2, -2]))
    assert choice.method == "weighted"
    assert sum(choice.weights.values()) == pytest.approx(1)
    assert np.abs(choice.answers - 10).max() < 1


def test_what_was_closer_by_far_forecasts_alone():
    alone = choose(looks(seasonal_naive=[8, 8], a=[0.5, 0.5], b=[1.5, 1.5], c=[1.5, 1.5]))
    assert (alone.method, alone.weights) == ("a", {"a": 1.0})


def test_a_band_holds_four_in_five_of_the_errors_and_grows_with_the_lead():
    rng = np.random.default_rng(0)
    errors = rng.normal(0, 1, (4, 200)) * np.sqrt(np.arange(1, 201))
    band = calibrated(100 + errors, np.full((4, 200), 100.0))
    reach = band.reach(np.full(200, 100.0))
    assert np.mean(np.abs(errors) <= reach) == pytest.approx(0.8, abs=0.03)
    assert reach[-1] > 2 * reach[0]


def test_too_few_errors_make_no_band_and_none_at_all_one_without_a_width():
    assert np.isnan(calibrated(np.ones((1, 9)), np.zeros((1, 9))).reach(np.ones(3))).all()
    assert calibrated(np.ones((2, 9)), np.ones((2, 9))) == Band(0.0, 0.0, 0.0)


def test_the_naive_forecast_without_a_season_is_the_last_known_value():
    index = pd.date_range(START, periods=3, freq="7D")
    history = History(Frequency.WEEKLY, index, np.array([1.0, 4.0, math.nan]))
    assert seasonal_naive(history, 2).tolist() == [4, 4]
