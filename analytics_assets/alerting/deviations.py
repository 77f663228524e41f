"""Patterns that warn: new ones that matter, those that grow stronger, and levels that changed for the worse.

What signals say by anomalies and limits is told from these themselves, and not a second time. Issues are reviewed each
week and call nobody.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from analytics_assets.alert_thresholds import CHANGED_DAYS, USUAL_DAYS
from analytics_assets.alerting.condition import AlertType, Condition, Kind, Row, level_of, literal
from analytics_assets.alerting.ending import SHIFT_TYPES
from analytics_assets.lib.signals import METRIC, in_unit, title_of
from analytics_assets.pattern_store.observed import pattern_id, relative_size

STORE, SHIFTS = "patterns.detected_patterns", "patterns.level_shifts"
SOURCES = frozenset(
    f"patterns.{table}"
    for table in (
        *("metric_patterns", "performance_patterns", "task_patterns"),
        *("execution_patterns", "integration_patterns", "bottlenecks"),
    )
)
_TOLD_ELSEWHERE = (
    *("metric_anomaly", "performance_anomaly", "metric_threshold", "performance_threshold"),
    *SHIFT_TYPES,
)
_WINDOW = timedelta(days=USUAL_DAYS.value)
_CHANGED = timedelta(days=CHANGED_DAYS.value)
STRENGTHENING = "strengthening"


def changed(shifts: Iterable[Row], patterns: Iterable[Row]) -> list[Condition]:
    """One condition per signal that changed for the worse within 15 days, while its pattern holds.

    Args:
        shifts: rows of ``patterns.level_shifts``.
        patterns: rows of the store, with their ``severity``: it says whether the change still holds.
    """
    active = {row["id"] for row in patterns if row["is_active"]}
    found = []
    for row in shifts:
        if not (row["is_worse"] and row["is_significant"]) or row["as_of"] is None:
            continue
        kind = "metric_level_shift" if row["component_kind"] == METRIC else "degradation"
        key = pattern_id(kind, row["signal"])
        if key in active and row["changed_at"] > row["as_of"] - _CHANGED:
            found.append(_shift(row, key))
    return found


def _shift(row: Row, key: str) -> Condition:
    named = title_of(row["signal"], row["component_kind"], row["component"], row["metric_type"])
    before, after = (in_unit(row[name], row["unit"]) for name in ("before", "after"))
    size = relative_size(row["before"], row["after"])
    return Condition(
        alert_type=AlertType.PATTERN_DEVIATION,
        kind=Kind.CHANGED,
        # By its pattern: the store knows whether it still holds.
        subject_key=key,
        source=SHIFTS,
        components=(row["component"],),
        began_at=row["changed_at"],
        last_seen_at=row["as_of"],
        score=_score(size),
        size=size,
        confidence=1 - row["p_adjusted"],
        title=f"{named} changed for the worse",
        description=f"{named} went from {before} to {after} at {row['changed_at']:%Y-%m-%d %H:%M} and stayed there.",
        evidence_sql=f"select * from {SHIFTS} where signal = {literal(row['signal'])}",
        as_of=row["as_of"],
        is_stale=bool(row["is_stale"]),
    )


def deviating(patterns: Iterable[Row], stronger: Iterable[Row]) -> list[Condition]:
    """One condition per pattern that is new and of high severity, or grew stronger and is of medium or more.

    New is what began, or was found first, within two weeks; the first look of the store finds all there is.

    Args:
        patterns: rows of the store, with their ``severity``.
        stronger: rows of its history that say ``strengthening``.
    """
    listed = [row for row in patterns if row["source"] in SOURCES]
    known = [row for row in listed if row["is_active"] and row["pattern_type"] not in _TOLD_ELSEWHERE]
    first_look = min((row["detected_at"] for row in listed), default=None)
    grown = _newest(stronger)
    found = []
    for row in known:
        level, begins = level_of(row["severity"] or "low"), _begins(row, first_look)
        if level >= level_of("high") and begins is not None:
            found.append(_pattern(row, Kind.NEW_PATTERN, begins, "is new"))
        elif level >= level_of("medium") and row["id"] in grown:
            change = grown[row["id"]]
            if change["evolution_timestamp"] > row["as_of"] - _WINDOW:
                grows = f"grew by {change['change_magnitude']:.0%}"
                found.append(_pattern(row, Kind.STRONGER_PATTERN, change["evolution_timestamp"], grows))
    return found


def _newest(stronger: Iterable[Row]) -> Mapping[str, Row]:
    ordered = sorted(stronger, key=lambda row: row["evolution_timestamp"])
    return {row["pattern_id"]: row for row in ordered if row["evolution_type"] == STRENGTHENING}


def _begins(row: Row, first_look: datetime | None) -> datetime | None:
    """When a pattern began; None where that was long ago, or is not known of one that the first look found."""
    begins = row["starts_at"]
    if begins is None:
        is_of_first_look = first_look is None or row["detected_at"] <= first_look + timedelta(days=1)
        begins = None if is_of_first_look else row["detected_at"]
    return begins if begins is not None and begins > row["as_of"] - _WINDOW else None


def _pattern(row: Row, kind: Kind, begins: datetime, what: str) -> Condition:
    components = json.loads(row["components"])
    return Condition(
        alert_type=AlertType.PATTERN_DEVIATION,
        kind=kind,
        subject_key=row["id"],
        source=STORE,
        components=components or [row["subject"]],
        began_at=begins,
        last_seen_at=max(begins, row["observed_until"]),
        score=_score(row["significance_score"]),
        size=row["significance_score"],
        confidence=row["confidence_score"],
        title=f"{row['pattern_type'].replace('_', ' ')} of {row['subject']}",
        description=f"{row['pattern_name'].rstrip('.')}; this pattern {what}.",
        advice=[f"Read what it rests on: analytics pattern {row['id'][:8]}"],
        evidence_sql=f"select * from {STORE} where id = {literal(row['id'])}",
        as_of=row["as_of"],
        is_stale=bool(row["is_stale"]),
    )


def _score(size: float) -> float:
    """The size of an effect as x / (1 + x) of the ratio x that it is of: 0.5 where nothing changed."""
    return 1 / (2 - min(1.0, size))
