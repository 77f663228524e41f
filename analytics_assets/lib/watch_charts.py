"""Charts of models in use: accuracy by week, drift of what they look at, and the runs to come. See ``lib.charts``."""

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
from analytics_assets.predicting_thresholds import DRIFT_SCORE

if TYPE_CHECKING:
    import pandas as pd

SHARE: dict[str, Any] = {"type": "quantitative", "scale": {"domain": [0, 1]}, "axis": {"format": "%"}}
NAMES: dict[str, Any] = {"type": "nominal", "title": None, "axis": {"labelLimit": 320}}


def accuracy_by_week(weekly_model_accuracy: pd.DataFrame) -> Spec:
    """Share of right answers of each model that answers, week by week; the size of a point is its runs."""
    champions = weekly_model_accuracy[weekly_model_accuracy["role"] == "champion"].dropna(subset=["accuracy"])
    shown = _rows(champions[["model_name", "version", "week", "n", "accuracy"]])
    return specification(
        shown,
        "How often models are right",
        "of the runs that started in the week; of a quantity, one less its relative error",
        mark={"type": "line", "point": {"size": 60}},
        encoding={
            "x": {"field": "week", "type": "temporal", "title": "week"},
            "y": {**SHARE, "field": "accuracy", "title": "accuracy"},
            "color": {"field": "model_name", "type": "nominal", "title": None},
            "tooltip": [{"field": name} for name in shown.columns],
        },
    )


def drift_scores(drift_reports: pd.DataFrame) -> Spec:
    """How far each feature has moved from what was learnt, the furthest first; coloured: by more than chance."""
    from analytics_assets.predicting.drift import OUTCOME

    compared = drift_reports.dropna(subset=["drift_score"])
    shown = compared.nlargest(MOST_BARS, "drift_score")[["model_name", "feature_name", "drift_score", "is_drifted"]]
    shown = _rows(shown.assign(what=shown["model_name"] + " " + shown["feature_name"]))
    limit = f"line: the limit of {DRIFT_SCORE.value}; {OUTCOME}: the answers themselves"
    note = left_out(len(compared), len(shown), "comparisons")
    return specification(
        shown,
        "What has moved since the training",
        f"{limit}; {note}" if note else limit,
        layer=[
            {
                "mark": {"type": "bar"},
                "encoding": {
                    "y": {**NAMES, "field": "what", "sort": shown["what"].tolist()},
                    "x": {
                        "field": "drift_score",
                        "type": "quantitative",
                        "scale": {"domain": [0, 1]},
                        "title": "drift",
                    },
                    "color": {
                        "field": "is_drifted",
                        "type": "nominal",
                        "title": "drifted",
                        "scale": {"domain": [True, False], "range": [BAD, NEUTRAL]},
                    },
                },
            },
            {
                "data": {"values": [{"limit": DRIFT_SCORE.value}]},
                "mark": {"type": "rule", "color": MUTED, "strokeDash": [4, 4]},
                "encoding": {"x": {"field": "limit", "type": "quantitative"}},
            },
        ],
    )


def riskiest_runs(next_run_outlook: pd.DataFrame) -> Spec:
    """The specs and models whose next run is likeliest to fail; line: the share that failed of runs told as much."""
    known = next_run_outlook.dropna(subset=["failure_probability"])
    shown = known.nlargest(MOST_BARS, "failure_probability")
    shown = shown[["spec_id", "model", "failure_probability", "failed_share_low", "failed_share_high", "runs"]]
    shown = _rows(shown.assign(run=shown["spec_id"] + " with " + shown["model"].fillna("no model named")))
    rows = {"y": {**NAMES, "field": "run", "sort": shown["run"].tolist()}}
    told = "point: probability, line: 95 % interval of the share that failed of runs of the test told about as much"
    note = left_out(len(known), len(shown), "pairs of spec and model")
    return specification(
        shown,
        "Which run is likeliest to fail",
        f"{told}; {note}" if note else told,
        layer=[
            {
                "mark": {"type": "rule", "strokeWidth": 2, "color": MUTED},
                "encoding": {
                    **rows,
                    "x": {**SHARE, "field": "failed_share_low", "title": "probability of failing"},
                    "x2": {"field": "failed_share_high"},
                },
            },
            {
                "mark": {"type": "point", "filled": True, "size": 60, "opacity": 1, "color": GOOD},
                "encoding": {
                    **rows,
                    "x": {**SHARE, "field": "failure_probability", "title": "probability of failing"},
                    "tooltip": [{"field": name} for name in shown.columns],
                },
            },
        ],
    )


def _rows(shown: pd.DataFrame) -> pd.DataFrame:
    """What there is to draw.

    Raises:
        NothingToDrawError: nothing.
    """
    if shown.empty:
        raise NothingToDrawError("no row has anything to show")
    return shown
