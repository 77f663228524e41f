"""The resources, the executor and the console logger, bound to their names."""

import dagster as dg

from analytics_assets.defs.platform.warehouse import FrameIOManager, WarehouseResource


@dg.configured(
    dg.colored_console_logger,
    config_schema={"log_level": dg.Field(str, default_value="WARNING", description="Least severe level shown.")},
)
def quiet_console(config: dict[str, str]) -> dict[str, str]:
    """The terminal and log files get what went wrong; every event of a run is in Dagster's own log anyway."""
    return config


@dg.definitions
def resources() -> dg.Definitions:
    """In process, because a step in a process of its own costs 3 s and would wait for the warehouse's lock."""
    warehouse = WarehouseResource()
    return dg.Definitions(
        resources={"warehouse": warehouse, "io_manager": FrameIOManager(warehouse=warehouse)},
        executor=dg.in_process_executor,
        loggers={"console": quiet_console},
    )
