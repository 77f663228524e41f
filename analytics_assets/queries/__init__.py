"""The read side: what the API, the dashboard, the CLI and notebooks ask of the published snapshot.

Nothing else reads it, and nothing here writes. ``snapshot`` opens it; ``run_sql`` answers a statement of a
person; each other module answers one question. A number that is not known is None, never 0; times are ISO
8601 texts in UTC.
"""

from analytics_assets.queries.agents import get_agents_status
from analytics_assets.queries.capacity import get_predictive_capacity
from analytics_assets.queries.learning import get_system_learning
from analytics_assets.queries.pipeline import get_task_pipeline
from analytics_assets.queries.recommendations import get_tool_recommendations
from analytics_assets.queries.risks import get_risk_patterns
from analytics_assets.queries.snapshot import open_snapshot, run_sql
from analytics_assets.queries.usage import get_api_usage_and_costing

__all__ = [
    "get_agents_status",
    "get_api_usage_and_costing",
    "get_predictive_capacity",
    "get_risk_patterns",
    "get_system_learning",
    "get_task_pipeline",
    "get_tool_recommendations",
    "open_snapshot",
    "run_sql",
]
