"""Integration events, deployments among them."""

from analytics_assets.contracts.model import Choice, Contract, Identity, choice, mapping, real, text, time

EVENT_STATUS = Choice(
    values=("success", "failure", "partial"),
    synonyms={
        "ok": "success",
        "succeeded": "success",
        "successful": "success",
        "completed": "success",
        "failed": "failure",
        "fail": "failure",
        "error": "failure",
    },
)

EVENTS = Contract(
    kind="events",
    grain="One row per integration event.",
    identity=Identity.EVENT,
    key=("id",),
    time_field="occurred_at",
    fields=(
        text("id", "Key of the event.", required=True),
        text("event_type", "What happened; deployment for a deployment.", required=True),
        text("source_system", "System it came from.", required=True),
        text("target_system", "System it went to."),
        mapping("event_data", "What it carried."),
        time("occurred_at", "When it happened.", required=True),
        real("processing_duration_ms", "Time it took to process, milliseconds."),
        choice("status", "How it ended.", EVENT_STATUS, required=True),
        mapping("error_details", "What went wrong."),
        text("correlation_id", "Ties events of one flow together."),
    ),
)
