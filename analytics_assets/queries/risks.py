"""What goes wrong with the tools, and what costs more than it should."""

from __future__ import annotations

from analytics_assets.queries.answers import Answer, freshness, rows, without_window
from analytics_assets.queries.snapshot import Snapshot, reading
from analytics_assets.thresholds import ANOMALIES_SHOWN

FAILURES = "select * from patterns.risk_patterns order by all"
ANOMALIES = "select * from patterns.cost_anomalies order by cost_usd desc, execution_id limit $most"
HOW_MANY = "select count(*) as found from patterns.cost_anomalies"


def get_risk_patterns(snapshot: Snapshot | None = None) -> Answer:
    """Risks of the tools: failure_patterns and cost_anomalies, with the numbers they rest on.

    A failure pattern is a row of ``patterns.risk_patterns``, an anomaly one of ``patterns.cost_anomalies``:
    what cost over twice its tool's average, the dearest first; cost_anomaly_count says how many there are in all.
    """
    with reading(snapshot) as current:
        failures = rows(current, FAILURES)
        anomalies = rows(current, ANOMALIES, {"most": int(ANOMALIES_SHOWN.value)})
        (count,) = rows(current, HOW_MANY)
        ends = freshness(current, [*failures, *anomalies])
    return {
        "failure_patterns": without_window(failures),
        "cost_anomalies": without_window(anomalies),
        "cost_anomaly_count": count["found"],
        **ends,
    }
