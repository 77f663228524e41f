"""Writing a published table, or a stretch of time of it, to a file or a pipe: whole, in constant memory."""

from __future__ import annotations

import difflib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from analytics_assets.cli.manifests import AGAIN, read_manifest, sha256_of, write_manifest
from analytics_assets.cli.problems import LIST_TABLES, MISUSED, CommandError
from analytics_assets.cli.spans import Span
from analytics_assets.contracts import CONTRACTS
from analytics_assets.operating_thresholds import QUERY_MEMORY
from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets.settings import Settings
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
RUNS = "staging.stg_runs"
"""What is exported where no table is named."""
CLOSE_NAMES = 3
TIMES = ("started_at", "hour", "day")
"""Time columns of tables that no contract describes."""


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
    """What was written; ``rows`` were counted in the table and in the file, and ``file`` is None of a pipe."""

    table: str
    file: Path | None
    rows: int
    version: int


def export(
    settings: Settings,
    table: str | None = None,
    out: Path | None = None,
    form: FileFormat | None = None,
    span: Span | None = None,
) -> Exported:
    """Write the rows of a published table to a file, with a manifest beside it.

    Args:
        settings: names the published snapshot.
        table: ``stage.table``, or the table's name alone; by default the runs.
        out: the file; by default ``stage.table.FORMAT`` here. It is replaced in one step when it is complete.
        form: by default what the file's ending says, else CSV.
        span: rows of this time only, by the table's time column.

    Raises:
        CommandError: no such table, it has no time column for the span, or the file cannot be written.
        NoSnapshotError: nothing is published yet.
    """
    chosen, span = form or _by_ending(out), span or Span()
    # Held open to the end: the files of a version that is in use can be removed, but they stay readable.
    with open_snapshot(settings) as snapshot, _attached(snapshot.file) as con:
        name = _named(con, table)
        target = (out or Path(f"{name}.{chosen.value}")).absolute()
        fresh = target.with_name(f".{target.name}.{os.getpid()}.tmp")
        try:
            rows = _write(con, name, fresh, chosen, span)
            manifest = {
                "file": target.name,
                "table": name,
                "version": snapshot.version,
                "published_at": snapshot.published_at,
                "format": chosen.value,
                "rows": rows,
                "bytes": fresh.stat().st_size,
                "sha256": sha256_of(fresh),
                "time_column": None if span.is_open else _time_column(con, name),
                **span.record(),
            }
            fresh.replace(target)
            write_manifest(target, manifest)
        except OSError as error:
            raise CommandError(f"{target} cannot be written: {error.strerror}") from error
        finally:
            fresh.unlink(missing_ok=True)
        return Exported(name, target, rows, snapshot.version)


def export_to_pipe(
    settings: Settings, table: str | None = None, form: FileFormat | None = None, span: Span | None = None
) -> Exported:
    """Write the rows to standard output, once all of them are there and counted.

    Raises:
        CommandError: as ``export``.
    """
    chosen = form or FileFormat.CSV
    with (
        open_snapshot(settings) as snapshot,
        _attached(snapshot.file) as con,
        tempfile.TemporaryDirectory(prefix="analytics-export-") as folder,
    ):
        name = _named(con, table)
        file = Path(folder, f"rows.{chosen.value}")
        rows = _write(con, name, file, chosen, span or Span())
        with file.open("rb") as handle:
            shutil.copyfileobj(handle, sys.stdout.buffer)
        sys.stdout.flush()
        return Exported(name, None, rows, snapshot.version)


def verify(file: Path) -> Exported:
    """Compare a file with its manifest.

    Raises:
        CommandError: it is not the file that was written: cut, changed, or without a manifest.
    """
    import duckdb

    if not file.is_file():
        raise CommandError(f"{file} is not there.", exit_code=MISUSED)
    manifest = read_manifest(file)
    written = file.stat().st_size
    if written < manifest["bytes"]:
        raise CommandError(f"{file} is truncated: {written:,} of {manifest['bytes']:,} bytes are there.", AGAIN)
    if written != manifest["bytes"] or sha256_of(file) != manifest["sha256"]:
        raise CommandError(f"{file} was changed since it was exported: its content is another one.", AGAIN)
    try:
        with duckdb.connect() as con:
            rows = count(con, f"select count(*) from {_READ_BACK[FileFormat(manifest['format'])]}", str(file))
    except (duckdb.Error, ValueError) as error:
        raise CommandError(f"{file} cannot be read as {manifest['format']}: {error}", AGAIN) from error
    if rows != manifest["rows"]:
        raise CommandError(f"{file} has {rows:,} rows and its manifest {manifest['rows']:,}.", AGAIN)
    return Exported(manifest["table"], file, rows, manifest["version"])


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


def _named(con: DuckDBPyConnection, asked: str | None) -> str:
    tables = [row[0] for row in con.execute(TABLES).fetchall()]
    if asked is None and RUNS not in tables:
        raise CommandError("The runs are not computed yet.", "Run `analytics refresh`, or name another table.")
    return find_table(asked or RUNS, tables)


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


def _write(con: DuckDBPyConnection, table: str, file: Path, form: FileFormat, span: Span) -> int:
    import duckdb

    source = _source(table)
    chosen = ", ".join(_column(typed.name(column), kind, form) for column, kind in _columns(con, table).items())
    where = "true" if span.is_open else span.condition(_time_column(con, table))
    try:
        con.execute(f"copy (select {chosen} from {source} where {where}) to {typed.quoted(str(file))} ({_WRITE[form]})")
    except duckdb.IOException as error:
        raise CommandError(str(error), "Name another file with --out.") from error
    expected = count(con, f"select count(*) from {source} where {where}")
    written = count(con, f"select count(*) from {_READ_BACK[form]}", str(file))
    if written != expected:
        raise CommandError(
            f"{table} has {expected:,} rows and the file {written:,}: it was not kept.", "Try another format."
        )
    return written


def _source(table: str) -> str:
    return ".".join(map(typed.name, table.split(".")))


def _columns(con: DuckDBPyConnection, table: str) -> dict[str, str]:
    return dict(con.execute(f"select column_name, column_type from (describe {_source(table)})").fetchall())


def _time_column(con: DuckDBPyConnection, table: str) -> str:
    """The column that says when a row was: the contract's own, else the start, hour or day of what it counts."""
    columns = _columns(con, table)
    kind = table.split(".")[1].removeprefix("stg_")
    own = CONTRACTS[kind].time_field if kind in CONTRACTS else None
    found = next((name for name in (own, *TIMES) if name in columns), None)
    if found is None:
        raise CommandError(
            f"{table} has no column that says when.", "Export it without --start and --end.", exit_code=MISUSED
        )
    return found


def _column(column: str, kind: str, form: FileFormat) -> str:
    """Times of text formats say that they are UTC, as everything that is printed or ingested does."""
    if kind == "TIMESTAMP" and form is not FileFormat.PARQUET:
        return f"strftime({column}, '%Y-%m-%dT%H:%M:%S.%fZ') as {column}"
    return column
