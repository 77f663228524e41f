"""The job that judges new batches, and the sensor that asks for it once their answer is published."""

from __future__ import annotations

import dagster as dg

from analytics_assets.defs.raw.quality import QUALITY_CHECKS, check_keys
from analytics_assets.lib.judging import Due, due
from analytics_assets.lib.suites import SUITES
from analytics_assets.queries.batches import NewBatch, new_batches
from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets.settings import load_settings

LOOK_EVERY_SECONDS = 30
"""A run of Great Expectations takes some ten seconds: batches that arrive closer together are judged together."""

quality_job = dg.define_asset_job(
    "quality",
    selection=dg.AssetSelection.checks(*QUALITY_CHECKS),
    description="Judge the newest batch of every kind by its contract, on the published snapshot.",
)


@dg.sensor(
    job=quality_job,
    minimum_interval_seconds=LOOK_EVERY_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks for one quality run for the kinds that got records since the last one.",
)
def quality_sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """One run for all batches since the cursor, which is the last batch judged.

    Raises:
        NoSnapshotError: something is published, but cannot be read.
    """
    settings = load_settings()
    if not settings.pointer.exists():
        return dg.SkipReason("nothing is published yet")
    with open_snapshot(settings) as snapshot:
        version, batches = snapshot.version, new_batches(snapshot)
    decision = due({new.kind: new.batch_id for new in batches}, int(context.cursor) if context.cursor else None)
    if decision is None:
        seen = f"every batch up to {context.cursor} was judged" if context.cursor else "no batch brought records"
        return dg.SkipReason(f"version {version} brings nothing new: {seen}")
    return dg.SensorResult(run_requests=[_request(decision, batches)], cursor=str(decision.newest))


def _request(decision: Due, batches: list[NewBatch]) -> dg.RunRequest:
    """The run that judges what is due. Its key has the time too: batches of a new warehouse count from 1 again."""
    ingested_at = next(new.ingested_at for new in batches if new.batch_id == decision.newest)
    suites = [suite for suite in SUITES.values() if suite.kind in decision.kinds]
    batches_to_judge = {"config": {"after_batch": decision.after}}
    return dg.RunRequest(
        run_key=f"batch {decision.newest} of {ingested_at}",
        asset_check_keys=[key for suite in suites for key in check_keys(suite)],
        run_config={"ops": {f"quality_of_{suite.table}": batches_to_judge for suite in suites}},
        tags={"analytics/kinds": ",".join(decision.kinds)},
    )
