"""Hourly forecasts: which method answers, with what, and when none does."""

import math

import numpy as np
import pandas as pd
import pytest

from analytics_assets.lib import forecasting
from analytics_assets.lib.forecasting import (
    backtest,
    forecast_hourly,
    hourly_series,
    prophet,
    seasonal_naive,
)

START = pd.Timestamp("2026-10-05 00:00")


def hours(count):
    return pd.date_range(START, periods=count, freq="h")


def daily_wave(count, noise=0.0, seed=7):
    index = hours(count)
    noisy = np.random.default_rng(seed).normal(0, noise, count)
    return pd.Series(0.4 + 0.25 * np.sin(2 * np.pi * index.hour / 24) + noisy, index=index)


class TestHourlySeries:
    VALUES = pd.Series([2.0, 5.0], index=[START, START + pd.Timedelta(hours=3)])
    UNTIL = START + pd.Timedelta(hours=5)

    def test_a_missing_hour_of_a_count_is_zero(self):
        assert hourly_series(self.VALUES, until=self.UNTIL, missing=0.0).tolist() == [2, 0, 0, 5, 0]

    def test_a_missing_hour_of_a_measurement_is_a_gap(self):
        series = hourly_series(self.VALUES, until=self.UNTIL)
        assert series.isna().tolist() == [False, True, True, False, True]

    def test_the_hour_that_is_not_over_is_left_out(self):
        series = hourly_series(self.VALUES, until=START + pd.Timedelta(hours=3), missing=0.0)
        assert series.index.max() == START + pd.Timedelta(hours=2)

    def test_nothing_before_the_end_is_an_empty_series(self):
        assert hourly_series(self.VALUES, until=START).empty

    def test_an_hour_that_stands_twice_is_an_error(self):
        with pytest.raises(ValueError, match="twice"):
            hourly_series(pd.Series([1.0, 2.0], index=[START, START]), until=self.UNTIL)


class TestMethod:
    def test_under_a_day_the_answer_is_that_there_is_not_enough(self):
        forecast = forecast_hourly(daily_wave(23), 2)
        assert forecast.method == "insufficient_history"
        assert forecast.history_hours == 23
        assert forecast.points["hour"].tolist() == [START + pd.Timedelta(hours=h) for h in (23, 24)]
        assert forecast.points[["value", "lower", "upper"]].isna().all(axis=None)

    def test_no_history_at_all_has_no_hours_ahead(self):
        forecast = forecast_hourly(pd.Series(dtype=float, index=pd.DatetimeIndex([])), 2)
        assert (forecast.method, forecast.history_hours, len(forecast.points)) == (
            "insufficient_history",
            0,
            0,
        )

    def test_under_two_days_the_day_before_is_repeated(self):
        history = daily_wave(47, noise=0.05)
        forecast = forecast_hourly(history, 3)
        assert forecast.method == "seasonal_naive"
        assert forecast.errors == {}
        assert forecast.points["value"].tolist() == history.iloc[23:26].tolist()

    def test_noise_on_a_daily_wave_is_seen_through_by_the_closest_method(self):
        history = daily_wave(24 * 10, noise=0.1)
        truth = daily_wave(24 * 11).iloc[24 * 10 :]
        forecast = forecast_hourly(history, 24)
        assert forecast.method == min(forecast.errors, key=forecast.errors.get)
        assert set(forecast.errors) == {"prophet", "seasonal_naive"}
        naive = seasonal_naive(history, 24)["value"].to_numpy()
        assert np.abs(forecast.points["value"] - truth.to_numpy()).mean() < np.abs(naive - truth.to_numpy()).mean() / 2

    def test_an_exact_repetition_is_left_to_the_naive_forecast(self):
        forecast = forecast_hourly(daily_wave(24 * 5), 1)
        assert forecast.method == "seasonal_naive"
        assert forecast.errors == {"seasonal_naive": 0.0}

    def test_what_repeats_sharply_is_not_smoothed_away(self):
        # One busy hour a day: a smooth season cannot follow it, the day before can.
        index = hours(24 * 6)
        spikes = pd.Series(np.where(index.hour == 3, 1.0, 0.0), index=index)
        spikes += np.random.default_rng(1).normal(0, 0.01, len(index))
        forecast = forecast_hourly(spikes, 24)
        assert forecast.method != "prophet"
        assert forecast.points["value"].to_numpy() == pytest.approx(np.where(index[:24].hour == 3, 1.0, 0.0), abs=0.05)

    def test_a_caller_with_many_series_can_leave_out_what_is_fitted(self):
        assert forecast_hourly(daily_wave(24 * 10, noise=0.1), 1, fitted=False).method == "seasonal_naive"

    def test_a_series_that_cannot_be_fitted_still_has_an_answer(self, monkeypatch, caplog):
        import prophet

        def give_up(*_args, **_kwargs):
            raise RuntimeError("no convergence")

        monkeypatch.setattr(prophet.Prophet, "fit", give_up)
        forecast = forecast_hourly(daily_wave(24 * 4, noise=0.1), 1)
        assert forecast.method == "seasonal_naive"
        assert "prophet" not in forecast.errors
        assert "no convergence" in caplog.text


class TestBands:
    def test_the_band_of_prophet_holds_what_it_says(self):
        history = daily_wave(24 * 10, noise=0.1)
        points = prophet(history, 24)
        future = daily_wave(24 * 11, noise=0.1, seed=11).iloc[24 * 10 :].to_numpy()
        inside = ((points["lower"] <= future) & (future <= points["upper"])).mean()
        assert 0.6 <= inside <= 1.0
        assert (points["lower"] < points["value"]).all()
        assert (points["value"] < points["upper"]).all()

    def test_the_band_is_the_same_for_the_same_history(self):
        history = daily_wave(24 * 4, noise=0.1)
        pd.testing.assert_frame_equal(prophet(history, 2), prophet(history, 2))

    def test_the_generator_of_others_is_left_as_it_was(self):
        before = np.random.get_state()[1].tolist()  # noqa: NPY002 - the generator that Prophet draws from
        prophet(daily_wave(24 * 3, noise=0.1), 1)
        assert np.random.get_state()[1].tolist() == before  # noqa: NPY002

    def test_the_naive_band_is_what_it_was_off_by(self):
        # Each day is 0.1 above the day before: repeating it is 0.1 too low, always.
        index = hours(24 * 4)
        history = pd.Series(np.arange(24 * 4) // 24 * 0.1, index=index)
        points = seasonal_naive(history, 1)
        assert points[["value", "lower", "upper"]].iloc[0].tolist() == pytest.approx([0.3, 0.4, 0.4])

    def test_too_few_differences_make_no_band(self):
        points = seasonal_naive(daily_wave(30), 1)
        assert points["value"].notna().all()
        assert points[["lower", "upper"]].isna().all(axis=None)

    def test_values_and_bands_stay_within_floor_and_ceiling(self):
        points = forecast_hourly(daily_wave(24 * 4, noise=0.4), 24, floor=0.3, ceiling=0.5).points
        numbers = points[["value", "lower", "upper"]].to_numpy()
        assert numbers.min() >= 0.3
        assert numbers.max() <= 0.5


class TestGaps:
    def test_an_hour_never_measured_gets_the_mean(self):
        history = daily_wave(48)
        history[history.index.hour == 0] = math.nan
        points = seasonal_naive(history, 1)
        assert points["value"].iloc[0] == pytest.approx(history.mean())

    def test_a_gap_yesterday_is_filled_from_the_day_before(self):
        history = daily_wave(48, noise=0.1)
        history.iloc[24] = math.nan
        assert seasonal_naive(history, 1)["value"].iloc[0] == history.iloc[0]

    def test_gaps_do_not_count_as_history(self):
        history = daily_wave(48)
        history.iloc[:30] = math.nan
        assert forecast_hourly(history, 1).method == "insufficient_history"

    def test_a_last_day_without_measurements_has_no_backtest(self):
        history = daily_wave(96)
        history.iloc[-24:] = math.nan
        assert backtest(history) == {}


def test_fits_are_not_reported(capfd, caplog):
    prophet(daily_wave(72, noise=0.1), 1)
    out, err = capfd.readouterr()
    assert (out, err, caplog.text) == ("", "", "")


def test_the_method_names_are_the_published_ones():
    assert set(forecasting.Method.__args__) == {"prophet", "seasonal_naive", "insufficient_history"}
