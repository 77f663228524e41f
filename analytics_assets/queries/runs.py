"""The runs themselves."""

from __future__ import annotations

from datetime import UTC, datetime

from analytics_assets.queries.answers import Row, rows
from analytics_assets.queries.snapshot import Snapshot, reading

RUNS = """
    select
        runs.run_id, runs.spec_id, runs.spec_type, runs.project_id, runs.model, runs.memory_limit, runs.cpu_limit,
        runs.status, runs.failure_reason, runs.started_at, runs.duration_seconds, runs.iterations, runs.llm_cost_usd,
        runs.memory_peak_mb, runs.cpu_peak_mcores, runs.spec_fingerprint
    from staging.stg_runs as runs
    left join staging.stg_as_of as clock on clock.kind = 'runs'
    where ($spec is null or runs.spec_id = $spec)
        and ($status is null or runs.status = $status)
        and ($days is null or (runs.started_at > clock.as_of - to_hours(24 * $days) and runs.started_at <= clock.as_of))
        and ($start is null or runs.started_at >= $start)
        and ($end is null or runs.started_at < $end)
    order by runs.started_at desc, runs.run_id
    limit $most
"""


def get_runs(
    spec_id: str | None = None,
    *,
    status: str | None = None,
    last_days: int | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    limit: int | None = None,
    snapshot: Snapshot | None = None,
) -> list[Row]:
    """Runs as their newest record has them, the newest first; conditions that are None hold for every run.

    Args:
        spec_id: of this spec.
        status: of this status: success, failed, error, timeout, cancelled, skipped or running.
        last_days: started in the days that end with the newest run (``as_of``).
        start: started then or later; UTC where it is naive.
        end: started before it.
        limit: at most so many.
        snapshot: where from; without one the current version.
    """
    conditions = {
        "spec": spec_id,
        "status": status,
        "days": last_days,
        "start": _in_utc(start),
        "end": _in_utc(end),
        "most": limit,
    }
    with reading(snapshot) as current:
        return rows(current, RUNS, conditions)


def _in_utc(moment: datetime | None) -> datetime | None:
    """As the warehouse has times: naive, in UTC."""
    return moment if moment is None or moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
