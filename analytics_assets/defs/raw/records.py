"""Which records are there? One step takes every new file of the inbox and fills the raw tables.

Reads the inbox; feeds staging. Its checks are part of the step: they prove the batch before anything is built on it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import dagster as dg

from analytics_assets.contracts import CONTRACTS
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.defs.raw.batch_checks import REASONS, batch_checks
from analytics_assets.defs.raw.tables import ACCOMPANIES, LEDGER, QUARANTINE, key, spec
from analytics_assets.metadata import Materialized, Metadata, shown_rows
from analytics_assets.warehouse import accounting
from analytics_assets.warehouse.columns import raw_tables
from analytics_assets.warehouse.connection import count
from analytics_assets.warehouse.ingest import BatchReport, ingest

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TABLES = (LEDGER, *CONTRACTS, *ACCOMPANIES, QUARANTINE)
"""In an order in which none comes before what it rests on, as Dagster wants them materialized."""
DECLARED = raw_tables()
CHECKS = {check.spec.key: check for table in TABLES for check in batch_checks(table)}


@dg.multi_asset(
    specs=[spec(table, *DECLARED[table]) for table in TABLES],
    check_specs=[check.spec for check in CHECKS.values()],
    can_subset=True,
    pool="warehouse",
)
def ingest_inbox(
    context: dg.AssetExecutionContext, warehouse: WarehouseResource
) -> Iterator[Materialized | dg.AssetCheckResult]:
    """Take every new, grown or changed file of the inbox; of the selected kinds only, when not all are selected."""
    selected = [table for table in TABLES if key(table) in context.selected_asset_keys]
    kinds = {ACCOMPANIES.get(table, table) for table in selected} & CONTRACTS.keys()
    with warehouse.get_connection() as con:
        report = ingest(con, warehouse.settings, None if kinds == set(CONTRACTS) else kinds, context.log.info)
        for table in selected:
            yield dg.MaterializeResult(asset_key=key(table), metadata=_what_the_batch_did(con, table, report))
        for check in context.selected_asset_check_keys:
            yield CHECKS[check].result(con, report.batch_id)


def _what_the_batch_did(con: "DuckDBPyConnection", table: str, report: BatchReport) -> Metadata:
    metadata: Metadata = {
        "dagster/row_count": count(con, f"select count(*) from raw.{table}"),
        "batch_id": report.batch_id,
    }
    counts = report.by_kind.get(table)
    if counts is not None:
        metadata |= {
            "new_records": counts.new_records,
            "duplicate_records": counts.duplicate_records,
            "quarantined_lines": counts.quarantined_lines,
        }
    if table == LEDGER:
        titles = ("path", "kind", "status", "new", "duplicate", "quarantined", "reason")
        metadata["newest_files"] = shown_rows(titles, accounting.newest_files(con))
        metadata["changed_while_read"] = len(report.left)
    if table == QUARANTINE:
        metadata["commonest_reasons"] = shown_rows(REASONS, accounting.reasons(con))
    return metadata
