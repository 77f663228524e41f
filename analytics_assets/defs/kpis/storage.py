"""What does it cost to keep the data?

Reads the bytes that the tables of every earlier stage fill; feeds the answer on API usage and costs.
"""

import dagster as dg

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.lib.verdicts import at_least
from analytics_assets.metadata import column_schema, shown_rows
from analytics_assets.thresholds import DISK_FREE
from analytics_assets.warehouse.columns import Column

COLUMNS = (
    Column("tier", "BIGINT", "1 raw records, 2 summaries, 3 what is learned from them."),
    Column("table_name", "VARCHAR", "Stage and table."),
    Column("records", "BIGINT", "Rows of the table."),
    Column("bytes", "BIGINT", "Bytes of the warehouse file that its columns fill."),
    Column("cost_usd_per_day", "DOUBLE", "Cost of keeping these bytes for a day, US dollars."),
    Column("price_usd_per_gib_month", "DOUBLE", "Price used, US dollars per GiB and month; a setting."),
)


@dg.asset(
    key=["kpis", "storage_costs"],
    deps=[["summaries", "daily_tool_usage"], ["profiles", "tool_profiles"]],
    kinds={"pandas", "duckdb"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(COLUMNS)},
)
def storage_costs(warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """What keeping each table costs, by the bytes it really fills. One row per table."""
    from analytics_assets.lib.storage import storage_costs as priced
    from analytics_assets.warehouse.sizes import table_sizes

    with warehouse.get_connection() as con:
        sizes = table_sizes(con)
    costs = priced(sizes, warehouse.settings.storage_price_usd_per_gib_month)
    tiers = costs.groupby("tier", as_index=False)[["records", "bytes", "cost_usd_per_day"]].sum()
    per_tier = shown_rows(list(tiers.columns), tiers.to_numpy().tolist())
    return dg.MaterializeResult(value=costs, metadata={"per_tier": per_tier, "bytes": int(costs["bytes"].sum())})


@dg.asset_check(asset=["kpis", "storage_costs"], description="There is room for the next load and its copy.")
def disk_has_room(warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """Compare the free bytes of the data folder's disk with what a publication needs."""
    import shutil

    return at_least(float(shutil.disk_usage(warehouse.settings.data_dir).free), DISK_FREE)


@dg.asset_check(
    asset=["kpis", "storage_costs"], description="The tables' bytes are within the size of the warehouse file."
)
def bytes_within_the_file(storage_costs: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """What tables fill cannot be more than the file they are in."""
    counted, file = int(storage_costs["bytes"].sum()), warehouse.settings.warehouse_file.stat().st_size
    return dg.AssetCheckResult(passed=counted <= file, metadata={"bytes_of_tables": counted, "bytes_of_file": file})
