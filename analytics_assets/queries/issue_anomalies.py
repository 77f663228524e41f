"""Issues that stand out, told apart by whether they were found or fixed since a moment."""

from __future__ import annotations

from analytics_assets.queries.answers import Answer
from analytics_assets.queries.issues import NO_ISSUES, is_any_issue, learned
from analytics_assets.queries.snapshot import Snapshot

ANOMALIES = """
    select
        anomaly.id,
        anomaly.issue,
        anomaly.category,
        anomaly.priority,
        anomaly.feature,
        anomaly.value,
        anomaly.usual_value,
        anomaly.deviation,
        anomaly.reason,
        anomaly.examined,
        coalesce(greatest(feature.first_seen, feature.fixed_date) > cast($since as timestamp), false) as is_new,
        anomaly.as_of,
        anomaly.is_stale
    from patterns.issue_anomalies as anomaly
    left join kpis.issue_features as feature on anomaly.id = feature.id
    where cast($category as varchar) is null or feature.category = $category
    order by is_new desc, abs(anomaly.deviation) desc nulls last, anomaly.id
"""
NONE_STANDS_OUT = "no issue stands out among those that can be judged"


def anomalies_since(snapshot: Snapshot, since: str | None, category: str | None = None) -> Answer:
    """All of them, the newest and oddest first: ``rows`` (with ``is_new``), ``reason`` (why there are none), ``as_of``.

    Args:
        snapshot: a version that is held open.
        since: an issue that was found or fixed after it is new; None: none is.
        category: of this one alone.
    """
    nothing = NONE_STANDS_OUT if is_any_issue(snapshot) else NO_ISSUES
    return learned(snapshot, ANOMALIES, {"since": since, "category": category}, nothing=nothing)
