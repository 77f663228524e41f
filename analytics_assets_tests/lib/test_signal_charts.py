"""Charts of signals: valid specifications, bounded pictures, and what they say."""

from datetime import timedelta

import altair as alt
import pandas as pd
import pytest

from analytics_assets.lib import charts, signal_charts
from analytics_assets_tests.lib.signal_worlds import AS_OF

LARGEST = 60_000


def anomalies(count):
    starts = [AS_OF - timedelta(hours=4 * (1 + i % 80)) for i in range(count)]
    is_ongoing = [i % 7 == 0 for i in range(count)]
    return pd.DataFrame(
        {
            "signal": [f"tool/a_rather_long_name_of_a_tool_{i // 3}/error_rate\x00" for i in range(count)],
            "starts_at": pd.Series(starts, dtype="datetime64[us]"),
            "ends_at": pd.Series(
                [None if lasts else at + timedelta(hours=2) for at, lasts in zip(starts, is_ongoing, strict=True)],
                dtype="datetime64[us]",
            ),
            "as_of": pd.Series([AS_OF] * count, dtype="datetime64[us]"),
            "hours": pd.array([2] * count, dtype="Int64"),
            "is_ongoing": pd.array(is_ongoing, dtype="boolean"),
            "severity": pd.Series([("HIGH", "MEDIUM", "LOW")[i % 3] for i in range(count)], dtype="object"),
            "score": pd.array([1.0 + i / 10 for i in range(count)], dtype="Float64"),
            "reason": "error rate was 45 % where 3 % is usual",
        }
    )


def trends(count):
    slopes = [(-1) ** i * (1.0 + i) for i in range(count)]
    return pd.DataFrame(
        {
            "signal": [f"metric/api/metric_{i}" for i in range(count)],
            "trend_direction": [("increasing", "decreasing")[i % 2] if i % 4 else "stable" for i in range(count)],
            "slope_per_day": pd.array(slopes, dtype="Float64"),
            "slope_low": pd.array([slope - 0.5 for slope in slopes], dtype="Float64"),
            "slope_high": pd.array([slope + 0.5 for slope in slopes], dtype="Float64"),
            "relative_slope": pd.array([None if i == 1 else s / 100 for i, s in enumerate(slopes)], dtype="Float64"),
            "unit": "ms",
            "days": pd.array([28] * count, dtype="Int64"),
            "is_worse": pd.array([(True, False, None)[i % 3] for i in range(count)], dtype="boolean"),
        }
    )


def values(spec):
    return spec["data"]["values"]


@pytest.mark.parametrize(
    ("chart", "frame"),
    [(signal_charts.anomaly_timeline, anomalies), (signal_charts.trend_slopes, trends)],
    ids=["anomaly_timeline", "trend_slopes"],
)
@pytest.mark.parametrize("rows", [3, 400])
def test_every_chart_is_a_valid_specification_that_draws_small(chart, frame, rows):
    spec = chart(frame(rows))
    alt.Chart.from_dict(spec)
    assert len({value["signal"] for value in values(spec)}) <= charts.MOST_BARS
    assert len(values(spec)) <= charts.MOST_BARS * signal_charts.EPISODES_OF_A_SIGNAL
    picture = charts.png(spec)
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < LARGEST


@pytest.mark.parametrize(
    ("chart", "frame"),
    [
        (signal_charts.anomaly_timeline, anomalies(0)),
        (signal_charts.trend_slopes, trends(0)),
        (signal_charts.trend_slopes, trends(1)),
        (signal_charts.trend_slopes, trends(2)),
    ],
    ids=["no anomaly", "no signal", "a stable signal", "a trend of no mean"],
)
def test_where_nothing_is_to_be_drawn_it_says_so(chart, frame):
    with pytest.raises(charts.NothingToDrawError):
        chart(frame)


def test_what_lasts_comes_first_and_reaches_to_the_end():
    frame = anomalies(9).assign(signal=[f"s{i}" for i in range(9)])
    spec = signal_charts.anomaly_timeline(frame)
    first, second, third, *_ = values(spec)
    assert [first["signal"], second["signal"], third["signal"]] == ["s0", "s7", "s6"]
    assert [first["lasts"], second["lasts"], third["lasts"]] == ["lasts", "lasts", ""]
    assert first["ends_at"].startswith("2026-03-04T12:30")
    assert spec["title"]["subtitle"] == (
        "9 episodes in two weeks, 2 last (triangle); red: HIGH, amber: MEDIUM, grey: LOW"
    )


def test_what_is_left_out_is_told():
    assert signal_charts.anomaly_timeline(anomalies(90))["title"]["subtitle"].endswith("; 20 of 30 signals")
    assert signal_charts.trend_slopes(trends(80))["title"]["subtitle"] == (
        "59 of 80 signals; point: slope, line: 95 % interval; 20 of 59 drawn"
    )


def test_the_interval_is_of_the_share_as_the_slope_is():
    (row,) = values(signal_charts.trend_slopes(trends(4).iloc[[3]]))
    assert (row["slope"], row["low"], row["high"]) == pytest.approx((-0.04, -0.045, -0.035))
    assert row["verdict"] == "worse"
    assert [value["verdict"] for value in values(signal_charts.trend_slopes(trends(8).iloc[[5, 6, 7]]))] == [
        "better",
        "worse",
        "neither",
    ]
