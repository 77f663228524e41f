"""Which resource will be too small, when, and what would do."""

from __future__ import annotations

from analytics_assets.queries.answers import Row, rows
from analytics_assets.queries.snapshot import Snapshot, reading

PLANNING = """
    select * from forecasts.capacity_planning
    order by
        case urgency when 'high' then 1 when 'medium' then 2 else 3 end,
        breach_date nulls last,
        coalesce(projected_usage, current_usage) desc,
        component,
        resource_type
"""


def get_capacity_planning(snapshot: Snapshot | None = None) -> list[Row]:
    """Every resource of every component, the most urgent first: the rows of ``forecasts.capacity_planning``."""
    with reading(snapshot) as current:
        return rows(current, PLANNING)
