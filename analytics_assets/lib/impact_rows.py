"""Of which signals an event is asked, and the rows that tell its effects."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from analytics_assets.lib.event_impacts import Effect, Happening
from analytics_assets.lib.impact_scores import (
    CONFIGURATION,
    DEGRADATION,
    NONE,
    UNKNOWN,
    business_impact,
    impact_type,
    mitigations,
)
from analytics_assets.lib.significance import with_adjusted

Signals = Mapping[str, Mapping[str, Any]]
"""By name: ``component_kind``, ``component`` and ``worse``."""


def asked_of(happenings: Sequence[Happening], signals: Sequence[Mapping[str, Any]]) -> list[tuple[Happening, str]]:
    """The pairs to be looked at, among these signals.

    A new configuration of a pipeline is asked of that pipeline alone. Other events are asked of the pipeline that they
    name and of the metrics of components that they name; where they name none that is measured, of all metrics.
    """
    asked = []
    for one in happenings:
        named = [row for row in signals if row["component"] in one.systems]
        metrics = [row for row in named if row["component_kind"] == "metric"]
        if not metrics and one.event_type != CONFIGURATION:
            metrics = [row for row in signals if row["component_kind"] == "metric"]
        pipelines = [row for row in named if row["component_kind"] == "pipeline"]
        if one.event_type == CONFIGURATION:
            metrics = []
        asked += [(one, row["signal"]) for row in (*metrics, *pipelines)]
    return asked


def rows_of(
    happenings: Sequence[Happening],
    found: Sequence[Effect],
    signals: Signals,
    traffic: Callable[[datetime, float], float],
) -> list[dict[str, Any]]:
    """By event: the signals it changed; where none, the surest one, or that there was none to look at."""
    tested = with_adjusted(
        [{"effect": effect, "p_value": effect.p_value} for effect in found], [effect.p_value for effect in found]
    )
    by_event: dict[str, list[dict[str, Any]]] = {}
    for row in tested:
        by_event.setdefault(row["effect"].happening.id, []).append(row)
    rows = []
    for one in happenings:
        own = sorted(by_event.get(one.id, []), key=_sureness)
        kept = [row for row in own if row["is_significant"]] or own[:1]
        rows += [_row(row, signals, traffic) for row in kept] or [_unseen(one)]
    return rows


def _sureness(row: Mapping[str, Any]) -> tuple[bool, float, str]:
    p = row["p_value"]
    return (p is None, 1.0 if p is None else p, row["effect"].signal)


def _row(tested: Mapping[str, Any], signals: Signals, traffic: Callable[[datetime, float], float]) -> dict[str, Any]:
    effect: Effect = tested["effect"]
    signal = signals[effect.signal]
    kind = impact_type(effect, signal["worse"], is_significant=tested["is_significant"])
    row = _told(effect.happening, kind) | {
        "signal": effect.signal,
        "affected_systems": json.dumps(sorted({*effect.happening.systems, signal["component"]})),
        "impact_magnitude": effect.magnitude,
        "impact_percent": effect.percent,
        "p_value": tested["p_value"],
        "p_adjusted": tested["p_adjusted"],
        "is_significant": tested["is_significant"],
        "reason": effect.reason,
    }
    if kind == NONE:
        row["business_impact_score"] = 0.0
    if not tested["is_significant"]:
        return row
    row["impact_duration"] = effect.seconds
    row["recovery_time"] = effect.seconds if effect.has_ended else None
    if kind == UNKNOWN:
        return row | {"reason": "nobody has said which direction of this signal is worse"}
    if kind == DEGRADATION:
        share = traffic(effect.happening.occurred_at, effect.seconds or 0.0)
        row["business_impact_score"] = business_impact(effect, share)
        row["mitigation_suggestions"] = json.dumps(mitigations(effect))
        return row
    return row | {"business_impact_score": 0.0}


def _unseen(one: Happening) -> dict[str, Any]:
    return _told(one, UNKNOWN) | {"reason": "no signal of its systems is measured"}


def _told(one: Happening, kind: str) -> dict[str, Any]:
    return {
        "event_id": one.id,
        "event_type": one.event_type,
        "occurred_at": one.occurred_at,
        "impact_type": kind,
        "affected_systems": json.dumps(sorted(set(one.systems))),
        "mitigation_suggestions": "[]",
    }
