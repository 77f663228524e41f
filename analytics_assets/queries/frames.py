"""Published tables as pandas frames, for charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analytics_assets.queries.snapshot import Snapshot, reading

if TYPE_CHECKING:
    import pandas as pd


def table_frame(table: str, snapshot: Snapshot | None = None) -> pd.DataFrame:
    """Every row of a table, named ``stage.table``, with the types of its columns.

    Raises:
        StatementFailedError: no such table is published.
    """
    stage, name = table.split(".")
    with reading(snapshot) as current:
        return current.frame(f'select * from "{stage}"."{name}"')
