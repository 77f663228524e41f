"""What alerts rest on, read from the warehouse.

Few rows are read where nothing is wrong, and none of a table that is not there.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from analytics_assets.alert_thresholds import HISTORY_DAYS, RATE_HOURS, USUAL_DAYS
from analytics_assets.alerting.condition import Condition, Row
from analytics_assets.alerting.deviations import changed, deviating
from analytics_assets.alerting.ending import Facts
from analytics_assets.alerting.hours import Hour
from analytics_assets.alerting.limits import Subject, full_soon, is_over, over_limit, resource_limit
from analytics_assets.alerting.unusual import unusual
from analytics_assets.alerting.words import Word
from analytics_assets.lib.signal_limits import CALLS, SLOW, SLOW_WORDS, limit_of
from analytics_assets.lib.signals import METRIC

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Of runs and pipelines there are many signals, and none has a limit: they must not take the places of those that have.
_WITH_LIMITS = " or ".join(
    f"lower(metric_type) like '%{word}%' and component_kind in {(*sorted(kinds),)}"
    for word, kinds in (("error_rate", CALLS | {METRIC}), *((word, SLOW) for word in SLOW_WORDS))
)
_RECENT = f"""
    with recent as (
        select signal as key, component_kind, component, metric_type, unit, as_of, is_stale, hour, value, samples
        from summaries.hourly_signals
        where
            is_complete and value is not null and ({_WITH_LIMITS})
            and hour >= as_of - interval '{RATE_HOURS.value + 1:.0f}' hour
    ),

    named as (select key, count(*) as hours from recent group by key)

    select recent.*, (select count(*) from named) as subjects
    from recent
    where key in (select key from named order by hours desc, key limit $most)
    order by key, hour
"""
_HOURS = f"""
    select signal, hour, value, samples, as_of
    from summaries.hourly_signals
    where
        is_complete and value is not null and list_contains($names, signal)
        and hour >= as_of - interval '{HISTORY_DAYS.value:.0f}' day
    order by signal, hour
"""
_USAGE = """
    with recent as (
        select
            component, resource_type, measured_at as hour, usage_percentage as value, as_of, is_stale,
            component || '/' || resource_type as key
        from profiles.resource_usage
        where
            component is not null and usage_percentage is not null
            and coalesce(json_extract_string(context_data, '$.is_complete') = 'true', true)
            and measured_at >= as_of - to_hours($hours) and ($names is null or list_contains($names, key))
    ),

    named as (select key, max(value) as fullest from recent group by key)

    select recent.*, (select count(*) from named) as subjects
    from recent
    where key in (select key from named order by fullest desc, key limit $most)
    order by key, hour
"""
_PATTERNS = """
    select patterns.*, severity.classification_value as severity
    from patterns.detected_patterns as patterns
    left join patterns.pattern_classifications as severity
        on patterns.id = severity.pattern_id and severity.classification_type = 'severity'
"""
_STRONGER = f"""
    select pattern_id, evolution_type, evolution_timestamp, change_magnitude
    from patterns.pattern_evolution
    where evolution_type = 'strengthening' and evolution_timestamp >= as_of - interval '{USUAL_DAYS.value:.0f}' day
"""
_RELATED = """
    select parent.components as parents, child.components as children, relations.relationship_type,
        parent.pattern_name, child.id as child_id, child.subject as child_subject
    from patterns.pattern_relationships as relations
    inner join patterns.detected_patterns as parent on relations.parent_pattern_id = parent.id
    inner join patterns.detected_patterns as child on relations.child_pattern_id = child.id
    where
        relations.relationship_type in ('causes', 'precedes') and relations.validation_status <> 'rejected'
        and parent.is_active and child.is_active
    order by relations.relationship_strength desc, relations.id
"""
_WORDS = """
    select decision_id, subject_id, decision, decided_at, decided_by, notes
    from staging.stg_decisions
    where subject_type = 'alert'
    order by decided_at, decision_id
"""
_LEFT_OUT = """
    select left_out from patterns.detector_coverage
    where source in ('patterns.metric_patterns', 'patterns.performance_patterns')
"""
_TABLES = "select table_schema || '.' || table_name from information_schema.tables"
_CAUSES_TOLD = 2


@dataclass(frozen=True)
class Said:
    """What the detectors say now, and what is known beside it."""

    conditions: Sequence[Condition]
    words: Sequence[Word]
    facts: Facts
    left_out: int
    """Signals and resources with a limit that were not held against it, as there are more than are looked at."""


def read(con: DuckDBPyConnection, earlier: Iterable[Row], alert_thresholds: Mapping[str, float], most: int) -> Said:
    """Everything that a look at alerts needs.

    Args:
        con: the writer's connection.
        earlier: alerts of the look before: the hours of what they are about are read too.
        alert_thresholds: the limits of the settings.
        most: signals, and resources, that are held against their limits: those with most hours, and the fullest.
    """
    tables = _Tables(con)
    live = {row["subject_key"] for row in earlier if row["resolved_at"] is None}
    patterns = tables.rows(_PATTERNS, "patterns.detected_patterns", "patterns.pattern_classifications")
    plans = tables.rows("select * from forecasts.capacity_planning", "forecasts.capacity_planning")
    anomalies = tables.rows("select * from patterns.anomalies where is_worse", "patterns.anomalies")
    shifts = tables.rows("select * from patterns.level_shifts where is_worse", "patterns.level_shifts")
    odd = unusual(anomalies)
    subjects, over = _subjects(tables, alert_thresholds, most)
    resources, full = _resources(tables, alert_thresholds, most)
    hours = tables.hours(over | live | {condition.subject_key for condition in odd}, full | live)
    known = subjects | resources
    conditions = [
        *odd,
        *(over_limit(known[key], hours[key]) for key in sorted(over | full) if is_over(known[key], hours.get(key, ()))),
        *full_soon(plans),
        *changed(shifts, patterns),
        *deviating(patterns, tables.rows(_STRONGER, "patterns.pattern_evolution")),
    ]
    ends = tables.ends | {row["id"]: row["as_of"] for row in patterns}
    related = tables.rows(
        _RELATED, "patterns.pattern_relationships", "patterns.detected_patterns", "patterns.pattern_classifications"
    )
    facts = Facts(
        as_of=max(
            [condition.as_of for condition in conditions] + list(tables.ends.values()) + _ends(con, tables),
            default=None,
        ),
        hours=hours,
        ends=ends,
        subjects=known,
        not_looked_at=_left_out(tables),
        patterns={row["id"]: row for row in patterns},
        plans={f"{row['component']}/{row['resource_type']}": row for row in plans},
        causes=_causes(related),
        related=_pairs(related),
    )
    words = [Word(*row.values()) for row in tables.rows(_WORDS, "staging.stg_decisions")]
    return Said(conditions, words, facts, tables.left_out)


class _Tables:
    """Reads what is there; ``ends`` are the ends of the windows of what was read by hours."""

    def __init__(self, con: DuckDBPyConnection) -> None:
        self._con = con
        self.known = {name for (name,) in con.execute(_TABLES).fetchall()}
        self.ends: dict[str, datetime] = {}
        self.left_out = 0

    def beyond(self, rows: Sequence[Row], most: int) -> None:
        """Count what there is beyond the bound; each row says how many subjects there are."""
        self.left_out += max(0, rows[0]["subjects"] - most) if rows else 0

    def rows(self, sql: str, *needed: str, **parameters: Any) -> list[Row]:
        """The rows of a statement; none where a table that it needs is not there."""
        if not self.known.issuperset(needed):
            return []
        found = self._con.execute(sql, parameters or None)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def hours(self, signals: Iterable[str], resources: Iterable[str]) -> dict[str, list[Hour]]:
        """The hours of four weeks by signal, or by component and resource."""
        found: dict[str, list[Hour]] = defaultdict(list)
        wanted = sorted(signals), sorted(resources)
        if wanted[0]:
            for row in self.rows(_HOURS, "summaries.hourly_signals", names=wanted[0]):
                found[row["signal"]].append(Hour(row["hour"], row["value"], row["samples"] or 0))
                self.ends[row["signal"]] = row["as_of"]
        if wanted[1]:
            span = int(HISTORY_DAYS.value) * 24
            for row in self.rows(_USAGE, "profiles.resource_usage", names=wanted[1], hours=span, most=len(wanted[1])):
                found[row["key"]].append(Hour(row["hour"], row["value"]))
                self.ends[row["key"]] = row["as_of"]
        return found


def _subjects(tables: _Tables, alert_thresholds: Mapping[str, float], most: int) -> tuple[dict[str, Subject], set[str]]:
    """Signals that have a limit and hours of the last day, and which of them are over it."""
    recent: dict[str, list[Hour]] = defaultdict(list)
    known: dict[str, Subject] = {}
    rows = tables.rows(_RECENT, "summaries.hourly_signals", most=most)
    tables.beyond(rows, most)
    for row in rows:
        limit = limit_of(row["component_kind"], row["metric_type"], row["unit"], alert_thresholds)
        if limit is None:
            continue
        recent[row["key"]].append(Hour(row["hour"], row["value"], row["samples"] or 0))
        if row["key"] not in known:
            known[row["key"]] = Subject(
                key=row["key"],
                component=row["component"],
                metric_type=row["metric_type"],
                unit=row["unit"],
                limit=limit,
                is_rate=row["component_kind"] in CALLS and row["metric_type"] == "error_rate",
                as_of=row["as_of"],
                is_stale=bool(row["is_stale"]),
                component_kind=row["component_kind"],
            )
    return known, {key for key, subject in known.items() if is_over(subject, recent[key])}


def _resources(
    tables: _Tables, alert_thresholds: Mapping[str, float], most: int
) -> tuple[dict[str, Subject], set[str]]:
    """Resources with hours of the last day, and which of them are over their limit."""
    recent: dict[str, list[Hour]] = defaultdict(list)
    known: dict[str, Subject] = {}
    rows = tables.rows(_USAGE, "profiles.resource_usage", names=None, hours=int(RATE_HOURS.value) + 1, most=most)
    tables.beyond(rows, most)
    for row in rows:
        recent[row["key"]].append(Hour(row["hour"], row["value"]))
        if row["key"] not in known:
            known[row["key"]] = Subject(
                key=row["key"],
                component=row["component"],
                metric_type=row["resource_type"],
                unit="percent",
                limit=resource_limit(row["resource_type"], alert_thresholds),
                is_rate=False,
                as_of=row["as_of"],
                is_stale=bool(row["is_stale"]),
                component_kind=METRIC,
                is_resource=True,
            )
    return known, {key for key, subject in known.items() if is_over(subject, recent[key])}


def _ends(con: DuckDBPyConnection, tables: _Tables) -> list[datetime]:
    """Where the windows of records end; of decisions and issues nobody is warned."""
    if "staging.stg_as_of" not in tables.known:
        return []
    sql = (
        "select as_of from staging.stg_as_of where as_of is not null and kind not in ('decisions', 'issues', 'reviews')"
    )
    return [end for (end,) in con.execute(sql).fetchall()]


def _left_out(tables: _Tables) -> frozenset[str]:
    found = tables.rows(_LEFT_OUT, "patterns.detector_coverage")
    return frozenset(name for row in found for name in json.loads(row["left_out"]))


def _causes(related: Iterable[Row]) -> dict[str, list[str]]:
    """What causes or precedes a pattern, by its id and by its subject: the strongest first."""
    found: dict[str, list[str]] = defaultdict(list)
    for row in related:
        for key in (row["child_id"], row["child_subject"]):
            if len(found[key]) < _CAUSES_TOLD and row["pattern_name"] not in found[key]:
                found[key].append(row["pattern_name"])
    return dict(found)


def _pairs(related: Iterable[Row]) -> frozenset[tuple[str, str]]:
    return frozenset(
        (parent, child)
        for row in related
        for parent in json.loads(row["parents"])
        for child in json.loads(row["children"])
        if parent != child
    )
