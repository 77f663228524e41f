"""Opening the published snapshot: one version for as long as it is held, without a lock or a way to write.

The pointer file names the current version; a flip replaces the pointer, never a snapshot. So a reader that is
open during a flip keeps its version, and the next one that opens sees the new one.
"""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import duckdb

from analytics_assets.operating_thresholds import QUERY_MEMORY, QUERY_TIME_LIMIT
from analytics_assets.queries.errors import NoSnapshotError, StatementFailedError, TimeLimitError
from analytics_assets.queries.statements import one_reading_statement
from analytics_assets.settings import Settings, load_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pandas as pd

    Parameters = Sequence[object] | Mapping[str, object] | None

OPEN_ATTEMPTS = 5
"""Between reading the pointer and opening its file, both can be replaced: then the pointer is read again."""

SANDBOX: Mapping[str, str | bool | int] = {
    "enable_external_access": False,
    "python_enable_replacements": False,
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
    "memory_limit": f"{QUERY_MEMORY.value:.0f}MiB",
    # No spilling to disk: a question that needs more memory fails instead of filling the disk of the writer.
    "temp_directory": "",
    "lock_configuration": True,
}
"""One configuration for all readers: DuckDB refuses a second one for the same file in a process."""


@dataclass(frozen=True)
class Result:
    """The rows of one statement. ``is_cut`` says that there were more than the limit."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    version: int
    published_at: str
    is_cut: bool = False

    def records(self) -> list[dict[str, Any]]:
        """The rows as JSON has them: one object per row, times as ISO 8601 texts in UTC.

        Of two columns with one name the later gets a number, as in ``count``, ``count_2``.
        """
        names = _distinct(self.columns)
        return [dict(zip(names, map(json_ready, row), strict=True)) for row in self.rows]


class Snapshot:
    """One published version, open for reading; several threads may query it. Use it as a context manager."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, version: int, published_at: str, file: Path) -> None:
        self._connection = connection
        self.version = version
        self.published_at = published_at
        self.file = file

    def query(
        self,
        sql: str,
        parameters: Parameters = None,
        *,
        limit: int | None = None,
        timeout_seconds: float = QUERY_TIME_LIMIT.value,
    ) -> Result:
        """Run one reading statement.

        Args:
            sql: the statement; values go into ``parameters``.
            parameters: what ``?`` or ``$name`` stand for.
            limit: most rows to return; the answer says when there were more.
            timeout_seconds: the statement is interrupted after it.

        Raises:
            StatementRefusedError: the statement does more than read.
            StatementFailedError: DuckDB could not run it.
            TimeLimitError: it took too long.
        """
        with self._answer(sql, parameters, timeout_seconds) as cursor:
            columns = tuple(column[0] for column in cursor.description or ())
            rows = cursor.fetchall() if limit is None else cursor.fetchmany(limit + 1)
        kept = rows if limit is None else rows[:limit]
        return Result(columns, kept, self.version, self.published_at, is_cut=len(kept) < len(rows))

    def frame(
        self,
        sql: str,
        parameters: Parameters = None,
        *,
        timeout_seconds: float = QUERY_TIME_LIMIT.value,
    ) -> pd.DataFrame:
        """As ``query``, as a pandas frame: for charts, quality checks and notebooks."""
        with self._answer(sql, parameters, timeout_seconds) as cursor:
            return cursor.df()

    @contextmanager
    def _answer(self, sql: str, parameters: Parameters, timeout_seconds: float) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor with the statement's result, within the time limit until the block ends."""
        statement = one_reading_statement(sql)
        try:
            # A cursor of its own: an interrupt that comes late hits nothing else, and threads do not share a
            # result.
            with self._connection.cursor() as cursor, _interrupt_after(timeout_seconds, cursor):
                cursor.execute(statement, parameters)
                yield cursor
        except duckdb.InterruptException as problem:
            raise TimeLimitError(f"the statement was stopped after {timeout_seconds:g} s: ask for less") from problem
        except duckdb.Error as problem:
            raise StatementFailedError(str(problem)) from problem

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_snapshot(settings: Settings | None = None) -> Snapshot:
    """Open the version that is current now.

    Raises:
        NoSnapshotError: nothing is published, or the pointer or its file cannot be read.
    """
    settings = settings or load_settings()
    problem: Exception | None = None
    for attempt in range(OPEN_ATTEMPTS):
        pointer = _read_pointer(settings.pointer)
        file = settings.published / pointer["file"]
        try:
            connection = duckdb.connect(str(file), read_only=True, config=dict(SANDBOX))
        except duckdb.IOException as error:
            if file.exists():
                raise NoSnapshotError(f"the snapshot {file.name} cannot be read: {error}") from error
            problem = error
            time.sleep(0.02 * attempt)
        else:
            return Snapshot(connection, int(pointer["version"]), str(pointer["published_at"]), file)
    raise NoSnapshotError("the pointer names a snapshot that is gone: run `analytics refresh`") from problem


@contextmanager
def reading(snapshot: Snapshot | None) -> Iterator[Snapshot]:
    """The given snapshot, left open; without one the current version, closed at the end."""
    if snapshot is not None:
        yield snapshot
        return
    with open_snapshot() as current:
        yield current


def run_sql(
    settings: Settings | None,
    sql: str,
    *,
    limit: int | None = None,
    timeout_seconds: float = QUERY_TIME_LIMIT.value,
) -> Result:
    """Run one statement of a person on the current version: read-only, sandboxed and within a time limit.

    Raises:
        QueryError: one of its kinds, as ``open_snapshot`` and ``Snapshot.query`` say.
    """
    with open_snapshot(settings) as snapshot:
        return snapshot.query(sql, limit=limit, timeout_seconds=timeout_seconds)


def json_ready(value: Any) -> Any:
    """A DuckDB value as JSON has it: times (naive: UTC) and other types as text, decimals as numbers."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        in_utc = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return in_utc.isoformat().replace("+00:00", "Z")
    if isinstance(value, (date, clock_time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, dict):
        return {str(json_ready(key)): json_ready(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_ready(item) for item in value]
    return str(value)


def _read_pointer(path: Path) -> dict[str, Any]:
    try:
        pointer = json.loads(path.read_text(encoding="utf-8"))
        if not {"version", "file", "published_at"} <= pointer.keys():
            raise NoSnapshotError(f"{path.name} does not name a snapshot: run `analytics refresh`")
    except FileNotFoundError:
        raise NoSnapshotError("nothing is published yet: run `analytics refresh`") from None
    except (OSError, ValueError, AttributeError) as problem:
        raise NoSnapshotError(f"{path.name} cannot be read ({problem}): run `analytics refresh`") from problem
    if Path(pointer["file"]).name != pointer["file"]:
        raise NoSnapshotError(f"{path.name} leads out of its folder")
    return dict(pointer)


@contextmanager
def _interrupt_after(seconds: float, cursor: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Stop what the cursor does when the block takes longer."""
    timer = threading.Timer(seconds, cursor.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _distinct(columns: Sequence[str]) -> list[str]:
    names: list[str] = []
    for column in columns:
        name, count = column, 1
        while name in names:
            count += 1
            name = f"{column}_{count}"
        names.append(name)
    return names
