"""What to do first, of everything that is recommended; and what to do about the tools that fail too often."""

from __future__ import annotations

from analytics_assets.queries.answers import Answer, Row, aged, freshness, rows, without_window
from analytics_assets.queries.snapshot import Snapshot, reading

RECOMMENDATIONS = "select * from suggestions.tool_recommendations order by all"
RANKED = """
    select * from suggestions.recommendations
    where (is_shown or $everything) and ($component is null or component = $component)
    order by rank
"""
OPPORTUNITIES = """
    select * from suggestions.optimization_opportunities
    order by priority_score desc nulls last, id
"""


def get_tool_recommendations(snapshot: Snapshot | None = None) -> Answer:
    """Recommendations for tools of LOW confidence: ``recommendations``, with the numbers they rest on.

    Each is a row of ``suggestions.tool_recommendations``.
    """
    with reading(snapshot) as current:
        recommended = rows(current, RECOMMENDATIONS)
        ends = freshness(current, recommended)
    return {"recommendations": without_window(recommended), **ends}


def get_recommendations(
    component: str | None = None, *, everything: bool = False, snapshot: Snapshot | None = None
) -> list[Row]:
    """Recommendations of every kind in their order: rows of ``suggestions.recommendations``.

    Args:
        component: of this one only: a spec, a tool, a pipeline, a system.
        everything: also those that are beyond the first few of their component.
        snapshot: to read from; the newest by default.
    """
    with reading(snapshot) as current:
        return [aged(row) for row in rows(current, RANKED, {"component": component, "everything": everything})]


def get_opportunities(snapshot: Snapshot | None = None) -> list[Row]:
    """Every opportunity, whatever became of it: rows of ``suggestions.optimization_opportunities``, the first first."""
    with reading(snapshot) as current:
        return rows(current, OPPORTUNITIES)
