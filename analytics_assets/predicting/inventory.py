"""The models there are, each with the version that answers and why; those of issues among them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from analytics_assets.lib.json_text import json_text
from analytics_assets.lib.words import plural
from analytics_assets.predicting.artefacts import version_number
from analytics_assets.predicting.purpose import Purpose
from analytics_assets.predicting.stages import champion_of, on_trial_of

Row = Mapping[str, Any]
FIGURES = ("brier", "auc", "accuracy", "pinball", "live_n", "live_score")
OF_ISSUES = {
    "fix_time": ("regression", "quantile regression on the features of an issue"),
    "root_cause": ("classification", "naive Bayes on the words of an issue"),
    "file_risk": ("classification", "logistic regression on the history of a file"),
    "critical_category": ("classification", "rates of critical issues per category"),
    "health": ("forecast", "the closest of several forecasts of a weekly series"),
}
"""What the models of issues are; each is fitted anew on the day, so it has no versions."""


def inventory(
    purposes: Iterable[Purpose], versions: Iterable[dict[str, Any]], issue_models: Iterable[Row]
) -> Iterator[dict[str, Any]]:
    """One row per model, in the order in which they are named."""
    listed = list(versions)
    for purpose in purposes:
        yield _of_runs(purpose, [row for row in listed if row["model_name"] == purpose.name])
    for row in issue_models:
        yield _of_issues(row)


def _of_runs(purpose: Purpose, versions: list[dict[str, Any]]) -> dict[str, Any]:
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
        "reason": _reason(champion, newest),
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


def _reason(champion: Row | None, newest: Row | None) -> str:
    if champion is not None:
        stopped = f"{champion['version']} should answer, and cannot: {champion['problem']}"
        return stopped if champion["problem"] else f"{champion['version']} answers: {champion['stage_reason']}"
    if newest is None:
        return "no version was trained yet: the log of predictions.model_training says what is missing"
    return f"no version answers; {newest['version']} is {newest['stage']}: {newest['stage_reason']}"


def _of_issues(row: Row) -> dict[str, Any]:
    model_type, algorithm = OF_ISSUES.get(row["model"], ("regression", "fitted anew each day"))
    figures = {name: row[name] for name in ("score", "naive_score", "improvement", "improvement_low")}
    return {
        "id": row["model"],
        "model_name": row["model"],
        "model_type": model_type,
        "model_purpose": f"{str(row['target'])[:1].upper()}{str(row['target'])[1:]}.",
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
