"""Which models predict what, which version of each answers, and how well it does."""

from __future__ import annotations

import difflib
import json

from analytics_assets.queries.answers import Answer, Row, aged, rows, rows_if_there
from analytics_assets.queries.errors import QueryError
from analytics_assets.queries.snapshot import Snapshot, reading
from analytics_assets.settings import Settings

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

IN_USE = """
    select
        predictions.model_id as id, count(*) as answers, count(predictions.actual_value) as answers_with_outcome,
        avg(tracked.error_magnitude) as mean_loss
    from predictions.model_predictions as predictions
    left join predictions.prediction_accuracy_tracking as tracked on predictions.id = tracked.prediction_id
    where predictions.subject_type = 'run' and predictions.model_name = $name
    group by predictions.model_id
"""
RUNS = "select * from predictions.run_features"
NO_ANSWERS: Row = {"answers": 0, "answers_with_outcome": 0, "mean_loss": None}


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
    where positive is a run that fails; None of a quantity. ``answers`` is of how many runs it told something,
    ``answers_with_outcome`` of how many of them it is known what came, and ``mean_loss`` how far it was off there: less
    is better.

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
        in_use = {row.pop("id"): row for row in rows_if_there(current, IN_USE, asked)}
    return {
        "model": models[name],
        "versions": [
            row
            | trainings.get(row["id"], {})
            | {"confusion_matrix": matrices.get(row["id"])}
            | in_use.get(row["id"], NO_ANSWERS)
            for row in versions
        ],
    }


def get_why_not_trained(name: str, settings: Settings, snapshot: Snapshot | None = None) -> str | None:
    """Why a person who asks for a training of this model gets no version; None where there is something to learn.

    Raises:
        UnknownPredictorError: no model of runs has the name.
        NotAnsweredYetError: the runs are not computed yet.
    """
    from analytics_assets.predicting.artefacts import problem
    from analytics_assets.predicting.lacking import COUNTED, lacking
    from analytics_assets.predicting.purposes import PURPOSES
    from analytics_assets.predicting.stages import champion_of
    from analytics_assets.predicting.stored import stored_examples
    from analytics_assets.predicting.teaching import data_hash, taught
    from analytics_assets.predicting.training_requests import same_data

    if name not in PURPOSES:
        raise UnknownPredictorError(f"There is no model '{name}' of runs: there are {', '.join(PURPOSES)}.")
    purpose = PURPOSES[name]
    with reading(snapshot) as current:
        if (missing := lacking(purpose, rows(current, COUNTED)[0])) is not None:
            return missing
        versions = rows_if_there(current, VERSIONS, {"name": name})
        examples = stored_examples(current.frame(RUNS))
    champion = champion_of(versions, name)
    if champion is not None:
        champion |= {"problem": problem(settings, champion["artifact_path"], champion["artifact_sha256"])}
    known = examples.take(taught(examples, purpose.targets(examples)))
    return same_data(versions[0] if versions else None, champion, data_hash(known, purpose.targets(known)))
