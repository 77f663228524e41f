"""What the store has to hold of each planted effect: a pattern of a type, about these things, and its relation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from analytics_assets.pattern_store.looks import Row


class Expected(NamedTuple):
    """Parts of the subject, and a relation to a pattern of a type about other things, where one is planted."""

    types: tuple[str, ...]
    about: tuple[str, ...]
    relation: tuple[str, str, tuple[str, ...]] | None = None
    """Sort of relation, type of the other pattern, parts of its subject."""


EFFECTS: dict[str, Expected] = {
    "tool_degrades": Expected(("degradation",), ("tool/web_fetch/error_rate",)),
    "spec_oom": Expected(("outcome_rule",), ("analysis-cohorts",)),
    "better_model": Expected(("outcome_rule",), ("sample-reasoner",)),
    "better_arm": Expected(("experiment_arm",), ("planner-prompt",)),
    "anomaly_burst": Expected(("metric_anomaly",), ("metric/api/api_error_rate",)),
    "bad_deployment": Expected(
        ("metric_anomaly",), ("metric/api/api_latency_p95_ms",), ("causes", "deployment_impact", ())
    ),
    "lead_lag": Expected(
        ("leading_signal",), ("metric/api/queue_depth",), ("precedes", "following_signal", ("api_latency_p95_ms",))
    ),
    "root_cause_rule": Expected(("root_cause",), ("RCA-002",), ("correlates_with", "root_cause", ("RCA-007",))),
    "odd_fixes": Expected(("odd_fix",), ()),
    "failing_procedure": Expected(("outcome_rule", "outlying_procedure"), ("github/PROC-3",)),
    "slow_step": Expected(
        ("step_slowdown",), ("ci/integration_tests",), ("causes", "configuration_change", ("ci@1.1.0",))
    ),
}
"""By the name of the effect in ``truth.json``."""


def missing(patterns: Iterable[Row], relationships: Iterable[Row], effects: Iterable[str]) -> list[str]:
    """The effects that no active pattern, or no relation of it, shows."""
    active = [row for row in patterns if row["is_active"]]
    joined = {
        (row[one], row["relationship_type"], row[other])
        for row in relationships
        for one, other in (
            ("parent_pattern_id", "child_pattern_id"),
            ("child_pattern_id", "parent_pattern_id"),
        )
    }
    return [name for name in effects if not _is_shown(EFFECTS[name], active, joined)]


def _is_shown(expected: Expected, active: list[Row], joined: set[tuple[str, str, str]]) -> bool:
    found = [row for row in active if _is_about(row, expected.types, expected.about)]
    if expected.relation is None:
        return bool(found)
    said, kind, about = expected.relation
    others = [row for row in active if _is_about(row, (kind,), about)]
    return any((one["id"], said, other["id"]) in joined for one in found for other in others)


def _is_about(row: Row, types: tuple[str, ...], about: tuple[str, ...]) -> bool:
    return row["pattern_type"] in types and all(part in row["subject"] for part in about)
