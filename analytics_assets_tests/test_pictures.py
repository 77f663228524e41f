"""An asset that has a chart shows it, and only where there is something to draw."""

from __future__ import annotations

import duckdb
import pandas as pd
import pytest

from analytics_assets.definitions import defs
from analytics_assets.pictures import CHARTS, chart_of, drawn, drawn_from

CAPACITY = pd.DataFrame(
    {
        "agent_id": ["a", "b"],
        "forecast_for": pd.Timestamp("2026-01-05T10:00:00"),
        "estimated_available_capacity": [40.0, None],
        "lower": [30.0, None],
        "upper": [50.0, None],
        "current_queue_depth": [3, None],
        "method": ["prophet", "insufficient_history"],
    }
)


@pytest.mark.parametrize("asset", CHARTS)
def test_every_chart_belongs_to_an_asset_and_has_its_function(asset):
    keys = {".".join(key.path) for key in defs().get_repository_def().asset_graph.materializable_asset_keys}
    assert asset in keys
    assert callable(chart_of(asset))


def test_the_chart_is_an_image_in_the_metadata():
    assert "](data:image/png;base64," in drawn("forecasts.capacity_forecasts", CAPACITY)["chart"].value


def test_nothing_is_drawn_of_no_rows():
    assert drawn("forecasts.capacity_forecasts", CAPACITY.head(0)) == {}


def test_an_asset_without_a_chart_has_none():
    assert drawn("raw.executions", CAPACITY) == {}


def test_the_table_of_an_asset_is_drawn_as_it_is_and_others_are_not_even_read():
    with duckdb.connect() as con:
        con.execute("create schema forecasts")
        con.execute("create table forecasts.capacity_forecasts as from CAPACITY")
        assert "chart" in drawn_from(con, "forecasts.capacity_forecasts")
        assert drawn_from(con, "raw.no_such_table") == {}
