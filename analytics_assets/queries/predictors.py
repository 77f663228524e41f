"""Which models predict what, which version of each answers, and how well it does."""

from __future__ import annotations

import difflib
import json

from analytics_assets.queries.answers import Answer, Row, aged, rows, rows_if_there
from analytics_assets.queries.errors import QueryError
from analytics_assets.queries.snapshot import Snapshot, reading

MODELS = "select * from predictions.ml_models order by versions is null, id"
VERSIONS = """
    select * from predictions.model_versions
    where model_name = $name
    order by cast(substr(version, 2) as bigint) desc
"""
TRAININGS = """
    select id, reason as trained_because, sample_count, feature_count, data_quality_score, training_start, training_end,
        seconds, verdict
    from predictions.model_training_data where model_name = $name
"""
MATRICES = """
    select model_id, evaluation_context from predictions.model_performance_metrics
    where model_name = $name and metric_name = 'confusion_matrix' and evaluation_dataset = 'time_split'
"""


class UnknownPredictorError(QueryError):
    """No model has the name."""


def get_predictors(snapshot: Snapshot | None = None) -> list[Row]:
    """The rows of ``predictions.ml_models``: first those that have versions, then those of issues."""
    with reading(snapshot) as current:
        return [
            aged(row) | {"performance_metrics": json.loads(row["performance_metrics"])} for row in rows(current, MODELS)
        ]


def get_predictor(name: str, snapshot: Snapshot | None = None) -> Answer:
    """One model: ``model``, and its ``versions``, the newest first.

    Each version has what it learnt from and its ``confusion_matrix`` on the time split: ``tp``, ``fp``, ``tn``, ``fn``,
    where positive is a run that fails; None of a quantity.

    Raises:
        UnknownPredictorError: no model has the name.
    """
    with reading(snapshot) as current:
        models = {row["id"]: row for row in get_predictors(current)}
        if name not in models:
            close = difflib.get_close_matches(name, models, n=1)
            hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(models)}."
            raise UnknownPredictorError(f"There is no model '{name}': {hint}")
        asked = {"name": name}
        versions = rows_if_there(current, VERSIONS, asked)
        trainings = {row.pop("id"): row for row in rows_if_there(current, TRAININGS, asked)}
        matrices = {
            row["model_id"]: json.loads(row["evaluation_context"]).get("points")
            for row in rows_if_there(current, MATRICES, asked)
        }
    return {
        "model": models[name],
        "versions": [
            row | trainings.get(row["id"], {}) | {"confusion_matrix": matrices.get(row["id"])} for row in versions
        ],
    }
