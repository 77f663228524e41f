"""What a detector says is wrong now, or was: the statement that becomes an alert, or keeps one open."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

Row = dict[str, Any]
"""A row of a table, by the names of its columns."""
Key = tuple[str, str, str]
"""Type, subject and condition: what stays the same when trouble returns."""
SEVERITIES = ("low", "medium", "high", "critical")
PREFIX = "al-"
"""How the ids of alerts begin."""


class AlertType(StrEnum):
    """The framework's four detectors."""

    PERFORMANCE = "performance"
    ERROR_RATE = "error_rate"
    RESOURCE_USAGE = "resource_usage"
    PATTERN_DEVIATION = "pattern_deviation"


class Kind(StrEnum):
    """What sort of condition it is: it decides what ends it."""

    UNUSUAL = "unusual"
    """An anomaly: over after hours with data in which the signal is as usual."""
    RATE_OVER_LIMIT = "rate over limit"
    LEVEL_OVER_LIMIT = "level over limit"
    FULL_SOON = "full soon"
    CHANGED = "changed for the worse"
    NEW_PATTERN = "new pattern"
    STRONGER_PATTERN = "stronger pattern"


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One statement of a detector.

    Args:
        alert_type: which of the four detectors says it.
        kind: what sort of condition.
        subject_key: what it holds of: a signal, ``component/resource`` or the id of a pattern.
        source: table that says it.
        components: those it touches, the one it is about first.
        began_at: first hour of it, UTC.
        is_begin_seen: whether it is known that it began then, and not before its records.
        last_seen_at: end of the newest hour that shows it, UTC.
        is_over: whether it is told to have ended.
        score: 0 to 1, 0.5 at the threshold of its detector.
        size: 0 to 1, of the effect: distance from what is usual or allowed as a share of the larger, or of a resource
            the share of the room above the limit that is gone.
        confidence: 0 to 1, that chance does not make it.
        witnesses: families of detectors that agree.
        is_usual: whether it has been so for long: then it is no more than medium.
        least: severity that its detector asks for at least.
        title: in a few words.
        description: in a sentence with its numbers.
        advice: what the detector itself says to do.
        limit: that it is over, in the unit of its subject.
        evidence_sql: query on the published version that shows it.
        as_of: end of the window it rests on.
        is_stale: whether that is over a day ago.
    """

    alert_type: AlertType
    kind: Kind
    subject_key: str
    source: str
    components: Sequence[str]
    began_at: datetime
    is_begin_seen: bool = True
    last_seen_at: datetime
    is_over: bool = False
    score: float
    size: float
    confidence: float
    witnesses: int = 1
    is_usual: bool = False
    least: str = "low"
    title: str
    description: str
    advice: Sequence[str] = ()
    limit: float | None = None
    evidence_sql: str
    as_of: datetime
    is_stale: bool = False

    @property
    def key(self) -> Key:
        """What stays the same when it returns."""
        return (self.alert_type.value, self.subject_key, self.kind.value)

    @property
    def lasted(self) -> timedelta:
        """From its first to the end of its last hour."""
        return self.last_seen_at - self.began_at


def alert_id(condition: Condition) -> str:
    """The same for the same type, component, condition and beginning, whatever the numbers.

    Two conditions of one name and beginning on two signals of a component are told apart by their subject.
    """
    words = (*condition.key, condition.components[0] if condition.components else "", condition.began_at.isoformat())
    return PREFIX + hashlib.sha256("\0".join(words).encode()).hexdigest()[:12]


def key_of(row: Row) -> Key:
    """The key of the condition of an alert's row."""
    return (row["alert_type"], row["subject_key"], row["condition"])


def literal(text: str) -> str:
    """A text as SQL has it.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def level_of(severity: str) -> int:
    """The place of a severity, from 0.

    >>> level_of("high") > level_of("medium")
    True
    """
    return SEVERITIES.index(severity)
