"""How each pipeline could be faster or cheaper."""

from __future__ import annotations

import json

from analytics_assets.queries.answers import Row, rows
from analytics_assets.queries.snapshot import Snapshot, reading

PLANS = """
    select * from suggestions.pipeline_optimization_plans
    where $pipeline is null or pipeline_name = $pipeline
    order by time_reduction desc nulls last, pipeline_name
"""
LISTS = ("current_performance", "identified_bottlenecks", "recommendations")


def get_pipeline_plans(pipeline: str | None = None, snapshot: Snapshot | None = None) -> list[Row]:
    """The optimization plan of every pipeline, or of one: rows of ``suggestions.pipeline_optimization_plans``.

    current_performance, identified_bottlenecks and recommendations are objects and lists.
    """
    with reading(snapshot) as current:
        plans = rows(current, PLANS, {"pipeline": pipeline})
    return [plan | {name: json.loads(plan[name] or "null") for name in LISTS} for plan in plans]
