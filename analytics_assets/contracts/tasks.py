"""Tracked work items, what they depend on, and the attempts at them."""

from analytics_assets.contracts.model import (
    Child,
    Choice,
    Contract,
    Field,
    Identity,
    Type,
    choice,
    integer,
    mapping,
    real,
    text,
    texts,
    time,
)
from analytics_assets.contracts.words import OPEN_STATUS

DEPENDENCY_TYPE = Choice(
    values=("blocks", "relates_to", "duplicates"),
    synonyms={
        "blocked_by": "blocks",
        "related": "relates_to",
        "relates": "relates_to",
        "duplicate": "duplicates",
    },
)

TASK_DEPENDENCIES = Child(
    list_field="depends_on",
    table="task_dependencies",
    grain="One row per dependency of a task on another.",
    parent_column="task_id",
    key=("task_id", "dependency_type"),
    meaning="One object per task that this one depends on.",
    fields=(
        Field(
            "task_id",
            Type.TEXT,
            "The task that is depended on.",
            required=True,
            column_name="depends_on_task_id",
        ),
        choice("dependency_type", "How the two are tied.", DEPENDENCY_TYPE, required=True),
    ),
)

TASKS = Contract(
    kind="tasks",
    grain="One row per tracked work item.",
    identity=Identity.ENTITY,
    key=("id",),
    time_field="created_at",
    children=(TASK_DEPENDENCIES,),
    fields=(
        text("id", "Key of the task.", required=True),
        text("title", "What is to be done.", required=True),
        text("description", "More of it."),
        text("status", "Where it stands, in the tracker's own words.", required=True),
        integer("priority", "Priority in the tracker's own scale."),
        time("created_at", "When it was created.", required=True),
        time("updated_at", "Version of this record."),
        text("assigned_to", "Agent or person it is assigned to."),
        text("project_id", "Project it belongs to."),
        real("estimated_effort_minutes", "Effort expected."),
        real("actual_effort_minutes", "Effort spent."),
        real("complexity_score", "Complexity in the tracker's own scale."),
        texts("tags", "Labels."),
    ),
)

TASK_EXECUTIONS = Contract(
    kind="task_executions",
    grain="One row per attempt at a task.",
    identity=Identity.ENTITY,
    key=("id",),
    time_field="started_at",
    fields=(
        text("id", "Key of the attempt.", required=True),
        text("task_id", "Task that was attempted.", required=True),
        time("started_at", "When the attempt began.", required=True),
        time("completed_at", "When it ended."),
        choice("status", "How it ended.", OPEN_STATUS, required=True),
        text("error_message", "The error in words."),
        mapping("performance_metrics", "Measurements of the attempt."),
        mapping("resource_usage", "Resources the attempt used."),
        time("updated_at", "Version of this record."),
    ),
)
