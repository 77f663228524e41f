"""The read side: what the API, the dashboard, the CLI and notebooks ask of the published snapshot.

Nothing else reads it, and nothing here writes. ``snapshot`` opens it; ``run_sql`` answers a statement of a
person; each other module answers one question. A number that is not known is None, never 0; times are ISO
8601 texts in UTC.
"""

from analytics_assets.queries.agents import get_agents_status
from analytics_assets.queries.capacity import get_predictive_capacity
from analytics_assets.queries.forecasts import get_forecast, get_forecasts
from analytics_assets.queries.issue_insights import get_data_insights
from analytics_assets.queries.issue_review import get_review
from analytics_assets.queries.issues import get_optimization_kpis
from analytics_assets.queries.learning import get_system_learning
from analytics_assets.queries.models import get_cost_efficiency, get_model_effectiveness, get_task_effectiveness
from analytics_assets.queries.pipeline import get_task_pipeline
from analytics_assets.queries.predictions import get_outlook, get_run_risk, predict
from analytics_assets.queries.recommendations import get_tool_recommendations
from analytics_assets.queries.resources import get_resource_usage
from analytics_assets.queries.risks import get_risk_patterns
from analytics_assets.queries.run_config import get_run_config
from analytics_assets.queries.runs import get_runs
from analytics_assets.queries.snapshot import open_snapshot, run_sql
from analytics_assets.queries.specs import find_spec, get_failure_patterns, get_spec_quality
from analytics_assets.queries.suggestions import get_calibration, get_rule_scores, get_suggestions
from analytics_assets.queries.usage import get_api_usage_and_costing

__all__ = [
    "find_spec",
    "get_agents_status",
    "get_api_usage_and_costing",
    "get_calibration",
    "get_cost_efficiency",
    "get_data_insights",
    "get_failure_patterns",
    "get_forecast",
    "get_forecasts",
    "get_model_effectiveness",
    "get_optimization_kpis",
    "get_outlook",
    "get_predictive_capacity",
    "get_resource_usage",
    "get_review",
    "get_risk_patterns",
    "get_rule_scores",
    "get_run_config",
    "get_run_risk",
    "get_runs",
    "get_spec_quality",
    "get_suggestions",
    "get_system_learning",
    "get_task_effectiveness",
    "get_task_pipeline",
    "get_tool_recommendations",
    "open_snapshot",
    "predict",
    "run_sql",
]
