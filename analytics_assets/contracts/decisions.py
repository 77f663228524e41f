"""What people did with what was suggested."""

from analytics_assets.contracts.model import Choice, Contract, Identity, choice, text, time

SUBJECT_TYPE = Choice(values=("suggestion", "pattern", "alert", "prediction", "model"))
DECISION = Choice(
    values=("applied", "rejected", "undone", "confirmed", "acknowledged"),
    synonyms={
        "apply": "applied",
        "accepted": "applied",
        "reject": "rejected",
        "undo": "undone",
        "confirm": "confirmed",
        "acknowledge": "acknowledged",
        "ack": "acknowledged",
    },
)

DECISIONS = Contract(
    kind="decisions",
    grain="One row per decision of a person.",
    identity=Identity.EVENT,
    key=("decision_id",),
    time_field="decided_at",
    fields=(
        text("decision_id", "Key of the decision.", required=True),
        choice("subject_type", "What it is about.", SUBJECT_TYPE, required=True),
        text("subject_id", "Which one.", required=True),
        choice("decision", "What was decided.", DECISION, required=True),
        time("decided_at", "When.", required=True),
        text("decided_by", "By whom."),
        text("notes", "Why."),
    ),
)
