"""Forecasts held against what came."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from analytics_assets.lib.competing import Bounds, Entry, Frequency
from analytics_assets.lib.forecast_series import Forecastable, Source, forecastables, longest
from analytics_assets.lib.past_forecasts import scores

START = datetime(2026, 3, 2)
HOUR = timedelta(hours=1)


def series(hours, value=10.0, name="volume/runs"):
    """An hour is 1 above the same hour of the day before."""
    index = pd.date_range(START, periods=hours, freq="h")
    values = pd.Series(value + np.arange(hours) // 24, index=index, dtype=float)
    return Forecastable(Entry(name, values, Frequency.HOURLY, 4, Bounds()), "volume", "runs", index[-1], False)


def forecast(hours, off=0.0, steps=4):
    """What is said after so many hours, too high by ``off``."""
    return [
        {
            "series": "volume/runs",
            "topic": "volume",
            "frequency": "hourly",
            "unit": "runs",
            "method": "mstl",
            "step": step,
            "forecast_for": START + (hours + step - 1) * HOUR,
            "value": (value := 10.0 + (hours + step - 1) // 24 + off),
            "lower": value - 1,
            "upper": value + 1,
            "as_of": START + hours * HOUR,
            "is_stale": False,
        }
        for step in range(1, steps + 1)
    ]


def test_what_has_not_come_is_not_scored():
    (row,) = scores([], forecast(48), [series(48)])
    assert (row["steps"], row["scored_steps"], row["mase"], row["is_complete"]) == (4, 0, None, False)
    assert len(json.loads(row["points"])) == 4


def test_what_came_is_scored_and_what_is_over_keeps_no_points():
    earlier = scores([], forecast(48, off=2.0), [series(48)])
    (half,) = scores(earlier, [], [series(50)])
    assert (half["scored_steps"], half["is_complete"]) == (2, False)
    (whole,) = scores([half], [], [series(60)])
    assert (whole["scored_steps"], whole["is_complete"], whole["points"]) == (4, True, None)
    # Too high by 2 where the day before was off by 1; 12 was, 14 was said.
    assert (whole["mase"], whole["bias"], whole["coverage"]) == (2.0, 2.0, 0.0)
    assert whole["smape"] == pytest.approx(200 * 2 / 26)


def test_the_first_forecast_of_a_day_is_kept():
    first = scores([], forecast(48), [series(48)])
    again = scores(first, forecast(53, off=5.0), [series(53)])
    assert [(row["made_at"], row["bias"]) for row in again] == [(START + 48 * HOUR, 0.0)]
    assert len(scores(again, forecast(72), [series(72)])) == 2


def test_what_is_older_than_a_quarter_is_dropped():
    old = scores([], forecast(48), [series(48)])
    later = 48 + 24 * 91
    assert [row["made_at"] for row in scores(old, forecast(later), [series(later)])] == [START + later * HOUR]


def test_a_series_that_is_gone_or_silent_has_no_new_row():
    silent = [forecast(48)[0] | {"value": None}]
    assert scores([], silent, []) == []
    kept = scores([], forecast(48), [])
    assert scores(kept, [], [])[0]["scored_steps"] == 0


class TestSeries:
    ROWS = pd.DataFrame({"series": ["a", "a"], "at": [START, START + 2 * HOUR], "value": [5.0, None]})

    def made(self, missing):
        source = Source("volume", "hourly", "runs", "runs", "", missing=missing)
        (one,) = forecastables(source, self.ROWS, START + timedelta(hours=4, minutes=30), is_stale=False)
        return one.entry.values

    def test_an_hour_without_a_row_is_nothing_of_what_is_counted_and_not_known_of_what_is_measured(self):
        # The hour with a row of NULL is not known either way; the hour that is not over is left out.
        assert self.made(0.0).fillna(-1).tolist() == [5, 0, -1, 0]
        assert self.made(float("nan")).fillna(-1).tolist() == [5, -1, -1, -1]

    def test_days_and_weeks_that_are_not_over_are_left_out(self):
        thursday = datetime(2026, 3, 5, 13)
        assert Source("cost", "daily", "USD", "runs", "").until(thursday) == datetime(2026, 3, 5)
        assert Source("health", "weekly", "points", "issues", "").until(thursday) == datetime(2026, 3, 2)

    def test_of_too_many_those_that_were_measured_longest_are_kept(self):
        found = [series(48, name="short"), series(100, name="long"), series(49, name="other")]
        assert [one.name for one in longest(found, 2)] == ["long", "short"]
