"""What is over a limit of the settings in its newest complete hours: rates of errors, response times, resources.

A rate is over it where even the lower end of its Wilson interval is; any other level where the last three hours are.
Which limit a signal has is told by ``lib.signal_limits``: runs and pipelines fail for reasons of the work, and tools
take as long as their work does, so these have none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from analytics_assets.alert_thresholds import (
    LEVEL_HOURS,
    RATE_ERRORS,
    RATE_LOOKS,
    RATE_MIN_RECORDS,
)
from analytics_assets.alerting.condition import AlertType, Condition, Kind, Row, literal
from analytics_assets.alerting.hours import Hour, Since, level_since, newest_with, rate_of, rate_since
from analytics_assets.alerting.unusual import evidence_of, type_of
from analytics_assets.detector_thresholds import MORE_THAN_HALF
from analytics_assets.lib.rates import wilson_interval
from analytics_assets.lib.signal_limits import chance_of_rate
from analytics_assets.lib.signals import in_unit, title_of
from analytics_assets.lib.words import plural
from analytics_assets.pattern_store.observed import relative_size
from analytics_assets.pattern_thresholds import CAPACITY_LIMIT

SIGNALS, USAGE, PLANS = "summaries.hourly_signals", "profiles.resource_usage", "forecasts.capacity_planning"
FULL = 100.0
"""Percent of a capacity."""


@dataclass(frozen=True)
class Subject:
    """What has a limit: a signal (its row of columns), or a resource of a component."""

    key: str
    component: str
    metric_type: str
    unit: str | None
    limit: float
    is_rate: bool
    as_of: datetime
    is_stale: bool
    component_kind: str = "metric"
    is_resource: bool = False

    @property
    def title(self) -> str:
        """Its name in a sentence."""
        if self.is_resource:
            return f"{self.metric_type} of {self.component}"
        return title_of(self.key, self.component_kind, self.component, self.metric_type)

    @property
    def room(self) -> float | None:
        """What there is above the limit; None where nothing ends it."""
        return FULL - self.limit if self.is_resource and self.limit < FULL else None


def resource_limit(resource_type: str, alert_thresholds: Mapping[str, float]) -> float:
    """The limit of a resource, percent of its capacity.

    >>> resource_limit("cpu", {"high_cpu_usage": 0.8}), resource_limit("disk", {})
    (80.0, 80.0)
    """
    name = {"cpu": "high_cpu_usage", "memory": "high_memory_usage"}.get(resource_type)
    return CAPACITY_LIMIT.value if name is None else FULL * alert_thresholds[name]


def is_over(subject: Subject, recent: Sequence[Hour]) -> bool:
    """Whether the newest complete hours are over the limit, by more than chance."""
    if not recent:
        return False
    if subject.is_rate:
        failures, judged = rate_of(newest_with(recent, RATE_MIN_RECORDS.value, LEVEL_HOURS.value))
        interval = wilson_interval(failures, judged, RATE_ERRORS.value)
        return judged >= RATE_MIN_RECORDS.value and interval is not None and interval.low > subject.limit
    newest = recent[-int(LEVEL_HOURS.value) :]
    is_joined = newest[-1].at - newest[0].at == timedelta(hours=LEVEL_HOURS.value - 1)
    return len(newest) == LEVEL_HOURS.value and is_joined and all(hour.value > subject.limit for hour in newest)


def over_limit(subject: Subject, hours: Sequence[Hour]) -> Condition:
    """The condition of a subject that is over its limit.

    Args:
        subject: of which ``is_over`` holds.
        hours: its complete hours of four weeks, the newest last.
    """
    return _rate(subject, hours) if subject.is_rate else _level(subject, hours)


def _rate(subject: Subject, hours: Sequence[Hour]) -> Condition:
    window = newest_with(hours, RATE_MIN_RECORDS.value, LEVEL_HOURS.value)
    failures, judged = rate_of(window)
    since = rate_since(hours, window, subject.limit)
    rate = failures / judged
    told = (
        f"{subject.title} is {in_unit(rate, subject.unit)} ({failures} of {judged}) in the last "
        f"{plural(round((window[-1].ends_at - window[0].at) / timedelta(hours=1)), 'hour')} with calls; the limit is "
        f"{in_unit(subject.limit, subject.unit)}"
    )
    chance = chance_of_rate(rate, subject.limit, judged) * RATE_LOOKS.value
    return _condition(subject, Kind.RATE_OVER_LIMIT, hours, since, rate, max(0.0, 1 - chance), told)


def _level(subject: Subject, hours: Sequence[Hour]) -> Condition:
    since = level_since(hours, subject.limit)
    value = max(hour.value for hour in hours[-int(LEVEL_HOURS.value) :])
    over = [hour for hour in hours if hour.at >= since.began_at and hour.value > subject.limit]
    told = (
        f"{subject.title} is over {in_unit(subject.limit, subject.unit)} in {plural(len(over), 'hour')} since "
        f"{since.began_at:%Y-%m-%d %H:%M}; up to {in_unit(value, subject.unit)} in the last {LEVEL_HOURS.value:.0f}"
    )
    chance = chance_of_rate(1.0, MORE_THAN_HALF.value, len(over))
    return _condition(subject, Kind.LEVEL_OVER_LIMIT, hours, since, value, 1 - chance, told)


def _condition(
    subject: Subject, kind: Kind, hours: Sequence[Hour], since: Since, value: float, confidence: float, told: str
) -> Condition:
    times = value / subject.limit
    gone = relative_size(subject.limit, value)
    if subject.room is not None:
        gone = min(1.0, max(0.0, (value - subject.limit) / subject.room))
    usual = "; it has been so for long" if since.is_usual else ""
    return Condition(
        alert_type=AlertType.RESOURCE_USAGE
        if subject.is_resource
        else type_of(subject.component_kind, subject.metric_type),
        kind=kind,
        subject_key=subject.key,
        source=USAGE if subject.is_resource else SIGNALS,
        components=(subject.component,),
        began_at=since.began_at,
        is_begin_seen=since.is_seen,
        last_seen_at=hours[-1].ends_at,
        score=times / (1 + times),
        size=gone,
        confidence=confidence,
        is_usual=since.is_usual,
        title=f"{subject.title} over its limit",
        description=f"{told}{usual}.",
        limit=subject.limit,
        evidence_sql=_usage_of(subject, since) if subject.is_resource else evidence_of(subject.key, since.began_at),
        as_of=subject.as_of,
        is_stale=subject.is_stale,
    )


def _usage_of(subject: Subject, since: Since) -> str:
    return (
        f"select measured_at, usage_percentage, peak_usage from {USAGE} where component = {literal(subject.component)} "
        f"and resource_type = {literal(subject.metric_type)} and measured_at >= timestamp '{since.began_at}' "
        "order by measured_at"
    )


def full_soon(plans: Iterable[Row]) -> list[Condition]:
    """One condition per resource that is planned to be nearly full within the month (urgency high)."""
    return [_full(row) for row in plans if row["urgency"] == "high" and row["as_of"] is not None]


def _full(row: Row) -> Condition:
    when = f" from {row['breach_date']} on" if row["breach_date"] is not None else ""
    told = (
        f"{row['resource_type']} of {row['component']} is expected to need {row['projected_usage']:.0f} % of its "
        f"capacity by {row['projection_date']} (over {CAPACITY_LIMIT.value:.0f} %{when})"
    )
    if row["current_usage"] is not None:
        told += f"; its peak is {row['current_usage']:.0f} % now"
    times = row["projected_usage"] / CAPACITY_LIMIT.value
    return Condition(
        alert_type=AlertType.RESOURCE_USAGE,
        kind=Kind.FULL_SOON,
        subject_key=f"{row['component']}/{row['resource_type']}",
        source=PLANS,
        components=(row["component"],),
        # What is expected has no beginning: it is as old as the look that says so.
        began_at=row["as_of"],
        is_begin_seen=False,
        last_seen_at=row["as_of"],
        score=times / (1 + times),
        size=min(1.0, max(0.0, (row["projected_usage"] - CAPACITY_LIMIT.value) / (FULL - CAPACITY_LIMIT.value))),
        confidence=row["confidence"] or 0.0,
        least="medium",
        title=f"{row['resource_type']} of {row['component']} will be full",
        description=f"{told}.",
        advice=[row["recommendation"]] if row["recommendation"] else [],
        limit=CAPACITY_LIMIT.value,
        evidence_sql=row["evidence_sql"],
        as_of=row["as_of"],
        is_stale=bool(row["is_stale"]),
    )
