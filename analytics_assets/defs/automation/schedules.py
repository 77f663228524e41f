"""The clock: each schedule starts the job of its name, in UTC. Files that arrive are the sensor's."""

import dagster as dg


def _schedule(job: str, cron: str, why: str) -> dg.ScheduleDefinition:
    return dg.ScheduleDefinition(
        name=job,
        job_name=job,
        cron_schedule=cron,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=why,
    )


aggregation = _schedule("hourly_aggregation", "2 * * * *", "Soon after the hour: windows move on and go stale.")
forecasts = _schedule("hourly_forecasts", "5 * * * *", "After the aggregation: the last hour is then complete.")
learning = _schedule("daily_learning", "15 4 * * *", "Once a day: what thirty days say does not change by the hour.")
review = _schedule(
    "weekly_review", "0 6 * * 1", "Monday before work, when the week is whole and daily learning is done."
)
retention = _schedule("retention", "35 * * * *", "Half way between two aggregations, so neither waits for the other.")
housekeeping = _schedule("housekeeping", "50 3 * * *", "Once a day, when few are looking.")
