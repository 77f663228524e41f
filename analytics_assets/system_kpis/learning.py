"""How right, how quick, how steady the models are, and how often they are trained: the KPIs of machine learning."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import fmean
from typing import Any

from analytics_assets.kpi_thresholds import ML_DAYS
from analytics_assets.system_kpis.definitions import Measured, known

Row = Mapping[str, Any]
CHAMPION = "champion"
WEEKLY, VERSIONS = "predictions.weekly_model_accuracy", "predictions.model_versions"
_WEEKS = ML_DAYS.value / 7


def model_accuracy(weeks: Iterable[Row], tested: Iterable[float], least: float, as_of: datetime) -> Measured:
    """Share of right calls of champions: of what came true where something did, else of their tests.

    Only models of a probability make calls that are right or wrong; of a quantity no week has a Brier score.

    Args:
        weeks: rows with ``model_name``, ``role``, ``week``, ``n``, ``accuracy`` and ``brier``.
        tested: accuracies on the time split of the champions.
        least: the accuracy that is asked for, by which it is scored.
        as_of: newest record of any kind.
    """
    oldest = (as_of - timedelta(days=ML_DAYS.value)).date()
    newest: dict[str, Row] = {}
    for row in weeks:
        makes_calls = row["accuracy"] is not None and row["brier"] is not None
        is_known = row["role"] == CHAMPION and makes_calls and row["n"]
        if not is_known or _day(row["week"]) < oldest:
            continue
        held = newest.get(row["model_name"])
        if held is None or row["week"] > held["week"]:
            newest[row["model_name"]] = row
    n = sum(int(row["n"]) for row in newest.values())
    if n:
        return Measured(sum(row["accuracy"] * row["n"] for row in newest.values()) / n, n, WEEKLY, usual=least)
    values = list(tested)
    return known(
        fmean(values) if values else None,
        len(values),
        VERSIONS,
        usual=least,
        nothing="no champion makes calls that are right or wrong yet",
    )


def prediction_latency(milliseconds: float | None, n: int) -> Measured:
    """95th percentile of the time of a prediction, the mean of its batch, over ``n`` of them."""
    return known(milliseconds, n, "predictions.model_predictions", nothing="nothing was predicted yet")


def drift_incidents(reports: Sequence[Row]) -> Measured:
    """Models with drift, compared with how many are watched.

    Args:
        reports: rows with ``model_name``, and ``is_drifted``: None where too little is known to tell.
    """
    watched = {row["model_name"] for row in reports if row["is_drifted"] is not None}
    drifted = {row["model_name"] for row in reports if row["is_drifted"]}
    return known(
        float(len(drifted)) if watched else None,
        len(watched),
        "predictions.drift_reports",
        usual=float(len(watched)),
        nothing="no model is watched for drift yet",
    )


def retraining_frequency(trained: Sequence[tuple[str, datetime]], now: datetime) -> Measured:
    """Trainings per week and model in the last 30 days.

    Args:
        trained: the model's name and when by the clock, for every version.
        now: the clock: records may end long before it.
    """
    source = "predictions.model_training_data"
    if not trained:
        return known(None, 0, source, nothing="no model was trained yet")
    newest = [at for _, at in trained if now - timedelta(days=ML_DAYS.value) < at <= now]
    models = len({name for name, _ in trained})
    return Measured(len(newest) / models / _WEEKS, len(newest), source)


def _day(week: Any) -> Any:
    """A week's first day, whether it is told as a day or as a moment."""
    return week.date() if isinstance(week, datetime) else week
