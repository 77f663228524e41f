"""Charts of issues and reviews: is health improving, where do issues come from, how fast are they fixed.

Each title asks the question that its chart answers and the subtitle says the answer in figures. Weeks are Mondays in
UTC. See ``lib.charts`` for what all charts share.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from analytics_assets.issue_thresholds import FIX_DAYS_TARGET_P0, FIX_DAYS_TARGET_P1, HEALTH_TARGET, TREND_WEEKS
from analytics_assets.lib.charts import BAD, GOOD, MUTED, NEUTRAL, NothingToDrawError, Spec, specification
from analytics_assets.lib.issue_weeks import (
    WEEK,
    as_dates,
    counted_per_week,
    drawable,
    every_week,
    last_weeks,
    signed,
    so_far,
    stacked,
)

INK = "#22303c"
AMBER, VIOLET, SAND, TEAL = "#e08e3c", "#8367b1", "#c9b458", "#3b9ab2"
SCOPES = {"overall": INK, "planning": VIOLET, "commands": NEUTRAL, "agents": AMBER}
"""The lines of health and their colours."""
PRIORITIES = {"P0": BAD, "P1": AMBER, "P2": NEUTRAL, "P3": MUTED}
CATEGORIES = {"commands": NEUTRAL, "agents": AMBER, "planning": VIOLET, "infrastructure": GOOD}
OTHER_COLOURS = (SAND, TEAL, BAD)
OTHERS = "others"
DAY_TICKS = (0, 1, 3, 7, 14, 30, 60, 120, 240, 480, 960)
FIX_TARGETS = {0: FIX_DAYS_TARGET_P0.value, 1: FIX_DAYS_TARGET_P1.value}
MOST_LABELS = 7
WHISKERS = (0.05, 0.95)


def health_trend(weekly_health: pd.DataFrame) -> Spec:
    """Health per week, overall and of each part, with its goal; a week without a measurement is a gap."""
    known = weekly_health[weekly_health["scope"].isin(SCOPES)].astype({"health_score": float})
    shown = last_weeks(known)[["week", "scope", "health_score", "source", "issue_debt"]]
    if shown["health_score"].isna().all():
        raise NothingToDrawError("no week has a health score")
    drawn = [scope for scope in SCOPES if shown.loc[shown["scope"] == scope, "health_score"].notna().any()]
    goal = HEALTH_TARGET.value
    percent = {
        "type": "quantitative",
        "scale": {"domain": [0, 100]},
        "axis": {"labelExpr": "datum.label + ' %'", "tickCount": 6},
        "title": f"health score, {_source(shown)}",
    }
    lines = {
        "x": _week_axis(shown["week"]),
        "y": {**percent, "field": "health_score"},
        "color": _legend("scope", {scope: SCOPES[scope] for scope in drawn}) | {"legend": {"orient": "bottom"}},
        "tooltip": [{"field": name} for name in ("week", "scope", "health_score", "source", "issue_debt")],
    }
    return specification(
        as_dates(shown[shown["scope"].isin(drawn)]),
        "What is the health score trend?",
        _last_health(shown),
        layer=[
            {
                "data": {"values": [{"goal": goal}]},
                "mark": {"type": "rule", "color": GOOD, "strokeDash": [6, 4], "strokeWidth": 2},
                "encoding": {"y": {**percent, "field": "goal"}},
            },
            {
                "data": {"values": [{"goal": goal, "said": f"goal {goal:.0f} %"}]},
                "mark": {"type": "text", "align": "left", "dx": 6, "color": GOOD, "x": "width"},
                "encoding": {"y": {**percent, "field": "goal"}, "text": {"field": "said"}},
            },
            # A score between two gaps has no line: its point is all there is of it.
            {
                "mark": {
                    "type": "line",
                    "strokeWidth": 2,
                    "point": {"size": 14},
                    "invalid": "break-paths-show-path-domains",
                },
                "encoding": lines,
            },
        ],
        width=640,
        height=240,
    )


def _source(weekly_health: pd.DataFrame) -> str:
    """Where the scores come from: one of a tracker's reviewers and one of open issues differ."""
    words = {"reviews": "as reviews say", "issues": "from open issues"}
    found = weekly_health.loc[weekly_health["health_score"].notna(), "source"].unique()
    return " or ".join(words[source] for source in sorted(found, reverse=True) if source in words)


def issue_velocity(weekly_issues: pd.DataFrame) -> Spec:
    """New issues per week by priority as bars, and the issues open at each week's end as a line."""
    counted = last_weeks(weekly_issues)
    named = counted.assign(priority="P" + counted["priority"].astype(int).astype(str))
    new = counted_per_week(named, "priority", "new_issues")
    still_open = every_week(counted.groupby("week")["open_issues"].sum())
    if new.empty and not still_open.any():
        raise NothingToDrawError("no week has a new or an open issue")
    line = as_dates(still_open.rename("open").reset_index().assign(middle=lambda rows: rows["week"] + WEEK / 2))
    week = _week_axis(counted["week"])
    return specification(
        stacked(new, "priority", PRIORITIES),
        "Is the number of open issues falling?",
        _net_change(still_open) + so_far(counted),
        layer=[
            _bars("priority", PRIORITIES, week),
            {
                "data": {"values": line.to_dict("records")},
                "mark": {"type": "line", "color": INK, "strokeWidth": 2, "point": {"color": INK, "size": 14}},
                "encoding": {
                    "x": {**week, "field": "middle"},
                    "y": {
                        "field": "open",
                        "type": "quantitative",
                        "title": "open at the week's end (line)",
                        "axis": {"tickMinStep": 1, "grid": False},
                        "scale": {"zero": True},
                    },
                    "tooltip": [{"field": "week"}, {"field": "open"}],
                },
            },
        ],
        # Both are numbers of issues, but a backlog of sixty would press five new ones a week flat.
        resolve={"scale": {"y": "independent"}},
        width=600,
        height=220,
    )


def category_distribution(weekly_issues: pd.DataFrame) -> Spec:
    """New issues per week, stacked by category; beyond the usual ones the largest, and the others together."""
    counted = last_weeks(weekly_issues)
    counted = counted.assign(category=drawable(counted["category"]))
    totals = counted.groupby("category")["new_issues"].sum().sort_values(ascending=False, kind="stable")
    totals = totals.loc[totals > 0]
    if totals.empty:
        raise NothingToDrawError("no week has a new issue")
    colours = _category_colours(list(totals.index))
    named = counted["category"].where(counted["category"].isin(list(colours)), OTHERS)
    new = counted_per_week(counted.assign(category=named), "category", "new_issues")
    worst, most, total = totals.index[0], totals.iloc[0], totals.sum()
    return specification(
        stacked(new, "category", colours),
        "Which category creates most issues?",
        f"{worst}: {most:.0f} of {total:.0f} new issues ({_share(most / total)}){so_far(counted)}",
        **_bars("category", colours, _week_axis(counted["week"])),
        width=640,
        height=220,
    )


def time_to_fix(issue_features: pd.DataFrame) -> Spec:
    """Days to a fix per priority: median, quartiles, the middle nine tenths, and the target where there is one."""
    fixed = issue_features.dropna(subset=["days_to_fix"]).astype({"days_to_fix": float, "priority": int})
    if fixed.empty:
        raise NothingToDrawError("no issue has a known time to fix")
    days = fixed.groupby("priority")["days_to_fix"]
    boxes = days.quantile(np.array([WHISKERS[0], 0.25, 0.5, 0.75, WHISKERS[1]])).unstack()
    boxes.columns = pd.Index(["low", "q1", "median", "q3", "high"])
    boxes = boxes.assign(n=days.size()).reindex(range(len(PRIORITIES)))
    shown = boxes.assign(
        priority=list(PRIORITIES),
        target=pd.Series(FIX_TARGETS),
        said=[f"{n:.0f} fixed" if n > 0 else "none fixed" for n in boxes["n"]],
    )
    top = max(float(shown[["high", "target"]].max().max()), 1.0)
    x = {"field": "priority", "type": "nominal", "sort": None, "title": None, "axis": {"labelAngle": 0}}
    y = {
        "type": "quantitative",
        "scale": {"type": "symlog", "domain": [0, top * 1.15]},
        "axis": {"values": [tick for tick in DAY_TICKS if tick <= top * 1.15]},
        "title": "days to fix (logarithmic)",
    }
    colour = {**_legend("priority", PRIORITIES), "legend": None}

    def layer(mark: dict[str, Any], **encoding: Any) -> dict[str, Any]:
        return {"mark": mark, "encoding": {"x": x, **encoding}}

    tooltip = [{"field": name} for name in ("priority", "n", "median", "q1", "q3", "low", "high", "target")]
    return specification(
        shown,
        "Are we meeting SLAs?",
        [_targets_met(fixed), "box: quartiles and median, line: 5th to 95th percentile, red: target"],
        layer=[
            layer({"type": "rule", "color": INK}, y={**y, "field": "low"}, y2={"field": "high"}),
            layer(
                {"type": "bar", "width": {"band": 0.45}, "stroke": INK, "strokeWidth": 1},
                y={**y, "field": "q1"},
                y2={"field": "q3"},
                color=colour,
                tooltip=tooltip,
            ),
            layer(
                {"type": "tick", "color": INK, "thickness": 2, "width": {"band": 0.45}},
                y={**y, "field": "median"},
            ),
            layer(
                {"type": "tick", "color": BAD, "opacity": 1, "thickness": 3, "width": {"band": 0.8}},
                y={**y, "field": "target"},
            ),
            layer(
                {"type": "text", "y": "height", "dy": 28, "color": "#5c6773"},
                text={"field": "said"},
            ),
        ],
        width=420,
        height=240,
    )


def _week_axis(weeks: pd.Series[pd.Timestamp]) -> dict[str, Any]:
    """Weeks from left to right, labelled on Mondays that are evenly apart."""
    mondays = every_week(pd.Series(0, index=pd.Index(weeks.unique()).sort_values())).index
    labelled = mondays[:: -(-len(mondays) // MOST_LABELS)]
    return {
        "field": "week",
        "type": "temporal",
        "scale": {"type": "utc"},
        "axis": {"values": [int(day.timestamp() * 1000) for day in labelled], "format": "%d %b %Y"},
        "title": None,
    }


def _bars(dimension: str, colours: dict[str, str], week: dict[str, Any]) -> dict[str, Any]:
    """The marks of what ``stacked`` gives."""
    return {
        "mark": {"type": "rect", "stroke": "white", "strokeWidth": 0.5},
        "encoding": {
            "x": week,
            "x2": {"field": "end"},
            "y": {
                "field": "top",
                "type": "quantitative",
                "title": "new issues a week",
                "axis": {"tickMinStep": 1},
                "scale": {"zero": True},
            },
            "y2": {"field": "bottom"},
            "color": _legend(dimension, colours),
            "tooltip": [{"field": name} for name in ("week", dimension, "new_issues")],
        },
    }


def _category_colours(names: list[str]) -> dict[str, str]:
    """The usual categories in their own colours, then the largest free ones, then what is left as one."""
    free = [name for name in names if name not in CATEGORIES]
    kept = free if len(free) <= len(OTHER_COLOURS) else free[: len(OTHER_COLOURS) - 1]
    colours = {name: colour for name, colour in CATEGORIES.items() if name in names}
    colours |= dict(zip(kept, OTHER_COLOURS, strict=False))
    return colours if len(kept) == len(free) else colours | {OTHERS: OTHER_COLOURS[-1]}


def _legend(field: str, colours: dict[str, str]) -> dict[str, Any]:
    """A colour per word, in the order of the words."""
    scale = {"domain": list(colours), "range": list(colours.values())}
    return {"field": field, "type": "nominal", "title": None, "scale": scale}


def _last_health(shown: pd.DataFrame) -> str:
    """The last overall score, and how far it moved in the last weeks."""
    overall = shown[shown["scope"] == "overall"].dropna(subset=["health_score"]).set_index("week")["health_score"]
    if overall.empty:
        return "there is no overall score"
    last = overall.index.max()
    before = overall.get(last - pd.Timedelta(weeks=int(TREND_WEEKS.value)))
    moved = "" if before is None else f", {signed(overall[last] - before)} points in {TREND_WEEKS.value:.0f} weeks"
    return f"overall {overall[last]:.0f} % in the week of {last:%Y-%m-%d}{moved}"


def _net_change(still_open: pd.Series[float]) -> str:
    """How many more are open than some weeks before; the target is fewer."""
    weeks = min(int(TREND_WEEKS.value), len(still_open) - 1)
    if weeks < 1:
        return f"{still_open.iloc[-1]:.0f} open; one week shows no change"
    change = still_open.iloc[-1] - still_open.iloc[-1 - weeks]
    span = "the last week" if weeks == 1 else f"the last {weeks} weeks"
    return f"{still_open.iloc[-1]:.0f} open; net change of {span}: {signed(change)} (target: below 0)"


def _targets_met(fixed: pd.DataFrame) -> str:
    """The share of fixes within the target, of each priority that has one."""
    told = []
    for priority, target in FIX_TARGETS.items():
        days = fixed.loc[fixed["priority"] == priority, "days_to_fix"]
        unit = "day" if target == 1 else "days"
        share = f"{_share((days < target).mean())} of {len(days)}" if len(days) else "none fixed"
        told.append(f"P{priority} within {target:.0f} {unit}: {share}")
    return "; ".join(told)


def _share(share: float) -> str:
    return f"{100 * share:.0f} %"
