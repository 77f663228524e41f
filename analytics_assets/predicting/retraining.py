"""When is a model trained again, and what does the sensor ask for?

003's criteria: it is right less often than ``min_model_accuracy``, what is asked drifted by over 0.3, the last training
is over seven days old, or over 10,000 answers were given since. None of them holds where nothing new is known, nor
before ``model_retraining_interval`` is over, nor while a challenger is on trial: the successor is there, and a training
would end its trial.

One rule keeps a model from being trained for ever for the same reason. Being right counts only where this version had
reached the bar in its test: where it had not, the bar may be beyond what can be known, and it takes half as many
outcomes again as it learnt from to ask anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from analytics_assets.lib.words import percent, plural
from analytics_assets.predicting_thresholds import (
    DRIFT_SCORE,
    FIRST_OUTCOMES,
    RETRAIN_DAYS,
    RETRAIN_GROWTH,
    RETRAIN_VOLUME,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of a model now.

    Args:
        version: the champion, else the newest version; None before the first training.
        is_champion: whether that version answers.
        trained_at: of the newest training of the model, whatever became of it, naive UTC.
        outcomes: examples with an outcome that could be learnt from now.
        new_outcomes: of these, known only since the newest training.
        learnt_from: examples of the newest training.
        hit_rate: share of outcomes that it said right, 0 to 1, in use where there are enough, else of the test; of a
            quantity the share within its bands.
        hit_rate_in_words: what it is, as "right in 72 % of the newest 100 outcomes".
        test_hit_rate: of the version's test.
        promised: the hit rate of a version without a fault: 1, of a quantity the 0.8 of its bands.
        drift_score: of what drifted most; None where nothing did.
        drifted: what that is.
        predictions: answers of champions since the newest training.
        on_trial: the trial that a training would end, in a sentence; None where none is, or no outcome comes any more.
    """

    model_name: str
    version: str | None = None
    is_champion: bool = False
    trained_at: datetime | None = None
    outcomes: int = 0
    new_outcomes: int = 0
    learnt_from: int = 0
    hit_rate: float | None = None
    hit_rate_in_words: str = ""
    test_hit_rate: float | None = None
    promised: float = 1.0
    drift_score: float | None = None
    drifted: str | None = None
    predictions: int = 0
    on_trial: str | None = None


@dataclass(frozen=True)
class Verdict:
    """Whether training is due, and why or why not in a sentence."""

    is_due: bool
    reason: str


def judged(standing: Standing, *, min_accuracy: float, interval_hours: float, now: datetime) -> Verdict:
    """Whether a model is to be trained again.

    Args:
        standing: what is known of it.
        min_accuracy: ``settings.min_model_accuracy``.
        interval_hours: ``settings.model_retraining_interval``.
        now: naive UTC.
    """
    if standing.trained_at is None:
        return _first(standing)
    if standing.new_outcomes == 0:
        return Verdict(is_due=False, reason="not due: no outcome is known that the last training did not know")
    if standing.on_trial is not None:
        return Verdict(is_due=False, reason=f"not due: {standing.on_trial}")
    bar = min_accuracy * standing.promised
    reasons = _criteria(standing, bar, now)
    if not reasons:
        return Verdict(is_due=False, reason=f"not due: {_not_due(standing, bar, now)}")
    due_from = standing.trained_at + interval_hours * HOUR
    if now < due_from:
        waits = f"the last training was at {_at(standing.trained_at)}, the next may be at {_at(due_from)}"
        return Verdict(is_due=False, reason=f"not yet due: {'; '.join(reasons)}; {waits}")
    return Verdict(is_due=True, reason="due: " + "; ".join(reasons))


def _first(standing: Standing) -> Verdict:
    needed = int(FIRST_OUTCOMES.value)
    known = f"{plural(standing.outcomes, 'outcome')} known"
    if standing.outcomes < needed:
        return Verdict(is_due=False, reason=f"not due: {known}, {needed} needed for a first training")
    return Verdict(is_due=True, reason=f"due: never trained, and {known}")


def _criteria(standing: Standing, bar: float, now: datetime) -> list[str]:
    """What of 003's criteria holds, each with its numbers."""
    assert standing.trained_at is not None, "a first training has its own rule"
    found = []
    if standing.is_champion:
        if (fallen := _fallen(standing, bar)) is not None:
            found.append(fallen)
        if standing.drift_score is not None and standing.drift_score > DRIFT_SCORE.value:
            found.append(f"{standing.drifted} drifted by {standing.drift_score:.2f} (over {DRIFT_SCORE.value:g})")
    days = (now - standing.trained_at) / DAY
    if days > RETRAIN_DAYS.value:
        found.append(f"trained {days:.1f} days ago (over {RETRAIN_DAYS.value:g})")
    if standing.predictions > RETRAIN_VOLUME.value:
        found.append(f"{standing.predictions:,} answers since (over {RETRAIN_VOLUME.value:,.0f})")
    if not standing.is_champion and _has_grown(standing):
        found.append(f"no version answers, and {_growth(standing)}")
    return found


def _fallen(standing: Standing, bar: float) -> str | None:
    if standing.hit_rate is None or standing.hit_rate >= bar:
        return None
    right = f"{standing.hit_rate_in_words} (under {percent(bar)})"
    if standing.test_hit_rate is not None and standing.test_hit_rate >= bar:
        return right
    return f"{right}, and {_growth(standing)}" if _has_grown(standing) else None


def _has_grown(standing: Standing) -> bool:
    return standing.new_outcomes >= RETRAIN_GROWTH.value * max(1, standing.learnt_from)


def _growth(standing: Standing) -> str:
    return f"{standing.new_outcomes:,} outcomes came since to the {standing.learnt_from:,} it learnt from"


def _not_due(standing: Standing, bar: float, now: datetime) -> str:
    """What was looked at and did not ask for a training."""
    assert standing.trained_at is not None, "a first training has its own rule"
    parts = [f"trained {(now - standing.trained_at) / DAY:.1f} days ago", f"{standing.predictions:,} answers since"]
    if standing.hit_rate is not None:
        parts.append(standing.hit_rate_in_words)
        if standing.is_champion and standing.hit_rate < bar:
            parts.append(f"its test had not reached {percent(bar)} either, and few outcomes came since")
    parts.append("no drift" if standing.drift_score is None else f"{standing.drifted} drifted")
    return ", ".join(parts)


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


@dataclass(frozen=True)
class Ask:
    """What the sensor asks for: one training of these models. ``key`` is the same for the same need on the same day."""

    models: tuple[str, ...]
    reason: str
    key: str


def asked_for(rows: Iterable[Mapping[str, Any]], *, is_enabled: bool, now: datetime) -> Ask | str:
    """One training for all models that are due; a sentence where none is asked for.

    Args:
        rows: of the published ``retraining_status``.
        is_enabled: ``settings.model_training_enabled``.
        now: naive UTC.
    """
    if not is_enabled:
        return "ANALYTICS_MODEL_TRAINING_ENABLED is off: models are trained by hand only"
    listed = sorted(rows, key=lambda row: str(row["model_name"]))
    if not listed:
        return "no model was looked at yet"
    due = [row for row in listed if row["is_due"]]
    if not due:
        return "; ".join(f"{row['model_name']} is {row['reason']}" for row in listed)
    return Ask(
        models=tuple(str(row["model_name"]) for row in due),
        reason="; ".join(f"{row['model_name']} {row['version'] or '(new)'} is {row['reason']}" for row in due),
        key=f"{', '.join(_subject(row) for row in due)} on {now:%Y-%m-%d}",
    )


def _subject(row: Mapping[str, Any]) -> str:
    # Of a warehouse that was made anew versions count from 1 again: their time tells them apart.
    made = f" of {row['trained_at']}" if row["trained_at"] is not None else ""
    return f"{row['model_name']}/{row['version'] or 'first'}{made}"


@dataclass(frozen=True)
class Refresh:
    """Advice is made anew: ``key`` is the same until another interval has passed."""

    reason: str
    key: str


def advice_due(
    made_at: datetime | None, newest_at: datetime | None, *, is_enabled: bool, interval_hours: float, now: datetime
) -> Refresh | str:
    """Whether recommendations are to be made anew; a sentence where not.

    Args:
        made_at: when they were made last, naive UTC; None: never.
        newest_at: when the newest file was taken, naive UTC; None: none ever was.
        is_enabled: ``settings.recommendation_generation_enabled``.
        interval_hours: ``settings.recommendation_refresh_interval``.
        now: naive UTC.
    """
    if not is_enabled:
        return "ANALYTICS_RECOMMENDATION_GENERATION_ENABLED is off"
    if made_at is None:
        return "recommendations were never made: the first refresh makes them"
    if newest_at is None or newest_at <= made_at:
        return f"nothing was taken in since they were made at {_at(made_at)}"
    age = now - made_at
    if age < interval_hours * HOUR:
        return f"they are {age / HOUR:.1f} hours old, {interval_hours:g} are allowed"
    return Refresh(
        reason=f"recommendations are {age / HOUR:.1f} hours old (over {interval_hours:g}), and records came since",
        key=f"recommendations of {made_at.isoformat()}, {age // (interval_hours * HOUR)} intervals old",
    )
