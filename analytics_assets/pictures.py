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

CHARTS: dict[str, tuple[str, ...]] = {
    "summaries.hourly_executions": ("charts.executions_per_hour",),
    "summaries.weekly_issues": (
        "issue_charts.issue_velocity",
        "issue_charts.category_distribution",
        "issue_heatmaps.root_cause_heatmap",
    ),
    "profiles.tool_profiles": ("charts.success_rates",),
    "profiles.model_effectiveness": ("run_charts.models",),
    "profiles.spec_quality": ("run_charts.spec_scores",),
    "profiles.resource_usage_profiles": ("run_charts.memory_use",),
    "kpis.weekly_health": ("issue_charts.health_trend",),
    "kpis.issue_features": ("issue_charts.time_to_fix",),
    "patterns.correlations": ("issue_heatmaps.correlation_heatmap",),
    "patterns.anomalies": ("signal_charts.anomaly_timeline",),
    "patterns.trends": ("signal_charts.trend_slopes",),
    "patterns.signal_leads": ("event_charts.leads",),
    "patterns.event_impact_analysis": ("event_charts.impacts",),
    "patterns.outcome_rules": ("mining_charts.outcome_rules",),
    "patterns.clusters": ("mining_charts.clusters",),
    "patterns.bottlenecks": ("pipeline_charts.bottlenecks",),
    "forecasts.capacity_planning": ("planning_charts.capacity_planning",),
    "suggestions.pipeline_optimization_plans": ("pipeline_charts.plans",),
    "suggestions.recommendations": ("planning_charts.impact_and_feasibility",),
    "forecasts.capacity_forecasts": ("charts.capacity",),
    "forecasts.series_forecasts": ("forecast_charts.points_ahead",),
    "predictions.model_performance_metrics": ("model_charts.roc", "model_charts.reliability"),
    "predictions.feature_engineering": ("model_charts.importance",),
    "predictions.weekly_model_accuracy": ("watch_charts.accuracy_by_week",),
    "predictions.drift_reports": ("watch_charts.drift_scores",),
    "predictions.next_run_outlook": ("watch_charts.riskiest_runs",),
    "outcomes.alerts": ("alert_charts.alerts_by_day",),
    "outcomes.system_kpis": ("kpi_charts.health_over_days", "kpi_charts.scores_today"),
    "outcomes.recommendation_effectiveness": ("outcome_charts.effects",),
    "outcomes.rule_scores": ("outcome_charts.promises",),
    "outcomes.calibration": ("outcome_charts.reliability",),
    "outcomes.forecast_scores": ("forecast_charts.scores_by_day",),
}
"""Asset to modules of ``lib`` and functions in them that draw its table, in the order in which they are read."""


def drawing(name: str) -> Callable[[pd.DataFrame], Spec]:
    """The function of that name in ``CHARTS``; its module is imported now, because drawing is heavy."""
    module, function_name = name.split(".")
    function: Callable[[pd.DataFrame], Spec] = getattr(import_module(f"analytics_assets.lib.{module}"), function_name)
    return function


def drawn(asset: str, frame: pd.DataFrame) -> dict[str, dg.MarkdownMetadataValue]:
    """The charts of an asset as metadata; nothing for an asset that has none, or no rows to draw.

    An only chart is called ``chart``; of several, each is called as what it shows: ``chart 2: category distribution``,
    as the UI sorts names.
    """
    names = CHARTS.get(asset, ())
    if not names or frame.empty:
        return {}
    pictures = {}
    for number, name in enumerate(names, start=1):
        picture = _picture(name, frame)
        if picture is not None:
            shows = name.split(".")[1].replace("_", " ")
            pictures["chart" if len(names) == 1 else f"chart {number}: {shows}"] = dg.MetadataValue.md(picture)
    return pictures


def _picture(name: str, frame: pd.DataFrame) -> str | None:
    """One chart as Markdown; None where no row has what it shows."""
    from analytics_assets.lib import charts

    try:
        return charts.markdown(drawing(name)(frame))
    except charts.NothingToDrawError:
        return None
    except ValueError as error:
        # The numbers are right without their picture: they are published, and the picture's place says what is wrong.
        return f"The chart could not be drawn: {str(error).strip().splitlines()[0]}"


def drawn_from(con: DuckDBPyConnection, asset: str) -> dict[str, dg.MarkdownMetadataValue]:
    """The charts of an asset's table as it is now."""
    if asset not in CHARTS:
        return {}
    return drawn(asset, con.execute(f"select * from {asset}").df())
