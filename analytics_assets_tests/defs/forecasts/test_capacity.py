"""No agent is left out of the outlook, and no estimate leaves its band."""

from __future__ import annotations

import pandas as pd
import pytest

from analytics_assets.defs.forecasts.capacity import estimates_within_their_bands, every_agent_has_an_outlook


@pytest.fixture
def two_agents(warehouse):
    with warehouse.get_connection() as con:
        con.execute("create table profiles.agent_status as select unnest(['a', 'b']) as agent_id")
    return warehouse


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
