"""What goes wrong with the tools, and what costs more than it should."""

from __future__ import annotations

from analytics_assets.queries.answers import Answer, freshness, rows, without_window
from analytics_assets.queries.snapshot import Snapshot, reading

FAILURES = "select * from patterns.risk_patterns order by all"
ANOMALIES = "select * from patterns.cost_anomalies order by all"


def get_risk_patterns(snapshot: Snapshot | None = None) -> Answer:
    """Risks of the tools: failure_patterns and cost_anomalies, with the numbers they rest on.

    A failure pattern is a row of ``patterns.risk_patterns``, an anomaly one of ``patterns.cost_anomalies``:
    what cost over twice its tool's average.
    """
    with reading(snapshot) as current:
        failures, anomalies = rows(current, FAILURES), rows(current, ANOMALIES)
        ends = freshness(current, [*failures, *anomalies])
    return {
        "failure_patterns": without_window(failures),
        "cost_anomalies": without_window(anomalies),
        **ends,
    }
