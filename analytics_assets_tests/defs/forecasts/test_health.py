"""Next week's health as an asset."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import pytest

from analytics_assets.defs.forecasts.health import chosen_methods_are_closer, health_forecast, health_within_its_band


@pytest.fixture
def forecast(warehouse):
    """Forecasts of weekly health by scope."""

    def compute(as_of=datetime(2026, 6, 1), **scopes):
        with warehouse.get_connection() as con:
            con.execute(
                "create table kpis.weekly_health (week date, scope varchar, health_score double, new_issues bigint, "
                "fixed_issues bigint, is_finished boolean, as_of timestamp, is_stale boolean)"
            )
            for scope, health in scopes.items():
                for n, score in enumerate(health):
                    week = datetime(2026, 1, 5) + timedelta(weeks=n)
                    row = [week, scope, score, None, 2, week + timedelta(weeks=1) <= as_of, as_of, False]
                    con.execute("insert into kpis.weekly_health values (?, ?, ?, ?, ?, ?, ?, ?)", row)
        return health_forecast(warehouse=warehouse).value

    return compute


def test_each_scope_is_forecast_for_the_week_after_the_last_that_is_over(forecast):
    frame = forecast(overall=[70.0, 72.0, 71.0, 75.0, 74.0, 73.0], agents=[None, 80.0])
    overall = frame.set_index("scope").loc["overall"]
    assert overall["forecast_for"] == pd.Timestamp(2026, 2, 16)
    assert (overall["health_score"], overall["last_known_health"], overall["method"]) == (73.0, 73.0, "naive")
    # The five changes are 2, 1, 4, 1 and 1: four fifths of six are five, the largest.
    assert (overall["lower"], overall["upper"]) == (69.0, 77.0)
    agents = frame.set_index("scope").loc["agents"]
    assert (agents["method"], agents["weeks"]) == ("insufficient_history", 1)
    assert pd.isna(agents["health_score"])
    assert health_within_its_band(health_forecast=frame).passed
    assert chosen_methods_are_closer(health_forecast=frame).passed


@pytest.mark.parametrize("hours", [0, 9, 7 * 24 - 1])
def test_a_week_that_has_begun_is_forecast_and_not_read(forecast, hours):
    monday = datetime(2026, 2, 16)
    over = [70.0, 72.0, 71.0, 75.0, 74.0, 73.0]
    (begun,) = forecast(as_of=monday + timedelta(hours=hours), overall=[*over, 20.0]).to_dict("records")
    assert begun["forecast_for"] == monday
    assert (begun["health_score"], begun["last_known_health"], begun["weeks"]) == (73.0, 73.0, 6)
    assert (begun["lower"], begun["upper"]) == (69.0, 77.0)


def test_a_scope_whose_first_week_runs_has_no_figure(forecast):
    (begun,) = forecast(as_of=datetime(2026, 1, 7), overall=[70.0]).to_dict("records")
    assert (begun["forecast_for"], begun["method"], begun["weeks"]) == (
        pd.Timestamp(2026, 1, 5),
        "insufficient_history",
        0,
    )


def test_the_first_week_of_the_back_test_is_named(forecast):
    (tested,) = forecast(overall=[70.0 + n % 3 for n in range(20)]).to_dict("records")
    assert (tested["tests"], tested["tested_from"]) == (12, pd.Timestamp(2026, 1, 5) + timedelta(weeks=8))
    assert tested["challenger_mae"] is not None


def test_no_week_at_all_is_an_empty_table_that_passes(forecast):
    frame = forecast()
    assert frame.empty
    assert health_within_its_band(health_forecast=frame).passed
    assert chosen_methods_are_closer(health_forecast=frame).passed


def test_a_forecast_outside_of_its_band_and_a_method_that_was_no_closer_fail(forecast):
    frame = forecast(overall=[70.0, 72.0, 71.0, 75.0, 74.0, 73.0])
    assert not health_within_its_band(health_forecast=frame.assign(upper=72.0)).passed
    assert not health_within_its_band(health_forecast=frame.assign(upper=101.0)).passed
    assert not chosen_methods_are_closer(health_forecast=frame.assign(method="damped_trend")).passed
    assert not chosen_methods_are_closer(health_forecast=frame.assign(method="insufficient_history")).passed
