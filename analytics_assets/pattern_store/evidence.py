"""What detectors found of pairs: the tables that relations of patterns rest on. None of them has to be there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from analytics_assets.pattern_store.looks import Row
from analytics_assets.pattern_thresholds import ONSET_DAYS, RELATIONS_PER_SOURCE
from analytics_assets.warehouse.connection import records
from analytics_assets.warehouse.frames import columns_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SUREST = {
    "patterns.signal_leads": "is_significant order by p_adjusted, abs(correlation) desc, leader, follower",
    "patterns.event_correlations": (
        "is_significant order by p_adjusted, pairs desc, primary_event_type, related_event_type"
    ),
    "patterns.event_impact_analysis": "is_significant order by p_adjusted, occurred_at desc, event_id, signal",
    "patterns.bottlenecks": "changed_with_version is not null order by change_p_adjusted, pipeline_name, step_name",
}
"""By table: which of its rows say something of two patterns, the surest first."""
ANOMALIES = "patterns.anomalies"


@dataclass(frozen=True)
class Tables:
    """Rows by table; which tables are not there, and of which not all rows are taken."""

    rows: dict[str, list[Row]]
    absent: frozenset[str]
    cut: frozenset[str]


@dataclass(frozen=True)
class Beginnings:
    """When the anomalies of each signal began, in the 14 days before ``end``; and each episode, by its id."""

    times: dict[str, list[datetime]]
    end: datetime
    by_id: dict[str, datetime]


def read_evidence(con: DuckDBPyConnection) -> Tables:
    """The significant rows of every table that is there, at most 1,000 of each."""
    most = int(RELATIONS_PER_SOURCE.value)
    there = {table for table in SUREST if columns_of(con, *table.split("."))}
    found = {
        table: records(con, f"select * from {table} where {rest} limit {most + 1}")
        for table, rest in SUREST.items()
        if table in there
    }
    absent = {*SUREST, ANOMALIES} - there - ({ANOMALIES} if columns_of(con, *ANOMALIES.split(".")) else set())
    return Tables(
        rows={table: rows[:most] for table, rows in found.items()},
        absent=frozenset(absent),
        cut=frozenset(table for table, rows in found.items() if len(rows) > most),
    )


def beginnings(con: DuckDBPyConnection) -> Beginnings | None:
    """When anomalies began, by signal; None where there is none."""
    if not columns_of(con, *ANOMALIES.split(".")):
        return None
    rows = con.execute(
        f"select id, signal, starts_at, as_of from {ANOMALIES} "
        f"where starts_at > (select max(as_of) from {ANOMALIES}) - to_days(?) order by signal, starts_at",
        [int(ONSET_DAYS.value)],
    ).fetchall()
    times: dict[str, list[datetime]] = {}
    for _, signal, starts_at, _ in rows:
        times.setdefault(signal, []).append(starts_at)
    by_id = {key: starts_at for key, _, starts_at, _ in rows}
    return Beginnings(times, max(as_of for *_, as_of in rows), by_id) if rows else None
