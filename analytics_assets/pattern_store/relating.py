"""How do patterns hang together? Relations that follow from what detectors found, and from what begins together.

Causes is said of what somebody did, as a deployment or a new configuration, and of what was found after it, and of a
step that makes its pipeline slower; precedes of a lead in time; correlates_with of the rest. A relation is stored once,
from the parent: the child follows it. No effect comes before its cause, and none begins after the window in which the
impact was measured, or after its end.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from analytics_assets.lib.pipeline_steps import subject_of
from analytics_assets.lib.signal_types import TYPES as SIGNAL_TYPES
from analytics_assets.lib.signals import METRIC
from analytics_assets.mining_thresholds import IMPACT_HOURLY_WINDOW, IMPACT_SEVERE, IMPACT_WINDOW
from analytics_assets.pattern_store.configurations import CHANGE, version_subject
from analytics_assets.pattern_store.endpoints import Endpoints
from analytics_assets.pattern_store.leading import FOLLOWING, LEADING
from analytics_assets.pattern_store.looks import Row
from analytics_assets.pattern_store.observed import pattern_id, relative_size
from analytics_assets.pattern_store.onsets import Coincidence
from analytics_assets.pattern_store.verdicts import Verdict, standing
from analytics_assets.pattern_thresholds import CAUSE_TOLERANCE, RELATION_KEPT

TYPES = ("causes", "precedes", "correlates_with")
"""The stronger claim first: of several on the same two patterns one is kept."""
_OF_EVENTS = {"causal": "causes", "temporal": "precedes", "functional": "correlates_with"}
_IMPACTS = ("degradation", "improvement")
_CHANGES = ("deployment_impact", "outage", CHANGE)


@dataclass(frozen=True)
class Relation:
    """Two patterns; ``offset`` is in seconds from the parent to the child. ``evidence`` names its table as source."""

    parent: str
    child: str
    type: str
    strength: float
    offset: int | None
    evidence: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The same for the same two patterns and sort of relation."""
        return pattern_id(f"relationship {self.type}", f"{self.parent} {self.child}")


def relations(tables: Mapping[str, Iterable[Row]], ends: Endpoints, together: Iterable[Coincidence]) -> list[Relation]:
    """What the significant rows of the tables say of the patterns that hold.

    Args:
        tables: rows by the name of their table; those that are not there are left out.
        ends: the patterns.
        together: signals that begin to deviate together.
    """
    found = [
        *_configured(tables.get("patterns.bottlenecks", ()), ends),
        *_impacts(tables.get("patterns.event_impact_analysis", ()), ends),
        *_events(tables.get("patterns.event_correlations", ()), ends),
        *_leads(tables.get("patterns.signal_leads", ()), ends),
        *_rules(ends),
        *_slower_steps(ends),
        *_limits(ends),
        *_together(together, ends),
    ]
    kept: dict[frozenset[str], Relation] = {}
    for relation in sorted(found, key=lambda one: (TYPES.index(one.type), -one.strength, one.parent, one.child)):
        if relation.parent != relation.child:
            kept.setdefault(frozenset((relation.parent, relation.child)), relation)
    return list(kept.values())


def advance_relations(
    earlier: Iterable[Row],
    found: Iterable[Relation],
    verdicts: Iterable[Verdict],
    *,
    known: frozenset[str],
    absent: frozenset[str],
    as_of: datetime | None,
    is_stale: bool,
) -> list[Row]:
    """The rows after this look, by id. One that is not found any more is dropped after two days of records.

    It stays while its table is not there, and what a person decided on as long as both patterns are remembered. Of two
    relations of the same patterns the one that is found now counts.

    Args:
        earlier: the rows of the look before.
        found: what is found now.
        verdicts: of people, in any order.
        known: patterns that are remembered.
        absent: tables that are not there, so that nothing was looked for in them.
        as_of: end of the newest window of all sources.
        is_stale: whether that is long ago.
    """
    before = {row["id"]: row for row in earlier}
    decided = standing(verdicts)
    rows = {relation.id: _row(relation, before.get(relation.id), as_of) for relation in found}
    told = {frozenset((row["parent_pattern_id"], row["child_pattern_id"])) for row in rows.values()}
    for key, row in before.items():
        pair = frozenset((row["parent_pattern_id"], row["child_pattern_id"]))
        is_recent = pair not in told and _is_recent(row, as_of)
        is_kept = key in decided or json.loads(row["evidence"]).get("source") in absent or is_recent
        if key not in rows and is_kept and pair <= known:
            rows[key] = row
    ends = {"as_of": as_of, "is_stale": is_stale}
    return [rows[key] | {"validation_status": _status(decided.get(key))} | ends for key in sorted(rows)]


def _is_recent(row: Row, as_of: datetime | None) -> bool:
    """Whether it was found lately. Of one that an earlier version wrote that is not known."""
    until = row.get("found_until")
    return until is not None and as_of is not None and as_of - until < timedelta(hours=RELATION_KEPT.value)


def _row(relation: Relation, before: Row | None, as_of: datetime | None) -> Row:
    return {
        "id": relation.id,
        "parent_pattern_id": relation.parent,
        "child_pattern_id": relation.child,
        "relationship_type": relation.type,
        "relationship_strength": min(1.0, max(0.0, relation.strength)),
        "temporal_offset": relation.offset,
        "discovered_at": before["discovered_at"] if before else as_of,
        "found_until": as_of,
        "evidence": json.dumps(relation.evidence, sort_keys=True, default=str),
    }


def _status(verdict: Verdict | None) -> str:
    # Having seen it says nothing on whether it is true.
    return "pending" if verdict is None or verdict.decision == "acknowledged" else verdict.decision


def _configured(rows: Iterable[Row], ends: Endpoints) -> Iterator[Relation]:
    """A version of a configuration and the steps that changed with it."""
    for row in rows:
        version = row["changed_with_version"]
        if version is None or not row["is_changed"]:
            continue
        change = ends.of(version_subject(row["pipeline_name"], version), CHANGE)
        step = ends.of(subject_of(row["pipeline_name"], row["step_name"]), "step_slowdown", "step_speedup")
        if change and step:
            evidence = {name: row[name] for name in ("step_name", "change_at", "change_ratio", "change_p_adjusted")}
            size = relative_size(1.0, row["change_ratio"])
            yield Relation(change["id"], step["id"], "causes", size, 0, _from("patterns.bottlenecks", evidence))


def _impacts(rows: Iterable[Row], ends: Endpoints) -> Iterator[Relation]:
    """What was done, and what a signal did after it; the strength is the size of the impact, 1 at the most severe."""
    for row in rows:
        if not row["is_significant"] or row["impact_type"] not in _IMPACTS:
            continue
        change = ends.naming(row["event_id"], *_CHANGES)
        effect = ends.effect(row["signal"], row["occurred_at"], _latest(row))
        if change and effect:
            names = ("event_id", "event_type", "signal", "impact_magnitude", "impact_percent", "p_adjusted")
            evidence = _from("patterns.event_impact_analysis", {name: row[name] for name in names})
            # An hour begins before what happens in it.
            offset = max(0, int((effect.begins - row["occurred_at"]).total_seconds()))
            size = min(1.0, abs(row["impact_magnitude"]) / IMPACT_SEVERE.value)
            yield Relation(change["id"], effect.pattern["id"], "causes", size, offset, evidence)


def _latest(impact: Row) -> datetime:
    """When an effect of an event begins at the latest: within the window it was measured in, and before its end."""
    window = IMPACT_WINDOW if impact["signal"].startswith(f"{METRIC}/") else IMPACT_HOURLY_WINDOW
    hours = window.value
    if impact["impact_duration"] is not None:
        hours = min(hours, max(CAUSE_TOLERANCE.value, impact["impact_duration"] / 3600))
    return impact["occurred_at"] + timedelta(hours=hours)  # type: ignore[no-any-return]


def _events(rows: Iterable[Row], ends: Endpoints) -> Iterator[Relation]:
    for row in rows:
        parent, child = ends.event(row["primary_event_type"]), ends.event(row["related_event_type"])
        if row["is_significant"] and parent and child and row["correlation_type"] in _OF_EVENTS:
            names = ("primary_event_type", "related_event_type", "correlation_type", "pairs", "p_adjusted")
            evidence = _from("patterns.event_correlations", {name: row[name] for name in names})
            offset = None if row["time_offset"] is None else int(row["time_offset"] / 1000)
            said = _OF_EVENTS[row["correlation_type"]]
            yield Relation(parent["id"], child["id"], said, row["correlation_strength"], offset, evidence)


def _leads(rows: Iterable[Row], ends: Endpoints) -> Iterator[Relation]:
    """What is ahead precedes what follows, and so do their anomalies; signals that move together correlate."""
    names = ("leader", "follower", "lag_hours", "correlation", "p_adjusted")
    for row in rows:
        if not row["is_significant"]:
            continue
        offset = int(row["lag_hours"] * 3600)
        said = "precedes" if offset else "correlates_with"
        evidence = _from("patterns.signal_leads", {name: row[name] for name in names})
        pairs = [
            (ends.of(row["leader"], LEADING), ends.of(row["follower"], FOLLOWING)),
            (ends.anomaly(row["leader"]), ends.anomaly(row["follower"])),
        ]
        for leader, follower in pairs:
            if leader and follower:
                yield Relation(leader["id"], follower["id"], said, abs(row["correlation"] or 0.0), offset, evidence)


def _rules(ends: Endpoints) -> Iterator[Relation]:
    """The two root causes of each rule."""
    for row in ends.patterns:
        if row["pattern_type"] != "root_cause_rule":
            continue
        rule = json.loads(row["pattern_data"])
        first, second = (ends.of(rule[name], "root_cause") for name in ("antecedent", "consequent"))
        if first and second:
            evidence = _from("patterns.association_rules", rule)
            yield Relation(first["id"], second["id"], "correlates_with", rule["confidence"], None, evidence)


def _slower_steps(ends: Endpoints) -> Iterator[Relation]:
    """A step that takes longer, and the pipeline that does since then; the strength is its share of what was added."""
    before, after = timedelta(hours=CAUSE_TOLERANCE.value), timedelta(hours=IMPACT_HOURLY_WINDOW.value)
    for step in ends.patterns:
        if step["pattern_type"] != "step_slowdown" or step["starts_at"] is None:
            continue
        data = json.loads(step["pattern_data"])
        whole = ends.of(f"pipeline/{data['pipeline_name']}/response_time", "degradation")
        if whole is None or whole["starts_at"] is None:
            continue
        late = whole["starts_at"] - step["starts_at"]
        own = data["pattern_data"]["change_after"] - data["pattern_data"]["change_before"]
        added = json.loads(whole["pattern_data"])["pattern_signature"]["difference"]
        if -before < late <= after and own > 0 and added > 0:
            evidence = _from("patterns.execution_patterns", {"step_seconds": own, "pipeline_seconds": added})
            offset = max(0, int(late.total_seconds()))
            yield Relation(step["id"], whole["id"], "causes", own / added, offset, evidence)


def _limits(ends: Endpoints) -> Iterator[Relation]:
    """A signal beyond its limit, and its lasting change for the worse: the same trouble, told twice."""
    worse = {types["limit"]: types["worse"] for types in SIGNAL_TYPES.values()}
    for limit in ends.patterns:
        if limit["pattern_type"] not in worse:
            continue
        change = ends.of(limit["subject"], worse[limit["pattern_type"]])
        if change is None:
            continue
        known = [row for row in (limit, change) if row["starts_at"] is not None]
        first, second = sorted(known, key=lambda row: row["starts_at"]) if len(known) > 1 else (limit, change)
        offset = int((second["starts_at"] - first["starts_at"]).total_seconds()) if len(known) > 1 else None
        evidence = _from("patterns.detected_patterns", {"signal": limit["subject"]})
        strength = min(limit["confidence_score"], change["confidence_score"])
        yield Relation(first["id"], second["id"], "correlates_with", strength, offset, evidence)


def _together(found: Iterable[Coincidence], ends: Endpoints) -> Iterator[Relation]:
    for one in found:
        first, second = ends.anomaly(one.first), ends.anomaly(one.second)
        if first and second:
            said = "precedes" if one.offset_hours else "correlates_with"
            evidence = _from("patterns.anomalies", one._asdict())
            offset = int(one.offset_hours * 3600)
            yield Relation(first["id"], second["id"], said, one.together / one.of, offset, evidence)


def _from(table: str, evidence: Mapping[str, Any]) -> dict[str, Any]:
    return {"source": table, **evidence}
