"""Charts of signals that lead and of what events did. See ``lib.charts``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pandas as pd

from analytics_assets.lib.charts import BAD, GOOD, MUTED, NEUTRAL, NothingToDrawError, Spec, left_out, specification

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping
    from typing import Any

MOST_LEADS = 4
"""Pairs: more lines are not told apart."""
MOST_EVENTS = 200
LONGEST_END = 18
DARK = "#22303c"
COLOURS = {"degradation": BAD, "improvement": GOOD, "none": MUTED, "unknown": NEUTRAL}


def leads(signal_leads: pd.DataFrame) -> Spec:
    """Correlation by lag of the surest pairs in which one signal leads; where none does, of those that go together.

    Raises:
        NothingToDrawError: no pair is significant.
    """
    significant = signal_leads[signal_leads["is_significant"].fillna(value=False).astype(bool)]
    significant = significant.dropna(subset=["correlations"])
    leading = significant[significant["direction"] == "leads"]
    chosen = leading if len(leading) else significant
    if chosen.empty:
        raise NothingToDrawError("no significant pair of signals")
    shown = chosen.sort_values("p_adjusted", kind="stable").head(MOST_LEADS)
    lines = pd.DataFrame([point for row in shown.to_dict("records") for point in _points(row)])
    return specification(
        lines,
        "What moves first",
        left_out(len(chosen), len(shown), "pairs of signals") or "hours from the first signal to the second",
        layer=[
            {
                "mark": {"type": "rule", "color": DARK, "strokeDash": [3, 3]},
                "data": {"values": [{"lag_hours": 0}]},
                "encoding": {"x": {"field": "lag_hours", "type": "quantitative"}},
            },
            {
                "mark": {"type": "line", "point": {"size": 18}},
                "encoding": {
                    "x": {"field": "lag_hours", "type": "quantitative", "title": "lag, hours"},
                    "y": {
                        "field": "correlation",
                        "type": "quantitative",
                        "title": "correlation",
                        "scale": {"domain": [-1, 1]},
                    },
                    "color": {
                        "field": "pair",
                        "type": "nominal",
                        "title": None,
                        "legend": {"orient": "bottom", "columns": 1, "labelLimit": 0},
                    },
                },
            },
        ],
        height=220,
    )


def impacts(event_impact_analysis: pd.DataFrame) -> Spec:
    """What each event changed, in standard deviations, over time: its surest signal, or every one that it changed.

    Raises:
        NothingToDrawError: of no event an effect could be told.
    """
    known = event_impact_analysis.dropna(subset=["impact_magnitude"])
    if known.empty:
        raise NothingToDrawError("no event whose effect could be told")
    shown = known.sort_values(["is_significant", "occurred_at"], ascending=False).head(MOST_EVENTS)
    columns = ["occurred_at", "impact_magnitude", "impact_type", "event_type"]
    # Names of the quiet ones are not read, and a picture has to stay small.
    rows = shown[columns].assign(
        signal=[
            signal if is_clear is True else ""
            for signal, is_clear in zip(shown["signal"], shown["is_significant"].astype(object), strict=True)
        ]
    )
    x = {"field": "occurred_at", "type": "temporal", "title": None, "scale": {"type": "utc"}}
    y = {
        "field": "impact_magnitude",
        "type": "quantitative",
        "title": "change, robust standard deviations",
        "axis": {"titleLimit": 0},
    }
    return specification(
        rows,
        "What events changed",
        left_out(len(known), len(shown), "events and signals") or "each event with its surest signal",
        layer=[
            {
                "mark": {"type": "point", "filled": True, "size": 45, "opacity": 0.9},
                "encoding": {
                    "x": x,
                    "y": y,
                    "color": {
                        "field": "impact_type",
                        "type": "nominal",
                        "title": None,
                        "scale": {"domain": list(COLOURS), "range": list(COLOURS.values())},
                    },
                    "shape": {"field": "event_type", "type": "nominal", "title": None},
                },
            },
            {
                "mark": {"type": "text", "align": "right", "dx": -8, "color": DARK},
                "encoding": {"x": x, "y": y, "text": {"field": "signal"}},
            },
        ],
        width=640,
        height=240,
    )


def _points(row: Mapping[Hashable, Any]) -> list[dict[str, Any]]:
    """The correlations of one pair by lag."""
    values = json.loads(row["correlations"])
    most = len(values) // 2
    # Ends of names tell signals apart, and a legend has little room.
    pair = f"{_end(row['leader'])} to {_end(row['follower'])}"
    return [{"pair": pair, "lag_hours": place - most, "correlation": value} for place, value in enumerate(values)]


def _end(signal: str) -> str:
    """The last part of a signal's name, as much of it as a label has room for.

    >>> _end("metric/api/queue_depth")
    'queue_depth'
    """
    end = signal.rsplit("/", 1)[-1]
    return end if len(end) <= LONGEST_END else f"…{end[1 - LONGEST_END :]}"
