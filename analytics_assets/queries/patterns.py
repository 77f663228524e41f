"""What repeats, how sure that is, what it has to do with what else, and how it came to be so."""

from __future__ import annotations

import json

from analytics_assets.lib.words import plural
from analytics_assets.queries.answers import Answer, Row, aged, rows, rows_if_there
from analytics_assets.queries.errors import QueryError
from analytics_assets.queries.pattern_evidence import evidence_sql
from analytics_assets.queries.snapshot import Snapshot, reading
from analytics_assets.settings import Settings, load_settings

PATTERNS = """
    select patterns.*, severity.classification_value as severity
    from patterns.detected_patterns as patterns
    left join patterns.pattern_classifications as severity
        on patterns.id = severity.pattern_id and severity.classification_type = 'severity'
    where
        ($type is null or patterns.pattern_type = $type)
        and ($category is null or patterns.pattern_category = $category)
        and ($component is null or list_contains(from_json(patterns.components, '["VARCHAR"]'), $component))
        and ($everything or (patterns.is_active and patterns.confidence_score >= $least))
    order by
        patterns.is_active desc,
        -- Trouble that lasts. What is over, or of records that ended long ago, can wait.
        coalesce(severity.classification_value, 'medium') <> 'low'
            and not patterns.is_stale
            and patterns.pattern_type <> 'odd_fix'
            and coalesce(json_extract_string(patterns.pattern_data, '$.pattern_signature.is_ongoing'), 'true') = 'true'
            and json_extract_string(patterns.pattern_data, '$.performance_impact.recovery_seconds') is null desc,
        list_position(['critical', 'high', 'medium', 'low'], coalesce(severity.classification_value, 'medium')),
        patterns.confidence_score * patterns.significance_score desc,
        patterns.id
"""
ONE = "select * from patterns.detected_patterns where starts_with(id, $id) order by id limit 2"
IDS = "select id from patterns.detected_patterns order by id"
CLASSES = """
    select classification_type, classification_value, classification_confidence, classifier_model, human_verified
    from patterns.pattern_classifications
    where pattern_id = $id
    order by classification_type
"""
RELATIONS = """
    select
        relations.id,
        case
            when relations.parent_pattern_id = $id or relations.relationship_type = 'correlates_with'
                then relations.relationship_type
            when relations.relationship_type = 'precedes' then 'follows'
            else 'is caused by'
        end as relationship,
        other.id as pattern_id,
        other.pattern_name,
        relations.relationship_strength,
        relations.temporal_offset,
        relations.parent_pattern_id = $id as is_first,
        relations.validation_status,
        relations.evidence
    from patterns.pattern_relationships as relations
    inner join patterns.detected_patterns as other
        on other.id = if(relations.parent_pattern_id = $id, relations.child_pattern_id, relations.parent_pattern_id)
    where $id in (relations.parent_pattern_id, relations.child_pattern_id)
    order by relations.relationship_strength desc, relations.id
"""
CHANGES = """
    select
        evolution_type, evolution_timestamp, change_magnitude, previous_state, current_state, contributing_factors,
        prediction_accuracy
    from patterns.pattern_evolution
    where pattern_id = $id
    order by change_number
"""
RELATION = """
    select relations.id, parent.pattern_name || ' ' || relations.relationship_type || ' ' || child.pattern_name as said,
        relations.validation_status <> 'pending' as is_decided
    from patterns.pattern_relationships as relations
    inner join patterns.detected_patterns as parent on relations.parent_pattern_id = parent.id
    inner join patterns.detected_patterns as child on relations.child_pattern_id = child.id
    where relations.id = $id
"""
LEFT_OUT = """
    select source, subjects, left_out_subjects from patterns.detector_coverage
    where subjects is not null
    order by source
"""
SIGNALS = "select count(distinct signal) as signals from summaries.hourly_signals"
OF_SIGNALS = ("patterns.metric_patterns", "patterns.performance_patterns")


class UnknownPatternError(QueryError):
    """No pattern has the id, or several begin with it."""


def get_patterns(
    pattern_type: str | None = None,
    category: str | None = None,
    component: str | None = None,
    *,
    everything: bool = False,
    snapshot: Snapshot | None = None,
    settings: Settings | None = None,
) -> list[Row]:
    """Patterns, trouble that lasts first, by severity: the rows of ``patterns.detected_patterns`` and their severity.

    Args:
        pattern_type: as degradation.
        category: performance, error, workflow or quality.
        component: one of the components it touches.
        everything: also what is less sure than ANALYTICS_PATTERN_CONFIDENCE_THRESHOLD, over or rejected.
        snapshot: a version that is held open.
        settings: where that threshold stands.
    """
    least = (settings or load_settings()).pattern_confidence_threshold
    asked = {"type": pattern_type, "category": category, "component": component}
    with reading(snapshot) as current:
        return [aged(row) for row in rows(current, PATTERNS, asked | {"everything": everything, "least": least})]


def get_left_out(snapshot: Snapshot | None = None, settings: Settings | None = None) -> list[str]:
    """What the sources of patterns did not look at, as a stated bound leaves it out: a sentence each; mostly none.

    Args:
        snapshot: a version that is held open.
        settings: where ANALYTICS_PATTERN_SIGNALS stands.
    """
    most = (settings or load_settings()).pattern_signals
    with reading(snapshot) as current:
        sources = rows_if_there(current, LEFT_OUT, {})
        looked_at = sum(row["subjects"] for row in sources if row["source"] in OF_SIGNALS)
        # Only at the bound is there something beyond it: the signals are not counted each time.
        known = rows_if_there(current, SIGNALS, {}) if looked_at >= most else []
    beyond = known[0]["signals"] - looked_at if known else 0
    told = [f"{plural(beyond, 'signal')} not looked at: ANALYTICS_PATTERN_SIGNALS={most}"] if beyond > 0 else []
    return told + [
        f"{plural(row['left_out_subjects'], 'subject')} not looked at by {row['source']}"
        for row in sources
        if row["source"] not in OF_SIGNALS and row["left_out_subjects"]
    ]


def get_pattern(pattern_id: str, snapshot: Snapshot | None = None) -> Answer:
    """One pattern: ``pattern``, ``classifications``, ``relationships``, ``evolution``, ``evidence_sql``, ``evidence``.

    Args:
        pattern_id: its id, or enough of its beginning.
        snapshot: a version that is held open.

    Raises:
        UnknownPatternError: none has the id, or several begin with it.
    """
    with reading(snapshot) as current:
        pattern = aged(_one(current, pattern_id))
        key = {"id": pattern["id"]}
        sql = evidence_sql(pattern)
        return {
            "pattern": pattern | {"pattern_data": json.loads(pattern["pattern_data"])},
            "classifications": rows_if_there(current, CLASSES, key),
            "relationships": rows_if_there(current, RELATIONS, key),
            "evolution": rows_if_there(current, CHANGES, key),
            "evidence_sql": sql,
            "evidence": [] if sql is None else rows_if_there(current, sql, {}),
        }


def get_decidable(subject_id: str, snapshot: Snapshot | None = None) -> Row:
    """What a person can decide on, a pattern or a relation of two: ``id``, ``said`` (in words) and ``is_decided``.

    Raises:
        UnknownPatternError: there is no such thing.
    """
    with reading(snapshot) as current:
        relation = rows_if_there(current, RELATION, {"id": subject_id})
        if relation:
            return relation[0]
        pattern = _one(current, subject_id)
    return {"id": pattern["id"], "said": pattern["pattern_name"], "is_decided": pattern["decided_at"] is not None}


def _one(snapshot: Snapshot, pattern_id: str) -> Row:
    import difflib

    found = rows(snapshot, ONE, {"id": pattern_id}) if pattern_id else []
    exact = [row for row in found if row["id"] == pattern_id]
    if len(found) == 1 or exact:
        return (exact or found)[0]
    if found:
        raise UnknownPatternError(f"Several patterns begin with '{pattern_id}': give more of the id.")
    close = difflib.get_close_matches(pattern_id, [row["id"] for row in rows(snapshot, IDS)], n=3)
    hint = f"did you mean {' or '.join(close)}?" if close else "`analytics patterns --all` lists them."
    raise UnknownPatternError(f"There is no pattern '{pattern_id}': {hint}")
