"""Columns of the store's tables: the framework's own, and what it takes to keep a history honest."""

from analytics_assets.pattern_store.observed import OBSERVED
from analytics_assets.warehouse.columns import RECORDS_END, Column

_MEANINGS = {column.name: column for column in OBSERVED}

COVERAGE = (
    Column("source", "VARCHAR", "Key: table of patterns that it writes.", required=True),
    Column("subjects", "BIGINT", "Subjects it meant to look at; NULL where it did not run."),
    Column("examined", "BIGINT", "Of these, those it looked at."),
    Column("coverage", "DOUBLE", "examined / subjects, 0 to 1; 1 where there was none to look at."),
    Column("is_enough", "BOOLEAN", "Whether it could look at 90 % or more; NULL where it never ran."),
    Column("left_out_subjects", "BIGINT", "Subjects that it names as left out: patterns of these are held."),
    Column(
        "left_out", "VARCHAR", "JSON list of the first 1,000 of them; with / at the end, beginnings.", required=True
    ),
    Column("looked_at_as_of", "TIMESTAMP", "End of the window it looked at, UTC."),
    Column("stated_patterns", "BIGINT", "Patterns that it states now.", required=True),
    Column("held_patterns", "BIGINT", "Patterns it does not state and that may not be resolved.", required=True),
    Column("reason", "VARCHAR", "Why nothing of it is resolved; NULL where its silence means something."),
    *RECORDS_END,
)
PATTERNS = (
    _MEANINGS["id"],
    _MEANINGS["pattern_name"],
    _MEANINGS["pattern_type"],
    _MEANINGS["pattern_category"],
    _MEANINGS["topic"],
    _MEANINGS["subject"],
    _MEANINGS["components"],
    Column("pattern_data", "VARCHAR", "What its detector says of it beside, as a JSON object.", required=True),
    _MEANINGS["detection_algorithm"],
    _MEANINGS["confidence_score"],
    _MEANINGS["significance_score"],
    _MEANINGS["strength"],
    _MEANINGS["strength_unit"],
    _MEANINGS["location"],
    _MEANINGS["starts_at"],
    Column("detected_at", "TIMESTAMP", "End of the window in which it was found first, UTC.", required=True),
    _MEANINGS["last_observed_at"],
    Column("observed_until", "TIMESTAMP", "End of the newest window in which it was found, UTC.", required=True),
    Column("observation_count", "BIGINT", "How often it was found with newer records.", required=True),
    Column("is_active", "BOOLEAN", "Whether it holds, as far as is known, and nobody rejected it.", required=True),
    Column("state", "VARCHAR", "active, held (nobody could look), resolved or rejected.", required=True),
    Column("unstated_looks", "BIGINT", "Looks in a row at newer records that did not find it.", required=True),
    Column("unstated_until", "TIMESTAMP", "End of the newest window of these, UTC; NULL where it is found."),
    Column("observed_batch", "BIGINT", "Newest batch of its records when it was found; NULL where it is not known."),
    Column("unstated_batch", "BIGINT", "Newest batch of its records in the newest of these looks; NULL likewise."),
    Column("resolved_at", "TIMESTAMP", "End of the window after which it counts as over, UTC."),
    Column("resolved_reason", "VARCHAR", "Why it is resolved, held or about to end; NULL where it is found."),
    Column("reopened_count", "BIGINT", "How often it returned after it was resolved.", required=True),
    Column("human_verdict", "VARCHAR", "confirmed, rejected or acknowledged; NULL where nobody decided."),
    Column("decided_at", "TIMESTAMP", "When a person decided, UTC; NULL while nobody did."),
    Column("decided_by", "VARCHAR", "Who did."),
    Column("decision_notes", "VARCHAR", "Why."),
    Column("decided_strength", "DOUBLE", "Strength that the person saw: a rejection holds while it is near it."),
    Column("memory", "VARCHAR", "Earlier strengths and locations, by which a change is told; JSON.", required=True),
    Column("source", "VARCHAR", "Table that states it.", required=True),
    *RECORDS_END,
)
CLASSIFICATIONS = (
    Column("id", "VARCHAR", "Key: of the pattern and the sort of class.", required=True),
    Column("pattern_id", "VARCHAR", "Pattern that is classified.", required=True),
    Column("classification_type", "VARCHAR", "category, topic, severity, cluster or hierarchy.", required=True),
    Column("classification_value", "VARCHAR", "The class.", required=True),
    Column("classification_confidence", "DOUBLE", "How sure the class is, 0 to 1.", required=True),
    Column("classifier_model", "VARCHAR", "What classified it.", required=True),
    Column("classified_at", "TIMESTAMP", "Since when it has this class, UTC.", required=True),
    Column("human_verified", "BOOLEAN", "Whether a person confirmed the pattern.", required=True),
    Column("verification_timestamp", "TIMESTAMP", "When, UTC."),
    Column("feature_hash", "VARCHAR", "Of the patterns that hold: the same ones are not clustered again."),
    *RECORDS_END,
)
RELATIONSHIPS = (
    Column("id", "VARCHAR", "Key: of both patterns and the sort of relation.", required=True),
    Column("parent_pattern_id", "VARCHAR", "Pattern that causes or comes first.", required=True),
    Column("child_pattern_id", "VARCHAR", "The other one.", required=True),
    Column(
        "relationship_type",
        "VARCHAR",
        "causes, precedes or correlates_with; follows is precedes read from the child.",
        required=True,
    ),
    Column("relationship_strength", "DOUBLE", "0 to 1; what it is of says the evidence.", required=True),
    Column("temporal_offset", "BIGINT", "Seconds from the parent to the child; NULL where it is not known."),
    Column("discovered_at", "TIMESTAMP", "End of the window in which it was found first, UTC.", required=True),
    Column("found_until", "TIMESTAMP", "End of the newest window in which it was found, UTC."),
    Column("validation_status", "VARCHAR", "pending, or what a person decided: confirmed, rejected.", required=True),
    Column("evidence", "VARCHAR", "What it rests on, as a JSON object; source is the table.", required=True),
    *RECORDS_END,
)
EVOLUTION = (
    Column("id", "VARCHAR", "Key: of the pattern, the change and its time.", required=True),
    Column("pattern_id", "VARCHAR", "Pattern that changed.", required=True),
    Column("change_number", "BIGINT", "Order of the changes of the pattern, from 1.", required=True),
    Column(
        "evolution_type",
        "VARCHAR",
        "appeared, strengthening, weakening, shifting, splitting, resolved or reopened.",
        required=True,
    ),
    Column("previous_state", "VARCHAR", "State before, as a JSON object; empty when it appeared.", required=True),
    Column("current_state", "VARCHAR", "State after, as a JSON object.", required=True),
    Column(
        "change_magnitude", "DOUBLE", "Change of the strength as a share of the larger, 0 to 1; else 1.", required=True
    ),
    Column("evolution_timestamp", "TIMESTAMP", "End of the window that shows the change, UTC.", required=True),
    Column("contributing_factors", "VARCHAR", "JSON list of what else changed within a day of it.", required=True),
    Column(
        "prediction_accuracy",
        "DOUBLE",
        "1 less the relative error of what the trend of the state before told of the strength; NULL where there was "
        "no such trend, or no strength.",
    ),
    *RECORDS_END,
)
