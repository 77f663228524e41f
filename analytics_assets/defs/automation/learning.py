"""Is a model due, is advice old? Sensors that ask for what is learned between two days, each with its reason."""

from datetime import UTC, datetime
from typing import Any

import dagster as dg

from analytics_assets.defs.automation.jobs import refresh_recommendations, retrain_models
from analytics_assets.predicting.retraining import Ask, Refresh, advice_due, asked_for
from analytics_assets.queries.answers import rows
from analytics_assets.queries.errors import NotAnsweredYetError
from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets.settings import Settings, load_settings

REASON, MODELS = "analytics/reason", "analytics/models"
"""Tags of a run that was asked for: why, and for which models."""
LOOK_EVERY_SECONDS = 300
"""Advice is hours old when it is made anew: five minutes more are nothing."""
RECOMMENDATIONS = dg.AssetKey(["suggestions", "recommendations"])
TAKEN = "select max(ingested_at) as newest_at from raw.ingested_files where new_records > 0"


@dg.sensor(
    job=retrain_models,
    # Read once, when the definitions are loaded: Dagster asks for it before it asks the sensor.
    minimum_interval_seconds=load_settings().metrics_collection_interval,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks for one training of all models that are due, by accuracy, drift, age or volume.",
)
def retraining_sensor() -> dg.RunRequest | dg.SkipReason:
    """One run for all models that are due, with its reason; once a day for the same need.

    Raises:
        QueryError: something is published, but cannot be read.
    """
    settings = load_settings()
    if not settings.pointer.exists():
        return dg.SkipReason("nothing is published yet")
    found = _published(settings, "select * from predictions.retraining_status order by model_name")
    if found is None:
        return dg.SkipReason("no model was looked at yet: the next refresh does")
    decision = asked_for(found, is_enabled=settings.model_training_enabled, now=_now())
    return dg.SkipReason(decision) if isinstance(decision, str) else _training(decision)


def _training(asked: Ask) -> dg.RunRequest:
    return dg.RunRequest(
        run_key=asked.key,
        run_config={"ops": {"model_training": {"config": {"models": list(asked.models), "reason": asked.reason}}}},
        tags={REASON: asked.reason, MODELS: ",".join(asked.models)},
    )


@dg.sensor(
    job=refresh_recommendations,
    minimum_interval_seconds=LOOK_EVERY_SECONDS,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Asks for advice anew where it is older than ANALYTICS_RECOMMENDATION_REFRESH_INTERVAL.",
)
def recommendations_sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """One run per interval, where records came since.

    Raises:
        QueryError: something is published, but cannot be read.
    """
    settings = load_settings()
    if not settings.pointer.exists():
        return dg.SkipReason("nothing is published yet")
    taken = _published(settings, TAKEN) or []
    decision = advice_due(
        _made_at(context.instance),
        _moment(taken[0]["newest_at"]) if taken else None,
        is_enabled=settings.recommendation_generation_enabled,
        interval_hours=settings.recommendation_refresh_interval,
        now=_now(),
    )
    if not isinstance(decision, Refresh):
        return dg.SkipReason(decision)
    return dg.RunRequest(run_key=decision.key, tags={REASON: decision.reason})


def _published(settings: Settings, sql: str) -> list[dict[str, Any]] | None:
    """Rows of the published snapshot; None where its table is not there yet."""
    with open_snapshot(settings) as snapshot:
        try:
            return rows(snapshot, sql)
        except NotAnsweredYetError:
            return None


def _made_at(instance: dg.DagsterInstance) -> datetime | None:
    """When recommendations were made last, naive UTC; None where Dagster does not remember it."""
    event = instance.get_latest_materialization_event(RECOMMENDATIONS)
    return None if event is None else datetime.fromtimestamp(event.timestamp, UTC).replace(tzinfo=None)


def _moment(told: str | None) -> datetime | None:
    return None if told is None else datetime.fromisoformat(told).astimezone(UTC).replace(tzinfo=None)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
