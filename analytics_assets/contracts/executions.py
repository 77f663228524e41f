"""Tool executions: the smallest thing an agent does that can succeed or fail."""

from analytics_assets.contracts.model import (
    Choice,
    Contract,
    Identity,
    boolean,
    choice,
    integer,
    real,
    text,
    time,
)
from analytics_assets.contracts.words import COST_SOURCE

EFFORT = Choice(values=("LOW", "MEDIUM", "HIGH"), synonyms={"med": "MEDIUM"})

EXECUTIONS = Contract(
    kind="executions",
    grain="One row per tool execution.",
    identity=Identity.EVENT,
    key=("execution_id",),
    time_field="started_at",
    fields=(
        text("execution_id", "Key of the execution.", required=True),
        text("task_id", "Task it served."),
        text("run_id", "Run it was part of."),
        text("agent_id", "Agent that called the tool."),
        text("tool_name", "Tool that was called.", required=True),
        time("started_at", "When the call began.", required=True),
        real("duration_seconds", "Time until the tool answered."),
        boolean("success", "Whether the tool did what was asked.", required=True),
        real("cost_usd", "Cost of the call, US dollars."),
        integer("tokens_used", "Tokens of the call, all sorts.", minimum=0),
        choice("human_effort_level", "Effort the call spared or asked of a person.", EFFORT),
        boolean("browser_used", "Whether a browser was driven."),
        text("error_type", "Class of the error."),
        text("error_message", "The error in words."),
        choice("cost_source", "How the cost is known.", COST_SOURCE),
    ),
)
