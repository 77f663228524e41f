"""Frames in and out of ``stage.table``: bounded tables only, one transaction each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from analytics_assets.stages import STAGES
from analytics_assets.warehouse.columns import Column
from analytics_assets.warehouse.connection import records, transaction

if TYPE_CHECKING:
    import pandas as pd
    from duckdb import DuckDBPyConnection

DTYPES = {
    "VARCHAR": "object",
    "BIGINT": "Int64",
    "DOUBLE": "Float64",
    "BOOLEAN": "boolean",
    "DATE": "datetime64[s]",
    "TIMESTAMP": "datetime64[us]",
}
"""Of a column's type, so that one of nothing but NULLs keeps it, and a whole number stays one beside them."""


def frame_of(columns: Sequence[Column], rows: Iterable[Mapping[str, object]]) -> pd.DataFrame:
    """Rows as a frame of exactly these columns, also where there is no row; what a row lacks is NULL."""
    import pandas as pd

    listed = list(rows)
    return pd.DataFrame(
        {
            column.name: pd.Series([row.get(column.name) for row in listed], dtype=DTYPES[column.type])
            for column in columns
        }
    )


def write(con: DuckDBPyConnection, stage: str, table: str, *, frame: pd.DataFrame) -> None:
    """Replace the table by the frame: readers of the file see the old rows or the new ones.

    Raises:
        ValueError: the stage is none of ours, or a column of the frame has no name or type that SQL knows.
    """
    if stage not in STAGES:
        raise ValueError(f"{stage}.{table}: no such stage")
    unnamed = [column for column in list[object](frame.columns) if not isinstance(column, str)]
    if unnamed:
        raise ValueError(f"{stage}.{table}: columns without a name: {unnamed}")
    columns = ", ".join(_selected(str(name), dtype) for name, dtype in frame.dtypes.items())
    con.register("frame_to_write", frame)
    try:
        with transaction(con):
            con.execute(f'create or replace table {stage}."{table}" as select {columns} from frame_to_write')
    finally:
        con.unregister("frame_to_write")


def _selected(name: str, dtype: Any) -> str:
    # A column of nothing but NULLs would become a number: what pandas holds as objects is text here.
    if dtype.kind == "O":
        return f'cast("{name}" as varchar) as "{name}"'
    return f'cast("{name}" as date) as "{name}"' if dtype == DTYPES["DATE"] else f'"{name}"'


def earlier_rows(con: DuckDBPyConnection, stage: str, table: str) -> list[dict[str, Any]]:
    """The rows that an asset wrote the last time, before it replaces them; none before the first time."""
    known = con.execute(
        "select 1 from information_schema.tables where table_schema = ? and table_name = ?", [stage, table]
    )
    if known.fetchone() is None:
        return []
    return records(con, f'select * from {stage}."{table}"')


def columns_of(con: DuckDBPyConnection, stage: str, table: str) -> frozenset[str]:
    """Names of a table's columns; none where there is no such table."""
    found = con.execute(
        "select column_name from information_schema.columns where table_schema = ? and table_name = ?", [stage, table]
    )
    return frozenset(column for (column,) in found.fetchall())


def read(con: DuckDBPyConnection, stage: str, table: str) -> pd.DataFrame:
    """The whole table.

    Raises:
        duckdb.CatalogException: it is not built yet.
    """
    return con.execute(f'select * from {stage}."{table}"').df()
