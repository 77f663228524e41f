"""Which sort of pattern is each, how do they hang together, and how did they change?

Reads the patterns, what detectors found of pairs, and people's decisions; feeds ``analytics patterns`` and reports.
"""

from typing import TYPE_CHECKING

import dagster as dg

from analytics_assets.defs.patterns.detected_patterns import COVERAGE_KEY, window_end
from analytics_assets.defs.patterns.detected_patterns import KEY as PATTERNS_KEY
from analytics_assets.defs.patterns.tables import none_wrong, shown
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema
from analytics_assets.pattern_store.tables import CLASSIFICATIONS, EVOLUTION, RELATIONSHIPS
from analytics_assets.warehouse.accounting import EXAMPLES

if TYPE_CHECKING:
    from datetime import datetime

    from analytics_assets.pattern_store.looks import Row

CLASSES_KEY = ["patterns", "pattern_classifications"]
RELATIONS_KEY = ["patterns", "pattern_relationships"]
EVOLUTION_KEY = ["patterns", "pattern_evolution"]
EVIDENCE = [
    ["patterns", "anomalies"],
    ["patterns", "signal_leads"],
    ["patterns", "event_correlations"],
    ["patterns", "event_impact_analysis"],
    ["patterns", "bottlenecks"],
]
SHOWN_CLASSES = ("pattern_id", "classification_type", "classification_value", "classification_confidence")
SHOWN_RELATIONS = (
    *("parent_pattern_id", "relationship_type", "child_pattern_id", "relationship_strength", "temporal_offset"),
    "evidence",
)
SHOWN_EVOLUTION = ("pattern_id", "evolution_type", "evolution_timestamp", "change_magnitude", "prediction_accuracy")


def _end(coverage: "list[Row]") -> "datetime | None":
    """End of the newest window of all sources; a pattern is as old as its own one."""
    return max((row["as_of"] for row in coverage if row["as_of"] is not None), default=None)


@dg.asset(
    key=CLASSES_KEY,
    deps=[PATTERNS_KEY, COVERAGE_KEY],
    kinds={"python", "duckdb"},
    pool="warehouse",
    tags={"module": "M6"},
    metadata={"dagster/column_schema": column_schema(CLASSIFICATIONS)},
)
def pattern_classifications(warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """Category, topic, severity, place in the taxonomy and cluster. One row per pattern and sort of class.

    Fewer than 30 patterns, or such as do not stand apart in groups, have no cluster.
    """
    from analytics_assets.pattern_store.classifying import classify, group_alike
    from analytics_assets.warehouse.frames import earlier_rows, frame_of

    with warehouse.get_connection() as con:
        patterns, earlier = earlier_rows(con, *PATTERNS_KEY), earlier_rows(con, *CLASSES_KEY)
        ends = window_end(_end(earlier_rows(con, *COVERAGE_KEY)))
    rows = classify(patterns, earlier, group_alike, **ends)
    frame = frame_of(CLASSIFICATIONS, rows)
    clusters = frame.loc[frame["classification_type"] == "cluster", "classification_value"]
    return dg.MaterializeResult(
        value=frame, metadata={"clusters": int(clusters.nunique()), "classes": shown(frame, SHOWN_CLASSES)}
    )


@dg.asset_check(asset=CLASSES_KEY, description="Every pattern has one category, one topic of it, and one severity.")
def patterns_are_classified(pattern_classifications: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """A pattern without a place in the taxonomy is found by nobody who asks by it."""
    from analytics_assets.pattern_store.observed import TOPICS
    from analytics_assets.warehouse.frames import earlier_rows

    with warehouse.get_connection() as con:
        known = {row["id"] for row in earlier_rows(con, *PATTERNS_KEY)}
    classes = {kind: {} for kind in ("category", "topic", "severity")}  # type: dict[str, dict[str, str]]
    twice = pattern_classifications.duplicated(["pattern_id", "classification_type"])
    for row in pattern_classifications.to_dict("records"):
        if row["classification_type"] in classes:
            classes[row["classification_type"]][row["pattern_id"]] = row["classification_value"]
    lacking = sorted(key for key in known if any(key not in found for found in classes.values()))
    astray = sorted(
        key for key, topic in classes["topic"].items() if topic not in TOPICS.get(classes["category"].get(key, ""), ())
    )
    return dg.AssetCheckResult(
        passed=not lacking and not astray and not twice.any(),
        metadata={
            "patterns": len(known),
            "unclassified": lacking[:EXAMPLES],
            "topic_of_another_category": astray[:EXAMPLES],
        },
    )


@dg.asset(
    key=RELATIONS_KEY,
    deps=[PATTERNS_KEY, COVERAGE_KEY, *EVIDENCE, ["staging", "stg_decisions"]],
    kinds={"python", "numpy"},
    pool="warehouse",
    tags={"module": "M6"},
    metadata={"dagster/column_schema": column_schema(RELATIONSHIPS)},
)
def pattern_relationships(warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """What causes, precedes or goes with what; follows is precedes read backwards. One row per relation.

    From leads, rules, events and configurations, and from anomalies that begin together more often than by chance.
    """
    from analytics_assets.pattern_store.endpoints import Endpoints
    from analytics_assets.pattern_store.evidence import beginnings, read_evidence
    from analytics_assets.pattern_store.onsets import coincidences
    from analytics_assets.pattern_store.relating import advance_relations, relations
    from analytics_assets.pattern_store.verdicts import read_verdicts
    from analytics_assets.warehouse.frames import earlier_rows, frame_of

    with warehouse.get_connection() as con:
        patterns, earlier = earlier_rows(con, *PATTERNS_KEY), earlier_rows(con, *RELATIONS_KEY)
        tables, verdicts = read_evidence(con), read_verdicts(con)
        begun = beginnings(con)
        ends = window_end(_end(earlier_rows(con, *COVERAGE_KEY)))
    together = coincidences(begun.times, begun.end) if begun is not None else []
    holding = Endpoints(patterns, begun.by_id if begun is not None else None)
    found = relations(tables.rows, holding, together)
    known = frozenset(row["id"] for row in patterns)
    rows = advance_relations(earlier, found, verdicts, known=known, absent=tables.absent, **ends)
    frame = frame_of(RELATIONSHIPS, rows)
    return dg.MaterializeResult(
        value=frame,
        metadata={
            "signals_that_begin_together": len(together),
            "not_there": sorted(tables.absent),
            "cut": sorted(tables.cut),
            "relations": shown(frame, SHOWN_RELATIONS),
        },
    )


@dg.asset_check(asset=RELATIONS_KEY, description="Each relation joins two patterns that are known, and only once.")
def relations_join_patterns(pattern_relationships: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """A relation to nothing cannot be followed, and a cause that is its own effect is none."""
    from analytics_assets.warehouse.frames import earlier_rows

    with warehouse.get_connection() as con:
        known = {row["id"] for row in earlier_rows(con, *PATTERNS_KEY)}
    parents, children = pattern_relationships["parent_pattern_id"], pattern_relationships["child_pattern_id"]
    is_wrong = ~parents.isin(known) | ~children.isin(known) | (parents == children)
    # Forward in time only: an offset below zero is a relation stored from the wrong end.
    is_backward = (pattern_relationships["temporal_offset"] < 0).fillna(value=False)
    wrong = pattern_relationships[(is_wrong | pattern_relationships["id"].duplicated() | is_backward).astype(bool)]
    return none_wrong("relations", pattern_relationships, wrong, SHOWN_RELATIONS)


@dg.asset_check(
    asset=RELATIONS_KEY,
    additional_deps=[PATTERNS_KEY, ["staging", "stg_decisions"]],
    description="Every decision on a pattern or a relation names one that is known, in words that count.",
)
def decisions_name_patterns(pattern_relationships: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """A decision on nothing is a mistake of typing, or on what is forgotten: it is told, and nothing fails."""
    from analytics_assets.pattern_store.verdicts import VERDICTS, read_verdicts
    from analytics_assets.warehouse.frames import earlier_rows

    with warehouse.get_connection() as con:
        verdicts = read_verdicts(con)
        known = {row["id"] for row in earlier_rows(con, *PATTERNS_KEY)} | set(pattern_relationships["id"])
    unknown = sorted({one.subject_id for one in verdicts if one.subject_id not in known})
    idle = sorted({one.subject_id for one in verdicts if one.decision not in (*VERDICTS, "undone")})
    return dg.AssetCheckResult(
        passed=not unknown and not idle,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"decisions": len(verdicts), "unknown": unknown[:EXAMPLES], "without_effect": idle[:EXAMPLES]},
    )


@dg.asset(
    key=EVOLUTION_KEY,
    deps=[PATTERNS_KEY, COVERAGE_KEY, RELATIONS_KEY],
    kinds={"python", "duckdb"},
    pool="warehouse",
    tags={"module": "M6"},
    metadata={"dagster/column_schema": column_schema(EVOLUTION)},
)
def pattern_evolution(warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """How patterns appeared, grew, faded, moved, split, ended and returned. One row per change of a pattern.

    Rows are added, none is changed; they go with their pattern, and beyond 200 of one the oldest go.
    """
    from analytics_assets.pattern_store.evolving import evolve
    from analytics_assets.warehouse.frames import earlier_rows, frame_of

    with warehouse.get_connection() as con:
        patterns, earlier = earlier_rows(con, *PATTERNS_KEY), earlier_rows(con, *EVOLUTION_KEY)
        related = earlier_rows(con, *RELATIONS_KEY)
        ends = window_end(_end(earlier_rows(con, *COVERAGE_KEY)))
    rows = evolve(earlier, patterns, related, **ends)
    frame = frame_of(EVOLUTION, rows)
    newest = frame.sort_values(["evolution_timestamp", "change_number"], ascending=False)
    return dg.MaterializeResult(
        value=frame, metadata={"added": len(rows) - len(earlier), "newest": shown(newest, SHOWN_EVOLUTION)}
    )


@dg.asset_check(asset=EVOLUTION_KEY, description="The history of each pattern is a chain that ends in its state.")
def history_ends_in_the_present(pattern_evolution: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """A change that is missing, or told twice, makes everything after it wrong."""
    import json

    from analytics_assets.warehouse.frames import earlier_rows

    with warehouse.get_connection() as con:
        over = {row["id"]: row["resolved_at"] is not None for row in earlier_rows(con, *PATTERNS_KEY)}
    last = pattern_evolution.sort_values("change_number").groupby("pattern_id")["current_state"].last()
    told = {key: json.loads(state)["is_over"] for key, state in last.items()}
    wrong = sorted(key for key, is_over in over.items() if told.get(key) is not is_over)
    twice = sorted(pattern_evolution.loc[pattern_evolution["id"].duplicated(), "pattern_id"])
    return dg.AssetCheckResult(
        passed=not wrong and not twice,
        metadata={"patterns": len(over), "another_state": wrong[:EXAMPLES], "told_twice": twice[:EXAMPLES]},
    )
