"""Rows of tables as records that are found: where each is from, and those that do not fit their header."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

from analytics_assets.readers.markdown_tables import Row, Table, text_of, unmarked
from analytics_assets.readers.reading import Found, Problem, Source

LIKENESS = 0.75
"""From here on one header is taken for a slip of another: ``Frist seen`` and ``Prioritty`` are, ``Owner`` is none."""


def found_in(table: Table, row: Row, source: Source | None = None) -> Found:
    """What is found in a row: where it is from, and nothing of its cells yet.

    A row that does not fit its header is a problem and keeps its whole text.
    """
    found = Found(f"line {row.line}")
    if source is not None:
        found.record["source"] = f"{source.name}:{row.line}"
    if len(row.cells) != len(table.header):
        reason = f"{len(row.cells)} cells where the header has {len(table.header)}"
        found.problems.append(Problem(None, reason, r"write a pipe within a cell as \|"))
        found.record["row"] = row.text
    return found


def filled(table: Table) -> list[Row]:
    """The rows in which anything stands."""
    return [row for row in table.rows if any(text_of(cell) for cell in row.cells)]


def left_alone(table: Table, reason: str) -> str:
    """The sentence on a table that is not read."""
    shown = ", ".join(unmarked(cell) for cell in table.header)
    return f"the table at line {table.line} ({shown}) is left alone: {reason}"


def header_at(table: Table, place: int) -> str:
    """What a column is called that no field is for."""
    return text_of(unmarked(table.header[place])) or f"column {place + 1}"


def kept_in_extra(table: Table, columns: dict[int, str]) -> list[str]:
    """The sentence on columns that no field is for; none where every column has one."""
    unknown = [header_at(table, place) for place in range(len(table.header)) if place not in columns]
    return [f"the table at line {table.line}: kept as they are in extra: {', '.join(unknown)}"] if unknown else []


def hints_of(table: Table, columns: dict[int, str], needed: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """By needed field that no column is for: the columns that no field is for, and which of them may be meant.

    ``needed`` has the words of the headers of each.
    """
    unused = [header_at(table, place) for place in range(len(table.header)) if place not in columns]
    hints = {}
    for field, words in needed.items():
        if field in columns.values() or not unused:
            continue
        close = [header for header in unused if difflib.get_close_matches(header.lower(), words, n=1, cutoff=LIKENESS)]
        meant = f"; did you mean {field} by {close[0]}?" if close else ""
        hints[field] = f"columns not used: {', '.join(unused)}{meant}"
    return hints


def unit_of(header: str) -> str:
    """The unit of a bare number in a column of durations: ``h`` where its header says so, else ``min``."""
    return "h" if re.search(r"\((h|hours?)\)|\bhours?\b", header.lower()) else "min"
