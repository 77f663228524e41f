"""Issues whose own fields contradict each other, or lack what a figure needs."""

from __future__ import annotations

from analytics_assets.issue_thresholds import ISSUES_LISTED
from analytics_assets.queries.answers import Answer
from analytics_assets.queries.issues import part
from analytics_assets.queries.snapshot import Snapshot

PROBLEMS = f"""
    select
        problem,
        count(*) as issues,
        (array_agg(id order by first_seen desc nulls last, id))[:{ISSUES_LISTED.value:.0f}] as newest,
        max(as_of) as as_of
    from kpis.issue_features
    where problem is not null
    group by problem
    order by issues desc, problem
"""


def issue_problems(snapshot: Snapshot) -> Answer:
    """One row per ``problem``: how many ``issues`` have it, and the ids of the ``newest`` of them."""
    return part(snapshot, PROBLEMS, nothing="no issue contradicts itself")
