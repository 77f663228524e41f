"""Pipeline executions with their steps."""

from analytics_assets.contracts.model import (
    Child,
    Choice,
    Contract,
    Identity,
    choice,
    integer,
    mapping,
    real,
    text,
    time,
)
from analytics_assets.contracts.words import OPEN_STATUS, RUN_STATUS

TRIGGER_TYPE = Choice(
    values=("manual", "scheduled", "webhook"),
    synonyms={
        "schedule": "scheduled",
        "cron": "scheduled",
        "workflow_dispatch": "manual",
        "push": "webhook",
        "pull_request": "webhook",
        "event": "webhook",
    },
)

STEPS = Child(
    list_field="steps",
    table="steps",
    grain="One row per step of a pipeline execution.",
    parent_column="pipeline_id",
    key=("step_order", "step_name"),
    meaning="One object per step.",
    fields=(
        text("step_name", "Name of the step.", required=True),
        integer("step_order", "Position in the pipeline.", required=True),
        time("started_at", "When the step began."),
        time("completed_at", "When it ended."),
        choice("status", "How it ended.", OPEN_STATUS, required=True),
        mapping("error_details", "What went wrong."),
        mapping("performance_data", "Measurements of the step."),
        mapping("resource_consumption", "Resources the step used."),
    ),
)

PIPELINES = Contract(
    kind="pipelines",
    grain="One row per pipeline execution.",
    identity=Identity.ENTITY,
    key=("id",),
    time_field="started_at",
    children=(STEPS,),
    fields=(
        text("id", "Key of the execution.", required=True),
        text("pipeline_name", "Which pipeline.", required=True),
        time("started_at", "When it began.", required=True),
        time("completed_at", "When it ended."),
        choice("status", "How it ended.", RUN_STATUS, required=True),
        choice("trigger_type", "What started it.", TRIGGER_TYPE, required=True),
        mapping("trigger_data", "What the trigger carried."),
        text("configuration_version", "Version of the configuration it ran with."),
        mapping("configuration", "That configuration."),
        text("head_sha", "Commit it ran on."),
        integer("attempt", "1 for the first attempt.", minimum=0),
        real("queued_seconds", "Time it waited before it began."),
        time("updated_at", "Version of this record."),
    ),
)
