"""How bad is it, who should know, and how? One rule of points for all alerts, stated here and in docs/alerts.md."""

from __future__ import annotations

from datetime import timedelta

from analytics_assets.alert_thresholds import (
    CRITICAL_POINTS,
    ESCALATE_HIGH,
    ESCALATE_MEDIUM,
    HIGH_POINTS,
    LASTS,
    LASTS_LONG,
    MANY_COMPONENTS,
    MEDIUM_POINTS,
    SCORE_BEYOND,
    SCORE_FAR,
    SIZE_FELT,
    SIZE_LARGE,
    SURE,
    WITNESSES,
)
from analytics_assets.alerting.condition import SEVERITIES, Condition, level_of
from analytics_assets.limits import Setting

NONE, TEAM, ON_CALL, INCIDENT = range(4)
"""Levels of escalation: who should know."""
_BY_SEVERITY = {"low": NONE, "medium": TEAM, "high": ON_CALL, "critical": INCIDENT}
_NOTIFY = {"low": "none", "medium": "standard", "high": "immediate", "critical": "immediate"}
_PATIENCE = {"medium": ESCALATE_MEDIUM, "high": ESCALATE_HIGH}


def points(condition: Condition, components: int = 1) -> int:
    """0 to 8: two each for how far, how large and how long, one each for two witnesses and for many components.

    Args:
        condition: what is wrong.
        components: how many it touches, those of its group included.
    """
    hours = condition.lasted / timedelta(hours=1)
    return (
        _steps(condition.score, SCORE_BEYOND, SCORE_FAR)
        + _steps(condition.size, SIZE_FELT, SIZE_LARGE)
        + _steps(hours, LASTS, LASTS_LONG)
        + int(condition.witnesses >= WITNESSES.value)
        + int(max(components, len(set(condition.components))) >= MANY_COMPONENTS.value)
    )


def severity_of(condition: Condition, components: int = 1) -> str:
    """low, medium, high or critical by its points; no more than medium where it is unsure or has been so for long."""
    told = points(condition, components)
    level = sum(told >= bound.value for bound in (MEDIUM_POINTS, HIGH_POINTS, CRITICAL_POINTS))
    if condition.confidence < SURE.value or condition.is_usual:
        level = min(level, level_of("medium"))
    return SEVERITIES[max(level, level_of(condition.least))]


def escalation_level(severity: str, unacknowledged: timedelta | None) -> int:
    """Who should know: 0 nobody, 1 the team, 2 who is on call, 3 all of an incident.

    One more where nobody said for long that they have seen it.

    Args:
        severity: of the alert.
        unacknowledged: how long it has been open without anybody saying so; None where somebody did.

    >>> escalation_level("high", timedelta(hours=1)), escalation_level("high", timedelta(hours=5))
    (2, 3)
    >>> escalation_level("high", None), escalation_level("low", timedelta(days=9))
    (2, 0)
    """
    level, patience = _BY_SEVERITY[severity], _PATIENCE.get(severity)
    is_late = patience is not None and unacknowledged is not None and unacknowledged >= timedelta(hours=patience.value)
    return level + int(is_late)


def notify_of(severity: str) -> str:
    """How it is told: immediate, standard or none.

    >>> [notify_of(severity) for severity in SEVERITIES]
    ['none', 'standard', 'immediate', 'immediate']
    """
    return _NOTIFY[severity]


def _steps(value: float, *bounds: Setting) -> int:
    return sum(value >= bound.value for bound in bounds)
