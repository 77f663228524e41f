"""Four weeks of signals looked at hour by hour: which alerts there would have been, when, and when they were over.

What is unusual is judged once: detectors judge an hour by what came before it only. Level shifts and patterns of runs
are of the scheduled detectors and are not replayed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from analytics_assets.alerting.condition import Condition, Row, level_of
from analytics_assets.alerting.ending import Facts
from analytics_assets.alerting.hours import Hour
from analytics_assets.alerting.lifecycle import advance
from analytics_assets.alerting.limits import Subject, is_over, over_limit
from analytics_assets.alerting.unusual import unusual
from analytics_assets.lib.detectors import FAST, SECOND
from analytics_assets.lib.signal_anomalies import anomalies
from analytics_assets.lib.signal_limits import CALLS, limit_of
from analytics_assets.lib.signals import Signal, moment
from analytics_assets_tests.lib.signal_worlds import ALERTS

DAYS = 14
ONE = timedelta(hours=1)
DAY_HOURS = 25


@dataclass
class Replay:
    """Every alert as it was last, when each was told first by severity, and how many lasted at the end of each hour."""

    alerts: dict[str, Row] = field(default_factory=dict)
    told: dict[tuple[str, str], datetime] = field(default_factory=dict)
    lasting: list[int] = field(default_factory=list)

    def of(self, severity: str) -> list[Row]:
        """The alerts that were at least so severe."""
        return [row for row in self.alerts.values() if level_of(row["severity"]) >= level_of(severity)]


def replay(signals: Sequence[Signal], *, step: int = 1) -> Replay:
    """Look at the last two weeks of these signals every ``step`` hours."""
    end = max(signal.as_of for signal in signals if signal.as_of is not None)
    first = end.replace(minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
    episodes = unusual(anomalies(signals, FAST, SECOND).rows)
    hours = {signal.name: _hours(signal) for signal in signals}
    subjects = {subject.key: subject for subject in map(_subject, signals) if subject is not None}
    found, rows = Replay(), list[Row]()
    for number in range(0, DAYS * 24 + 1, step):
        now = first + number * ONE
        seen = {name: [hour for hour in own if hour.ends_at <= now] for name, own in hours.items()}
        said = [*_episodes(episodes, now), *_limits(subjects, seen, now)]
        rows = advance(rows, said, (), Facts(as_of=now, hours=seen, subjects=subjects), is_old=lambda _: False)
        found.alerts |= {row["id"]: row for row in rows}
        for row in rows:
            if row["notify"] != "none":
                found.told.setdefault((row["id"], row["severity"]), now)
        found.lasting.append(sum(row["state"] == "open" for row in rows))
    return found


def _hours(signal: Signal) -> list[Hour]:
    """Complete hours: the newest one goes on."""
    assert signal.as_of is not None, "a signal has an end"
    series = signal.series
    samples: Any = [1.0] * len(series) if series.samples is None else series.samples
    found = [
        Hour(moment(time), float(value), float(count))
        for time, value, count in zip(series.times, series.values, samples, strict=True)
    ]
    return [hour for hour in found if hour.ends_at <= signal.as_of]


def _subject(signal: Signal) -> Subject | None:
    limit = limit_of(signal.component_kind, signal.metric_type, signal.unit, ALERTS)
    assert signal.as_of is not None, "a signal has an end"
    if limit is None:
        return None
    return Subject(
        key=signal.name,
        component=signal.component,
        metric_type=signal.metric_type,
        unit=signal.unit,
        limit=limit,
        is_rate=signal.component_kind in CALLS,
        as_of=signal.as_of,
        is_stale=False,
        component_kind=signal.component_kind,
    )


def _episodes(episodes: Sequence[Condition], now: datetime) -> list[Condition]:
    """Those that began before now, as they were then."""
    found = []
    for one in episodes:
        if one.began_at < now:
            is_later = one.last_seen_at > now
            seen = {"last_seen_at": min(one.last_seen_at, now), "is_over": one.is_over and not is_later, "as_of": now}
            found.append(replace(one, **seen))
    return found


def _limits(subjects: dict[str, Subject], seen: dict[str, list[Hour]], now: datetime) -> list[Condition]:
    return [
        over_limit(replace(subject, as_of=now), seen[key])
        for key, subject in subjects.items()
        if seen[key] and seen[key][-1].at >= now - DAY_HOURS * ONE and is_over(subject, seen[key][-DAY_HOURS:])
    ]
