"""The ledger: which files were taken, up to where, and what became of their lines."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from analytics_assets.warehouse.columns import LEDGER
from analytics_assets.warehouse.connection import count

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

KNOWN_FILES = """
    select path, size_bytes, changed_ns, status, to_byte, to_line, edges_sha256
    from raw.ingested_files
    qualify row_number() over (partition by path order by file_id desc) = 1
"""
"""The newest row of each path: the path, then the fields of ``Known`` in their order."""


@dataclass(frozen=True)
class Known:
    """What the ledger last said of a path."""

    size: int
    changed_ns: int
    status: str
    to_byte: int
    to_line: int | None
    edges_sha256: str | None


@dataclass
class FileReport:
    """What became of one file; a row of ``raw.ingested_files`` with the columns of the same names."""

    file_id: int
    path: str
    kind: str | None
    format: str | None
    size_bytes: int
    changed_ns: int
    modified_ns: int
    batch_id: int
    status: str = "taken"
    reason: str | None = None
    sha256: str | None = None
    edges_sha256: str | None = None
    from_byte: int = 0
    to_byte: int = 0
    to_line: int | None = None
    lines: int = 0
    new_records: int = 0
    duplicate_records: int = 0
    quarantined_lines: int = 0


def known_files(con: DuckDBPyConnection) -> dict[str, Known]:
    """Every path of the ledger with its newest row."""
    return by_path(con.execute(KNOWN_FILES).fetchall())


def by_path(rows: Iterable[tuple[Any, ...]]) -> dict[str, Known]:
    """The rows of ``KNOWN_FILES``, wherever they were read."""
    return {path: Known(*state) for path, *state in rows}


def is_known(known: Known | None, size: int, changed_ns: int) -> bool:
    """Whether a file was looked at in exactly this state."""
    return known is not None and (known.size, known.changed_ns) == (size, changed_ns)


def next_id(con: DuckDBPyConnection, column: str) -> int:
    """The next unused ``file_id`` or ``batch_id``."""
    return count(con, f"select coalesce(max({column}), 0) + 1 from raw.ingested_files")


def write(con: DuckDBPyConnection, reports: list[FileReport], now: datetime) -> None:
    """Add the rows of some files; inside the transaction that adds their records."""
    given = [c.name for c in LEDGER if c.name not in ("modified_at", "ingested_at")]
    marks = ", ".join("?" for _ in given)
    con.executemany(
        f"insert into raw.ingested_files ({', '.join(given)}, modified_at, ingested_at) "
        f"values ({marks}, make_timestamp(? // 1000), ?)",
        [[getattr(report, column) for column in given] + [report.modified_ns, now] for report in reports],
    )


def contents_taken(con: DuckDBPyConnection) -> set[tuple[str, str]]:
    """(kind, hash) of every whole file whose content was taken, under whatever name."""
    rows = con.execute(
        "select distinct kind, sha256 from raw.ingested_files where status = 'taken' and from_byte = 0"
    ).fetchall()
    return {(kind, sha) for kind, sha in rows}
