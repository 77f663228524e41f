"""Charts of planning: how full resources will be, what brings most for least effort. See ``lib.charts``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from analytics_assets.lib.charts import (
    BAD,
    GOOD,
    MOST_BARS,
    MUTED,
    NEUTRAL,
    NothingToDrawError,
    Spec,
    label,
    left_out,
    specification,
)
from analytics_assets.lib.run_charts import DARK, told_apart
from analytics_assets.pattern_thresholds import CAPACITY_LIMIT, CAPACITY_URGENT

if TYPE_CHECKING:
    import pandas as pd

URGENCIES = ("high", "medium", "none")
CATEGORIES = ("performance", "resource", "workflow", "quality")
OF_CATEGORIES = (NEUTRAL, GOOD, MUTED, BAD)
LEGEND = "bar: highest daily peak of the next 30 days, line: 80 % band, tick: now"


def capacity_planning(capacity_planning: pd.DataFrame) -> Spec:
    """Expected peak of each resource with its band, against 80 and 90 percent: the fullest first.

    Raises:
        NothingToDrawError: nothing is projected.
    """
    known = capacity_planning.dropna(subset=["projected_usage"])
    if known.empty:
        raise NothingToDrawError
    fullest = known.nlargest(MOST_BARS, "projected_usage")
    bands = [json.loads(band) if isinstance(band, str) else {} for band in fullest["confidence_interval"]]
    names = [f"{one} {resource}" for one, resource in zip(fullest["component"], fullest["resource_type"], strict=True)]
    columns = ["current_usage", "projected_usage", "urgency", "method", "breach_date"]
    ends: dict[str, list[Any]] = {name: [band.get(name) for band in bands] for name in ("lower", "upper")}
    shown = fullest[columns].assign(resource=told_apart(names), **ends)
    row = {"field": "resource", "type": "nominal", "sort": None, "title": None}
    peak = {
        "field": "projected_usage",
        "type": "quantitative",
        "title": "percent of the capacity",
        "scale": {"zero": True},
    }
    cut = left_out(len(known), len(shown), "resources")
    return specification(
        shown,
        "How full resources will be",
        f"{LEGEND}; {cut}" if cut else LEGEND,
        layer=[
            {
                "mark": {"type": "bar", "height": {"band": 0.7}},
                "encoding": {
                    "y": row,
                    "x": peak,
                    "color": {
                        "field": "urgency",
                        "type": "nominal",
                        "title": "urgency",
                        "scale": {"domain": list(URGENCIES), "range": [BAD, NEUTRAL, MUTED]},
                    },
                    "tooltip": [{"field": name} for name in shown.columns],
                },
            },
            {
                "mark": {"type": "rule", "strokeWidth": 2, "color": DARK},
                "encoding": {"y": row, "x": {**peak, "field": "lower"}, "x2": {"field": "upper"}},
            },
            {
                "mark": {"type": "tick", "thickness": 2, "color": DARK},
                "encoding": {"y": row, "x": {**peak, "field": "current_usage"}},
            },
            {
                "data": {"values": [{"limit": CAPACITY_LIMIT.value}, {"limit": CAPACITY_URGENT.value}]},
                "mark": {"type": "rule", "strokeDash": [4, 4], "color": BAD},
                "encoding": {"x": {**peak, "field": "limit"}},
            },
        ],
        height={"step": 18},
    )


def impact_and_feasibility(recommendations: pd.DataFrame) -> Spec:
    """What each recommendation brings against how easy it is; the larger, the surer, the first ones by name.

    Raises:
        NothingToDrawError: of none it is known what it would bring.
    """
    scored = recommendations.dropna(subset=["rank_score"])
    if scored.empty:
        raise NothingToDrawError
    shown = scored.nsmallest(MOST_BARS, "rank")
    columns = ["rank", "component", "category", "impact", "effort", "confidence", "rank_score", "text"]
    shown = shown[columns].assign(text=[label(str(words)) for words in shown["text"]])
    place = {
        "y": {"field": "impact", "type": "quantitative", "axis": {"format": "%"}, "title": "share of lost hours"},
        "x": {
            "field": "effort",
            "type": "ordinal",
            "sort": ["high", "medium", "low"],
            "scale": {"domain": ["high", "medium", "low"]},
            "title": "effort",
            "axis": {"labelAngle": 0},
        },
        "xOffset": {"field": "rank", "type": "ordinal"},
    }
    cut = left_out(len(recommendations), len(shown), "recommendations")
    legend = "upper right first; the larger, the surer; numbers are ranks"
    return specification(
        shown,
        "What to do first",
        f"{legend}; {cut}" if cut else legend,
        layer=[
            {
                "mark": {"type": "point", "filled": True, "opacity": 0.9},
                "encoding": {
                    **place,
                    "size": {
                        "field": "confidence",
                        "type": "quantitative",
                        "title": "confidence",
                        "scale": {"domain": [0, 1], "range": [20, 240]},
                        "legend": None,
                    },
                    "color": {
                        "field": "category",
                        "type": "nominal",
                        "title": None,
                        "scale": {"domain": list(CATEGORIES), "range": list(OF_CATEGORIES)},
                    },
                    "tooltip": [{"field": name} for name in columns],
                },
            },
            {
                "mark": {"type": "text", "dy": -12, "color": DARK},
                "encoding": {**place, "text": {"field": "rank"}},
            },
        ],
        height=260,
    )
