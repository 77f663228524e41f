"""What the raw tables are to Dagster: their keys, their specs, and which come along with another's records."""

from __future__ import annotations

import dagster as dg

from analytics_assets.contracts import CONTRACTS
from analytics_assets.metadata import column_schema
from analytics_assets.warehouse.columns import Column

LEDGER, QUARANTINE, SLIM, CONFIGURATIONS = (
    "ingested_files",
    "quarantined_lines",
    "executions_slim",
    "pipeline_configurations",
)
CHILDREN = {child.table: contract.kind for contract in CONTRACTS.values() for child in contract.children}
"""Tables of the lists inside records, and the kind of the records."""
ACCOMPANIES = {**CHILDREN, CONFIGURATIONS: "pipelines", SLIM: "executions"}
"""Tables that are filled from another kind's records."""


def key(table: str) -> dg.AssetKey:
    """Key of a raw table."""
    return dg.AssetKey(["raw", table])


def spec(table: str, grain: str, columns: tuple[Column, ...]) -> dg.AssetSpec:
    """A raw table as an asset; the ledger comes first, because a record is there by way of its file."""
    return dg.AssetSpec(
        key(table),
        deps=[] if table == LEDGER else [key(ACCOMPANIES.get(table, LEDGER))],
        description=grain,
        kinds={"python", "duckdb"},
        skippable=True,
        metadata={"dagster/column_schema": column_schema(columns), "dagster/table_name": f"raw.{table}"},
    )
