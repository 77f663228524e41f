"""The sixteen KPIs and their four groups: names, weights, how each is computed, and how it becomes a score."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

from analytics_assets.kpi_thresholds import (
    ACCURACY_LEAST,
    DOWN_AT,
    ERRORS_AT,
    FALSE_AT,
    FOUND_AT_ONCE,
    FOUND_LATE_AT,
    LATENCY_AT,
    ROI_FULL_AT,
    SLOW_AT,
    WEIGHT_ML,
    WEIGHT_OPTIMIZATION,
    WEIGHT_PATTERNS,
    WEIGHT_PERFORMANCE,
)

GROUPS = {
    "performance": WEIGHT_PERFORMANCE.value,
    "pattern_analysis": WEIGHT_PATTERNS.value,
    "optimization": WEIGHT_OPTIMIZATION.value,
    "ml": WEIGHT_ML.value,
}
"""Groups with their weights in the health score."""
OVERALL, GROUP_SCORE, HEALTH = "overall", "group_score", "overall_health_score"
NO_SCORE = "No score: neither more nor less of it is better."


@dataclass(frozen=True)
class Measured:
    """What is known of a KPI now.

    Args:
        value: in the unit of the KPI; None where it is not known.
        n: how many records, decisions or models it rests on.
        source: what it was computed from.
        usual: what the value is compared with, in the same unit; None where it is compared with fixed ends.
        reason: why there is no value, or no score though there is a value.
    """

    value: float | None
    n: int
    source: str
    usual: float | None = None
    reason: str | None = None


Score = Callable[[float, float | None], float | None]
"""A value and what is usual of it to 0..1; None where nothing usual is known."""


@dataclass(frozen=True)
class Kpi:
    """One KPI. ``formula`` and ``normalisation`` are sentences; ``score`` is None where more is not better."""

    group: str
    name: str
    unit: str
    formula: str
    normalisation: str
    score: Score | None = None

    def scored(self, measured: Measured) -> float | None:
        """Its score, 0 to 1; None where it has none, is not known, or says why it may not be scored."""
        if self.score is None or measured.value is None or measured.reason is not None:
            return None
        return self.score(measured.value, measured.usual)


def within(number: float) -> float:
    """The number, no less than 0 and no more than 1."""
    return min(1.0, max(0.0, number))


def between(worst: float, best: float) -> Score:
    """0 at ``worst``, 1 at ``best``, in proportion between them.

    >>> between(0.2, 0.0)(0.1, None), between(0.95, 1.0)(0.9, None)
    (0.5, 0.0)
    """
    return lambda value, _: within((value - worst) / (best - worst))


def _as_fast_as_usual(value: float, usual: float | None) -> float | None:
    """1 at the usual or less, 0 at ``SLOW_AT`` times as much."""
    return within((SLOW_AT.value - value / usual) / (SLOW_AT.value - 1)) if usual else None


def _as_much_as_usual(value: float, usual: float | None) -> float | None:
    """The share of what is usual; 1 from there on."""
    return within(value / usual) if usual else None


def _as_accurate_as_asked(value: float, usual: float | None) -> float | None:
    """0 at a coin's, 1 at the accuracy that is asked for; where no more than a coin's is asked, all or nothing."""
    if usual is None:
        return None
    least = ACCURACY_LEAST.value
    return within((value - least) / (usual - least)) if usual > least else float(value >= usual)


KPIS = (
    Kpi(
        "performance",
        "average_response_time",
        "seconds",
        "mean of the calls of tools, procedures and links in the whole hours that began in the last 24",
        "1 at what the same calls usually take (means of the 30 days before) or less, 0 at twice as long",
        _as_fast_as_usual,
    ),
    Kpi(
        "performance",
        "system_uptime",
        "share of time",
        "metrics named uptime or availability, else busy hours with records, less outages of links, in the last 7 days",
        "1 at 100 %, 0 at 95 % or less",
        between(DOWN_AT.value, 1.0),
    ),
    Kpi(
        "performance",
        "error_rate",
        "share of calls",
        "calls of tools, procedures and links that failed, of those judged, in whole hours that began in the last 24",
        "1 at 0 %, 0 at 20 % or more",
        between(ERRORS_AT.value, 0.0),
    ),
    Kpi(
        "performance",
        "throughput",
        "calls an hour",
        "judged calls of tools, procedures and links in the last 24 complete hours",
        "the share of the mean of the same 24 hours of up to 4 weeks before; 1 from there on",
        _as_much_as_usual,
    ),
    Kpi(
        "pattern_analysis",
        "patterns_detected_per_day",
        "patterns a day",
        "patterns found first in the last 30 days, by the days since the first of them",
        NO_SCORE,
    ),
    Kpi(
        "pattern_analysis",
        "pattern_accuracy",
        "share of patterns",
        "mean over patterns of what people said (confirmed 1, rejected 0), else of their prediction_accuracy",
        "the share itself",
        between(0.0, 1.0),
    ),
    Kpi(
        "pattern_analysis",
        "false_positive_rate",
        "share of decided patterns",
        "rejected / (confirmed + rejected)",
        "1 at 0 %, 0 at 50 % or more; from 5 decisions on",
        between(FALSE_AT.value, 0.0),
    ),
    Kpi(
        "pattern_analysis",
        "time_to_detection",
        "hours",
        "median from starts_at of a pattern to the end of the window that showed it first, of the last 30 days",
        "1 at an hour or less, 0 at 48 hours or more",
        between(FOUND_LATE_AT.value, FOUND_AT_ONCE.value),
    ),
    Kpi(
        "optimization",
        "recommendations_generated",
        "recommendations",
        "recommendations of every kind that stand now",
        NO_SCORE,
    ),
    Kpi(
        "optimization",
        "recommendations_implemented",
        "recommendations",
        "suggestions and opportunities that people applied in the last 30 days",
        "the share of what people decided (applied or rejected); from 5 decisions on",
        _as_much_as_usual,
    ),
    Kpi(
        "optimization",
        "average_improvement_achieved",
        "share",
        "mean measured_improvement of the changes of the last 90 days that are judged",
        "the share of what these promised: 1 where they kept it or more, 0 where nothing came",
        _as_much_as_usual,
    ),
    Kpi(
        "optimization",
        "roi_from_optimizations",
        "share of the bill",
        "saved_usd of the changes of the last 90 days, of what the successes since would have cost before",
        "0.5 where nothing is saved, 1 where half of the bill is, 0 where it is half more",
        between(-ROI_FULL_AT.value, ROI_FULL_AT.value),
    ),
    Kpi(
        "ml",
        "model_accuracy",
        "share of calls",
        "right calls of champions in the newest week with outcomes; else as tested after their training",
        "1 at ANALYTICS_MIN_MODEL_ACCURACY or more, 0 at 50 % or less",
        _as_accurate_as_asked,
    ),
    Kpi(
        "ml",
        "prediction_latency",
        "ms",
        "95th percentile over predictions of the mean time in the batch of each, of the last 7 days with predictions",
        "1 at 0 ms, 0 at 1,000 ms or more",
        between(LATENCY_AT.value, 0.0),
    ),
    Kpi(
        "ml",
        "model_drift_incidents",
        "models",
        "models of which a feature or the outcome has drifted, now",
        "1 where none has, 0 where every watched model has",
        # Usual is how many are watched.
        lambda value, usual: within(1 - value / usual) if usual else None,
    ),
    Kpi(
        "ml",
        "retraining_frequency",
        "trainings a week",
        "versions trained in the last 30 days by the clock, by week and model",
        NO_SCORE,
    ),
)
"""In the order of their groups."""


def known(value: float | None, n: int, source: str, *, usual: float | None = None, nothing: str) -> Measured:
    """A KPI with a number; one that is missing or no finite number is not known, for the reason ``nothing``."""
    if value is None or n == 0:
        return Measured(None, n, source, reason=nothing)
    if not isfinite(value):
        return Measured(None, n, source, reason="its numbers are too large to add")
    return Measured(value, n, source, usual=usual if usual is not None and isfinite(usual) else None)
