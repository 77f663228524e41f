"""What a record is, for every kind: the one place where it is declared.

DuckDB columns, entry rules, quality suites, JSON Schema and the reference page all derive from ``CONTRACTS``.
"""

from analytics_assets.contracts.decisions import DECISIONS
from analytics_assets.contracts.events import EVENTS
from analytics_assets.contracts.executions import EXECUTIONS
from analytics_assets.contracts.issues import ISSUES, REVIEWS
from analytics_assets.contracts.json_schema import json_schema
from analytics_assets.contracts.metrics import METRICS
from analytics_assets.contracts.model import Child, Choice, Contract, Field, Identity, Type
from analytics_assets.contracts.pipelines import PIPELINES
from analytics_assets.contracts.procedures import PROCEDURE_CALLS, PROCEDURE_FEEDBACK
from analytics_assets.contracts.runs import RUNS
from analytics_assets.contracts.specs import SPECS
from analytics_assets.contracts.tasks import TASK_EXECUTIONS, TASKS

CONTRACTS: dict[str, Contract] = {
    contract.kind: contract
    for contract in (
        RUNS,
        EXECUTIONS,
        PROCEDURE_CALLS,
        PROCEDURE_FEEDBACK,
        ISSUES,
        REVIEWS,
        TASKS,
        TASK_EXECUTIONS,
        PIPELINES,
        METRICS,
        EVENTS,
        DECISIONS,
        SPECS,
    )
}
"""Every kind, in the order in which the documentation lists them."""

FOREIGN_FORMATS: tuple[str, ...] = (
    "otlp",
    "claude_code",
    "codex",
    "github_actions",
    "kubernetes",
    "prometheus",
    "loki",
    "langfuse",
    "mlflow",
)
"""Inbox folders that belong to formats of others; this version leaves them untouched."""

__all__ = [
    "CONTRACTS",
    "FOREIGN_FORMATS",
    "Child",
    "Choice",
    "Contract",
    "Field",
    "Identity",
    "Type",
    "json_schema",
]
