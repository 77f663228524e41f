"""What each table of the warehouse really fills: rows, and the blocks of the file that its columns lie in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics_assets.warehouse.connection import count
from analytics_assets.warehouse.schema import SEALED

if TYPE_CHECKING:
    import pandas as pd
    from duckdb import DuckDBPyConnection

TIERS = {"raw": 1, "summaries": 2, SEALED: 2}
"""Schema to tier: 1 what was told, 2 what it adds up to; every later stage is tier 3."""
LAST_TIER = 3


def table_sizes(con: DuckDBPyConnection) -> pd.DataFrame:
    """One row per table: tier, table_name (``stage.table``), records, bytes. Views fill nothing and are left out."""
    import pandas as pd

    from analytics_assets.lib.storage import bytes_by_table

    con.execute("checkpoint")
    names = tables(con)
    segments = [(name, block) for name in names for block in _blocks(con, name)]
    sizes = bytes_by_table(pd.DataFrame(segments, columns=["table_name", "block_id"]), _block_bytes(con))
    rows = [
        (TIERS.get(name.split(".")[0], LAST_TIER), name, count(con, f"select count(*) from {name}")) for name in names
    ]
    named = pd.DataFrame(rows, columns=["tier", "table_name", "records"])
    return named.merge(sizes, on="table_name", how="left").fillna({"bytes": 0}).astype({"bytes": "int64"})


def tables(con: DuckDBPyConnection) -> list[str]:
    """Every table as ``stage.table``, views left out. The names are ours and need no quotes."""
    found = con.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where not temporary order by 1"
    ).fetchall()
    return [name for (name,) in found]


def _blocks(con: DuckDBPyConnection, table: str) -> list[int]:
    """Every block of every segment of a table; -1 for a constant, which fills none."""
    rows = con.execute(
        "select distinct unnest(list_append(additional_block_ids, block_id)) from pragma_storage_info(?)", [table]
    ).fetchall()
    return [block for (block,) in rows]


def _block_bytes(con: DuckDBPyConnection) -> int:
    row = con.execute(
        "select block_size from pragma_database_size() where database_name = current_database()"
    ).fetchone()
    assert row is not None, "the open database has a size"
    return int(row[0])
