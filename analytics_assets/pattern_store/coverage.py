"""At how much could a detector look? Noted by each when it ran, so that nothing is resolved that nobody looked at.

A bound that is stated, as the 500 signals with the most hours, is no failure: the subjects are those that were meant to
be looked at. What lies beyond the bound is left out, and patterns of it are held one by one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

NOTES = """
    create table if not exists patterns.coverage_notes (
        source varchar not null,
        subjects bigint not null,
        examined bigint not null,
        left_out varchar not null,
        as_of timestamp,
        noted_at timestamp not null,
        is_cut boolean not null default false,
        batches varchar
    )
"""
"""One row per source: its newest run. It is no asset; ``patterns.detector_coverage`` is what people read."""
_ADDED = (
    "alter table patterns.coverage_notes add column if not exists is_cut boolean default false",
    "alter table patterns.coverage_notes add column if not exists batches varchar",
)
"""Columns that the notes of earlier versions lack."""
_BATCHES = "select kind, max(batch_id) from raw.ingested_files where kind is not null group by kind order by kind"
LEFT_OUT_NAMED = 50_000
"""Subjects named in a note: a few megabytes. Of more, no pattern of the source is known to have been looked at."""


def note_coverage(
    con: DuckDBPyConnection,
    source: str,
    *,
    subjects: int,
    examined: int,
    as_of: datetime | None,
    left_out: Sequence[str] = (),
    is_cut: bool = False,
) -> None:
    """Note that a source ran: how many subjects it meant to look at, how many it did, and which it left out.

    Noted beside is the newest batch of each kind of records: late records move no end of a window, and yet they may
    refute a pattern.

    Args:
        con: the writer's connection.
        source: table of patterns that it writes, as ``patterns.metric_patterns``.
        subjects: how many it meant to look at; those beyond a stated bound are left out, and do not count.
        examined: how many of them were looked at.
        as_of: end of the window it looked at; None where there was no record.
        left_out: subjects or ids of patterns that were not looked at; one that ends in ``/`` stands for all that begin
            with it.
        is_cut: whether more were left out than are named. Then nothing of the source is known to be over.

    Raises:
        ValueError: more were examined than there are.
    """
    if not 0 <= examined <= subjects:
        raise ValueError(f"{source}: {examined} of {subjects} subjects were examined")
    con.execute(NOTES)
    for statement in _ADDED:
        con.execute(statement)
    con.execute("delete from patterns.coverage_notes where source = ?", [source])
    named = sorted(set(left_out))[:LEFT_OUT_NAMED]
    con.execute(
        "insert into patterns.coverage_notes (source, subjects, examined, left_out, as_of, noted_at, is_cut, "
        "batches) values (?, ?, ?, ?, ?, now() at time zone 'UTC', ?, ?)",
        [
            *(source, subjects, examined, json.dumps(named), as_of),
            *(is_cut or len(named) < len(set(left_out)), json.dumps(_batches(con))),
        ],
    )


def _batches(con: DuckDBPyConnection) -> dict[str, int]:
    """The newest batch of each kind of records; none before the first."""
    there = con.execute(
        "select 1 from information_schema.tables where table_schema = 'raw' and table_name = 'ingested_files'"
    ).fetchone()
    return dict(con.execute(_BATCHES).fetchall()) if there else {}
