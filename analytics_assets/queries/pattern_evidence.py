"""The records that a pattern rests on, as a query that a person can run as it is.

By type: of an anomaly the hours round it, of a trend its days, of a step its executions, of a rule its counts. Types
without a query of their own show the row of their source.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from analytics_assets.lib.signal_types import ARROW, TYPES
from analytics_assets.queries.answers import Row
from analytics_assets.warehouse.typed import quoted

_HOURS_ROUND = """
    select hours.hour, hours.value, hours.unit, hours.samples, found.expected, found.lower, found.upper,
        hours.hour = found.peak_at as is_peak
    from summaries.hourly_signals as hours
    left join patterns.anomalies as found on hours.signal = found.signal
        and hours.hour >= found.starts_at and hours.hour < coalesce(found.ends_at, found.as_of)
    where hours.signal = $subject and hours.hour between $at - interval 1 day and $at + interval 3 day
    order by coalesce(hours.hour = found.peak_at and found.starts_at = $at, false) desc, abs(epoch(hours.hour - $at)),
        hours.hour
"""
_HOURS_SINCE = """
    select hours.hour, hours.value, hours.unit, hours.samples, shifts.changed_at, shifts.before, shifts.after
    from summaries.hourly_signals as hours
    left join patterns.level_shifts as shifts on hours.signal = shifts.signal
    where hours.signal = $subject and hours.hour between $at - interval 2 day and $at + interval 2 day
    order by abs(epoch(hours.hour - $at)), hours.hour
"""
_NEWEST_HOURS = """
    select hour, value, unit, samples
    from summaries.hourly_signals
    where signal = $subject and value is not null and hour >= as_of - interval 1 day
    order by hour desc
"""
_DAYS = """
    select hours.hour::date as day, avg(hours.value) as value, any_value(hours.unit) as unit, count(*) as hours,
        any_value(trends.slope_per_day) as slope_per_day
    from summaries.hourly_signals as hours
    left join patterns.trends as trends on hours.signal = trends.signal
    where hours.signal = $subject and hours.value is not null
    group by day
    order by day
"""
_BOTH_SIGNALS = """
    select leader.hour, leader.value as leads, follower.hour as hour_of_follower, follower.value as follows
    from summaries.hourly_signals as leader
    inner join summaries.hourly_signals as follower on follower.hour = leader.hour + to_hours($lag_hours)
    where leader.signal = $first and follower.signal = $second
        and leader.value is not null and follower.value is not null
    order by leader.hour desc
"""
_LEADS = """
    select * from patterns.signal_leads
    where is_significant and $subject in (leader, follower)
    order by p_adjusted
"""
_RULES = """
    select * from patterns.outcome_rules
    where population = $population and antecedent = $antecedent and outcome = $outcome
"""
_SEQUENCES = """
    select * from patterns.task_sequences where population = $population and sequence = $sequence
"""
_CLUSTERS = "select * from patterns.clusters where population || '/' || cluster_id = $subject"
_TASKS = """
    select id, title, status, estimated_effort_minutes, actual_effort_minutes,
        actual_effort_minutes / nullif(estimated_effort_minutes, 0) as ratio
    from staging.stg_tasks
    where is_current and list_contains(from_json($task_ids, '["VARCHAR"]'), id)
    order by ratio desc nulls last, id
"""
_STEPS = """
    select pipelines.id, pipelines.started_at, pipelines.configuration_version, pipelines.head_sha, steps.status,
        epoch(steps.completed_at - steps.started_at) as seconds
    from staging.stg_steps as steps
    inner join staging.stg_pipelines as pipelines on steps.pipeline_id = pipelines.id
    where steps.is_current and pipelines.is_current
        and pipelines.pipeline_name = $pipeline_name
        and (steps.step_name = $step or starts_with($step, steps.step_name || ' #'))
    order by abs(epoch(pipelines.started_at - $at)), pipelines.id
"""
_EXECUTIONS = """
    select id, started_at, head_sha, attempt, status, queued_seconds, total_duration_seconds
    from staging.stg_pipelines
    where is_current and pipeline_name = $pipeline_name
    order by started_at desc, id
"""
_EVENTS = """
    select id, occurred_at, event_type, status, processing_duration_ms, error_details
    from staging.stg_events
    where $subject in (
        source_system || '>' || target_system, source_system || '>' || target_system || '/' || event_type
    )
    order by abs(epoch(occurred_at - $at)), id
"""
_IMPACTS = """
    select * from patterns.event_impact_analysis
    where list_contains(from_json($events, '["VARCHAR"]'), event_id)
    order by p_adjusted
"""
_PAIRS = """
    select * from patterns.event_correlations
    where $subject in (
        primary_event_type || ' > ' || related_event_type, primary_event_type || ' + ' || related_event_type
    )
"""
_OF_SIGNALS: Mapping[str, str] = {
    "anomaly": _HOURS_ROUND,
    "trend": _DAYS,
    **dict.fromkeys(("worse", "better", "shift"), _HOURS_SINCE),
    "limit": _NEWEST_HOURS,
    "lead": _BOTH_SIGNALS,
}
BY_TYPE: Mapping[str, str] = {
    **{types[kind]: sql for types in TYPES.values() for kind, sql in _OF_SIGNALS.items()},
    **dict.fromkeys(("leading_signal", "following_signal"), _LEADS),
    **dict.fromkeys(("outcome_rule", "outlying_procedure", "experiment_arm"), _RULES),
    **dict.fromkeys(("tool_sequence", "task_sequence"), _SEQUENCES),
    "behaviour_cluster": _CLUSTERS,
    **dict.fromkeys(("effort_overrun", "blocked_chain"), _TASKS),
    **dict.fromkeys(("bottleneck_step", "flaky_step", "failing_step", "step_slowdown", "step_speedup"), _STEPS),
    **dict.fromkeys(("queueing", "retry_waste", "flaky_pipeline"), _EXECUTIONS),
    **dict.fromkeys(("failing_link", "slow_link", "outage"), _EVENTS),
    "deployment_impact": _IMPACTS,
    "event_pair": _PAIRS,
}
"""The records of each type."""
BY_SOURCE: Mapping[str, str] = {
    **{
        source: f"select * from {source} where id = $id"
        for source in (
            *("patterns.metric_patterns", "patterns.performance_patterns", "patterns.task_patterns"),
            *("patterns.execution_patterns", "patterns.integration_patterns"),
        )
    },
    "patterns.association_rules": """
        select * from patterns.association_rules
        where antecedent || ' -> ' || consequent = $subject or $subject in (antecedent, consequent)
        order by confidence desc
    """,
    "patterns.issue_anomalies": "select * from patterns.issue_anomalies where id = $subject",
    "patterns.recurrence_tests": "select * from patterns.recurrence_tests where highest_value = $subject",
    "kpis.weekly_health": "select * from kpis.weekly_health where scope = $subject and is_finished order by week",
    "patterns.bottlenecks": """
        select * from patterns.bottlenecks where pipeline_name || '@' || changed_with_version = $subject
    """,
}
"""The rows of each source, for the types that are not named."""
_PARAMETER = re.compile(r"\$([a-z_]+)")


def evidence_sql(pattern: Row) -> str | None:
    """A query that can be run as it is; None where nothing is known of the type and of the source.

    Args:
        pattern: row of ``patterns.detected_patterns``, as JSON has it.
    """
    values = _values(pattern)
    for template in (BY_TYPE.get(pattern["pattern_type"]), BY_SOURCE.get(pattern["source"])):
        # A row that an earlier version wrote may lack what the query of its type asks for.
        if template is not None and values.keys() >= set(_PARAMETER.findall(template)):
            told = " ".join(template.split())
            return _PARAMETER.sub(lambda found: values[found[1]], told)
    return None


def _values(pattern: Row) -> dict[str, str]:
    """Literals of what a query may ask for."""
    data = json.loads(pattern["pattern_data"])
    values = {"id": quoted(pattern["id"]), "subject": quoted(pattern["subject"])}
    at = pattern["starts_at"] or pattern["last_observed_at"]
    values["at"] = f"timestamp {quoted(at.replace('T', ' ').removesuffix('Z'))}"
    first, arrow, second = pattern["subject"].partition(ARROW)
    if arrow:
        values |= {"first": quoted(first), "second": quoted(second)}
    stated: dict[str, Any] = {}
    for part in (data, *(data.get(name) for name in ("pattern_data", "pattern_signature", "pattern_definition"))):
        stated |= part if isinstance(part, dict) else {}
    for name in ("population", "antecedent", "outcome", "sequence", "pipeline_name", "step", "task_ids", "events"):
        told = stated.get(name)
        if isinstance(told, str | list):
            values[name] = quoted(told if isinstance(told, str) else json.dumps(told, ensure_ascii=False))
    if isinstance(stated.get("lag_hours"), int | float):
        values["lag_hours"] = str(int(stated["lag_hours"]))
    return values
