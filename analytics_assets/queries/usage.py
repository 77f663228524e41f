"""What was used in the last 24 hours, and what it and its records cost."""

from __future__ import annotations

from analytics_assets.contracts import CONTRACTS
from analytics_assets.queries.answers import Answer, freshness, rows
from analytics_assets.queries.snapshot import Snapshot, reading

USAGE = """
    select total_tasks_24h, total_tokens_24h, execution_costs_usd_24h, as_of, is_stale
    from kpis.usage_and_costs
"""
STORAGE = """
    select
        sum(cost_usd_per_day) as cost_usd_per_day,
        sum(records) filter (list_contains($record_tables, table_name)) as tier1_records,
        sum(records) filter (starts_with(table_name, 'summaries.')) as tier2_records
    from kpis.storage_costs
"""
RECORD_TABLES = [
    f"raw.{table}"
    for contract in CONTRACTS.values()
    for table in (contract.kind, *(child.table for child in contract.children))
] + ["raw.executions_slim"]
"""The kinds and the lists inside them. What else is in raw is about files, drawn from records, or a queue."""


def get_api_usage_and_costing(snapshot: Snapshot | None = None) -> Answer:
    """Use and cost of the 24 hours that end with as_of's hour, and the records they left.

    total_tasks_24h (executions), total_tokens_24h, execution_costs (USD in the 24 h; both None when none was
    measured), storage_costs (USD per day, all tiers), tier1_record_count (rows of the kinds in raw and of the lists
    inside them: every version of an entity counts, since every one is kept) and tier2_record_count (rows of the
    summaries).
    """
    with reading(snapshot) as current:
        usage = rows(current, USAGE)
        (stored,) = rows(current, STORAGE, {"record_tables": RECORD_TABLES})
        ends = freshness(current, usage)
    (used,) = usage or [dict.fromkeys(("total_tasks_24h", "total_tokens_24h", "execution_costs_usd_24h"))]
    return {
        "total_tasks_24h": used["total_tasks_24h"],
        "total_tokens_24h": used["total_tokens_24h"],
        "execution_costs": used["execution_costs_usd_24h"],
        "storage_costs": stored["cost_usd_per_day"],
        "tier1_record_count": stored["tier1_records"],
        "tier2_record_count": stored["tier2_records"],
        **ends,
    }
