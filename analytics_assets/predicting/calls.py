"""Is a model trained now? A pure decision; each answer says why."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from analytics_assets.predicting_thresholds import TRIAL_DAYS


@dataclass(frozen=True)
class Call:
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
class Past:
    """What became of a model so far. ``status`` is its row of ``retraining_status``, the others of versions."""

    newest: Mapping[str, Any] | None = None
    champion: Mapping[str, Any] | None = None
    on_trial: Mapping[str, Any] | None = None
    status: Mapping[str, Any] | None = None


class Answer(NamedTuple):
    """Whether to train, and why or why not."""

    is_yes: bool
    reason: str


def asked(name: str, call: Call, *, is_enabled: bool) -> Answer:
    """Whether anybody may ask for this model at all, before its data is looked at."""
    if not is_enabled:
        return Answer(False, "training is switched off: ANALYTICS_MODEL_TRAINING_ENABLED")
    if call.models and name not in call.models:
        return Answer(False, f"only {', '.join(sorted(call.models))} was asked for")
    return Answer(True, call.reason)


def whether(name: str, call: Call, past: Past, *, data_hash: str, interval_hours: float, now: datetime) -> Answer:
    """Whether to train on data with this hash. ``now`` is naive UTC."""
    newest, champion = past.newest, past.champion
    is_named = name in call.models
    if newest is None:
        return Answer(True, call.reason or "no version was trained yet")
    same = next((row for row in (champion, newest) if row is not None and row["data_hash"] == data_hash), None)
    if same is not None:
        return Answer(False, f"nothing came since {same['version']}: it learnt from the same data")
    if is_named and call.is_by_person:
        return Answer(True, call.reason)
    hours = (now - newest["trained_at"]) / timedelta(hours=1)
    if hours < interval_hours:
        return Answer(
            False, f"{newest['version']} was trained {hours:.1f} h ago: {interval_hours:g} h lie between two trainings"
        )
    trial = past.on_trial
    if trial is not None and now - trial["stage_since"] < timedelta(days=TRIAL_DAYS.value):
        return Answer(False, f"{trial['version']} is on trial since {trial['stage_since']:%Y-%m-%d %H:%M} UTC")
    if is_named:
        return Answer(True, call.reason)
    if champion is None and past.status is None:
        return Answer(True, f"no version answers, and the data is not that of {newest['version']} any more")
    if past.status is not None and past.status["is_due"]:
        return Answer(True, str(past.status["reason"]))
    return Answer(False, str(past.status["reason"]) if past.status else "nobody says that it is due")
