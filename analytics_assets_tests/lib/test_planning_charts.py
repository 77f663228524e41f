"""Charts of planning: valid specifications, bounded pictures, and what they say."""

import json

import altair as alt
import pandas as pd
import pytest

from analytics_assets.lib import charts, planning_charts

LARGEST = 60_000


def capacity(count):
    return pd.DataFrame(
        {
            "component": [f"component_{n // 4}" for n in range(count)],
            "resource_type": [("cpu", "memory", "disk", "network")[n % 4] for n in range(count)],
            "current_usage": [40.0 + n % 50 for n in range(count)],
            "projected_usage": [None if n == 3 else 50.0 + n % 50 for n in range(count)],
            "confidence_interval": [
                None if n == 3 else json.dumps({"lower": 45.0, "upper": None}) for n in range(count)
            ],
            "breach_date": pd.array([pd.NaT] * count, dtype="datetime64[s]"),
            "urgency": [("none", "medium", "high")[n % 3] for n in range(count)],
            "method": "drift",
        }
    )


def recommendations(count):
    return pd.DataFrame(
        {
            "rank": range(1, count + 1),
            "component": [f"it's <b>{n}</b>" for n in range(count)],
            "category": [("performance", "resource", "workflow", "quality")[n % 4] for n in range(count)],
            "impact": [1 / (n + 1) for n in range(count)],
            "effort": [("low", "medium", "high")[n % 3] for n in range(count)],
            "confidence": 0.9,
            "rank_score": [None if n > 100 else 1 / (n + 1) for n in range(count)],
            "text": "Do it, and then that; " * 20,
        }
    )


CHARTS = {
    "capacity_planning": (planning_charts.capacity_planning, capacity),
    "impact_and_feasibility": (planning_charts.impact_and_feasibility, recommendations),
}


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("rows", [1, 200])
def test_every_chart_is_a_valid_specification_that_draws_small(name, rows):
    chart, frame = CHARTS[name]
    spec = chart(frame(rows))
    alt.Chart.from_dict(spec)
    assert len(spec["data"]["values"]) <= charts.MOST_BARS
    picture = charts.png(spec)
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < LARGEST


@pytest.mark.parametrize("name", CHARTS)
def test_nothing_to_show_is_said(name):
    chart, frame = CHARTS[name]
    with pytest.raises(charts.NothingToDrawError):
        chart(frame(0))


def test_the_fullest_resources_come_first_and_what_is_left_out_is_told():
    spec = planning_charts.capacity_planning(capacity(200))
    peaks = [row["projected_usage"] for row in spec["data"]["values"]]
    assert peaks == sorted(peaks, reverse=True)
    assert f"{charts.MOST_BARS} of 199 resources" in spec["title"]["subtitle"]


def test_the_first_recommendations_are_drawn():
    spec = planning_charts.impact_and_feasibility(recommendations(200))
    assert [row["rank"] for row in spec["data"]["values"]] == list(range(1, charts.MOST_BARS + 1))
    assert f"{charts.MOST_BARS} of 200 recommendations" in spec["title"]["subtitle"]
