"""Columns of ``outcomes.alerts``."""

from analytics_assets.warehouse.columns import RECORDS_END, Column

COLUMNS = (
    Column("id", "VARCHAR", "Key: of its type, component, condition and the beginning of its episode.", required=True),
    Column("alert_type", "VARCHAR", "performance, error_rate, resource_usage or pattern_deviation.", required=True),
    Column(
        "condition",
        "VARCHAR",
        "unusual, rate over limit, level over limit, full soon, changed for the worse, new pattern, stronger pattern.",
        required=True,
    ),
    Column("severity", "VARCHAR", "low, medium, high or critical: the highest of this episode.", required=True),
    Column("title", "VARCHAR", "In a few words.", required=True),
    Column("description", "VARCHAR", "In a sentence with its numbers.", required=True),
    Column("affected_components", "VARCHAR", "Components it touches, as a JSON list.", required=True),
    Column("anomaly_score", "DOUBLE", "How far it is beyond, 0 to 1: 0.5 at the threshold.", required=True),
    Column("effect_size", "DOUBLE", "How large it is, 0 to 1: distance from the usual as a share.", required=True),
    Column("confidence", "DOUBLE", "How sure it is that chance does not make it, 0 to 1.", required=True),
    Column("points", "BIGINT", "Points of the rule of severity, 0 to 8.", required=True),
    Column("limit_value", "DOUBLE", "Limit that it is over, in the unit of its subject; NULL where it has none."),
    Column("detected_at", "TIMESTAMP", "End of the window in which it was found first, UTC.", required=True),
    Column("first_seen_at", "TIMESTAMP", "Beginning of the episode, UTC.", required=True),
    Column("is_begin_seen", "BOOLEAN", "Whether it was well before; else it is as old as its records.", required=True),
    Column("last_seen_at", "TIMESTAMP", "End of the newest hour that shows it, UTC.", required=True),
    Column("seen_count", "BIGINT", "Looks at newer records that found it.", required=True),
    Column("recommended_actions", "VARCHAR", "What to do, as a JSON list of sentences.", required=True),
    Column("escalation_level", "BIGINT", "Who should know: 0 nobody, 1 team, 2 on call, 3 incident.", required=True),
    Column("state", "VARCHAR", "open, acknowledged, suppressed or resolved.", required=True),
    Column("suppressed_reason", "VARCHAR", "Why nobody is told; NULL where it is not suppressed."),
    Column("group_id", "VARCHAR", "Alerts of one trouble have the same.", required=True),
    Column(
        "is_group_lead", "BOOLEAN", "Whether it stands for its group: the most severe, then earliest.", required=True
    ),
    Column("group_size", "BIGINT", "Alerts of its group, itself included.", required=True),
    Column("resolved_at", "TIMESTAMP", "When it was over, UTC; NULL while it is not."),
    Column("resolved_reason", "VARCHAR", "Why it is over, or why it stays open though nothing shows it now."),
    Column("reopened_count", "BIGINT", "How often it returned within a day after it was over.", required=True),
    Column("reopened_at", "TIMESTAMP", "End of the window in which it returned last, UTC; NULL where it did not."),
    Column("acknowledged_at", "TIMESTAMP", "When a person said that they have seen it, UTC."),
    Column("acknowledged_by", "VARCHAR", "Who did."),
    Column("decision_id", "VARCHAR", "Decision that holds on it; NULL where none does."),
    Column("decided_at", "TIMESTAMP", "When that was made, UTC."),
    Column("decided_severity", "VARCHAR", "Severity that the person saw: it holds until the alert is worse."),
    Column(
        "notify", "VARCHAR", "How it is told, once per alert and severity: immediate, standard, none.", required=True
    ),
    Column("evidence_sql", "VARCHAR", "Query on the published version that shows it.", required=True),
    Column("source", "VARCHAR", "Table that says it.", required=True),
    Column(
        "subject_key", "VARCHAR", "What it is about: a signal, component/resource or a pattern's id.", required=True
    ),
    *RECORDS_END,
)
