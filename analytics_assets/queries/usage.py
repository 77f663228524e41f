"""What was used in the last 24 hours, and what it and its records cost."""

from __future__ import annotations

from analytics_assets.queries.answers import Answer, freshness, rows
from analytics_assets.queries.snapshot import Snapshot, reading

USAGE = """
    select total_tasks_24h, total_tokens_24h, execution_costs_usd_24h, as_of, is_stale
    from kpis.usage_and_costs
"""
STORAGE = """
    select tier, sum(records) as records, sum(cost_usd_per_day) as cost_usd_per_day
    from kpis.storage_costs
    group by tier
"""


def get_api_usage_and_costing(snapshot: Snapshot | None = None) -> Answer:
    """Use and cost of the 24 hours that end with as_of's hour, and the records they left.

    total_tasks_24h (executions), total_tokens_24h, execution_costs (USD in the 24 h; both None when none was
    measured), storage_costs (USD per day, all tiers), tier1_record_count (raw) and tier2_record_count
    (summaries).
    """
    with reading(snapshot) as current:
        usage = rows(current, USAGE)
        tiers = rows(current, STORAGE)
        ends = freshness(current, usage)
    (used,) = usage or [dict.fromkeys(("total_tasks_24h", "total_tokens_24h", "execution_costs_usd_24h"))]
    records = {tier["tier"]: tier["records"] for tier in tiers}
    costs = [tier["cost_usd_per_day"] for tier in tiers if tier["cost_usd_per_day"] is not None]
    return {
        "total_tasks_24h": used["total_tasks_24h"],
        "total_tokens_24h": used["total_tokens_24h"],
        "execution_costs": used["execution_costs_usd_24h"],
        "storage_costs": sum(costs) if costs else None,
        "tier1_record_count": records.get(1),
        "tier2_record_count": records.get(2),
        **ends,
    }
