"""How good the models of runs are now: what answers, how well it does, what has moved since, and whether it is due."""

from __future__ import annotations

import json
from typing import Any

from analytics_assets.queries.answers import Row, rows
from analytics_assets.queries.errors import NotAnsweredYetError
from analytics_assets.queries.snapshot import Snapshot, reading

MODELS = """
    select id, model_type, model_version, challenger_version, created_at, is_active, performance_metrics, reason
    from predictions.ml_models where versions is not null order by id
"""
TESTED = """
    select any_value(metric_value) as figure
    from predictions.model_performance_metrics
    where model_id = $version and evaluation_dataset = 'time_split' and metric_name = $metric
"""
COMPARED = """
    select feature_name, drift_score, is_drifted, reason from predictions.drift_reports
    where model_name = $model and version = $version and test is not null
    order by is_drifted desc nulls last, drift_score desc nulls last, feature_name
"""
DUE = "select is_due, reason as due_reason from predictions.retraining_status where model_name = $model"


def get_model_health(snapshot: Snapshot | None = None) -> list[Row]:
    """How good each model of runs is: one row per model.

    The version that answers with its figures; ``calibration_error`` of a probability and ``coverage`` of a quantity on
    the test; ``drifted``: what moved since, the most first, of ``compared`` features; ``is_due`` and ``due_reason``:
    whether it is to be trained.
    What was not looked at yet is None.

    Raises:
        NotAnsweredYetError: models of runs were never looked at.
    """
    with reading(snapshot) as current:
        return [_healthy(row, current) for row in rows(current, MODELS)]


def _healthy(row: Row, snapshot: Snapshot) -> Row:
    asked = {"model": row["id"], "version": row["model_version"]}
    version = f"{row['id']}/{row['model_version']}"
    due = _if_there(snapshot, DUE, {"model": row["id"]}) or [{"is_due": None, "due_reason": None}]
    tested = {
        name: _if_there(snapshot, TESTED, {"version": version, "metric": name})
        for name in ("calibration_error", "coverage")
    }
    compared = _if_there(snapshot, COMPARED, asked)
    return (
        row
        | {name: found[0]["figure"] if found else None for name, found in tested.items()}
        | {
            "performance_metrics": json.loads(row["performance_metrics"]),
            "compared": None if compared is None else len(compared),
            "drifted": None if not compared else [one for one in compared if one["is_drifted"]],
            **due[0],
        }
    )


def _if_there(snapshot: Snapshot, sql: str, asked: dict[str, Any]) -> list[Row] | None:
    """Rows of a table that may not be computed yet."""
    try:
        return rows(snapshot, sql, asked)
    except NotAnsweredYetError:
        return None
