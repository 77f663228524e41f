"""The resources and the executor, bound to their names."""

import dagster as dg

from analytics_assets.defs.platform.warehouse import FrameIOManager, WarehouseResource


@dg.definitions
def resources() -> dg.Definitions:
    """In process, because a step in a process of its own costs 3 s and would wait for the warehouse's lock."""
    warehouse = WarehouseResource()
    return dg.Definitions(
        resources={"warehouse": warehouse, "io_manager": FrameIOManager(warehouse=warehouse)},
        executor=dg.in_process_executor,
    )
