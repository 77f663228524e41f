"""Has something landed? The sensor that asks for one refresh for all files that arrived."""

from datetime import UTC, datetime, timedelta

import dagster as dg
from dagster import DagsterRunStatus, RunRecord, RunsFilter

from analytics_assets.contracts import CONTRACTS
from analytics_assets.defs.automation.jobs import (
    FORECASTS,
    LEARNING,
    PUBLICATION,
    WITHOUT_SUITES,
    refresh,
    switched_off,
)
from analytics_assets.defs.raw.tables import ACCOMPANIES, LEDGER, QUARANTINE, key
from analytics_assets.operating_thresholds import START_TAKES_AT_MOST
from analytics_assets.reconcile import is_foreground
from analytics_assets.settings import load_settings
from analytics_assets.warehouse.arrivals import RefreshRun, Wait, decide, plan

STATE, ATTEMPT = "analytics/inbox_state", "analytics/attempt"
"""Tags of a run that the sensor asked for."""
ANSWERED = dg.AssetSelection.assets(["suggestions", "suggestions"], ["outcomes", "recommendation_effectiveness"])
"""What a decision changes."""
QUEUED = [DagsterRunStatus.QUEUED, DagsterRunStatus.NOT_STARTED, DagsterRunStatus.STARTING]


@dg.sensor(
    job=refresh,
    minimum_interval_seconds=5,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Every 5 s: new or grown files in the inbox, or kinds that a broken refresh left unpublished.",
)
def inbox_sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """One run for all that arrived; each skip says why, and a state that failed is tried again later and later."""
    settings = load_settings()
    arrived = plan(settings)
    verdict = decide(arrived, _refreshes(context.instance, arrived.state), datetime.now(UTC))
    if isinstance(verdict, Wait):
        return dg.SkipReason(verdict.reason)
    context.log.info(verdict.reason)
    request = dg.RunRequest(
        run_key=f"{verdict.state}-{verdict.attempt}", tags={STATE: verdict.state, ATTEMPT: str(verdict.attempt)}
    )
    if not settings.pointer.exists():
        return request
    assert context.repository_def is not None, "a sensor is evaluated in its code location"
    graph, selection = context.repository_def.asset_graph, touched_by(arrived.kinds) - switched_off(settings)
    return request.with_replaced_attrs(
        asset_selection=sorted(selection.resolve(graph)),
        # Without them Dagster would add every check of the assets, the suites that wait for their own job included.
        asset_check_keys=sorted(selection.resolve_checks(graph)),
    )


def touched_by(kinds: frozenset[str]) -> dg.AssetSelection:
    """What a batch of these kinds changes: their tables and all that rests on them, up to the publication."""
    tables = {kind for kind in kinds if kind in CONTRACTS}
    tables |= {table for table, kind in ACCOMPANIES.items() if kind in tables}
    files = dg.AssetSelection.assets(key(LEDGER), key(QUARANTINE))
    # The clock hangs on the ledger and not on any kind, and every window ends by it.
    clock = dg.AssetSelection.assets(["staging", "stg_as_of"])
    published = clock | PUBLICATION | dg.AssetSelection.assets(["kpis", "storage_costs"])
    records = dg.AssetSelection.assets(*map(key, tables))
    touched = (files | records | records.downstream() | published) & (WITHOUT_SUITES - FORECASTS - LEARNING)
    # Who decides on a suggestion wants to see it decided; what runs suggest is asked once a day.
    return touched | (ANSWERED & WITHOUT_SUITES) if "decisions" in kinds else touched


def _refreshes(instance: dg.DagsterInstance, state: str) -> list[RefreshRun]:
    """The refreshes that wait or run, and all that were asked for by this state of the inbox."""
    open_runs = instance.get_run_records(
        RunsFilter(job_name=refresh.name, statuses=[*QUEUED, DagsterRunStatus.STARTED])
    )
    # One in the foreground that was killed stays noted as running: it is not waited for.
    waiting = [record for record in open_runs if not is_foreground(record.dagster_run)]
    same_state = instance.get_run_records(RunsFilter(job_name=refresh.name, tags={STATE: state}))
    now = datetime.now(UTC)
    return [as_refresh(record, now=now) for record in (*waiting, *same_state)]


def as_refresh(record: RunRecord, *, now: datetime) -> RefreshRun:
    """What a run of the job ``refresh`` means for the next decision."""
    run = record.dagster_run
    # A run that was made and never put into the queue is started by nobody: its sensor was killed in between.
    is_late = now - record.create_timestamp > timedelta(seconds=START_TAKES_AT_MOST.value)
    is_lost = is_late and run.status in QUEUED and run.status is not DagsterRunStatus.QUEUED
    ended = datetime.fromtimestamp(record.end_time, UTC) if record.end_time and run.is_finished else None
    return RefreshRun(
        state=run.tags.get(STATE, ""),
        attempt=int(run.tags.get(ATTEMPT, 0)),
        is_waiting=run.status in QUEUED and not is_lost,
        ended_at=record.create_timestamp if is_lost else ended,
    )
