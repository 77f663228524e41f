"""Charts of outcomes: whether stated confidences hold, and what applied changes did."""

from __future__ import annotations

import pandas as pd

from analytics_assets.lib.charts import BAD, GOOD, MOST_BARS, MUTED, NEUTRAL, Spec, left_out, specification

VERDICTS = {"worked": GOOD, "harmed": BAD, "no effect": NEUTRAL, "measuring": MUTED}
INK = "#22303c"


def reliability(calibration: pd.DataFrame) -> Spec:
    """Share that held against the stated confidence, per bin: on the diagonal both are the same."""
    columns = ["source", "mean_confidence", "held_share", "held_share_low", "held_share_high", "n"]
    shown = calibration[calibration["n"] > 0][columns]
    share = {"type": "quantitative", "scale": {"domain": [0, 1]}, "axis": {"format": "%"}}
    stated = {**share, "field": "mean_confidence", "title": "stated confidence"}
    colour = {
        "field": "source",
        "type": "nominal",
        "title": None,
        "scale": {"domain": ["backtest", "verdicts"], "range": [NEUTRAL, GOOD]},
    }
    return specification(
        shown,
        "Do stated confidences hold?",
        "point: share that proved right, line: 95 % interval, dashes: as stated",
        layer=[
            {
                "data": {"values": [{"at": 0}, {"at": 1}]},
                "mark": {"type": "line", "strokeDash": [4, 4], "color": MUTED},
                "encoding": {"x": {**share, "field": "at"}, "y": {**share, "field": "at"}},
            },
            {
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {
                    "x": stated,
                    "y": {**share, "field": "held_share_low", "title": "proved right"},
                    "y2": {"field": "held_share_high"},
                    "color": colour,
                },
            },
            {
                "mark": {"type": "point", "filled": True, "opacity": 1},
                "encoding": {
                    "x": stated,
                    "y": {**share, "field": "held_share"},
                    "color": colour,
                    "size": {"field": "n", "type": "quantitative", "title": "suggestions"},
                    "tooltip": [{"field": name} for name in columns],
                },
            },
        ],
        height=320,
        width=320,
    )


def effects(recommendation_effectiveness: pd.DataFrame) -> Spec:
    """Change of the success rate with its interval, and both rates, per decision: the newest ones."""
    columns = [
        *("label", "rates", "difference", "difference_low", "difference_high", "verdict"),
        *("baseline_success_rate", "baseline_runs", "after_success_rate", "after_runs"),
    ]
    measured = recommendation_effectiveness.dropna(subset=["difference"])
    newest = measured.nlargest(MOST_BARS, "implementation_date")
    # Two changes of one spec are two bars: what comes after the name tells them apart.
    subject = newest["spec_id"].fillna(newest["spec_type"]).fillna("all specs")
    sides = zip(newest["baseline_success_rate"], newest["after_success_rate"], strict=True)
    shown = newest.assign(
        label=newest["rule"] + " " + subject + " " + newest["id"].astype(str).str[-4:],
        rates=[f"{before:.0%} \N{RIGHTWARDS ARROW} {after:.0%}" for before, after in sides],
    )[columns]
    change = {"field": "label", "type": "nominal", "sort": None, "title": None}
    points = {
        "type": "quantitative",
        "axis": {"format": "+%", "tickCount": 6},
        "title": "change of the success rate, in points",
    }
    without = len(recommendation_effectiveness) - len(measured)
    note = (
        f"without runs on a side: {without}"
        if without
        else "point: change, line: 95 % interval, text: before and after"
    )
    colour = {
        "field": "verdict",
        "type": "nominal",
        "title": None,
        # Beside the bars it would stand in the texts.
        "legend": {"orient": "bottom"},
        "scale": {"domain": list(VERDICTS), "range": list(VERDICTS.values())},
    }
    return specification(
        shown,
        "What applied suggestions did",
        left_out(len(measured), len(shown), "applications") or note,
        layer=[
            {
                "data": {"values": [{"at": 0}]},
                "mark": {"type": "rule", "color": INK, "strokeDash": [4, 4]},
                "encoding": {"x": {**points, "field": "at"}},
            },
            {
                "mark": {"type": "rule", "strokeWidth": 2},
                "encoding": {
                    "y": change,
                    "x": {**points, "field": "difference_low"},
                    "x2": {"field": "difference_high"},
                    "color": colour,
                },
            },
            {
                "mark": {"type": "point", "filled": True, "opacity": 1, "size": 60},
                "encoding": {
                    "y": change,
                    "x": {**points, "field": "difference"},
                    "color": colour,
                    "tooltip": [{"field": name} for name in columns],
                },
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 6, "color": INK, "fontSize": 10},
                "encoding": {
                    "y": change,
                    "x": {**points, "field": "difference_high"},
                    "text": {"field": "rates"},
                },
            },
        ],
        height={"step": 22},
    )


def promises(rule_scores: pd.DataFrame) -> Spec:
    """What each rule promises beside what held, with its interval: only rules that could be tested."""
    columns = ["rule", "held_share", "held_share_low", "held_share_high", "mean_confidence", "testable"]
    tested = rule_scores[rule_scores["testable"] > 0]
    shown = tested.sort_values("held_share")[columns]
    rule = {"field": "rule", "type": "nominal", "sort": None, "title": None}
    share = {"type": "quantitative", "scale": {"domain": [0, 1]}, "axis": {"format": "%"}, "title": "proved right"}
    without = len(rule_scores) - len(tested)
    note = "bar: share that held, line: 95 % interval, tick: mean stated confidence"
    return specification(
        shown,
        "Do rules hold what they promise?",
        f"{note}; without a test: {without} rules" if without else note,
        layer=[
            {
                "mark": {"type": "bar", "height": {"band": 0.7}, "color": NEUTRAL},
                "encoding": {
                    "y": rule,
                    "x": {**share, "field": "held_share"},
                    "tooltip": [{"field": name} for name in columns],
                },
            },
            {
                "mark": {"type": "rule", "strokeWidth": 2, "color": INK},
                "encoding": {
                    "y": rule,
                    "x": {**share, "field": "held_share_low"},
                    "x2": {"field": "held_share_high"},
                },
            },
            {
                "mark": {"type": "tick", "thickness": 3, "color": BAD},
                "encoding": {"y": rule, "x": {**share, "field": "mean_confidence"}},
            },
        ],
        height={"step": 22},
    )
