"""The own columns of the two tables of patterns of signals: metrics, and everything that is counted from records."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from analytics_assets.pattern_thresholds import SEVERITY_CRITICAL, SEVERITY_HIGH, SEVERITY_MEDIUM

if TYPE_CHECKING:
    from analytics_assets.lib.signal_patterns import Tables
    from analytics_assets.lib.signal_types import Row
    from analytics_assets.lib.signals import Signal
    from analytics_assets.pattern_store.observed import Observed

_TREND = ("trend_direction", "slope_per_day", "slope_low", "slope_high", "p_adjusted", "days", "volatility")


def metric_rows(found: Iterable[Observed], tables: Tables, signals: Sequence[Signal]) -> list[dict[str, Any]]:
    """Rows of ``patterns.metric_patterns``, in the given order."""
    trends, ends = _trends(tables), _ends(signals)
    return [
        one.row
        | {
            "metric_names": json.dumps(one.more["names"]),
            "trend_direction": trends.get(one.more["signal"], {}).get("trend_direction"),
        }
        | ends[one.more["signal"]]
        for one in found
    ]


def performance_rows(
    found: Iterable[Observed],
    tables: Tables,
    signals: Sequence[Signal],
    accuracy: Callable[[Signal], float | None],
) -> list[dict[str, Any]]:
    """Rows of ``patterns.performance_patterns``, in the given order.

    Args:
        found: what holds now.
        tables: those of the trends.
        signals: all signals that were looked at.
        accuracy: how true the band expected of a signal is; asked once per signal.
    """
    trends, ends = _trends(tables), _ends(signals)
    by_name = {signal.name: signal for signal in signals}
    shares: dict[str, float | None] = {}
    rows = []
    for one in found:
        name = one.more["signal"]
        if name not in shares:
            shares[name] = accuracy(by_name[name])
        row = one.row
        own = {
            "affected_components": row["components"],
            "trend_analysis": _trend_json(trends.get(name)),
            "impact_severity": impact_severity(
                one.significance_score,
                one.confidence_score,
                one.more["is_worse"],
                is_over=one.more.get("is_over", False),
            ),
            "prediction_accuracy": shares[name],
        }
        rows.append(row | own | ends[name])
    return rows


def impact_severity(size: float, confidence: float, is_worse: bool | None, *, is_over: bool = False) -> str:
    """How much trouble a pattern is: its size, by how sure it is, in quarters.

    What is for the better is low; what is over, or neither known to be trouble nor not, is medium at most.

    >>> impact_severity(0.9, 0.95, True), impact_severity(0.9, 0.95, None), impact_severity(0.9, 0.95, False)
    ('critical', 'medium', 'low')
    """
    impact = size * confidence
    if is_worse is False or impact < SEVERITY_MEDIUM.value:
        return "low"
    if is_over or is_worse is None or impact < SEVERITY_HIGH.value:
        return "medium"
    return "critical" if impact >= SEVERITY_CRITICAL.value else "high"


def _trends(tables: Tables) -> dict[str, Row]:
    return {row["signal"]: row for row in tables.trends}


def _ends(signals: Sequence[Signal]) -> dict[str, dict[str, Any]]:
    return {signal.name: signal.ends for signal in signals}


def _trend_json(trend: Mapping[str, Any] | None) -> str | None:
    """The trend of a signal as a JSON object; None where it has no row."""
    return None if trend is None else json.dumps({name: trend[name] for name in _TREND}, sort_keys=True)
