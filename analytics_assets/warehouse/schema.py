"""The warehouse's own tables: raw records, ledger, quarantine and the queues between ingest and publish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics_assets.stages import STAGES
from analytics_assets.warehouse.columns import Column, raw_tables

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SEALED = "sealed"
"""Schema of summary rows whose sources were purged."""

QUEUES = {
    # Hours whose summaries must be recomputed: written with the records, deleted once the answer is published.
    "touched_hours": "kind VARCHAR, hour TIMESTAMP, batch_id BIGINT",
    # Newest event time per kind, never later than its ingestion; outlives retention.
    "event_clock": "kind VARCHAR, newest_event_at TIMESTAMP",
    # Hours without raw records any more: their summary rows are in the schema `sealed`.
    "sealed_hours": "kind VARCHAR, hour TIMESTAMP, records BIGINT, last_ingested_at TIMESTAMP, sealed_at TIMESTAMP",
    # Keys of purged records (first 64 bits of their MD5), so that a late copy is still a duplicate.
    "retired_keys": "kind VARCHAR, key_hash UBIGINT, retired_at TIMESTAMP",
}


def create_schema(con: DuckDBPyConnection) -> None:
    """Create what is missing; a no-op on a warehouse that is complete."""
    for schema in (*STAGES, SEALED):
        con.execute(f"create schema if not exists {schema}")
    for table, (_, columns) in raw_tables().items():
        con.execute(f"create table if not exists raw.{table} ({declaration(columns)})")
        _add_missing_columns(con, table, columns)
    for table, body in QUEUES.items():
        con.execute(f"create table if not exists raw.{table} ({body})")


def declaration(columns: tuple[Column, ...]) -> str:
    """The column list of a CREATE TABLE. No keys: an index on a big table costs more than it gives (ADR 0003)."""
    return ", ".join(f'"{c.name}" {c.type}' for c in columns)


def _add_missing_columns(con: DuckDBPyConnection, table: str, columns: tuple[Column, ...]) -> None:
    """Bring a table of an earlier version up to the contract: new fields start as NULL."""
    present = {row[0] for row in con.execute(f"select column_name from (describe raw.{table})").fetchall()}
    for column in columns:
        if column.name not in present:
            con.execute(f'alter table raw.{table} add column "{column.name}" {column.type}')
