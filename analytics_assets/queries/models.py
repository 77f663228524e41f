"""Which model does what, how well, and at what cost."""

from __future__ import annotations

from analytics_assets.queries.answers import Row, rows
from analytics_assets.queries.snapshot import Snapshot, reading

MODELS = """
    select * from profiles.model_effectiveness
    where $spec_type is null or spec_type = $spec_type
    order by spec_type nulls last, success_rate desc nulls last, runs desc, model
"""
TASKS = """
    select * from profiles.task_effectiveness
    where $task_type is null or task_type = $task_type
    order by task_type nulls last, success_rate desc nulls last, attempts desc, model
"""
COSTS = """
    select * from profiles.cost_efficiency
    where scope = $scope
    order by total_cost_usd desc nulls last, scope_id, model nulls last
"""


def get_model_effectiveness(spec_type: str | None = None, snapshot: Snapshot | None = None) -> list[Row]:
    """Models on the specs of a type, or of every type: the rows of ``profiles.model_effectiveness``.

    Within a type the one that succeeds most often comes first; compare models within a type only.
    """
    with reading(snapshot) as current:
        return rows(current, MODELS, {"spec_type": spec_type})


def get_task_effectiveness(task_type: str | None = None, snapshot: Snapshot | None = None) -> list[Row]:
    """Models on the tasks of a type, or of every type: the rows of ``profiles.task_effectiveness``."""
    with reading(snapshot) as current:
        return rows(current, TASKS, {"task_type": task_type})


def get_cost_efficiency(scope: str, snapshot: Snapshot | None = None) -> list[Row]:
    """What runs cost per model: the rows of ``profiles.cost_efficiency`` of one scope, the dearest first.

    Args:
        scope: fingerprint, spec, spec_type or project.
        snapshot: where from; without one the current version.
    """
    with reading(snapshot) as current:
        return rows(current, COSTS, {"scope": scope})
