"""Heat maps of issues: which root causes keep bringing them, and which of their measures go together."""

from __future__ import annotations

import pandas as pd

from analytics_assets.issue_thresholds import TREND_WEEKS
from analytics_assets.lib.charts import BAD, NEUTRAL, NothingToDrawError, Spec, left_out, specification
from analytics_assets.lib.issue_charts import INK
from analytics_assets.lib.issue_weeks import as_dates, counted_per_week, drawable, every_week, last_weeks, signed

UNTRACED = "not traced"
"""What stands for issues without a root cause."""
MOST_CAUSES = 16
PEARSON = {"correlation": "Pearson", "correlation_low": "Pearson, from", "correlation_high": "Pearson, to"}
"""Pearson's correlation and the ends of its interval, by what a reader is told."""
FULL_STEP, FLAT_STEP, FULL_WEEKS = 18, 5, 26
"""Pixels of a week's row, and up to how many weeks each has room for its label."""


def root_cause_heatmap(weekly_issues: pd.DataFrame) -> Spec:
    """Issues that came or came back per root cause and week: a cause that is fixed brings no more of them."""
    counted = last_weeks(weekly_issues)
    counted = counted.assign(
        cause=drawable(counted["root_cause_id"].fillna(UNTRACED)),
        issues=counted["new_issues"] + counted["reopened_issues"],
    )
    totals = counted.groupby("cause")["issues"].sum()
    totals = totals[totals > 0].sort_values(ascending=False, kind="stable")
    if totals.empty:
        raise NothingToDrawError("no week has a new issue")
    causes = list(totals.index[:MOST_CAUSES])
    cells = counted_per_week(counted[counted["cause"].isin(causes)], "cause", "issues")
    weeks = [f"{week:%Y-%m-%d}" for week in every_week(counted.groupby("week")["issues"].sum()).index]
    recent = counted[counted["week"] > counted["week"].max() - pd.Timedelta(weeks=int(TREND_WEEKS.value))]
    active = int((recent.groupby("cause")["issues"].sum().drop(UNTRACED, errors="ignore") > 0).sum())
    known = int((totals.drop(UNTRACED, errors="ignore") > 0).sum())
    told = f"{active} of {known} root causes brought issues in the last {TREND_WEEKS.value:.0f} weeks; white: none"
    cut = left_out(len(totals), len(causes), "root causes, those with most issues")
    is_flat = len(weeks) > FULL_WEEKS
    return specification(
        as_dates(cells),
        "Are we fixing root causes or just symptoms?",
        f"{told}; {cut}" if cut else told,
        mark={"type": "rect", "stroke": "white", "strokeWidth": 0 if is_flat else 1},
        encoding={
            "x": {
                "field": "cause",
                "type": "nominal",
                "sort": causes,
                "title": "root cause",
                "axis": {"labelAngle": -35, "grid": False},
            },
            "y": {
                "field": "week",
                "type": "ordinal",
                "title": "week",
                "scale": {"domain": weeks[::-1]},
                "axis": {"grid": False, "values": _first_of_quarters(weeks) if is_flat else weeks},
            },
            "color": {
                "field": "issues",
                "type": "quantitative",
                "title": ["new and", "reopened"],
                "scale": {"range": ["#fbe3cf", BAD], "domainMin": 1},
                "legend": {"tickMinStep": 1, "format": "d"},
            },
            "tooltip": [{"field": name} for name in ("cause", "week", "issues")],
        },
        width={"step": 34},
        height={"step": FLAT_STEP if is_flat else FULL_STEP},
    )


def correlation_heatmap(correlations: pd.DataFrame) -> Spec:
    """Rank correlation of every pair of measures; a pair that could not be measured is left empty.

    Ranks are what is tested, and so what the stars are of; Pearson's correlation with its interval is in the tooltip.
    """
    columns = ["rank_correlation", "n", "p_adjusted", "is_significant", *PEARSON]
    known = correlations.dropna(subset=["rank_correlation"]).astype({"rank_correlation": float})
    if known.empty:
        raise NothingToDrawError("no pair of measures has a correlation")
    order = list(dict.fromkeys([*correlations["variable_a"], *correlations["variable_b"]]))
    names = {variable: variable.replace("_", " ") for variable in order}
    pairs = known[["variable_a", "variable_b", *columns]]
    mirrored = pairs.rename(columns={"variable_a": "variable_b", "variable_b": "variable_a"})
    cells = pd.concat([pairs, mirrored], ignore_index=True)
    certain = cells["is_significant"].astype("boolean").fillna(False).astype(bool)
    shown = cells[columns].assign(
        row=cells["variable_a"].map(names),
        column=cells["variable_b"].map(names),
        said=[
            signed(value, 2) + ("*" if sure else "")
            for value, sure in zip(cells["rank_correlation"], certain, strict=True)
        ],
        is_significant=certain,
    )
    # Of two figures of which one is computed from the other none is compared.
    found, compared = int(certain.sum()) // 2, int(known["p_adjusted"].notna().sum())
    side = list(names.values())
    x = {
        "field": "column",
        "type": "nominal",
        "title": None,
        "scale": {"domain": side},
        "axis": {"labelAngle": -40, "grid": False},
    }
    y = {"field": "row", "type": "nominal", "title": None, "scale": {"domain": side}, "axis": {"grid": False}}
    return specification(
        shown,
        "What causes issues?",
        [
            f"rank correlation; * {found} of {compared} compared pairs are significant (all pairs considered)",
            "what goes together need not be a cause; empty: not enough data",
        ],
        layer=[
            {
                "mark": {"type": "rect", "stroke": "white", "strokeWidth": 1},
                "encoding": {
                    "x": x,
                    "y": y,
                    "color": {
                        "field": "rank_correlation",
                        "type": "quantitative",
                        "title": ["rank", "correlation"],
                        "scale": {"domain": [-1, 0, 1], "range": [NEUTRAL, "#f7f7f7", BAD]},
                    },
                    "tooltip": [
                        {"field": name} | ({"title": PEARSON[name]} if name in PEARSON else {})
                        for name in ("row", "column", *columns)
                    ],
                },
            },
            {
                "mark": {"type": "text", "fontSize": 10},
                "encoding": {
                    "x": x,
                    "y": y,
                    "text": {"field": "said"},
                    "color": {
                        "condition": {"test": "abs(datum.rank_correlation) > 0.6", "value": "white"},
                        "value": INK,
                    },
                    "opacity": {"condition": {"test": "datum.is_significant", "value": 1}, "value": 0.75},
                },
            },
        ],
        width={"step": 44},
        height={"step": 30},
    )


def _first_of_quarters(weeks: list[str]) -> list[str]:
    """The weeks that are labelled where there is no room for all: the first one of each quarter."""
    quarters = pd.PeriodIndex(weeks, freq="Q")
    return [week for week, is_same in zip(weeks, quarters.duplicated(), strict=True) if not is_same]
