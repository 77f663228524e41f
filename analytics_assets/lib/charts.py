"""Vega-Lite specifications, one function per chart, and their pictures for metadata and reports.

A specification is a plain dict that carries its data, so the dashboard draws what the Dagster UI shows.
Pictures live in Dagster's event log: marks are bounded (20 tools or agents, 30 days of hours) to keep each
under 60 KB.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Sequence

Spec = dict[str, Any]

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
MOST_BARS = 20
MOST_HOURS = 30 * 24
LONGEST_LABEL = 40
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
GOOD, BAD, NEUTRAL, MUTED = "#2a9d6f", "#d1495b", "#3d6fb6", "#9aa5b1"
LOOK = {
    "font": "Helvetica, Arial, sans-serif",
    "view": {"stroke": None},
    "axis": {"grid": True, "gridColor": "#e8ebef", "domain": False, "ticks": False, "labelLimit": 0},
    "title": {"anchor": "start", "fontSize": 14, "subtitleColor": "#5c6773"},
}


class NothingToDrawError(ValueError):
    """A table has rows, and none of them has anything that its chart shows."""


def success_rates(tool_profiles: pd.DataFrame) -> Spec:
    """Success rate per tool with its Wilson interval: the tools with the most executions, worst first."""
    columns = ["tool_name", "total_executions", "success_rate", "success_rate_low", "success_rate_high"]
    measured = tool_profiles.dropna(subset=["success_rate"])
    shown = measured.nlargest(MOST_BARS, "total_executions").sort_values("success_rate")
    shown = shown[[*columns, "confidence_level"]]
    tool = {"field": "tool_name", "type": "nominal", "sort": None, "title": None}
    share = {
        "type": "quantitative",
        "scale": {"domain": [0, 1]},
        "axis": {"format": "%"},
        "title": "success rate",
    }
    return specification(
        shown,
        "How often tools succeed",
        left_out(len(measured), len(shown), "tools") or "bar: rate, line: 95 % interval",
        layer=[
            {
                "mark": {"type": "bar", "height": {"band": 0.7}},
                "encoding": {
                    "y": tool,
                    "x": {**share, "field": "success_rate"},
                    "color": {
                        "field": "confidence_level",
                        "type": "nominal",
                        "title": "confidence",
                        "scale": {"domain": ["HIGH", "MEDIUM", "LOW"], "range": [GOOD, NEUTRAL, BAD]},
                    },
                    "tooltip": [{"field": name} for name in columns],
                },
            },
            {
                "mark": {"type": "rule", "strokeWidth": 2, "color": "#22303c"},
                "encoding": {
                    "y": tool,
                    "x": {**share, "field": "success_rate_low"},
                    "x2": {"field": "success_rate_high"},
                },
            },
        ],
        height={"step": 18},
    )


def executions_per_hour(hourly_executions: pd.DataFrame) -> Spec:
    """Executions per hour, the failed ones on top: the last 30 days that have any."""
    latest = hourly_executions.nlargest(MOST_HOURS, "hour").sort_values("hour")
    shown = latest.melt(
        "hour", ["successful_tasks", "failed_tasks"], var_name="outcome", value_name="executions"
    ).replace({"outcome": {"successful_tasks": "succeeded", "failed_tasks": "failed"}})
    return specification(
        shown,
        "Executions per hour",
        "UTC",
        mark={"type": "bar", "binSpacing": 0},
        encoding={
            "x": {"field": "hour", "type": "temporal", "timeUnit": "utcyearmonthdatehours", "title": None},
            "y": {"field": "executions", "type": "quantitative", "title": "executions"},
            "color": {
                "field": "outcome",
                "type": "nominal",
                "title": None,
                "scale": {"domain": ["succeeded", "failed"], "range": [MUTED, BAD]},
            },
            "order": {"field": "outcome", "sort": "descending"},
        },
        width=640,
        height=200,
    )


def capacity(capacity_forecasts: pd.DataFrame) -> Spec:
    """Expected free capacity per agent with its band: the agents with the least of it first."""
    columns = ["agent_id", "estimated_available_capacity", "lower", "upper", "current_queue_depth", "method"]
    known = capacity_forecasts.dropna(subset=["estimated_available_capacity"])
    shown = known.nsmallest(MOST_BARS, "estimated_available_capacity")[columns]
    agent = {"field": "agent_id", "type": "nominal", "sort": None, "title": None}
    percent = {"type": "quantitative", "scale": {"domain": [0, 100]}, "title": "free in the next hour, %"}
    without = len(capacity_forecasts) - len(known)
    note = f"agents without enough history: {without}" if without else "bar: estimate, line: 80 % band"
    return specification(
        shown,
        "Expected capacity",
        left_out(len(known), len(shown), "agents") or note,
        layer=[
            {
                "mark": {"type": "bar", "height": {"band": 0.7}, "color": NEUTRAL},
                "encoding": {
                    "y": agent,
                    "x": {**percent, "field": "estimated_available_capacity"},
                    "tooltip": [{"field": name} for name in columns],
                },
            },
            {
                "mark": {"type": "rule", "strokeWidth": 2, "color": "#22303c"},
                "encoding": {"y": agent, "x": {**percent, "field": "lower"}, "x2": {"field": "upper"}},
            },
        ],
        height={"step": 18},
    )


def png(spec: Spec) -> bytes:
    """The picture of a specification; drawn in process, without a browser or a network."""
    import vl_convert

    return _packed(bytes(vl_convert.vegalite_to_png(spec, scale=1)))


def svg(spec: Spec) -> str:
    """The drawing of a specification as SVG, for pages."""
    import vl_convert

    return str(vl_convert.vegalite_to_svg(spec))


def markdown(spec: Spec) -> str:
    """The picture as Markdown with the image inside it, for Dagster's metadata."""
    picture = base64.b64encode(png(spec)).decode("ascii")
    return f"![{spec['title']['text']}](data:image/png;base64,{picture})"


def _packed(picture: bytes) -> bytes:
    """The same PNG with its pixels compressed as far as they go.

    vl-convert compresses for speed: 720 hours took 280 KB, and take 23 KB after this.
    """
    signature, position = picture[:8], 8
    kept: list[tuple[bytes, bytes]] = []
    pixels = b""
    while position < len(picture):
        length = int.from_bytes(picture[position : position + 4])
        kind = picture[position + 4 : position + 8]
        content = picture[position + 8 : position + 8 + length]
        if kind == b"IDAT":
            pixels += content
        else:
            kept.append((kind, content))
        position += 12 + length
    header, *others, end = kept
    chunks = [header, *others, (b"IDAT", zlib.compress(zlib.decompress(pixels), level=9)), end]
    return signature + b"".join(
        len(content).to_bytes(4) + kind + content + zlib.crc32(kind + content).to_bytes(4) for kind, content in chunks
    )


def specification(rows: pd.DataFrame, title: str, subtitle: str | list[str], **parts: Any) -> Spec:
    """A chart of some rows in the look of all charts; ``parts`` are its marks and encodings."""
    return {
        "$schema": SCHEMA,
        "title": {"text": title, "subtitle": subtitle},
        "data": {"values": _values(rows)},
        "width": 480,
        "config": LOOK,
        **parts,
    }


def _values(rows: pd.DataFrame) -> Sequence[dict[str, Any]]:
    """Rows as JSON has them: NULL for what is missing, times in UTC, names short enough for an axis."""
    values: list[dict[str, Any]] = json.loads(rows.to_json(orient="records", date_format="iso"))
    return [{name: label(value) if isinstance(value, str) else value for name, value in row.items()} for row in values]


def label(text: str) -> str:
    """A name as it can be drawn.

    The renderer ends the whole process at a character that XML does not have, and its own limit for labels cuts an
    emoji in two, which is an error.
    """
    drawable = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
    return drawable if len(drawable) <= LONGEST_LABEL else f"{drawable[: LONGEST_LABEL - 1]}…"


def left_out(total: int, shown: int, noun: str) -> str | None:
    """Says what a bounded chart leaves out; None when it shows everything."""
    return f"{shown} of {total} {noun}" if total > shown else None
