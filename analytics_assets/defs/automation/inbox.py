"""Has something landed? The sensor that asks for one refresh for all files that arrived."""

from datetime import UTC, datetime

import dagster as dg
from dagster import DagsterRunStatus, RunRecord, RunsFilter

from analytics_assets.contracts import CONTRACTS
from analytics_assets.defs.automation.jobs import FORECASTS, WITHOUT_SUITES, refresh
from analytics_assets.defs.raw.tables import ACCOMPANIES, LEDGER, QUARANTINE, key
from analytics_assets.settings import load_settings
from analytics_assets.warehouse.arrivals import RefreshRun, Wait, decide, plan

RUN_KEY = "dagster/run_key"
LOOKED_BACK = 50
"""Runs of the past that are looked at: more than the tries that one state of the inbox gets in a day."""


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
    records = context.instance.get_run_records(RunsFilter(job_name=refresh.name), limit=LOOKED_BACK)
    verdict = decide(arrived, [_as_refresh(record) for record in records], datetime.now(UTC))
    if isinstance(verdict, Wait):
        return dg.SkipReason(verdict.reason)
    context.log.info(verdict.reason)
    if not settings.pointer.exists():
        return dg.RunRequest(run_key=verdict.run_key)
    assert context.repository_def is not None, "a sensor is evaluated in its code location"
    chosen = touched_by(arrived.kinds).resolve(context.repository_def.asset_graph)
    return dg.RunRequest(run_key=verdict.run_key, asset_selection=sorted(chosen))


def touched_by(kinds: frozenset[str]) -> dg.AssetSelection:
    """What a batch of these kinds changes: their tables and all that rests on them, up to the publication."""
    tables = {kind for kind in kinds if kind in CONTRACTS}
    tables |= {table for table, kind in ACCOMPANIES.items() if kind in tables}
    files = dg.AssetSelection.assets(key(LEDGER), key(QUARANTINE))
    published = dg.AssetSelection.groups("publish") | dg.AssetSelection.assets(["kpis", "storage_costs"])
    if not tables:
        return files | published
    records = dg.AssetSelection.assets(*map(key, tables))
    return (files | records | records.downstream() | published) & (WITHOUT_SUITES - FORECASTS)


def _as_refresh(record: RunRecord) -> RefreshRun:
    run = record.dagster_run
    waiting = {DagsterRunStatus.QUEUED, DagsterRunStatus.NOT_STARTED, DagsterRunStatus.STARTING}
    ended = datetime.fromtimestamp(record.end_time, UTC) if record.end_time and run.is_finished else None
    return RefreshRun(run.tags.get(RUN_KEY, ""), is_waiting=run.status in waiting, ended_at=ended)
