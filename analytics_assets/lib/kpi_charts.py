"""Charts of the health of the system: its score and those of its groups by day, and every KPI today."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

from analytics_assets.lib.charts import BAD, GOOD, MUTED, NEUTRAL, NothingToDrawError, Spec, left_out, specification
from analytics_assets.lib.words import plural
from analytics_assets.system_kpis.definitions import GROUP_SCORE, GROUPS, HEALTH, OVERALL

if TYPE_CHECKING:
    import pandas as pd

INK, AMBER, VIOLET = "#22303c", "#e08e3c", "#8a5fb5"
COLOURS = {OVERALL: INK, **dict(zip(GROUPS, (NEUTRAL, GOOD, AMBER, VIOLET), strict=True))}
MARKS = {True: BAD, False: NEUTRAL}
MOST_DAYS = 90
"""A quarter: of a year the days would run into each other, and each picture is kept for as long as its run."""
POOR = 0.5
"""Below it a bar is red: more is lost than is left."""


def health_over_days(system_kpis: pd.DataFrame) -> Spec:
    """The health score and those of the groups in the newest 90 days, a line each; a day without one is a gap."""
    known = system_kpis["measured_on"].drop_duplicates()
    newest = known.nlargest(MOST_DAYS)
    scores = system_kpis[system_kpis["kpi"].isin([GROUP_SCORE, HEALTH]) & system_kpis["measured_on"].isin(newest)]
    if scores["score"].notna().sum() == 0:
        raise NothingToDrawError("no score is known of any day")
    rows = scores[["measured_on", "kpi_group", "score", "reason"]].assign(
        measured_on=scores["measured_on"].astype(str).str[:10]
    )
    days = left_out(len(known), len(newest), "days") or plural(len(newest), "day")
    line: dict[str, Any] = {
        "x": {"field": "measured_on", "type": "temporal", "timeUnit": "utcyearmonthdate", "title": None},
        "y": _score("score"),
        "color": {
            "field": "kpi_group",
            "type": "nominal",
            "title": None,
            "scale": {"domain": list(COLOURS), "range": list(COLOURS.values())},
        },
    }
    width = {
        "condition": {"test": f"datum.kpi_group === '{OVERALL}'", "value": 3},
        "value": 1.5,
    }
    return specification(
        rows,
        "How healthy is the system?",
        f"score by day, 1 is best; {days}; a gap: not known",
        layer=[
            {
                "mark": {"type": "line", "invalid": "break-paths-show-domains"},
                "encoding": line | {"strokeWidth": width},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 30, "opacity": 1, "invalid": "filter"},
                "encoding": line
                | {"tooltip": [{"field": name} for name in ("measured_on", "kpi_group", "score", "reason")]},
            },
        ],
        width=640,
        height=220,
    )


def scores_today(system_kpis: pd.DataFrame) -> Spec:
    """The score of every KPI on the newest day, by group; those that are not known say so."""
    newest = system_kpis[system_kpis["measured_on"] == system_kpis["measured_on"].max()]
    kpis = newest[~newest["kpi"].isin([GROUP_SCORE, HEALTH]) & newest["weight"].notna()]
    if kpis["score"].notna().sum() == 0:
        raise NothingToDrawError("no KPI has a score")
    rows = kpis[["kpi_group", "kpi", "value", "unit", "score", "reason"]].assign(
        # A bar of 0 cannot be seen: without its figure it would look like one that is not known.
        note=[f"{score:.2f}" if isfinite(score) else "not known" for score in kpis["score"].astype(float)],
        end=kpis["score"].fillna(0.0),
    )
    health = newest.loc[newest["kpi"] == HEALTH, "score"].astype(float)
    told = f"health score {health.iloc[0]:.2f}" if health.notna().any() else "health score not known"
    row = {"field": "kpi", "type": "nominal", "sort": list(kpis["kpi"]), "title": None}
    return specification(
        rows,
        "What makes the score of today?",
        f"{told}; red: below {POOR}; KPIs of which more is not better are left out",
        layer=[
            {
                "mark": {"type": "bar", "height": {"band": 0.7}, "invalid": "filter"},
                "encoding": {
                    "y": row,
                    "x": _score("score"),
                    "color": {
                        "condition": {"test": f"datum.score < {POOR}", "value": MARKS[True]},
                        "value": MARKS[False],
                    },
                    "tooltip": [{"field": name} for name in ("kpi_group", "kpi", "value", "unit", "score", "reason")],
                },
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 4, "color": MUTED},
                "encoding": {"y": row, "x": _score("end"), "text": {"field": "note"}},
            },
        ],
        height={"step": 20},
    )


def _score(field: str) -> dict[str, Any]:
    return {"field": field, "type": "quantitative", "scale": {"domain": [0, 1]}, "title": "score"}
