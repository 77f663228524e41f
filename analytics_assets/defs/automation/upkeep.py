"""What is thrown away, and when: records past their time, and what Dagster, dbt and publication leave behind."""

from datetime import UTC, datetime, timedelta

import dagster as dg

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.housekeeping import delete_old_runs, remove_leftovers
from analytics_assets.metadata import shown_rows
from analytics_assets.warehouse.connection import writer_lock
from analytics_assets.warehouse.publish import clean_up
from analytics_assets.warehouse.retention import purge
from analytics_assets.warehouse.schema import create_schema


@dg.op(pool="warehouse", out=dg.Out(dg.Nothing))
def purge_what_is_past_its_time(context: dg.OpExecutionContext, warehouse: WarehouseResource) -> None:
    """Remove old raw and hourly rows, by their time of ingestion, once the next tier proves that it holds them."""
    with warehouse.get_connection() as con:
        create_schema(con)
        reports = purge(con, warehouse.settings, datetime.now(UTC).replace(tzinfo=None))
    rows = [(report.table, report.purged_rows, report.kept_rows, report.kept_by) for report in reports]
    context.add_output_metadata({"purged": shown_rows(("table", "purged", "kept", "kept because"), rows)})
    for report in reports:
        context.log.info("%s: %d rows purged, %d kept", report.table, report.purged_rows, report.kept_rows)


@dg.job(description="Purge what is past its time; readers see it with the next publication.")
def retention() -> None:
    """Full executions after a day, slim ones and hours after 30 days, runs after 90; daily rollups stay for good."""
    purge_what_is_past_its_time()


@dg.op(out=dg.Out(dg.Nothing))
def tidy(context: dg.OpExecutionContext, warehouse: WarehouseResource) -> None:
    """Delete Dagster's records of old runs, superseded snapshots, and scratch files of runs that were killed."""
    settings = warehouse.settings
    before = datetime.now(UTC) - timedelta(days=settings.dagster_runs_days)
    runs = delete_old_runs(context.instance, before)
    with writer_lock(settings):
        snapshots = len(clean_up(settings))
    leftovers = remove_leftovers(settings)
    context.log.info("%d run records, %d snapshots, %d scratch folders removed", runs, snapshots, leftovers)
    context.add_output_metadata({"run_records": runs, "snapshots": snapshots, "scratch_folders": leftovers})


@dg.job(description="Remove what Dagster, dbt and publication leave behind.")
def housekeeping() -> None:
    """Dagster never deletes a run's record by itself."""
    tidy()
