"""Patterns in tables that are no tables of patterns: of issues, weekly health, leads, and what a configuration changed.

Their tables look at all they have at once, so that a table is there is its note of coverage: one subject, examined. An
empty table says nothing of its window; that of the records it is made of stands in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from analytics_assets.pattern_store import configurations, issues, leading
from analytics_assets.pattern_store.looks import Look, Row
from analytics_assets.pattern_store.observed import Observed
from analytics_assets.warehouse.connection import records

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Adapter = Callable[[list[Row]], list[Observed]]
ISSUE_CLOCK = "select as_of from staging.stg_issue_clock"
PIPELINE_CLOCK = "select as_of from staging.stg_as_of where kind = 'pipelines'"
SIGNAL_CLOCK = "select max(as_of) from staging.stg_as_of"
ADAPTED: dict[str, tuple[Adapter, str]] = {
    "patterns.association_rules": (issues.root_causes, ISSUE_CLOCK),
    "patterns.issue_anomalies": (issues.odd_fixes, ISSUE_CLOCK),
    "patterns.recurrence_tests": (issues.recurring, ISSUE_CLOCK),
    "kpis.weekly_health": (issues.debt_trends, ISSUE_CLOCK),
    "patterns.signal_leads": (leading.ends_of_leads, SIGNAL_CLOCK),
    "patterns.bottlenecks": (configurations.changes, PIPELINE_CLOCK),
}
"""By table: what makes patterns of its rows, and the query of the end of its records."""


def adapted(con: DuckDBPyConnection) -> Iterator[tuple[Look, list[Observed]]]:
    """Each adapted table's look and its patterns; none of the tables has to be there."""
    there = {
        f"{stage}.{name}"
        for stage, name in con.execute("select table_schema, table_name from information_schema.tables").fetchall()
    }
    for table, (adapter, clock) in ADAPTED.items():
        if table not in there:
            yield Look(source=table, did_run=False), []
            continue
        rows = records(con, f"select * from {table}")
        ends = [row["as_of"] for row in rows if row["as_of"] is not None]
        if not ends and clock.rpartition(" from ")[2].split()[0] in there:
            ends = [end for (end,) in con.execute(clock).fetchall() if end is not None]
        look = Look(source=table, subjects=1, examined=1, as_of=max(ends, default=None), is_daily=True)
        yield look, adapter(rows)
