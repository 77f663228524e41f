"""Which assets are better looked at than read, and what is drawn of each."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import dagster as dg

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd
    from duckdb import DuckDBPyConnection

    from analytics_assets.lib.charts import Spec

CHARTS = {
    "summaries.hourly_executions": "charts.executions_per_hour",
    "profiles.tool_profiles": "charts.success_rates",
    "profiles.model_effectiveness": "run_charts.models",
    "profiles.spec_quality": "run_charts.spec_scores",
    "profiles.resource_usage_profiles": "run_charts.memory_use",
    "forecasts.capacity_forecasts": "charts.capacity",
    "outcomes.recommendation_effectiveness": "outcome_charts.effects",
    "outcomes.rule_scores": "outcome_charts.promises",
    "outcomes.calibration": "outcome_charts.reliability",
}
"""Asset to the module of ``lib`` and the function in it that draws its table."""


def chart_of(asset: str) -> Callable[[pd.DataFrame], Spec]:
    """The function that draws an asset's table; its module is imported now, because drawing is heavy."""
    module, name = CHARTS[asset].split(".")
    function: Callable[[pd.DataFrame], Spec] = getattr(import_module(f"analytics_assets.lib.{module}"), name)
    return function


def drawn(asset: str, frame: pd.DataFrame) -> dict[str, dg.MarkdownMetadataValue]:
    """The chart of an asset as metadata; nothing for an asset that has none, or no rows to draw."""
    if asset not in CHARTS or frame.empty:
        return {}
    from analytics_assets.lib import charts

    try:
        shown = charts.markdown(chart_of(asset)(frame))
    except ValueError as error:
        # The numbers are right without their picture: they are published, and the picture's place says what is wrong.
        shown = f"The chart could not be drawn: {str(error).strip().splitlines()[0]}"
    return {"chart": dg.MetadataValue.md(shown)}


def drawn_from(con: DuckDBPyConnection, asset: str) -> dict[str, dg.MarkdownMetadataValue]:
    """The chart of an asset's table as it is now."""
    if asset not in CHARTS:
        return {}
    return drawn(asset, con.execute(f"select * from {asset}").df())
