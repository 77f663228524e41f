"""Anomalies that warn: episodes for the worse of response times, error rates, throughput, cost and metrics."""

from __future__ import annotations

import json
from collections.abc import Iterable
from math import exp

from analytics_assets.alert_thresholds import ANOMALY_MOST_BY_CHANCE
from analytics_assets.alerting.condition import AlertType, Condition, Kind, Row, literal
from analytics_assets.lib.signals import METRIC, title_of
from analytics_assets.lib.words import plural
from analytics_assets.pattern_store.observed import relative_size

SOURCE = "patterns.anomalies"
RESOURCES = ("cpu", "memory", "disk", "network")


def unusual(anomalies: Iterable[Row]) -> list[Condition]:
    """One condition per episode for the worse that chance seldom makes, the earliest first; also those that are over.

    Args:
        anomalies: rows of ``patterns.anomalies``.
    """
    worth = (
        row
        for row in anomalies
        if row["is_worse"] and row["severity"] != "LOW" and row["expected_by_chance"] <= ANOMALY_MOST_BY_CHANCE.value
    )
    return sorted((_condition(row) for row in worth), key=lambda one: (one.began_at, one.subject_key))


def type_of(component_kind: str, metric_type: str) -> AlertType:
    """Which detector a signal belongs to.

    >>> type_of("metric", "api_error_rate").value, type_of("tool", "cost").value, type_of("metric", "cpu").value
    ('error_rate', 'performance', 'resource_usage')
    """
    name = metric_type.lower()
    if "error" in name or "fail" in name:
        return AlertType.ERROR_RATE
    if component_kind == METRIC and name.startswith(RESOURCES):
        return AlertType.RESOURCE_USAGE
    return AlertType.PERFORMANCE


def evidence_of(signal: str, begins: object) -> str:
    """The query for the hours of a signal from then on."""
    return (
        "select hour, value, unit, samples from summaries.hourly_signals "
        f"where signal = {literal(signal)} and hour >= timestamp '{begins}' order by hour"
    )


def _condition(row: Row) -> Condition:
    end = row["ends_at"] or row["as_of"]
    # A rare value of one witness may be chance; two families that agree on a rare one hardly are.
    confidence = (
        exp(-row["expected_by_chance"]) if row["severity"] == "HIGH" else min(0.9, exp(-row["expected_by_chance"]))
    )
    named = title_of(row["signal"], row["component_kind"], row["component"], row["metric_type"])
    lasts = "and it lasts" if row["is_ongoing"] else f"until {row['ends_at']:%Y-%m-%d %H:%M}"
    return Condition(
        alert_type=type_of(row["component_kind"], row["metric_type"]),
        kind=Kind.UNUSUAL,
        subject_key=row["signal"],
        source=SOURCE,
        components=(row["component"],),
        began_at=row["starts_at"],
        last_seen_at=end,
        is_over=not row["is_ongoing"],
        score=row["score"] / (1 + row["score"]),
        size=relative_size(row["expected"], row["value"]),
        confidence=confidence,
        witnesses=len(json.loads(row["families"])),
        title=f"unusual {named}",
        description=f"{row['reason']}; {plural(row['hours'], 'hour')} from {row['starts_at']:%Y-%m-%d %H:%M}, {lasts}.",
        evidence_sql=evidence_of(row["signal"], row["starts_at"]),
        as_of=row["as_of"],
        is_stale=bool(row["is_stale"]),
    )
