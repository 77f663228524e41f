"""Charts of signals: what was not as usual and when, and where signals go. See ``lib.charts``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analytics_assets.lib.charts import (
    BAD,
    GOOD,
    MOST_BARS,
    MUTED,
    NEUTRAL,
    NothingToDrawError,
    Spec,
    left_out,
    specification,
)
from analytics_assets.lib.run_charts import told_apart

if TYPE_CHECKING:
    import pandas as pd

AMBER = "#e08e3c"
SEVERITIES = {"HIGH": BAD, "MEDIUM": AMBER, "LOW": MUTED}
VERDICTS = {True: "worse", False: "better"}
UNKNOWN = "neither"
COLOURS = {"worse": BAD, "better": GOOD, UNKNOWN: NEUTRAL}
EPISODES_OF_A_SIGNAL = 10


def anomaly_timeline(anomalies: pd.DataFrame) -> Spec:
    """When signals were not as usual, a line each: those with an anomaly that lasts first, then the most severe."""
    if anomalies.empty:
        raise NothingToDrawError("no signal has an anomaly")
    ranked = anomalies.assign(rank=anomalies["severity"].map(list(SEVERITIES).index)).sort_values(
        ["is_ongoing", "rank", "score"], ascending=[False, True, False]
    )
    signals = ranked["signal"].drop_duplicates()
    chosen = signals.head(MOST_BARS)
    names = dict(zip(chosen, told_apart(chosen), strict=True))
    shown = ranked[ranked["signal"].isin(names)].groupby("signal", sort=False).head(EPISODES_OF_A_SIGNAL)
    rows = shown[["starts_at", "severity", "hours", "reason"]].assign(
        # What lasts is drawn to the end of the window.
        ends_at=shown["ends_at"].fillna(shown["as_of"]),
        signal=shown["signal"].map(names),
        lasts=shown["is_ongoing"].map({True: "lasts", False: ""}),
    )
    ongoing = int(anomalies["is_ongoing"].sum())
    row = {"field": "signal", "type": "nominal", "sort": list(names.values()), "title": None}
    start = {"field": "starts_at", "type": "temporal", "title": None}
    end: dict[str, Any] = {"field": "ends_at"}
    return specification(
        rows,
        "What was not as usual?",
        _told(
            f"{len(anomalies)} episodes in two weeks, {ongoing} last (triangle); red: HIGH, amber: MEDIUM, grey: LOW",
            left_out(len(signals), len(chosen), "signals"),
        ),
        layer=[
            {
                # An hour is less than a pixel of two weeks: the line around it can be seen.
                "mark": {"type": "bar", "height": {"band": 0.6}, "strokeWidth": 2},
                "encoding": {
                    "y": row,
                    "x": start,
                    "x2": end,
                    "color": _of_words("severity", SEVERITIES) | {"legend": None},
                    "stroke": _of_words("severity", SEVERITIES) | {"legend": None},
                    "tooltip": [{"field": name} for name in ("signal", "starts_at", "hours", "severity", "reason")],
                },
            },
            {
                "transform": [{"filter": "datum.lasts === 'lasts'"}],
                "mark": {"type": "point", "shape": "triangle-right", "filled": True, "size": 70, "color": BAD},
                "encoding": {"y": row, "x": {**start, "field": "ends_at"}},
            },
        ],
        height={"step": 20},
    )


def trend_slopes(trends: pd.DataFrame) -> Spec:
    """How fast signals rise or fall, as a share of their mean a day, with its interval: the steepest ones."""
    is_drawn = trends["trend_direction"].isin(["increasing", "decreasing"]) & trends["relative_slope"].notna()
    directed = trends[is_drawn.astype(bool)]
    if directed.empty:
        raise NothingToDrawError("no signal rises or falls")
    steepest = directed["relative_slope"].astype(float).abs().sort_values(ascending=False).index[:MOST_BARS]
    shown = directed.loc[steepest]
    scale = shown["relative_slope"].astype(float) / shown["slope_per_day"].astype(float)
    rows = shown[["trend_direction", "slope_per_day", "unit", "days"]].assign(
        signal=told_apart(shown["signal"]),
        slope=shown["relative_slope"].astype(float),
        low=shown["slope_low"].astype(float) * scale,
        high=shown["slope_high"].astype(float) * scale,
        verdict=shown["is_worse"].map(VERDICTS).fillna(UNKNOWN).astype(str),
    )
    row = {"field": "signal", "type": "nominal", "sort": None, "title": None}
    share: dict[str, Any] = {"type": "quantitative", "axis": {"format": "+.1%"}, "title": "share of its mean, per day"}
    return specification(
        rows,
        "Which signals rise or fall?",
        _told(
            f"{len(directed)} of {len(trends)} signals; point: slope, line: 95 % interval",
            left_out(len(directed), len(shown), "drawn"),
        ),
        layer=[
            {"mark": {"type": "rule", "color": MUTED}, "encoding": {"x": {"datum": 0}}},
            {
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {
                    "y": row,
                    "x": {**share, "field": "low"},
                    "x2": {"field": "high"},
                    "color": _of_words("verdict", COLOURS),
                },
            },
            {
                "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1},
                "encoding": {
                    "y": row,
                    "x": {**share, "field": "slope"},
                    "color": _of_words("verdict", COLOURS),
                    "tooltip": [{"field": name} for name in ("signal", "trend_direction", "slope_per_day", "unit")],
                },
            },
        ],
        height={"step": 18},
    )


def _of_words(field: str, colours: dict[str, str]) -> dict[str, Any]:
    scale = {"domain": list(colours), "range": list(colours.values())}
    return {"field": field, "type": "nominal", "title": None, "scale": scale}


def _told(legend: str, cut: str | None) -> str:
    """How a chart is read, and what it leaves out."""
    return f"{legend}; {cut}" if cut else legend
