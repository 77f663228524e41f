"""Charts of forecasts: valid, bounded, and silent where there is nothing to show."""

import altair as alt
import pandas as pd
import pytest

from analytics_assets.lib import charts, forecast_charts
from analytics_assets.lib.charts import NothingToDrawError

AHEAD = pd.DataFrame(
    [
        (topic, f"{topic}/{n}", hour, n + 0.5, n, None if n == 1 else n + 1.0, "units", "weighted")
        for topic in ("cost", "volume")
        for n in range(4)
        for hour in pd.date_range("2026-03-02", periods=3, freq="h")
    ],
    columns=["topic", "series", "forecast_for", "value", "lower", "upper", "unit", "method"],
)
SCORES = pd.DataFrame(
    [
        (f"{topic}@{day}", topic, day, error, 0.8)
        for topic in ("cost", "volume")
        for day in pd.date_range("2026-03-02 05:00", periods=3, freq="D")
        for error in (0.5, 1.5, None)
    ],
    columns=["id", "topic", "made_at", "mase", "coverage"],
)
CHARTS = {
    "points_ahead": (forecast_charts.points_ahead, AHEAD, "value"),
    "scores_by_day": (forecast_charts.scores_by_day, SCORES, "mase"),
}


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_is_a_valid_specification_that_draws(name):
    chart, table, _ = CHARTS[name]
    spec = chart(table)
    alt.Chart.from_dict(spec)
    assert charts.png(spec).startswith(b"\x89PNG")


@pytest.mark.parametrize("name", CHARTS)
def test_a_table_without_anything_to_show_is_not_drawn(name):
    chart, table, figure = CHARTS[name]
    for nothing in (table.iloc[:0], table.assign(**{figure: None})):
        with pytest.raises(NothingToDrawError):
            chart(nothing)


def test_of_each_topic_the_highest_series_are_drawn_and_the_others_counted():
    spec = forecast_charts.points_ahead(AHEAD)
    drawn = {row["series"] for row in spec["data"]["values"]}
    assert drawn == {"cost/2", "cost/3", "volume/2", "volume/3"}
    assert spec["title"]["subtitle"] == "4 of 8 series"


def test_scores_are_means_of_a_day_and_topic_without_what_has_not_come():
    rows = forecast_charts.scores_by_day(SCORES)["data"]["values"]
    assert [(row["topic"], row["mase"], row["forecasts"]) for row in rows] == [("cost", 1.0, 2)] * 3 + [
        ("volume", 1.0, 2)
    ] * 3
