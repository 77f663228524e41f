"""Bytes are those of the file: tables add up to less than it, and a larger table fills more."""

from __future__ import annotations

from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.sizes import table_sizes


def test_a_large_table_fills_more_than_a_small_one_and_all_fit_in_the_file(inbox, execution):
    inbox.land("executions/a.jsonl", [execution(f"e{n}", task_id=f"task {n * 7919}") for n in range(50_000)])
    inbox.land(
        "events/a.jsonl",
        [{"id": "1", "event_type": "x", "source_system": "y", "occurred_at": 1767608430, "status": "ok"}],
    )
    inbox.ingest()
    with connect(inbox.settings) as con:
        sizes = table_sizes(con).set_index("table_name")
    assert sizes.loc["raw.executions", "records"] == 50_000
    assert sizes.loc["raw.executions", "tier"] == 1
    assert sizes.loc["raw.executions", "bytes"] > sizes.loc["raw.events", "bytes"] > 0
    assert sizes.loc["raw.runs", "bytes"] == 0
    assert sizes["bytes"].sum() <= inbox.settings.warehouse_file.stat().st_size
