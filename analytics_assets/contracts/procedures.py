"""Procedures of satellites: how often they are used and what agents think of them."""

from analytics_assets.contracts.model import Choice, Contract, Identity, choice, integer, real, text, time

CALL_STATUS = Choice(
    values=("success", "failure", "aborted"),
    synonyms={
        "ok": "success",
        "succeeded": "success",
        "successful": "success",
        "completed": "success",
        "failed": "failure",
        "fail": "failure",
        "error": "failure",
        "agent_aborted": "aborted",
        "abort": "aborted",
        "cancelled": "aborted",
        "canceled": "aborted",
    },
)

PROCEDURE_CALLS = Contract(
    kind="procedure_calls",
    grain="One row per use of a satellite's procedure.",
    identity=Identity.EVENT,
    key=("call_id",),
    time_field="started_at",
    fields=(
        text("call_id", "Key of the call.", required=True),
        text("satellite_id", "Satellite that holds the procedure.", required=True),
        text("procedure_id", "Procedure, as github/PROC-1.", required=True),
        text("agent_id", "Agent that used it."),
        text("task_type", "What sort of task it was used for."),
        time("started_at", "When the use began.", required=True),
        real("duration_seconds", "Time the use took."),
        choice("status", "How the use ended.", CALL_STATUS, required=True),
    ),
)

PROCEDURE_FEEDBACK = Contract(
    kind="procedure_feedback",
    grain="One row per piece of feedback on a procedure.",
    identity=Identity.EVENT,
    key=("feedback_id",),
    time_field="created_at",
    fields=(
        text("feedback_id", "Key of the feedback.", required=True),
        text("procedure_id", "Procedure it is about.", required=True),
        text("agent_id", "Agent that gave it."),
        integer("clarity", "1 (unclear) to 5 (clear).", minimum=1, maximum=5),
        integer("usefulness", "1 (useless) to 5 (useful).", minimum=1, maximum=5),
        text("comment", "What the agent said."),
        time("created_at", "When it was given.", required=True),
    ),
)
