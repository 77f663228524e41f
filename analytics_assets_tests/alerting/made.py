"""Conditions, looks and worlds, made by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from analytics_assets.alerting.condition import AlertType, Condition, Kind, Row
from analytics_assets.alerting.ending import Facts
from analytics_assets.alerting.hours import Hour
from analytics_assets.alerting.lifecycle import advance
from analytics_assets.alerting.limits import Subject
from analytics_assets.alerting.words import Word

START = datetime(2026, 3, 1)
SIGNAL = "metric/api/api_latency_p95_ms"


def at(hours: float) -> datetime:
    """Hours after the start."""
    return START + timedelta(hours=hours)


def condition(begins: float = 0, ends: float = 1, **fields: Any) -> Condition:
    """A latency that is unusual from an hour to the end of another; as bad as medium unless told."""
    given: dict[str, Any] = {
        "alert_type": AlertType.PERFORMANCE,
        "kind": Kind.UNUSUAL,
        "subject_key": SIGNAL,
        "source": "patterns.anomalies",
        "components": ("api",),
        "began_at": at(begins),
        "last_seen_at": at(ends),
        "score": 0.7,
        "size": 0.6,
        "confidence": 0.99,
        "title": "unusual latency",
        "description": "latency was 650 ms where 255 ms is usual.",
        "evidence_sql": "select 1",
        "as_of": at(ends),
    }
    return Condition(**given | fields)


def hours(first: float, *values: float, samples: float = 10) -> list[Hour]:
    """Hours in a row."""
    return [Hour(at(first + number), value, samples) for number, value in enumerate(values)]


def facts(end: float, measured: Sequence[Hour] = (), key: str = SIGNAL, **fields: Any) -> Facts:
    """What is known at an hour: the hours of one signal."""
    return Facts(as_of=at(end), hours={key: measured} if measured else {}, **fields)


def look(
    earlier: Iterable[Row],
    end: float,
    *said: Condition,
    measured: Sequence[Hour] = (),
    words: Sequence[Word] = (),
    **known: Any,
) -> list[Row]:
    """The alerts after a look at the end of an hour."""
    return advance(earlier, said, words, facts(end, measured, **known), is_old=lambda _: False)


def word(decision: str, alert_id: str, hour: float, notes: str | None = None) -> Word:
    """A decision of a person."""
    return Word(f"{decision}-{hour}", alert_id, decision, at(hour), "ann", notes)


def subject(key: str = SIGNAL, **fields: Any) -> Subject:
    """A latency with a limit of two seconds, unless told."""
    given: dict[str, Any] = {
        "key": key,
        "component": "api",
        "metric_type": "api_latency_p95_ms",
        "unit": "ms",
        "limit": 2_000.0,
        "is_rate": False,
        "as_of": at(100),
        "is_stale": False,
    }
    return Subject(**given | fields)


def tool(**fields: Any) -> Subject:
    """The error rate of a tool, with the limit of one in twenty."""
    given = {"component": "web_fetch", "component_kind": "tool", "metric_type": "error_rate", "unit": "share"}
    return subject("tool/web_fetch/error_rate", **given | {"limit": 0.05, "is_rate": True} | fields)
