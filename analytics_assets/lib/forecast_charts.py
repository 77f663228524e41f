"""Charts of forecasts: what comes next with its band, and what past forecasts were worth. See ``lib.charts``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analytics_assets.forecast_thresholds import CHARTED_SERIES
from analytics_assets.lib.charts import MUTED, NEUTRAL, NothingToDrawError, Spec, left_out, specification

if TYPE_CHECKING:
    import pandas as pd

SCORED = "1 is how far the season before was off in what was known"


def points_ahead(series_forecasts: pd.DataFrame) -> Spec:
    """What is expected with its band, of each topic the series with the highest values.

    Raises:
        NothingToDrawError: no series has a value.
    """
    known = series_forecasts.dropna(subset=["value"])
    if known.empty:
        raise NothingToDrawError("no series has a forecast")
    highest = known.groupby(["topic", "series"])["value"].mean().sort_values(ascending=False)
    names = highest.groupby("topic").head(int(CHARTED_SERIES.value)).reset_index().sort_values(["topic", "series"])
    columns = ["series", "forecast_for", "value", "lower", "upper", "unit", "method"]
    shown = known[known["series"].isin(names["series"])][columns]
    shown = shown.assign(panel=shown["series"] + ", " + shown["unit"])
    time: dict[str, Any] = {"field": "forecast_for", "type": "temporal", "title": None}
    value: dict[str, Any] = {"type": "quantitative", "title": None, "scale": {"zero": False}}
    spec = specification(
        shown,
        "What comes next",
        left_out(known["series"].nunique(), len(names), "series") or "line: expected, area: 80 % band",
        facet={"field": "panel", "type": "nominal", "title": None, "sort": None},
        columns=2,
        resolve={"scale": {"x": "independent", "y": "independent"}},
        spec={
            "width": 280,
            "height": 90,
            "layer": [
                {
                    "mark": {"type": "area", "color": MUTED, "opacity": 0.5},
                    "encoding": {"x": time, "y": {**value, "field": "lower"}, "y2": {"field": "upper"}},
                },
                {
                    "mark": {"type": "line", "point": {"size": 12}, "color": NEUTRAL},
                    "encoding": {
                        "x": time,
                        "y": {**value, "field": "value"},
                        "tooltip": [{"field": name} for name in columns],
                    },
                },
            ],
        },
    )
    # Of panels each has its own width.
    del spec["width"]
    return spec


def scores_by_day(forecast_scores: pd.DataFrame) -> Spec:
    """How far off the forecasts of each day were, by topic; line: the season before.

    Raises:
        NothingToDrawError: no forecast has come yet.
    """
    known = forecast_scores.dropna(subset=["mase"])
    if known.empty:
        raise NothingToDrawError("no forecast has come yet")
    known = known.assign(day=known["made_at"].dt.floor("D"))
    shown = known.groupby(["topic", "day"], as_index=False).agg(
        mase=("mase", "mean"), coverage=("coverage", "mean"), forecasts=("id", "count")
    )
    return specification(
        shown,
        "How far off forecasts were",
        f"by the day on which they were made; {SCORED}",
        layer=[
            {
                "mark": {"type": "line", "point": {"size": 40}},
                "encoding": {
                    "x": {"field": "day", "type": "temporal", "title": None},
                    "y": {"field": "mase", "type": "quantitative", "title": "mean scaled error (MASE)"},
                    "color": {"field": "topic", "type": "nominal", "title": None},
                    "tooltip": [{"field": name} for name in shown.columns],
                },
            },
            {
                "data": {"values": [{"bar": 1.0}]},
                "mark": {"type": "rule", "color": MUTED, "strokeDash": [4, 4]},
                "encoding": {"y": {"field": "bar", "type": "quantitative"}},
            },
        ],
    )
