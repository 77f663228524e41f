"""What all detectors state now, and at how much each could look: the five tables of patterns, and what is adapted.

A table of patterns is believed as far as its own note of coverage goes. A note without a table, a table without a note
and a note that is days older than those of others are of a source that failed: nothing of it is resolved. One that
noted its coverage and then failed leaves the table of the run before: what that states, it still states.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from analytics_assets.pattern_store.adapting import adapted
from analytics_assets.pattern_store.looks import Look, Row
from analytics_assets.pattern_store.observed import OBSERVED, TOPICS
from analytics_assets.pattern_store.store import Statement
from analytics_assets.pattern_thresholds import PATTERNS_PER_SOURCE, SOURCE_LAG
from analytics_assets.warehouse.connection import records
from analytics_assets.warehouse.frames import columns_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

PATTERN_TABLES = (
    *("patterns.metric_patterns", "patterns.performance_patterns", "patterns.task_patterns"),
    *("patterns.execution_patterns", "patterns.integration_patterns"),
)
"""Tables of patterns, each with the columns of ``OBSERVED`` first. Where two state the same, the first counts."""
IN_EVERY_REFRESH = PATTERN_TABLES[:2]
"""Those that look whenever records arrive; the others, and what is adapted, look once a day."""
WINDOW = ("as_of", "is_stale")
_REQUIRED = tuple(column.name for column in OBSERVED if column.required)


@dataclass(frozen=True)
class Observations:
    """What all sources state now, and each source's look by its name. ``unreadable`` are rows that are no statement."""

    statements: list[Statement]
    looks: dict[str, Look]
    unreadable: list[str]

    @property
    def as_of(self) -> datetime | None:
        """End of the newest window of all sources; None before the first record."""
        return max((look.as_of for look in self.looks.values() if look.as_of is not None), default=None)


def observe(con: DuckDBPyConnection) -> Observations:
    """Read every source. None of the tables has to be there."""
    notes = _notes(con)
    newest = max((note["noted_at"] for note in notes.values()), default=None)
    statements: list[Statement] = []
    looks: dict[str, Look] = {}
    unreadable: list[str] = []
    for source in PATTERN_TABLES:
        rows = _rows(con, source)
        look = _look(source, rows, notes.get(source), newest)
        kept = rows[: int(PATTERNS_PER_SOURCE.value)] if rows else []
        looks[source] = replace(look, is_cut=len(kept) < len(rows or ()))
        for row in kept:
            problem = _problem(row)
            if problem is None:
                statements.append(_statement(source, row))
            else:
                unreadable.append(f"{source}: {problem}")
        if looks[source].problem is None and any(line.startswith(f"{source}: ") for line in unreadable):
            looks[source] = replace(looks[source], problem="some of its rows are no statement")
    for look, observed in adapted(con):
        looks[look.source] = look
        statements += [_statement(look.source, one.row) for one in observed]
    return Observations(statements, looks, unreadable)


def _notes(con: DuckDBPyConnection) -> dict[str, Row]:
    if not columns_of(con, "patterns", "coverage_notes"):
        return {}
    return {row["source"]: row for row in records(con, "select * from patterns.coverage_notes")}


def _rows(con: DuckDBPyConnection, source: str) -> list[Row] | None:
    """Its rows, the surest first, and one more than are kept; None where there is no table that can be read."""
    if not set(_REQUIRED) <= columns_of(con, *source.split(".")):
        return None
    return records(
        con,
        f"select * from {source} order by confidence_score desc, significance_score desc, id "
        f"limit {PATTERNS_PER_SOURCE.value + 1:.0f}",
    )


def _look(source: str, rows: list[Row] | None, note: Row | None, newest: datetime | None) -> Look:
    """What a note and a table tell together."""
    if note is None:
        problem = None if rows is None else "it noted no coverage"
        return Look(source=source, did_run=rows is not None, problem=problem)
    look = Look(
        source=source,
        subjects=note["subjects"],
        examined=note["examined"],
        as_of=note["as_of"],
        left_out=tuple(json.loads(note["left_out"])),
        leaves_unnamed=bool(note.get("is_cut")),
        is_daily=source not in IN_EVERY_REFRESH,
        batches=json.loads(note.get("batches") or "{}"),
    )
    if rows is None:
        return replace(look, problem="it failed: its table is not there, or is of another version")
    lag = timedelta(days=SOURCE_LAG.value)
    if newest is not None and note["noted_at"] < newest - lag:
        return replace(look, problem=f"it has not run since {note['noted_at']:%Y-%m-%d %H:%M}, others have")
    return look


def _problem(row: Row) -> str | None:
    """What is wrong with a row; None where it is a statement."""
    missing = [name for name in _REQUIRED if row[name] is None]
    if missing:
        return f"{row['id']} has no {', '.join(missing)}"
    if row["topic"] not in TOPICS.get(row["pattern_category"], ()):
        return f"{row['id']}: {row['topic']} is no topic of {row['pattern_category']}"
    return None


def _statement(source: str, row: Mapping[str, Any]) -> Statement:
    shared = {column.name for column in OBSERVED}
    own = {name: value for name, value in row.items() if name not in shared and name not in WINDOW}
    return Statement(source, {name: row.get(name) for name in shared}, as_json(own))


def as_json(values: Mapping[str, Any]) -> str:
    """A JSON object with sorted keys. Texts that are JSON themselves become a part of it, not a text within it."""
    return json.dumps({name: _plain(value) for name, value in values.items()}, sort_keys=True, default=str)


def _plain(value: Any) -> Any:
    if not isinstance(value, str) or value[:1] not in ("{", "["):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def sources_of(statements: Iterable[Statement]) -> dict[str, int]:
    """How many patterns each source states."""
    counted: dict[str, int] = {}
    for statement in statements:
        counted[statement.source] = counted.get(statement.source, 0) + 1
    return counted
