"""A report as one page of HTML that needs nothing else: styles and charts are inside it."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from analytics_assets.queries.errors import StatementFailedError
from analytics_assets.reports.figures import UNKNOWN, plain
from analytics_assets.reports.section import Section

if TYPE_CHECKING:
    from analytics_assets.queries.snapshot import Snapshot

TEMPLATE = Path(__file__).with_name("page.html.jinja")
CHARTS = {
    "specs": ("profiles.spec_quality", "run_charts.spec_scores"),
    "models": ("profiles.model_effectiveness", "run_charts.models"),
    "resources": ("profiles.resource_usage_profiles", "run_charts.memory_use"),
    "calibration": ("outcomes.calibration", "outcome_charts.reliability"),
    "health": ("kpis.weekly_health", "issue_charts.health_trend"),
    "velocity": ("summaries.weekly_issues", "issue_charts.issue_velocity"),
    "categories": ("summaries.weekly_issues", "issue_charts.category_distribution"),
    "time_to_fix": ("kpis.issue_features", "issue_charts.time_to_fix"),
    "root_causes": ("summaries.weekly_issues", "issue_heatmaps.root_cause_heatmap"),
    "correlations": ("patterns.correlations", "issue_heatmaps.correlation_heatmap"),
}
"""Chart to the table it draws, and the module of ``lib`` and the function in it that does."""


def as_page(title: str, sections: Sequence[Section], snapshot: Snapshot) -> str:
    """The whole page; every text in it is escaped."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["plain"] = plain
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    drawn = {name: _drawn(name, snapshot) for section in sections for name in section.charts}
    return template.render(title=title, sections=sections, charts=drawn, unknown=UNKNOWN)


def _drawn(name: str, snapshot: Snapshot) -> str | None:
    """The chart as SVG; None where there is nothing to draw, or it cannot be drawn: the words say the same."""
    # Drawing is heavy to import.
    from analytics_assets.lib.charts import svg
    from analytics_assets.queries.frames import table_frame

    table, function = CHARTS[name]
    module, draw = function.split(".")
    try:
        frame = table_frame(table, snapshot)
    except StatementFailedError:
        # A table that is computed once a day may not be there yet.
        return None
    if frame.empty:
        return None
    try:
        return svg(getattr(import_module(f"analytics_assets.lib.{module}"), draw)(frame))
    except ValueError:
        return None
