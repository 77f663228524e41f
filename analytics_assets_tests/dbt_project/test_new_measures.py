"""A summary may get a new measure while what was sealed before does not have it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from analytics_assets_tests.dbt_project.signal_history import hour_of, sample

MODELS = ("--select", "+daily_metrics")


def test_what_was_sealed_without_a_measure_is_still_counted_and_sealed_again(refresh):
    def seal_all():
        refresh.purge(datetime.now(UTC).replace(tzinfo=None) + timedelta(days=40))
        assert refresh.row("select count(*) as kept from staging.stg_metrics") == {"kept": 0}

    refresh.take("metrics", [sample("size", 2.0, hour_of(3), unit="mb"), sample("size", 1.0, hour_of(2), unit="mb")])
    refresh.build(*MODELS)
    seal_all()
    refresh.change("alter table sealed.hourly_metrics drop column first_metric_unit")
    refresh.take("metrics", [sample("size", 4.0, hour_of(3) + timedelta(minutes=1), unit="gb")])
    refresh.build(*MODELS)
    seal_all()
    columns = "hour, metric_unit, first_metric_unit, samples, metric_value_sum"
    for schema in ("summaries", "sealed"):
        rows = refresh.rows(f"select {columns} from {schema}.hourly_metrics order by hour")
        # The unit of the first hour before it was sealed is unknown: only that of the late sample is.
        assert [tuple(row.values()) for row in rows] == [
            (hour_of(3), "mb", "gb", 2, 6.0),
            (hour_of(2), "mb", None if schema == "sealed" else "mb", 1, 1.0),
        ], schema
