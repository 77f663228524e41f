"""Charts of pipelines: valid specifications, bounded pictures, and what they say."""

from __future__ import annotations

import json

import altair as alt
import pandas as pd
import pytest

from analytics_assets.lib import charts, pipeline_charts

LARGEST = 60_000


def bottlenecks(count):
    return pd.DataFrame(
        {
            "pipeline_name": [f"a rather long name of pipeline {place // 5}" for place in range(count)],
            "step_name": [f"step with 'quotes' {place}" for place in range(count)],
            "time_share": [1 / (place + 2) for place in range(count)],
            "critical_share": [None if place == 1 else 0.5 for place in range(count)],
            "median_seconds": [10.0 + place for place in range(count)],
            "is_bottleneck": pd.array([None if place == 2 else place < 1 for place in range(count)], dtype="boolean"),
        }
    )


def plans(count):
    step = {"today_start": 10.0, "today_end": 20.0, "planned_start": 0.0, "planned_end": 10.0}
    schedule = [step | {"step": f"step {place}", "is_critical": place % 2 == 0} for place in range(30)]
    return pd.DataFrame(
        {
            "pipeline_name": [f"pipeline {place}" for place in range(count)],
            "current_seconds": [200.0 + place for place in range(count)],
            "simulated_seconds": 200.0 - 1,
            "schedule": json.dumps(schedule),
        }
    )


@pytest.mark.parametrize("rows", [1, 300])
@pytest.mark.parametrize(("chart", "frame"), [("bottlenecks", bottlenecks), ("plans", plans)])
def test_every_chart_is_a_valid_specification_that_draws_small(chart, frame, rows):
    spec = getattr(pipeline_charts, chart)(frame(rows))
    alt.Chart.from_dict(spec)
    picture = charts.png(spec)
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < LARGEST


def test_the_largest_step_comes_first_and_bottlenecks_stand_out():
    spec = pipeline_charts.bottlenecks(bottlenecks(30))
    values = spec["data"]["values"]
    assert [value["time_share"] for value in values] == pytest.approx([1 / (n + 2) for n in range(20)])
    assert [value["verdict"] for value in values] == ["bottleneck"] + ["other step"] * 19
    assert spec["title"]["subtitle"].endswith("; 20 of 30 steps")


def test_a_step_without_a_share_is_not_drawn():
    frame = bottlenecks(3)
    frame.loc[0, "time_share"] = None
    assert len(pipeline_charts.bottlenecks(frame)["data"]["values"]) == 2


def test_each_step_has_a_bar_today_and_one_planned():
    spec = pipeline_charts.plans(plans(6))
    values = spec["data"]["values"]
    assert len(values) == 3 * 12 * 2
    assert [value["when"] for value in values[:4]] == ["today", "planned, critical", "today", "planned"]
    assert values[0]["step"] == "pipeline 5/step 0"
    assert spec["title"]["subtitle"] == "mean seconds after the start; 3 of 6 pipelines; 36 of 90 steps"


@pytest.mark.parametrize(
    "frame", [plans(0), plans(1).assign(simulated_seconds=None), plans(1).assign(current_seconds=1.0)]
)
def test_plans_that_save_nothing_are_not_drawn(frame):
    with pytest.raises(charts.NothingToDrawError):
        pipeline_charts.plans(frame.astype({"simulated_seconds": "Float64"}))
