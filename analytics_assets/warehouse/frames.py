"""Frames in and out of ``stage.table``: bounded tables only, one transaction each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics_assets.stages import STAGES
from analytics_assets.warehouse.connection import transaction

if TYPE_CHECKING:
    import pandas as pd
    from duckdb import DuckDBPyConnection


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
    # A column of nothing but NULLs would become a number: what pandas holds as objects is text here.
    columns = ", ".join(
        f'cast("{name}" as varchar) as "{name}"' if dtype.kind == "O" else f'"{name}"'
        for name, dtype in frame.dtypes.items()
    )
    con.register("frame_to_write", frame)
    try:
        with transaction(con):
            con.execute(f'create or replace table {stage}."{table}" as select {columns} from frame_to_write')
    finally:
        con.unregister("frame_to_write")


def read(con: DuckDBPyConnection, stage: str, table: str) -> pd.DataFrame:
    """The whole table.

    Raises:
        duckdb.CatalogException: it is not built yet.
    """
    return con.execute(f'select * from {stage}."{table}"').df()
