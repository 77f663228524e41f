"""At how much could a detector look? Noted by each when it ran, so that nothing is resolved that nobody looked at."""

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
        noted_at timestamp not null
    )
"""
"""One row per source: its newest run. It is no asset; ``patterns.detector_coverage`` is what people read."""
LEFT_OUT_NAMED = 1_000
"""Subjects named in a note; a share of more than that is told by the counts."""


def note_coverage(
    con: DuckDBPyConnection,
    source: str,
    *,
    subjects: int,
    examined: int,
    as_of: datetime | None,
    left_out: Sequence[str] = (),
) -> None:
    """Note that a source ran: how many subjects it had to look at, how many it did, and which it left out.

    Args:
        con: the writer's connection.
        subjects: how many there are to look at.
        examined: how many of them were looked at.
        source: table of patterns that it writes, as ``patterns.metric_patterns``.
        as_of: end of the window it looked at; None where there was no record.
        left_out: subjects, or beginnings of them, that could not be looked at.

    Raises:
        ValueError: more were examined than there are.
    """
    if not 0 <= examined <= subjects:
        raise ValueError(f"{source}: {examined} of {subjects} subjects were examined")
    con.execute(NOTES)
    con.execute("delete from patterns.coverage_notes where source = ?", [source])
    con.execute(
        "insert into patterns.coverage_notes values (?, ?, ?, ?, ?, now() at time zone 'UTC')",
        [source, subjects, examined, json.dumps(sorted(left_out)[:LEFT_OUT_NAMED]), as_of],
    )
