"""An asset that has a chart shows it, and only where there is something to draw."""

from __future__ import annotations

import duckdb
import pandas as pd
import pytest

from analytics_assets.definitions import defs
from analytics_assets.pictures import CHARTS, drawing, drawn, drawn_from

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

WEEKLY = pd.DataFrame(
    {
        "week": [pd.Timestamp("2026-01-05"), pd.Timestamp("2026-01-12")],
        "category": ["agents", "commands"],
        "priority": [1, 2],
        "root_cause_id": ["RCA-001", None],
        "new_issues": [2, 1],
        "reopened_issues": 0,
        "open_issues": [2, 3],
        "as_of": pd.Timestamp("2026-01-19"),
    }
)


@pytest.mark.parametrize("asset", CHARTS)
def test_every_chart_belongs_to_an_asset_and_has_its_function(asset):
    keys = {".".join(key.path) for key in defs().get_repository_def().asset_graph.materializable_asset_keys}
    assert asset in keys
    assert all(callable(drawing(name)) for name in CHARTS[asset])


def test_the_chart_is_an_image_in_the_metadata():
    assert "](data:image/png;base64," in drawn("forecasts.capacity_forecasts", CAPACITY)["chart"].value


def test_several_charts_of_one_asset_are_named_by_what_they_show_and_keep_their_order():
    pictures = drawn("summaries.weekly_issues", WEEKLY)
    assert list(pictures) == [
        "chart 1: issue velocity",
        "chart 2: category distribution",
        "chart 3: root cause heatmap",
    ]
    assert all("](data:image/png;base64," in picture.value for picture in pictures.values())


def test_a_chart_whose_figures_are_all_missing_is_left_out_and_the_others_stay():
    quiet = WEEKLY.assign(new_issues=0)
    assert list(drawn("summaries.weekly_issues", quiet)) == ["chart 1: issue velocity"]


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
