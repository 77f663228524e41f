"""What to do about the tools that fail too often."""

from __future__ import annotations

from analytics_assets.queries.answers import Answer, freshness, rows, without_window
from analytics_assets.queries.snapshot import Snapshot, reading

RECOMMENDATIONS = "select * from suggestions.tool_recommendations order by all"


def get_tool_recommendations(snapshot: Snapshot | None = None) -> Answer:
    """Recommendations for tools of LOW confidence: ``recommendations``, with the numbers they rest on.

    Each is a row of ``suggestions.tool_recommendations``.
    """
    with reading(snapshot) as current:
        recommended = rows(current, RECOMMENDATIONS)
        ends = freshness(current, recommended)
    return {"recommendations": without_window(recommended), **ends}
