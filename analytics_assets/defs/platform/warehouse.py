"""The warehouse as a Dagster resource, and the IO manager that writes an asset's frame to its table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import dagster as dg
from dagster_duckdb import DuckDBResource

from analytics_assets.settings import Settings, load_settings
from analytics_assets.warehouse import frames
from analytics_assets.warehouse.connection import connect, writer_lock

if TYPE_CHECKING:
    import pandas as pd
    from duckdb import DuckDBPyConnection


class WarehouseResource(DuckDBResource):
    """DuckDB with one configuration everywhere, closed whatever happens, one writer at a time.

    The stock resource leaves the file locked when the block raises, and cannot open read-only.
    """

    database: str = ""

    @property
    def settings(self) -> Settings:
        """The settings of the environment, read at each use."""
        return load_settings()

    @contextmanager
    def get_connection(self) -> Iterator[DuckDBPyConnection]:
        """Open for writing, as the only process that does.

        Raises:
            WarehouseBusyError: another process wrote for longer than ``lock_wait_seconds``.
        """
        with writer_lock(self.settings), connect(self.settings) as con:
            yield con


class FrameIOManager(dg.ConfigurableIOManager):
    """Frames in, frame out: an asset's frame becomes ``stage.table`` in one transaction."""

    warehouse: WarehouseResource

    def handle_output(self, context: dg.OutputContext, obj: pd.DataFrame) -> None:
        """Replace the table by the frame."""
        with self.warehouse.get_connection() as con:
            frames.write(con, *context.asset_key.path, frame=obj)
        context.add_output_metadata({"dagster/row_count": len(obj)})

    def load_input(self, context: dg.InputContext) -> pd.DataFrame:
        """The whole upstream table: for bounded tables only, never for raw or staging."""
        with self.warehouse.get_connection() as con:
            return frames.read(con, *context.asset_key.path)
