"""The report as one page of HTML that needs nothing else: styles and charts are inside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from analytics_assets.cli.figures import UNKNOWN
from analytics_assets.cli.reports.markdown import TITLE
from analytics_assets.cli.reports.sections import Section
from analytics_assets.cli.tables import plain

if TYPE_CHECKING:
    import pandas as pd

    from analytics_assets.lib.charts import Spec
    from analytics_assets.queries.snapshot import Snapshot

TEMPLATE = Path(__file__).with_name("page.html.jinja")


def as_page(sections: Sequence[Section], snapshot: Snapshot) -> str:
    """The whole page; every text in it is escaped."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["plain"] = plain
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    drawn = {section.chart: _drawn(section.chart, snapshot) for section in sections if section.chart}
    return template.render(title=TITLE, sections=sections, charts=drawn, unknown=UNKNOWN)


def _drawn(name: str, snapshot: Snapshot) -> str | None:
    """The chart as SVG; None where there is nothing to draw, or it cannot be drawn: the table says the same."""
    from analytics_assets.lib.charts import svg
    from analytics_assets.queries.frames import table_frame

    table, draw = _charts()[name]
    frame = table_frame(table, snapshot)
    if frame.empty:
        return None
    try:
        return svg(draw(frame))
    except ValueError:
        return None


def _charts() -> dict[str, tuple[str, Callable[[pd.DataFrame], Spec]]]:
    """Chart to the table it draws and the function that does; drawing is heavy to import."""
    from analytics_assets.lib import outcome_charts, run_charts

    return {
        "specs": ("profiles.spec_quality", run_charts.spec_scores),
        "models": ("profiles.model_effectiveness", run_charts.models),
        "resources": ("profiles.resource_usage_profiles", run_charts.memory_use),
        "calibration": ("outcomes.calibration", outcome_charts.reliability),
    }
