"""When it is run: hour and day, what changed lately, how much else is run."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from analytics_assets.predicting.feature import Feature
from analytics_assets.predicting.history import History, version_key
from analytics_assets.predicting.runs import Run
from analytics_assets.predicting.surroundings import Surroundings
from analytics_assets.predicting_thresholds import SMOOTHING, USUAL_DAYS

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def _plain(name: str, meaning: str, unit: str, logic: str, rising: str, falling: str) -> Feature:
    return Feature(name, "temporal", meaning, unit, logic, rising, falling)


TURN = "of the time of day in UTC, one turn a day"
SO_FAR = f"(failures + {SMOOTHING.value:g} x failure_rate) / (runs + {SMOOTHING.value:g})"
USUAL = f"over the mean of the {USUAL_DAYS.value:g} days before; not known in the first day"
TEMPORAL = (
    _plain("hour_sin", "Time of day.", "-1 to 1", f"sine {TURN}", "it is morning (UTC)", "it is evening (UTC)"),
    _plain("hour_cos", "Time of day.", "-1 to 1", f"cosine {TURN}", "it is night (UTC)", "it is midday (UTC)"),
    _plain(
        "weekday", "Day of the week.", "0 Monday to 6", "of the start, UTC", "late in the week", "early in the week"
    ),
    _plain(
        "hour_failure_rate",
        "Share of the known runs of this hour of the day that failed.",
        "share",
        SO_FAR,
        "runs at this hour often fail",
        "runs at this hour rarely fail",
    ),
    _plain(
        "weekday_failure_rate",
        "Share of the known runs of this day of the week that failed.",
        "share",
        SO_FAR,
        "runs on this day of the week often fail",
        "runs on this day of the week rarely fail",
    ),
    _plain(
        "hours_since_spec_change",
        "Age of the spec as it is now.",
        "hours",
        "start less the first start of this spec with this fingerprint (else version)",
        "the spec was not changed for long",
        "the spec was changed just before",
    ),
    _plain(
        "runs_since_spec_change",
        "Runs of the spec as it is now.",
        "runs",
        "earlier starts of this spec with this fingerprint (else version)",
        "the spec as it is now was run often",
        "the spec as it is now was rarely run",
    ),
    _plain(
        "hours_since_model_seen",
        "Time since the model was first used.",
        "hours",
        "start less the first start of a run with the model",
        "the model is in use for long",
        "the model is new",
    ),
    _plain(
        "hours_since_deployment",
        "Time since something was deployed or configured.",
        "hours",
        "start less the last deployment or new configuration of a pipeline",
        "nothing was deployed for long",
        "something was deployed just before",
    ),
    _plain(
        "runs_last_hour",
        "Runs started in the hour before, as against the usual.",
        "times the usual",
        f"starts in the last 60 minutes {USUAL}",
        "much more is run than usual",
        "less is run than usual",
    ),
)


def temporal(past: History, run: Run, around: Surroundings, failure_rate: float) -> dict[str, float]:
    """The temporal features of a run; NaN is not known."""
    at = run.started_at
    turn = 2 * math.pi * (at - at.replace(hour=0, minute=0, second=0, microsecond=0)) / DAY
    weekday = at.weekday()
    by_hour = past.told("hour", at.hour)
    by_day = past.told("weekday", weekday)
    return {
        "hour_sin": math.sin(turn),
        "hour_cos": math.cos(turn),
        "weekday": weekday,
        "hour_failure_rate": by_hour.rate(failure_rate, SMOOTHING.value),
        "weekday_failure_rate": by_day.rate(failure_rate, SMOOTHING.value),
        "hours_since_spec_change": _age(past, version_key(run), run),
        "runs_since_spec_change": math.nan if None in version_key(run) else past.starts_since.get(version_key(run), 0),
        "hours_since_model_seen": _age(past, ("model", run.model), run),
        "hours_since_deployment": around.hours_since_change(at),
        "runs_last_hour": _runs_last_hour(past, at),
    }


def _age(past: History, key: tuple[object, ...], run: Run) -> float:
    """Hours since it was first seen: 0 where that is now; NaN where it has no name."""
    if None in key:
        return math.nan
    return (run.started_at - past.first_seen.get(key, run.started_at)) / HOUR


def _runs_last_hour(past: History, at: datetime) -> float:
    """Starts in the hour before, as against the usual; NaN in the first day."""
    span = min(timedelta(days=USUAL_DAYS.value), at - past.begins_at) if past.begins_at else timedelta()
    if span < DAY:
        return math.nan
    usual = past.starts(at - span, at) / (span / HOUR)
    return past.starts(at - HOUR, at) / usual if usual else math.nan
