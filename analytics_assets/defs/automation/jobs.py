"""The jobs over assets. Each can be started by hand; those with a schedule have its name."""

import dagster as dg

from analytics_assets.defs.raw.quality import QUALITY_CHECKS
from analytics_assets.settings import Settings
from analytics_assets.stages import STAGES

# Which method is closest is asked once a day; by then each hour is forecast by the one that was.
COMPETITION = dg.AssetSelection.assets(["forecasts", "forecast_backtests"])
# What was forecast is held against what came as soon as it is there.
FORECASTS = dg.AssetSelection.groups("forecasts") - COMPETITION | dg.AssetSelection.assets(
    ["outcomes", "forecast_scores"]
)
COUNTED = dg.AssetSelection.kind("dbt")
# What deviates now, and what is known of it: an hour later it would be no warning.
WATCHED = dg.AssetSelection.assets(
    *(
        ["patterns", table]
        for table in (
            *("anomalies", "trends", "metric_patterns", "performance_patterns"),
            *("detector_coverage", "detected_patterns"),
            *("pattern_classifications", "pattern_relationships", "pattern_evolution"),
        )
    ),
    ["outcomes", "alerts"],
    ["outcomes", "system_kpis"],
)
# A run is judged before it ends: what is known at its start, the version that answers, its answer and what came of it.
FORESEEN = dg.AssetSelection.assets(
    *(
        ["predictions", table]
        for table in (
            *("run_features", "model_versions", "ml_models", "model_predictions", "prediction_accuracy_tracking"),
            *("weekly_model_accuracy", "drift_reports", "retraining_status"),
        )
    )
)
# What dbt counts of these stages is counted with everything else.
LEARNED = dg.AssetSelection.groups("patterns", "predictions", "suggestions", "outcomes") | COMPETITION
LEARNING = LEARNED - COUNTED - WATCHED - FORESEEN - FORECASTS
# All that is learned of runs, from their features to what is expected of the next one.
RUN_MODELS = dg.AssetSelection.groups("predictions") & dg.AssetSelection.tag("module", "M7")
# What people are advised; what is written into documents and proposed for them is left to the day.
ADVICE = dg.AssetSelection.assets(
    *(
        ["suggestions", table]
        for table in ("suggestions", "optimization_opportunities", "pipeline_optimization_plans", "recommendations")
    )
)
# Written once a week from what is published, and by itself: no refresh waits for it.
REVIEW = dg.AssetSelection.assets(["publish", "weekly_review"])
PUBLICATION = dg.AssetSelection.groups("publish") - REVIEW
# Great Expectations takes six seconds to import: its suites have a job of their own, after the answer is out.
WITHOUT_SUITES = dg.AssetSelection.groups(*STAGES) - dg.AssetSelection.checks(*QUALITY_CHECKS) - REVIEW

refresh = dg.define_asset_job(
    "refresh",
    selection=WITHOUT_SUITES,
    description=(
        "Take every new file of the inbox, build all that rests on it, publish. One run for all files that arrived; "
        "the sensor leaves out what they do not touch, the forecasts, and what is learned once a day."
    ),
)
hourly_aggregation = dg.define_asset_job(
    "hourly_aggregation",
    selection=WITHOUT_SUITES - dg.AssetSelection.groups("raw") - FORECASTS - LEARNING,
    description=(
        "Summarise the hours that wait, build all that rests on them, publish. To rebuild a range, give the op "
        "`dbt_models` the config `from` and `to`."
    ),
)
hourly_forecasts = dg.define_asset_job(
    "hourly_forecasts",
    selection=WITHOUT_SUITES & (FORECASTS | PUBLICATION),
    description="Forecast work, cost, capacity, resources and health, score what was forecast before, and publish.",
)
daily_learning = dg.define_asset_job(
    "daily_learning",
    # The store of patterns takes up what was mined before advice rests on it.
    selection=WITHOUT_SUITES & (LEARNING | WATCHED | FORESEEN | PUBLICATION),
    description=(
        "Mine runs, pipelines, events and issues for what repeats and what leads to what, compare ways to forecast, "
        "train models that are due, ask what comes next and what 30 days suggest; judge what was applied, hold earlier "
        "suggestions against what happened, write what was learned into the specs, publish. `analytics learn` runs it "
        "by hand."
    ),
)
retrain_models = dg.define_asset_job(
    "retrain_models",
    selection=WITHOUT_SUITES & (RUN_MODELS | PUBLICATION),
    description=(
        "Train models of runs anew, decide which version answers, hold all of them against what happened, publish. The "
        "sensor asks for it with its reason; `analytics predictors NAME --retrain` does it by hand."
    ),
)
refresh_recommendations = dg.define_asset_job(
    "refresh_recommendations",
    selection=WITHOUT_SUITES & (ADVICE | PUBLICATION),
    description="Make suggestions, plans and their one order anew from what is mined already, and publish.",
)
weekly_review = dg.define_asset_job(
    "weekly_review",
    selection=REVIEW,
    description=(
        "Write the review of the week's issues to the reports, from what is published: nothing is computed, and the "
        "warehouse stays free for its writer."
    ),
)


def switched_off(settings: Settings) -> dg.AssetSelection:
    """What a landed file does not ask for because a setting says so; the daily jobs do it all the same."""
    nothing: dg.AssetSelection = dg.AssetSelection.assets()
    return nothing if settings.real_time_detection_enabled else WATCHED
