"""The jobs over assets. Each can be started by hand; those with a schedule have its name."""

import dagster as dg

from analytics_assets.defs.raw.quality import QUALITY_CHECKS
from analytics_assets.stages import STAGES

FORECASTS = dg.AssetSelection.groups("forecasts")
# Great Expectations takes six seconds to import: its suites have a job of their own, after the answer is out.
WITHOUT_SUITES = dg.AssetSelection.groups(*STAGES) - dg.AssetSelection.checks(*QUALITY_CHECKS)

refresh = dg.define_asset_job(
    "refresh",
    selection=WITHOUT_SUITES,
    description=(
        "Take every new file of the inbox, build all that rests on it, publish. One run for all files that arrived; "
        "the sensor leaves out what they do not touch, and the forecasts."
    ),
)
hourly_aggregation = dg.define_asset_job(
    "hourly_aggregation",
    selection=WITHOUT_SUITES - dg.AssetSelection.groups("raw") - FORECASTS,
    description=(
        "Summarise the hours that wait, build all that rests on them, publish. To rebuild a range, give the op "
        "`dbt_models` the config `from` and `to`."
    ),
)
hourly_forecasts = dg.define_asset_job(
    "hourly_forecasts",
    selection=WITHOUT_SUITES & (FORECASTS | dg.AssetSelection.groups("publish")),
    description="Forecast the next hour of each agent from the summaries as they are, and publish.",
)
