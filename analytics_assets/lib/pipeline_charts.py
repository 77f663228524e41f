"""Charts of pipelines: where their time goes, and how their steps would run. See ``lib.charts``."""

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
    left_out,
    specification,
)
from analytics_assets.lib.run_charts import SHARE, told_apart

if TYPE_CHECKING:
    import pandas as pd

MOST_PLANS, MOST_STEPS = 3, 12
"""Pipelines of one Gantt chart, and steps of each."""
TODAY, PLANNED, CRITICAL = "today", "planned", "planned, critical"


def bottlenecks(bottlenecks: pd.DataFrame) -> Spec:
    """Share of the pipeline's time of each step, and how often it is critical: the largest of all pipelines first."""
    known = bottlenecks.dropna(subset=["time_share"])
    shown = known.nlargest(MOST_BARS, "time_share")
    named = zip(shown["pipeline_name"], shown["step_name"], strict=True)
    is_bottleneck = shown["is_bottleneck"].fillna(value=False).astype(bool)
    shown = shown[["time_share", "critical_share", "median_seconds"]].assign(
        step=told_apart(f"{pipeline}/{step}" for pipeline, step in named),
        verdict=["bottleneck" if holds else "other step" for holds in is_bottleneck],
    )
    step = {"field": "step", "type": "nominal", "sort": shown["step"].tolist(), "title": None}
    cut = left_out(len(known), len(shown), "steps")
    legend = "bar: share of busy time, tick: share of executions on whose critical path it lies"
    return specification(
        shown,
        "Where the time of pipelines goes",
        f"{legend}; {cut}" if cut else legend,
        layer=[
            {
                "mark": {"type": "bar", "height": {"band": 0.7}},
                "encoding": {
                    "y": step,
                    "x": {**SHARE, "field": "time_share", "title": "share"},
                    "color": {
                        "field": "verdict",
                        "type": "nominal",
                        "title": None,
                        "scale": {"domain": ["bottleneck", "other step"], "range": [BAD, NEUTRAL]},
                    },
                    "tooltip": [{"field": name} for name in ("step", "time_share", "critical_share", "median_seconds")],
                },
            },
            {
                "mark": {"type": "tick", "thickness": 2, "color": "#22303c", "height": {"band": 0.7}},
                "encoding": {"y": step, "x": {**SHARE, "field": "critical_share", "title": "share"}},
            },
        ],
        height={"step": 18},
    )


def plans(pipeline_optimization_plans: pd.DataFrame) -> Spec:
    """When the steps of a pipeline run today and as planned: the pipelines that would save most seconds."""
    import pandas as pd

    planned = pipeline_optimization_plans.dropna(subset=["current_seconds", "simulated_seconds"])
    planned = planned.assign(saved=planned["current_seconds"] - planned["simulated_seconds"])
    saving = planned[planned["saved"] > 0]
    shown = saving.nlargest(MOST_PLANS, "saved")
    bars = [bar for plan in shown.to_dict("records") for bar in _bars(plan)]
    if not bars:
        raise NothingToDrawError("no plan saves time")
    cuts = [left_out(len(saving), len(shown), "pipelines")]
    cuts.append(left_out(sum(len(json.loads(steps)) for steps in shown["schedule"]), len(bars) // 2, "steps"))
    order = list(dict.fromkeys(bar["step"] for bar in bars))
    return specification(
        pd.DataFrame(bars),
        "How steps would run",
        "; ".join(["mean seconds after the start", *(cut for cut in cuts if cut)]),
        mark={"type": "bar", "height": {"band": 0.8}},
        encoding={
            "y": {"field": "step", "type": "nominal", "sort": order, "title": None},
            "yOffset": {"field": "row", "type": "nominal", "sort": [TODAY, PLANNED]},
            "x": {"field": "start", "type": "quantitative", "title": "seconds"},
            "x2": {"field": "end"},
            "color": {
                "field": "when",
                "type": "nominal",
                "title": None,
                "scale": {"domain": [TODAY, PLANNED, CRITICAL], "range": [MUTED, NEUTRAL, GOOD]},
            },
            "tooltip": [{"field": name} for name in ("step", "when", "start", "end")],
        },
        height={"step": 10, "for": "offset"},
    )


def _bars(plan: dict[Any, Any]) -> list[dict[str, Any]]:
    """Two bars per step: today and planned."""
    steps = json.loads(plan["schedule"])[:MOST_STEPS]
    names = told_apart(f"{plan['pipeline_name']}/{step['step']}" for step in steps)
    bars = []
    for name, step in zip(names, steps, strict=True):
        when = CRITICAL if step["is_critical"] else PLANNED
        bars += [
            {"step": name, "row": TODAY, "when": TODAY, "start": step["today_start"], "end": step["today_end"]},
            {"step": name, "row": PLANNED, "when": when, "start": step["planned_start"], "end": step["planned_end"]},
        ]
    return bars
