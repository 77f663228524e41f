"""A published version with patterns: their tables as the store makes them of a few statements."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import duckdb

from analytics_assets.pattern_store import tables
from analytics_assets.pattern_store.classifying import classify
from analytics_assets.pattern_store.evolving import evolve
from analytics_assets.pattern_store.looks import Row
from analytics_assets.pattern_store.observed import pattern_id
from analytics_assets.pattern_store.relating import Relation, advance_relations
from analytics_assets.settings import Settings
from analytics_assets.warehouse import frames
from analytics_assets_tests.pattern_store.made import observed, step

END = datetime(2026, 2, 16, 12)
SLOW, FAILING, UNSURE = "tool/web_fetch/response_time", "tool/web_fetch/error_rate", "metric/api/api_latency_p95_ms"


def store() -> dict[str, list[Row]]:
    """Two patterns of a tool that hang together, and one of a metric that is less sure than the threshold."""
    said = [
        observed("degradation", SLOW, END, starts_at=END, topic="response_time_degradation"),
        observed("performance_anomaly", FAILING, END, pattern_category="error", topic="failure_mode", starts_at=END),
        observed("metric_trend", UNSURE, END, confidence_score=0.5, topic="resource_usage_trend"),
    ]
    patterns = step([], END, *said)
    first, then = (pattern_id(*of) for of in (("performance_anomaly", FAILING), ("degradation", SLOW)))
    found = [Relation(first, then, "precedes", 0.8, 7_200, {"source": "patterns.anomalies"})]
    ends: dict[str, Any] = {"as_of": END, "is_stale": False}
    known = frozenset(row["id"] for row in patterns)
    related = advance_relations([], found, [], known=known, absent=frozenset(), **ends)
    return {
        "detected_patterns": patterns,
        "pattern_classifications": classify(patterns, [], lambda _: {}, **ends),
        "pattern_relationships": related,
        "pattern_evolution": evolve([], patterns, related, **ends),
    }


COLUMNS = {
    "detected_patterns": tables.PATTERNS,
    "pattern_classifications": tables.CLASSIFICATIONS,
    "pattern_relationships": tables.RELATIONSHIPS,
    "pattern_evolution": tables.EVOLUTION,
}


def publish_patterns(settings: Settings, rows: dict[str, list[Row]], *, without: Sequence[str] = ()) -> None:
    """Publish the tables of the store with these rows, and no other table."""
    settings.published.mkdir(parents=True, exist_ok=True)
    file = settings.published / "snapshot-1.duckdb"
    with duckdb.connect(str(file)) as con:
        con.execute("create schema patterns")
        for table, columns in COLUMNS.items():
            if table not in without:
                frames.write(con, "patterns", table, frame=frames.frame_of(columns, rows[table]))
    pointer = {"version": 1, "file": file.name, "published_at": "2026-02-16T12:30:00Z"}
    settings.pointer.write_text(json.dumps(pointer))
