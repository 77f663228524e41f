"""Is a model trained now? A pure decision; each answer says why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from analytics_assets.predicting_thresholds import TRIAL_DAYS

SWITCHED_OFF = "training is switched off: ANALYTICS_MODEL_TRAINING_ENABLED"


@dataclass(frozen=True)
class TrainingRequest:
    """Who asks for a training: without models nobody does, and what is due is trained.

    Args:
        models: names; only these are trained.
        reason: why, in a sentence.
        is_by_person: a person may ask sooner than the interval; a sensor may not.
    """

    models: Collection[str] = ()
    reason: str = ""
    is_by_person: bool = False


@dataclass(frozen=True)
class ModelSoFar:
    """What became of a model so far.

    Args:
        newest: row of its newest training.
        champion: row of the version that answers; its ``problem`` says why it cannot, where it cannot.
        on_trial: row of the version that is tried.
        tried_at: when the newest outcome of that one's trial was known, naive UTC.
        status: its row of ``retraining_status``.
    """

    newest: Mapping[str, Any] | None = None
    champion: Mapping[str, Any] | None = None
    on_trial: Mapping[str, Any] | None = None
    tried_at: datetime | None = None
    status: Mapping[str, Any] | None = None


class Answer(NamedTuple):
    """Whether to train, and why or why not."""

    is_yes: bool
    reason: str


def may_be_asked(name: str, request: TrainingRequest, *, is_enabled: bool) -> Answer:
    """Whether anybody may ask for this model at all, before its data is looked at."""
    if not is_enabled:
        return Answer(False, SWITCHED_OFF)
    if request.models and name not in request.models:
        return Answer(False, f"only {', '.join(sorted(request.models))} was asked for")
    return Answer(True, request.reason)


def due_now(
    name: str, request: TrainingRequest, model: ModelSoFar, *, data_hash: str, interval_hours: float, now: datetime
) -> Answer:
    """Whether to train on data with this hash. ``now`` is naive UTC."""
    newest, champion = model.newest, model.champion
    is_named = name in request.models
    if newest is None:
        return Answer(True, request.reason or "no version was trained yet")
    if (same := same_data(newest, champion, data_hash)) is not None:
        return Answer(False, same)
    if is_named and request.is_by_person:
        return Answer(True, request.reason)
    hours = (now - newest["trained_at"]) / timedelta(hours=1)
    if hours < interval_hours:
        return Answer(
            False, f"{newest['version']} was trained {hours:.1f} h ago: {interval_hours:g} h lie between two trainings"
        )
    if (waits := lasting_trial(model.on_trial, model.tried_at, now)) is not None:
        return Answer(False, waits)
    if is_named:
        return Answer(True, request.reason)
    if champion is None and model.status is None:
        return Answer(True, f"no version answers, and the data is not that of {newest['version']} any more")
    if model.status is not None and model.status["is_due"]:
        return Answer(True, str(model.status["reason"]))
    return Answer(False, str(model.status["reason"]) if model.status else "nobody says that it is due")


def same_data(newest: Mapping[str, Any] | None, champion: Mapping[str, Any] | None, data_hash: str) -> str | None:
    """The version that learnt from the same data, in a sentence; None where there is something new to learn.

    What a champion with broken files has learnt is lost: the same data brings it back under another number.

    Args:
        newest: row of the newest version.
        champion: row of the version that answers; its ``problem`` says why it cannot.
        data_hash: of what would be learnt from now.
    """
    is_lost = champion is not None and champion["problem"] is not None
    learnt = () if is_lost else (champion, newest)
    same = next((row for row in learnt if row is not None and row["data_hash"] == data_hash), None)
    return None if same is None else f"nothing came since {same['version']}: it learnt from the same data"


def lasting_trial(trial: Mapping[str, Any] | None, tried_at: datetime | None, now: datetime) -> str | None:
    """The trial that a training would end, while outcomes still come: where few runs start, thirty take weeks.

    Args:
        trial: row of the version that is tried; None where none is.
        tried_at: when its newest outcome was known, naive UTC.
        now: naive UTC.
    """
    if trial is None:
        return None
    since = trial["stage_since"]
    heard = since if tried_at is None else max(since, tried_at)
    if now - heard >= timedelta(days=TRIAL_DAYS.value):
        return None
    return f"{trial['version']} is on trial since {since:%Y-%m-%d %H:%M} UTC"
