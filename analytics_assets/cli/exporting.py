"""Writing a published table to a file, whole, in constant memory."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from analytics_assets.cli.problems import LIST_TABLES, MISUSED, CommandError
from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets.settings import Settings
from analytics_assets.thresholds import QUERY_MEMORY
from analytics_assets.warehouse import typed
from analytics_assets.warehouse.connection import count

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TABLES = """
    select table_schema || '.' || table_name
    from information_schema.tables
    where table_catalog = 'published' and table_schema not in ('main', 'sealed')
    order by 1
"""
CLOSE_NAMES = 3


class FileFormat(StrEnum):
    """What a table can be written as."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


_WRITE = {
    FileFormat.CSV: "format csv, header true",
    FileFormat.JSONL: "format json",
    FileFormat.PARQUET: "format parquet, compression zstd",
}
_READ_BACK = {
    FileFormat.CSV: "read_csv(?, header = true, all_varchar = true, auto_detect = true)",
    FileFormat.JSONL: "read_ndjson_objects(?)",
    FileFormat.PARQUET: "read_parquet(?)",
}


@dataclass(frozen=True)
class Exported:
    """One file written; ``rows`` were counted in the table and in the file."""

    table: str
    file: Path
    rows: int
    version: int


def export(settings: Settings, table: str, out: Path | None = None, form: FileFormat | None = None) -> Exported:
    """Write every row of a published table.

    Args:
        settings: names the published snapshot.
        table: ``stage.table``, or the table's name alone.
        out: the file; by default ``stage.table.FORMAT`` here. It is replaced in one step when it is complete.
        form: by default what the file's ending says, else CSV.

    Raises:
        CommandError: no such table, or the file cannot be written.
        NoSnapshotError: nothing is published yet.
    """
    chosen = form or _by_ending(out)
    # Held open to the end: the files of a version that is in use can be removed, but they stay readable.
    with open_snapshot(settings) as snapshot, _attached(snapshot.file) as con:
        name = find_table(table, [row[0] for row in con.execute(TABLES).fetchall()])
        target = (out or Path(f"{name}.{chosen.value}")).absolute()
        fresh = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        try:
            rows = _write(con, name, fresh, chosen)
            fresh.replace(target)
        except OSError as error:
            raise CommandError(f"{target} cannot be written: {error.strerror}") from error
        finally:
            fresh.unlink(missing_ok=True)
        return Exported(name, target, rows, snapshot.version)


def find_table(asked: str, tables: list[str]) -> str:
    """The table that is meant.

    >>> find_table("Runs", ["raw.runs", "staging.stg_runs"])
    'raw.runs'

    Raises:
        CommandError: none has this name, or several stages have it.
    """
    wanted = asked.lower()
    found = [name for name in tables if wanted in (name, name.split(".")[1])]
    if len(found) == 1:
        return found[0]
    if found:
        raise CommandError(
            f"'{asked}' is in several stages: {', '.join(found)}.", "Name one of them.", exit_code=MISUSED
        )
    names = {name.split(".")[1]: name for name in tables} | {name: name for name in tables}
    close = dict.fromkeys(names[match] for match in difflib.get_close_matches(wanted, names, n=CLOSE_NAMES))
    remedy = f"Did you mean {', '.join(close)}?" if close else LIST_TABLES
    raise CommandError(f"No published table is named '{asked}'.", remedy, exit_code=MISUSED)


def _by_ending(out: Path | None) -> FileFormat:
    ending = out.suffix.removeprefix(".").lower() if out else ""
    return next((form for form in FileFormat if form.value == ending), FileFormat.CSV)


@contextmanager
def _attached(file: Path) -> Iterator[DuckDBPyConnection]:
    """A database in memory that sees the snapshot read-only: readers' own connections may not write a file."""
    import duckdb

    with duckdb.connect(config={"memory_limit": f"{QUERY_MEMORY.value:.0f}MiB"}) as con:
        con.execute(f"attach {typed.quoted(str(file))} as published (read_only)")
        con.execute("use published")
        con.execute("set TimeZone = 'UTC'")
        yield con


def _write(con: DuckDBPyConnection, table: str, file: Path, form: FileFormat) -> int:
    import duckdb

    source = ".".join(map(typed.name, table.split(".")))
    columns = con.execute(f"select column_name, column_type from (describe {source})").fetchall()
    chosen = ", ".join(_column(typed.name(column), kind, form) for column, kind in columns)
    try:
        con.execute(f"copy (select {chosen} from {source}) to {typed.quoted(str(file))} ({_WRITE[form]})")
    except duckdb.IOException as error:
        raise CommandError(str(error), "Name another file with --out.") from error
    expected = count(con, f"select count(*) from {source}")
    written = count(con, f"select count(*) from {_READ_BACK[form]}", str(file))
    if written != expected:
        raise CommandError(
            f"{table} has {expected:,} rows and the file {written:,}: it was not kept.", "Try another format."
        )
    return written


def _column(column: str, kind: str, form: FileFormat) -> str:
    """Times of text formats say that they are UTC, as everything that is printed or ingested does."""
    if kind == "TIMESTAMP" and form is not FileFormat.PARQUET:
        return f"strftime({column}, '%Y-%m-%dT%H:%M:%S.%fZ') as {column}"
    return column
