"""Charts of what is mined: by how much conditions move outcomes, and kinds of runs. See ``lib.charts``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from analytics_assets.lib.charts import BAD, GOOD, MOST_BARS, NEUTRAL, NothingToDrawError, Spec, left_out, specification
from analytics_assets.lib.run_charts import DARK, SHARE, told_apart

if TYPE_CHECKING:
    import pandas as pd


def outcome_rules(outcome_rules: pd.DataFrame) -> Spec:
    """How much more often the outcome is met under each condition than otherwise: the largest significant ones.

    Raises:
        NothingToDrawError: no rule is significant.
    """
    significant = outcome_rules[outcome_rules["is_significant"].fillna(value=False).astype(bool)]
    if significant.empty:
        raise NothingToDrawError("no rule is significant")
    ranked = significant.sort_values("risk_difference", ascending=False, kind="stable")
    shown = ranked.head(MOST_BARS)
    names = (
        f"{' & '.join(item.partition('=')[2] for item in json.loads(antecedent))}: {outcome}"
        for antecedent, outcome in zip(shown["antecedent"], shown["outcome"], strict=True)
    )
    rows = shown[["confidence", "rate_others"]].assign(
        rule=told_apart(names),
        verdict=["better" if outcome == "success" else "worse" for outcome in shown["outcome"]],
        counts=[f"{k} of {n}" for k, n in zip(shown["both_count"], shown["antecedent_count"], strict=True)],
    )
    rule = {"field": "rule", "type": "nominal", "sort": None, "title": None}
    share = {**SHARE, "field": "confidence", "title": "share with the outcome"}
    cut = left_out(len(significant), len(shown), "rules")
    legend = "from the share of the others to that under the condition, with its count"
    return specification(
        rows,
        "What goes with failure and success",
        f"{legend}; {cut}" if cut else legend,
        layer=[
            {
                "mark": {"type": "bar", "height": {"band": 0.5}},
                "encoding": {
                    "y": rule,
                    "x": {**share, "field": "rate_others"},
                    "x2": {"field": "confidence"},
                    "color": {
                        "field": "verdict",
                        "type": "nominal",
                        "title": None,
                        "scale": {"domain": ["worse", "better"], "range": [BAD, GOOD]},
                    },
                    "tooltip": [{"field": name} for name in ("rule", "confidence", "rate_others", "counts")],
                },
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 4, "color": DARK},
                "encoding": {"y": rule, "x": share, "text": {"field": "counts"}},
            },
        ],
        height={"step": 18},
    )


def clusters(clusters: pd.DataFrame) -> Spec:
    """Share of the runs and of failures by kind of run, the largest kind first; only kinds that come back.

    Raises:
        NothingToDrawError: no kind is stable.
    """
    stable = clusters[(clusters["algorithm"] == "k_means") & clusters["is_stable"].fillna(value=False).astype(bool)]
    if stable.empty:
        raise NothingToDrawError("no cluster is stable")
    shown = stable.sort_values("share", ascending=False, kind="stable").head(MOST_BARS)
    rows = shown[["share", "failure_rate"]].assign(
        kind=told_apart(name.partition(" (")[0] for name in shown["name"]),
        counts=[f"{n} runs, {rate:.0%} fail" for n, rate in zip(shown["members"], shown["failure_rate"], strict=True)],
    )
    kind = {"field": "kind", "type": "nominal", "sort": None, "title": None, "axis": {"labelLimit": 260}}
    share = {**SHARE, "field": "share", "title": "share of the runs; red: share of them that fail"}
    return specification(
        rows,
        "Kinds of runs",
        "what sets each apart, medians beside those of the others",
        layer=[
            {
                "mark": {"type": "bar", "height": {"band": 0.6}, "color": NEUTRAL},
                "encoding": {
                    "y": kind,
                    "x": share,
                    "tooltip": [{"field": name} for name in ("kind", "share", "failure_rate", "counts")],
                },
            },
            {
                "mark": {"type": "tick", "thickness": 3, "color": BAD},
                "encoding": {"y": kind, "x": {**share, "field": "failure_rate"}},
            },
            {
                "mark": {"type": "text", "align": "left", "dx": 4, "color": DARK},
                "encoding": {"y": kind, "x": share, "text": {"field": "counts"}},
            },
        ],
        height={"step": 24},
    )
