"""The types of patterns of signals, their place in the taxonomy, and how a row of a signal becomes a pattern."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from analytics_assets.lib.signals import METRIC
from analytics_assets.pattern_store.observed import Observed

Row = Mapping[str, Any]
ARROW = " -> "
"""Between the leader and the follower in the subject of a lead."""
TYPES = {
    True: {
        "anomaly": "metric_anomaly",
        "trend": "metric_trend",
        "worse": "metric_level_shift",
        "better": "metric_level_shift",
        "shift": "metric_level_shift",
        "limit": "metric_threshold",
        "lead": "metric_lead",
    },
    False: {
        "anomaly": "performance_anomaly",
        "trend": "performance_trend",
        "worse": "degradation",
        "better": "improvement",
        "shift": "performance_level_shift",
        "limit": "performance_threshold",
        "lead": "performance_lead",
    },
}
"""Names of the types, of signals that are metrics and of all others."""
_TOPICS = (
    (("error", "fail"), ("error", "failure_mode")),
    (("response_time", "latency", "duration"), ("performance", "response_time_degradation")),
    (("throughput", "requests", "queue"), ("performance", "throughput_opportunity")),
    (("cost", "hit_rate", "_capacity"), ("performance", "utilisation_inefficiency")),
)


def topic_of(metric_type: str) -> tuple[str, str]:
    """Category and topic in the taxonomy.

    >>> topic_of("api_error_rate"), topic_of("cpu")
    (('error', 'failure_mode'), ('performance', 'resource_usage_trend'))
    """
    name = metric_type.lower()
    return next(
        (topic for words, topic in _TOPICS if any(word in name for word in words)),
        ("performance", "resource_usage_trend"),
    )


def observed(
    kind: str,
    row: Row,
    *,
    name: str,
    algorithm: str,
    confidence: float,
    size: float,
    strength: float,
    signature: Mapping[str, Any],
    subject: str | None = None,
    per: str = "",
    strength_unit: str | None = None,
    topic: tuple[str, str] | None = None,
    location: str | None = None,
    components: Sequence[str] = (),
    starts_at: datetime | None = None,
    last: datetime | None = None,
    more: Mapping[str, Any] | None = None,
) -> Observed:
    """A pattern of a signal; what is not told is that of its row."""
    category, its_topic = topic or topic_of(row["metric_type"])
    return Observed(
        pattern_type=TYPES[row["component_kind"] == METRIC][kind],
        subject=subject or row["signal"],
        pattern_name=name,
        pattern_category=category,
        topic=its_topic,
        detection_algorithm=algorithm,
        confidence_score=min(1.0, max(0.0, confidence)),
        significance_score=min(1.0, size),
        strength=strength,
        strength_unit=strength_unit or f"{row['unit'] or 'value'}{per}",
        location=location,
        components=components or (row["component"],),
        starts_at=starts_at,
        last_observed_at=last or row["as_of"],
        detected_at=row["as_of"],
        more={
            "pattern_signature": json.dumps(dict(signature), sort_keys=True, default=str),
            "names": [row["metric_type"]],
            "signal": row["signal"],
            "is_worse": row.get("is_worse"),
        }
        | dict(more or {}),
    )
