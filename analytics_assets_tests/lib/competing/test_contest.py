"""Contests of whole series: what wins, what is too short, what a budget leaves out."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from analytics_assets.lib.competing import (
    METHODS,
    Band,
    Bounds,
    Entry,
    Frequency,
    compete,
    forecast_by,
    judge_all,
    many,
)
from analytics_assets.lib.competing.methods import weekly_naive
from analytics_assets.lib.competing.series import history_of

STEP = {"hourly": "h", "daily": "D", "weekly": "7D"}


def entry(values, frequency="hourly", horizon=24, **bounds):
    index = pd.date_range("2026-01-05", periods=len(values), freq=STEP[frequency])
    return Entry("s", pd.Series(values, index=index, dtype=float), Frequency(frequency), horizon, Bounds(**bounds))


def wave(hours, noise=2.0, seed=0):
    hour = np.arange(hours)
    week = 6.0 * (hour // 24 % 7 < 5)
    return 50 + 10 * np.sin(2 * np.pi * hour / 24) + week + np.random.default_rng(seed).normal(0, noise, hours)


@pytest.fixture(scope="module")
def contest():
    return compete(entry(wave(360)))


def test_every_method_competes_and_the_winner_beats_the_bar(contest):
    scores = {score.method: score for score in contest.scores}
    # Half of a month is too short for the week before to be seen twice ahead of the first look.
    assert set(scores) == {*METHODS, "weighted"} - {"weekly_naive"}
    assert contest.method != "seasonal_naive"
    assert scores[contest.method].mase < scores["seasonal_naive"].mase
    assert sum(score.is_winner for score in contest.scores) == 1
    assert sum(contest.weights.values()) == pytest.approx(1)
    assert (contest.origins, contest.horizon) == (4, 24)


def test_the_forecast_is_closer_than_the_day_before_and_four_in_five_hours_are_in_its_band(contest):
    points, future = contest.points, wave(384)[360:]
    assert np.abs(points["value"] - future).mean() < np.abs(wave(360)[-24:] - future).mean()
    assert 0.6 <= ((points["lower"] <= future) & (future <= points["upper"])).mean() <= 1
    assert points["forecast_for"].iloc[0] == pd.Timestamp("2026-01-20")


def test_the_winner_alone_fitted_anew_says_the_same(contest):
    again = forecast_by(entry(wave(360)), contest.weights, contest.band)
    assert again.method == contest.method
    pd.testing.assert_frame_equal(again.points, contest.points)


def test_weights_of_no_method_are_left_out():
    again = forecast_by(entry(wave(96)), {"crystal_ball": 1.0}, Band())
    assert (again.method, "could not be fitted" in again.reason) == ("seasonal_naive", True)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ([], "0 hourly steps"),
        ([1.0], "1 hourly steps"),
        ([math.nan] * 100, "0 hourly steps"),
        ([1.0] * 100 + [math.nan] * 60, "last gap"),
    ],
    ids=["no row", "one row", "never measured", "silent since"],
)
def test_a_short_history_is_an_answer(values, told):
    contest = compete(entry(values))
    assert (contest.method, len(contest.points), contest.scores) == ("insufficient_history", 0, ())
    assert told in contest.reason


@pytest.mark.parametrize("value", [0.0, 5.0])
def test_a_constant_is_forecast_as_it_is(value):
    contest = compete(entry([value] * 100))
    assert (contest.method, contest.reason) == ("seasonal_naive", f"every known value is {value:g}")
    assert (contest.points[["value", "lower", "upper"]] == value).all(axis=None)


def test_one_burst_in_nothing_is_not_forecast():
    values = np.zeros(200)
    values[100] = 1e9
    assert (compete(entry(values, floor=0.0)).points["value"].abs() < 1e9 / 24).all()


def test_gaps_and_infinite_values_are_not_scored_and_do_not_stop_a_contest():
    values = wave(240)
    values[[30, 31, 200, 239]] = math.nan
    values[150] = math.inf
    contest = compete(entry(values))
    assert contest.history_steps == 235
    assert np.isfinite(contest.points[["value", "lower", "upper"]].to_numpy()).all()


def test_values_and_bands_stay_within_what_is_possible():
    points = compete(entry(np.random.default_rng(0).poisson(0.3, 200), floor=0.0, ceiling=1.0)).points
    assert points[["value", "lower", "upper"]].min(axis=None) >= 0
    assert points[["value", "lower", "upper"]].max(axis=None) <= 1


@pytest.mark.parametrize(("frequency", "steps", "horizon"), [("daily", 40, 30), ("weekly", 30, 4)])
def test_days_and_weeks_compete_too(frequency, steps, horizon):
    values = 20 + 0.5 * np.arange(steps) + np.random.default_rng(1).normal(0, 0.3, steps)
    contest = compete(entry(values, frequency, horizon))
    assert contest.method != "seasonal_naive"
    assert contest.points["value"].iloc[-1] == pytest.approx(20 + 0.5 * (steps + horizon - 1), abs=4)


def test_what_a_budget_leaves_out_is_not_judged():
    assert judge_all([entry(wave(120)), entry([1.0])], budget_seconds=0) == [None, None]


def test_who_waits_longest_comes_first_then_days_before_hours_and_long_series_before_short_ones(monkeypatch):
    taken = []
    monkeypatch.setattr(many, "judge", taken.append)
    lengths = {"short": 100, "long": 200, "yesterday": 300, "before": 50}
    given = [replace(entry(wave(hours)), name=name) for name, hours in lengths.items()]
    given.append(replace(entry(wave(30), "daily"), name="days"))
    judge_all(
        given,
        budget_seconds=60,
        contested={"yesterday": datetime(2026, 3, 2), "before": datetime(2026, 3, 1)},
    )
    assert [one.name for one in taken] == ["days", "long", "short", "before", "yesterday"]


def test_processes_are_asked_only_for_many_long_series(monkeypatch, caplog):
    asked = []

    def refuse(*_args, **_kwargs):
        asked.append(1)
        raise OSError("no room")

    monkeypatch.setattr(many, "ProcessPoolExecutor", refuse)
    monkeypatch.setattr(many.os, "cpu_count", lambda: 2)
    monkeypatch.setattr(many, "judge", lambda one: one)
    judge_all([entry([1.0])] * 40, budget_seconds=60, processes=2)
    assert not asked
    assert len(judge_all([entry(wave(50))] * 20, budget_seconds=60, processes=2)) == 20
    assert (asked, "no room" in caplog.text) == ([1], True)


def test_the_week_before_is_a_contestant_once_it_was_seen_twice():
    history = history_of(entry(wave(500)).values, Frequency.HOURLY)
    assert weekly_naive(history, 200) == pytest.approx(np.r_[wave(500)[-168:], wave(500)[-168:][:32]])
    assert weekly_naive(history.before(300), 24) is None
    assert weekly_naive(history_of(entry(wave(60), "daily").values, Frequency.DAILY), 7) is None


@pytest.mark.slow
def test_processes_say_what_one_process_says():
    given = [entry(wave(120, seed=seed)) for seed in range(16)]
    alone, together = (judge_all(given, budget_seconds=600, processes=processes) for processes in (1, 2))
    for one, other in zip(alone, together, strict=True):
        assert (one.method, one.weights, one.band) == (other.method, other.weights, other.band)
