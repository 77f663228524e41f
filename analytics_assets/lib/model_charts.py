"""Charts of models that predict whether a run fails: ROC, reliability and importance. See ``lib.charts``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd

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

if TYPE_CHECKING:
    from collections.abc import Mapping

DATASET = "time_split"
MODEL = "model"
SHOWN = {
    MODEL: GOOD,
    "model_x_spec_type_as_of": NEUTRAL,
    "model_x_spec_type": BAD,
    "constant": MUTED,
}
"""The curves that are drawn, with their colours: the model and its baselines."""
SHARE: dict[str, Any] = {"type": "quantitative", "scale": {"domain": [0, 1]}, "axis": {"format": "%"}}
DIAGONAL = "#22303c"


def roc(model_performance_metrics: pd.DataFrame) -> Spec:
    """What share of the failures is found at what share of false alarms: the newest version against its baselines."""
    row = _newest(model_performance_metrics, "roc")
    rows: list[dict[str, Any]] = []
    if row is not None:
        told = json.loads(row["evaluation_context"])
        curves = {MODEL: told["points"]} | dict(told.get("baselines", {}))
        rows = [
            {"answer": name, "fpr": point["fpr"], "tpr": point["tpr"]}
            for name in SHOWN
            for point in curves.get(name, ())
        ]
    frame = pd.DataFrame(rows, columns=["answer", "fpr", "tpr"])
    return specification(
        frame,
        "Failures found against false alarms",
        _of(row, "area under the curve", "the further up and left, the better"),
        mark={"type": "line", "interpolate": "linear"},
        encoding={
            "x": {**SHARE, "field": "fpr", "title": "succeeding runs called failing"},
            "y": {**SHARE, "field": "tpr", "title": "failing runs called failing"},
            "order": {"field": "tpr", "type": "quantitative"},
            "color": {
                "field": "answer",
                "type": "nominal",
                "title": None,
                "scale": {"domain": list(SHOWN), "range": list(SHOWN.values())},
            },
        },
        width=320,
        height=320,
    )


def reliability(model_performance_metrics: pd.DataFrame) -> Spec:
    """Stated probability against the share of runs that failed, with its Wilson interval: one point per bin."""
    row = _newest(model_performance_metrics, "reliability")
    columns = ["mean_predicted", "failed_share", "share_low", "share_high", "n"]
    points = [] if row is None else json.loads(row["evaluation_context"])["points"]
    frame = pd.DataFrame([{name: point[name] for name in columns} for point in points], columns=columns)
    stated = {**SHARE, "field": "mean_predicted", "title": "stated probability of failing"}
    share = {**SHARE, "title": "share that failed"}
    return specification(
        frame,
        "Does the probability hold?",
        _of(row, "mean distance", "on the dark line it does; line: 95 % interval, size: runs"),
        layer=[
            {
                "data": {"values": [{"at": 0, "held": 0}, {"at": 1, "held": 1}]},
                "mark": {"type": "line", "color": DIAGONAL, "strokeDash": [4, 4], "strokeWidth": 1},
                "encoding": {"x": {**SHARE, "field": "at"}, "y": {**SHARE, "field": "held"}},
            },
            {
                "mark": {"type": "rule", "strokeWidth": 2, "color": MUTED},
                "encoding": {"x": stated, "y": {**share, "field": "share_low"}, "y2": {"field": "share_high"}},
            },
            {
                "mark": {"type": "point", "filled": True, "opacity": 1, "color": GOOD},
                "encoding": {
                    "x": stated,
                    "y": {**share, "field": "failed_share"},
                    "size": {"field": "n", "type": "quantitative", "title": "runs"},
                    "tooltip": [{"field": name} for name in columns],
                },
            },
        ],
        width=320,
        height=320,
    )


def importance(feature_engineering: pd.DataFrame, model_name: str = "failure_risk") -> Spec:
    """Share of each feature in what the newest version of a model knows: the largest, the first on top."""
    own = feature_engineering[feature_engineering["model_name"] == model_name]
    newest = own[own["version"] == _latest(own["version"])] if len(own) else own
    known = newest.dropna(subset=["feature_importance"])
    known = known[known["feature_importance"] > 0]
    shown = known.nlargest(MOST_BARS, "feature_importance")[["feature_name", "feature_importance"]]
    return specification(
        shown,
        "What the model looks at",
        left_out(len(known), len(shown), "features") or "share of what the questions of its trees gained",
        mark={"type": "bar", "height": {"band": 0.7}, "color": NEUTRAL},
        encoding={
            "y": {"field": "feature_name", "type": "nominal", "sort": None, "title": None},
            "x": {
                "field": "feature_importance",
                "type": "quantitative",
                "axis": {"format": "%"},
                "title": "importance",
            },
            "tooltip": [{"field": "feature_name"}, {"field": "feature_importance"}],
        },
        height={"step": 18},
    )


def _newest(metrics: pd.DataFrame, metric: str) -> Mapping[str, Any] | None:
    """The row of the newest version's curve on the time split; None of an empty table.

    Raises:
        NothingToDrawError: the table has rows, and none of them is such a curve.
    """
    curves = metrics[(metrics["metric_name"] == metric) & (metrics["evaluation_dataset"] == DATASET)]
    curves = curves.dropna(subset=["evaluation_context"])
    if len(curves):
        newest = curves[curves["version"] == _latest(curves["version"])].iloc[0]
        return {str(name): value for name, value in newest.items()}
    if len(metrics):
        raise NothingToDrawError(f"no version has a curve of {metric}")
    return None


def _latest(versions: pd.Series[str]) -> str:
    """The version with the highest number: v10 is after v9."""
    return str(max(versions, key=lambda version: int(str(version).removeprefix("v"))))


def _of(row: Mapping[str, Any] | None, figure: str, read: str) -> str:
    """Whose curve it is, its figure, and how it is read."""
    if row is None:
        return read
    value = row["metric_value"]
    told = "" if value is None or pd.isna(value) else f", {figure} {value:.2f}"
    return f"{row['model_name']} {row['version']}{told}; {read}"
