"""The jobs over assets. Each can be started by hand; those with a schedule have its name."""

import dagster as dg

from analytics_assets.defs.raw.quality import QUALITY_CHECKS
from analytics_assets.stages import STAGES

FORECASTS = dg.AssetSelection.groups("forecasts")
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
    )
)
# What dbt counts of these stages is counted with everything else.
LEARNING = dg.AssetSelection.groups("patterns", "predictions", "suggestions", "outcomes") - COUNTED - WATCHED
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
    description="Forecast the next hour of each agent from the summaries as they are, and publish.",
)
daily_learning = dg.define_asset_job(
    "daily_learning",
    # The store of patterns takes up what was mined before advice rests on it.
    selection=WITHOUT_SUITES & (LEARNING | WATCHED | PUBLICATION),
    description=(
        "Mine runs, pipelines, events and issues for what repeats and what leads to what, ask what comes next and what "
        "30 days suggest; judge what was applied, hold earlier suggestions against what happened, write what was "
        "learned into the specs, publish. `analytics learn` runs it by hand."
    ),
)
weekly_review = dg.define_asset_job(
    "weekly_review",
    selection=REVIEW,
    description=(
        "Write the review of the week's issues to the reports, from what is published: nothing is computed, and the "
        "warehouse stays free for its writer."
    ),
)
