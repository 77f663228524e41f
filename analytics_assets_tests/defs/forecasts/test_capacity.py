"""No agent is left out of the outlook, and no estimate leaves its band."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import pytest

from analytics_assets.defs.forecasts.capacity import (
    capacity_forecasts,
    estimates_within_their_bands,
    every_agent_has_an_outlook,
)
from analytics_assets_tests.defs.patterns.conftest import called


@pytest.fixture
def two_agents(warehouse):
    with warehouse.get_connection() as con:
        con.execute("create table profiles.agent_status as select unnest(['a', 'b']) as agent_id")
    return warehouse


def test_an_agent_has_one_forecast_that_of_its_series(two_agents):
    """``a`` is in the competition; ``b`` was left out of it."""
    as_of = datetime(2026, 3, 20, 12, 30)
    with two_agents.get_connection() as con:
        con.execute(
            "create table staging.stg_as_of as select 'executions' as kind, ?::timestamp as as_of, false as is_stale",
            [as_of],
        )
        con.execute(
            "create table summaries.hourly_tool_usage as "
            "select unnest(generate_series(?::timestamp - interval 40 hour, ?::timestamp, interval 1 hour)) as hour, "
            "unnest(['a', 'b']) as agent_id, 't' as tool_name, 1 as executions, 0 as failed_executions, "
            "1 as timed_executions, 360.0 as duration_seconds",
            [as_of.replace(minute=0)] * 2,
        )
        con.execute("create table staging.stg_tasks (assigned_to varchar, status varchar)")
        con.execute("create table staging.stg_runs (agent_id varchar, status varchar)")
        con.execute(
            "create table forecasts.series_forecasts as select 'capacity/a' as series, 'capacity' as topic, "
            "unnest([?, ?]::timestamp[]) as forecast_for, unnest([0.1, 0.7]::double[]) as value, "
            "0.05::double as lower, 0.9::double as upper, "
            "'weighted' as method",
            [datetime(2026, 3, 20, 12), datetime(2026, 3, 20, 13)],
        )
    rows = called(capacity_forecasts, warehouse=two_agents).value.set_index("agent_id")
    assert rows.loc["a", ["method", "expected_utilisation"]].tolist() == ["weighted", 0.7]
    assert rows.loc["a", ["lower", "estimated_available_capacity", "upper"]].tolist() == pytest.approx([10, 30, 95])
    assert rows.loc["b", "method"] == "seasonal_naive"


def forecast(**columns):
    """One agent's forecast."""
    return {"agent_id": "a", "lower": 40.0, "estimated_available_capacity": 50.0, "upper": 60.0} | columns


def test_an_outlook_of_every_agent_passes(two_agents):
    frame = pd.DataFrame([forecast(), forecast(agent_id="b")])
    assert every_agent_has_an_outlook(capacity_forecasts=frame, warehouse=two_agents).passed


def test_an_agent_that_was_left_out_is_named(two_agents):
    result = every_agent_has_an_outlook(capacity_forecasts=pd.DataFrame([forecast()]), warehouse=two_agents)
    assert not result.passed
    assert result.metadata["missing"].value == ["b"]


def test_a_first_agent_without_history_has_a_row_too(warehouse):
    with warehouse.get_connection() as con:
        con.execute("create table profiles.agent_status (agent_id varchar)")
    nothing = pd.DataFrame({"agent_id": []})
    assert every_agent_has_an_outlook(capacity_forecasts=nothing, warehouse=warehouse).passed


@pytest.mark.parametrize(
    "columns",
    [
        {},
        {"estimated_available_capacity": 40.0},
        {"lower": 0.0, "estimated_available_capacity": 0.0},
        {"estimated_available_capacity": None, "lower": None, "upper": None},
        {"lower": None, "upper": None},
    ],
    ids=["within", "at its lower end", "at the lowest", "unknown", "without a band"],
)
def test_an_estimate_within_its_band_passes(columns):
    assert estimates_within_their_bands(capacity_forecasts=pd.DataFrame([forecast(**columns)])).passed


@pytest.mark.parametrize(
    "columns",
    [
        {"estimated_available_capacity": 39.9},
        {"estimated_available_capacity": 60.1},
        {"estimated_available_capacity": 100.5, "upper": 101.0},
        {"estimated_available_capacity": -0.5, "lower": -1.0},
    ],
    ids=["below its band", "above its band", "above 100 percent", "below 0 percent"],
)
def test_an_estimate_outside_of_its_band_or_of_all_capacity_fails_and_is_shown(columns):
    frame = pd.DataFrame([forecast(agent_id="good"), forecast(agent_id="bad", **columns)])
    result = estimates_within_their_bands(capacity_forecasts=frame)
    assert not result.passed
    assert "| bad |" in result.metadata["outside"].value
    assert "good" not in result.metadata["outside"].value
