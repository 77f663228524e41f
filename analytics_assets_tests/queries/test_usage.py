"""What the answer on usage and costs says of the records that are kept."""

from __future__ import annotations

import pytest

from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets.queries.usage import get_api_usage_and_costing

SCHEMAS = ("create schema staging", "create schema kpis")
CLOCK = "create table staging.stg_as_of as select 'executions' as kind, now() as as_of, false as is_stale"
USAGE = (
    "create table kpis.usage_and_costs as select 3 as total_tasks_24h, 40 as total_tokens_24h, "
    "null::double as execution_costs_usd_24h, now() as as_of, false as is_stale"
)
STORAGE = "create table kpis.storage_costs (tier bigint, table_name varchar, records bigint, cost_usd_per_day double)"


@pytest.fixture
def answer(settings, publisher):
    """Publishes some rows of storage_costs and asks."""

    def asked(*tables):
        rows = [f"insert into kpis.storage_costs values {table}" for table in tables]
        publisher.publish(*SCHEMAS, CLOCK, USAGE, STORAGE, *rows)
        with open_snapshot(settings) as snapshot:
            return get_api_usage_and_costing(snapshot)

    return asked


def test_records_are_those_of_the_kinds_and_of_the_lists_inside_them(answer):
    told = answer(
        (1, "raw.runs", 10, 0.5),
        (1, "raw.run_tasks", 200, 0.5),
        (1, "raw.executions", 3000, 0.5),
        (1, "raw.executions_slim", 40000, 0.5),
        (1, "raw.ingested_files", 7, 0.5),
        (1, "raw.quarantined_lines", 7, 0.5),
        (1, "raw.pipeline_configurations", 7, 0.5),
        (1, "raw.event_clock", 7, 0.5),
        (1, "raw.touched_hours", 7, 0.5),
        (1, "raw.sealed_hours", 7, 0.5),
        (1, "raw.retired_keys", 7, 0.5),
    )
    assert told["tier1_record_count"] == 43210
    assert told["tier2_record_count"] is None
    assert told["storage_costs"] == pytest.approx(5.5), "what is no record is stored too"


def test_a_sealed_copy_of_a_summary_is_no_second_record(answer):
    told = answer((2, "summaries.daily_runs", 5, 0.25), (2, "sealed.daily_runs", 4, 0.25), (3, "kpis.x", 1, 0.25))
    assert told["tier2_record_count"] == 5
    assert told["storage_costs"] == pytest.approx(0.75)


def test_what_was_not_counted_yet_is_not_known(answer):
    told = answer()
    assert (told["storage_costs"], told["tier1_record_count"], told["tier2_record_count"]) == (None, None, None)
