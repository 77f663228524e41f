"""The warehouse as a resource: closed whatever happens, and still what users of DuckDBResource know."""

from __future__ import annotations

import dagster as dg
import pandas as pd
from dagster_duckdb import DuckDBResource

from analytics_assets.defs.platform.warehouse import FrameIOManager
from analytics_assets.warehouse.connection import connect


def test_it_is_a_duckdb_resource(warehouse):
    assert isinstance(warehouse, DuckDBResource)


def test_an_exception_in_the_block_leaves_no_lock(warehouse):
    error = None
    try:
        with warehouse.get_connection() as con:
            con.execute("create table kpis.t as select 1")
            raise RuntimeError("in the block")
    except RuntimeError as caught:
        error = caught  # keeps the traceback, and with it the frame that held the connection
    with connect(warehouse.settings, read_only=True) as con:
        assert con.execute("select count(*) from kpis.t").fetchall() == [(1,)]
    assert str(error) == "in the block"


def test_a_frame_goes_from_asset_to_asset_through_its_table(warehouse):
    @dg.asset(key=["kpis", "numbers"])
    def numbers() -> pd.DataFrame:
        return pd.DataFrame({"n": [1, 2, 3]})

    @dg.asset(key=["kpis", "total"], ins={"numbers": dg.AssetIn(["kpis", "numbers"])})
    def total(numbers: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"total": [numbers["n"].sum()]})

    done = dg.materialize([numbers, total], resources={"io_manager": FrameIOManager(warehouse=warehouse)})
    assert done.success
    with warehouse.get_connection() as con:
        assert con.execute("select total from kpis.total").fetchall() == [(6,)]
    (event,) = done.asset_materializations_for_node("kpis__numbers")
    assert event.metadata["dagster/row_count"].value == 3
