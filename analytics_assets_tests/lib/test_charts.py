"""Charts: valid specifications, bounded pictures."""

import base64
import re

import altair as alt
import numpy as np
import pandas as pd
import pytest

from analytics_assets.lib import charts
from analytics_assets.lib.rates import wilson_interval

LARGEST = 60_000


def tool_profiles(count):
    counts = [(10 + 7 * i, 10 + 6 * i) for i in range(count)]
    return pd.DataFrame(
        {
            "tool_name": [f"a_tool_with_a_rather_long_name_{i}" for i in range(count)],
            "total_executions": [n for n, _ in counts],
            "success_rate": [k / n for n, k in counts],
            "success_rate_low": [wilson_interval(k, n).low for n, k in counts],
            "success_rate_high": [wilson_interval(k, n).high for n, k in counts],
            "confidence_level": ["HIGH", "MEDIUM", "LOW"] * (count // 3) + ["LOW"] * (count % 3),
        }
    )


def hourly_executions(count):
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "hour": pd.date_range("2026-10-01", periods=count, freq="h"),
            "successful_tasks": rng.poisson(50, count),
            "failed_tasks": rng.poisson(5, count),
        }
    )


def capacity_forecasts(count):
    free = np.linspace(0, 100, count)
    return pd.DataFrame(
        {
            "agent_id": [f"agent-{i}" for i in range(count)],
            "estimated_available_capacity": np.where(np.arange(count) % 5 == 4, np.nan, free),
            "lower": free / 2,
            "upper": free,
            "current_queue_depth": pd.array([None] * count, dtype="Int64"),
            "method": "prophet",
        }
    )


CHARTS = {
    "success_rates": (charts.success_rates, tool_profiles, 100),
    "executions_per_hour": (charts.executions_per_hour, hourly_executions, 2_000),
    "capacity": (charts.capacity, capacity_forecasts, 100),
}


@pytest.mark.parametrize("name", CHARTS)
class TestEveryChart:
    @pytest.mark.parametrize("rows", ["none", "one", "many"])
    def test_is_a_valid_specification_that_draws_small(self, name, rows):
        chart, frame, many = CHARTS[name]
        spec = chart(frame({"none": 0, "one": 1, "many": many}[rows]))
        alt.Chart.from_dict(spec)
        picture = charts.png(spec)
        assert picture.startswith(b"\x89PNG")
        assert len(picture) < LARGEST

    def test_becomes_markdown_that_holds_its_picture(self, name):
        chart, frame, _ = CHARTS[name]
        text = charts.markdown(chart(frame(3)))
        title, picture = re.fullmatch(r"!\[(.+)\]\(data:image/png;base64,(.+)\)", text).groups()
        assert title
        assert base64.b64decode(picture).startswith(b"\x89PNG")


def test_a_chart_says_what_it_leaves_out():
    assert charts.success_rates(tool_profiles(100))["title"]["subtitle"] == "20 of 100 tools"
    assert charts.capacity(capacity_forecasts(5))["title"]["subtitle"] == "agents without enough history: 1"


def test_the_interval_is_drawn_from_its_own_columns():
    bar, interval = charts.success_rates(tool_profiles(3))["layer"]
    assert bar["encoding"]["x"]["field"] == "success_rate"
    assert interval["encoding"]["x"]["field"] == "success_rate_low"
    assert interval["encoding"]["x2"]["field"] == "success_rate_high"


def test_every_hour_has_both_outcomes_with_their_counts():
    frame = hourly_executions(4)
    values = charts.executions_per_hour(frame)["data"]["values"]
    failed = [value["executions"] for value in values if value["outcome"] == "failed"]
    succeeded = [value["executions"] for value in values if value["outcome"] == "succeeded"]
    assert failed == frame["failed_tasks"].tolist()
    assert succeeded == frame["successful_tasks"].tolist()


def test_a_repacked_picture_shows_the_same_pixels():
    import io

    import vl_convert
    from PIL import Image

    spec = charts.capacity(capacity_forecasts(4))
    plain, packed = (
        Image.open(io.BytesIO(data)) for data in (bytes(vl_convert.vegalite_to_png(spec, scale=1)), charts.png(spec))
    )
    assert plain.size == packed.size
    assert plain.tobytes() == packed.tobytes()


def test_a_label_has_only_what_can_be_drawn():
    shown = charts._values(pd.DataFrame({"tool_name": ["a\x00b\x1b", "\N{ROCKET}" * 60], "n": [1, 2]}))
    assert shown[0] == {"tool_name": "a\ufffdb\ufffd", "n": 1}
    assert shown[1]["tool_name"] == "\N{ROCKET}" * (charts.LONGEST_LABEL - 1) + "…"
