"""The models there are, each with the version that answers and why; those of issues among them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from analytics_assets.issue_thresholds import RISK_HORIZON
from analytics_assets.lib.json_text import json_text
from analytics_assets.lib.words import plural
from analytics_assets.predicting.artefacts import version_number
from analytics_assets.predicting.purpose import Purpose
from analytics_assets.predicting.stages import champion_of, on_trial_of

Row = Mapping[str, Any]
FIGURES = ("brier", "auc", "accuracy", "pinball", "live_n", "live_score")
OF_ISSUES = {
    "fix_time": (
        "regression",
        "quantile regression on the features of an issue",
        "How many minutes the fix of an open issue takes.",
    ),
    "root_cause": (
        "classification",
        "naive Bayes on the words of an issue",
        "What is behind an issue without a root cause.",
    ),
    "file_risk": (
        "classification",
        "logistic regression on the history of a file",
        f"The probability that a file has a new issue within {RISK_HORIZON.value:.0f} days.",
    ),
    "critical_category": (
        "classification",
        "rates of critical issues per category",
        "The category of the next critical issue.",
    ),
    "health": (
        "forecast",
        "the closest of several forecasts of a weekly series",
        "The health score at the end of the week.",
    ),
}
"""What the models of issues are and say; each is fitted anew on the day, so it has no versions."""


def inventory(
    purposes: Iterable[Purpose],
    versions: Iterable[dict[str, Any]],
    issue_models: Iterable[Row],
    lacks: Mapping[str, str] | None = None,
) -> Iterator[dict[str, Any]]:
    """One row per model, in the order in which they are named.

    Args:
        purposes: of the models of runs.
        versions: rows of ``model_versions``.
        issue_models: rows of ``issue_models``.
        lacks: why nothing can be trained, by the name of the model; one that is not there could be.
    """
    listed = list(versions)
    for purpose in purposes:
        own = [row for row in listed if row["model_name"] == purpose.name]
        yield _of_runs(purpose, own, (lacks or {}).get(purpose.name))
    for row in issue_models:
        yield _of_issues(row)


def _of_runs(purpose: Purpose, versions: list[dict[str, Any]], lacks: str | None) -> dict[str, Any]:
    newest = max(versions, key=lambda row: version_number(row["version"]), default=None)
    champion, on_trial = champion_of(versions, purpose.name), on_trial_of(versions, purpose.name)
    told = champion or newest or {}
    row = {
        "id": purpose.name,
        "model_name": purpose.name,
        "model_type": purpose.model_type,
        "model_purpose": purpose.purpose,
        "algorithm_name": told.get("algorithm_name"),
        "performance_metrics": json_text({name: told[name] for name in FIGURES if told.get(name) is not None}),
        "is_active": champion is not None and champion["problem"] is None,
        "challenger_version": on_trial["version"] if on_trial else None,
        "versions": len(versions),
        "reason": _reason(purpose.name, champion, newest, lacks),
    }
    if champion is not None:
        row |= {
            "model_version": champion["version"],
            "model_parameters": champion["parameters"],
            "training_data_hash": champion["data_hash"],
            "model_artifact_path": champion["artifact_path"],
            "created_at": champion["trained_at"],
        }
    return row


def _reason(name: str, champion: Row | None, newest: Row | None, lacks: str | None) -> str:
    if champion is not None:
        stopped = f"{champion['version']} should answer, and cannot: {champion['problem']}"
        return stopped if champion["problem"] else f"{champion['version']} answers: {champion['stage_reason']}"
    if newest is None:
        why = lacks or f"`analytics predictors {name} --retrain --yes` trains one, or says what is missing"
        return f"no version was trained yet: {why}"
    return f"no version answers; {newest['version']} is {newest['stage']}: {newest['stage_reason']}"


def _of_issues(row: Row) -> dict[str, Any]:
    unknown = ("regression", "fitted anew each day", f"{row['target']}.")
    model_type, algorithm, purpose = OF_ISSUES.get(row["model"], unknown)
    figures = {name: row[name] for name in ("score", "naive_score", "improvement", "improvement_low")}
    return {
        "id": row["model"],
        "model_name": row["model"],
        "model_type": model_type,
        "model_purpose": purpose,
        "algorithm_name": algorithm,
        "model_parameters": json_text({"features": json.loads(row["features"])}),
        "created_at": row["trained_at"],
        "is_active": bool(row["is_published"]),
        "performance_metrics": json_text({name: value for name, value in figures.items() if value is not None}),
        "reason": row["reason"],
    }


def how_many(rows: Iterable[Row]) -> str:
    """How many of the models answer, in words.

    >>> how_many([{"is_active": True}, {"is_active": False}])
    '1 of 2 models answers'
    """
    listed = list(rows)
    active = sum(bool(row["is_active"]) for row in listed)
    return f"{active} of {plural(len(listed), 'model')} answer{'s' if active == 1 else ''}"
