"""Opening the warehouse: one configuration everywhere, one writer for a whole run."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics_assets.settings import Settings

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_POLL_SECONDS = 0.2


class WarehouseBusyError(RuntimeError):
    """Another process writes and did not finish in time."""


def config(settings: Settings) -> dict[str, str | bool | int | float | list[str]]:
    """DuckDB's configuration. A second connection of a process must be opened with the very same one."""
    return {
        "memory_limit": settings.warehouse_memory,
        "temp_directory": str(settings.warehouse / "tmp"),
    }


@contextmanager
def connect(settings: Settings, *, read_only: bool = False) -> Iterator[DuckDBPyConnection]:
    """Open the warehouse and close it whatever happens.

    Raises:
        WarehouseBusyError: another process held the file for longer than ``settings.lock_wait_seconds``.
    """
    import duckdb

    settings.warehouse.mkdir(parents=True, exist_ok=True)
    deadline = time.monotonic() + settings.lock_wait_seconds
    while True:
        try:
            con = duckdb.connect(str(settings.warehouse_file), read_only=read_only, config=config(settings))
            break
        except duckdb.IOException as error:
            if "lock" not in str(error).lower():
                raise
            if time.monotonic() > deadline:
                raise WarehouseBusyError(
                    f"{settings.warehouse_file} is open in another process, and it stayed so for "
                    f"{settings.lock_wait_seconds:.0f} s. Close it there, or run `analytics doctor` to see which one."
                ) from error
            time.sleep(_POLL_SECONDS)
    try:
        con.execute("set TimeZone = 'UTC'")
        # DuckDB would write its own bar among the output of the command.
        con.execute("set enable_progress_bar = false")
        yield con
    finally:
        con.close()


@contextmanager
def transaction(con: DuckDBPyConnection) -> Iterator[None]:
    """All or nothing: commit at the end, roll back on any error."""
    con.execute("begin")
    try:
        yield
    except BaseException:  # also Ctrl-C: what is half done must not stay open in a process that lives on
        con.execute("rollback")
        raise
    con.execute("commit")


def count(con: DuckDBPyConnection, statement: str, *parameters: object) -> int:
    """The number that a one-row statement returns."""
    row = con.execute(statement, list(parameters)).fetchone()
    assert row is not None, "the statement returns a count"
    return int(row[0])


def records(con: DuckDBPyConnection, statement: str) -> list[dict[str, Any]]:
    """The rows of a statement by the names of its columns; for bounded tables."""
    found = con.execute(statement)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


_held: dict[Path, int] = {}


@contextmanager
def writer_lock(settings: Settings) -> Iterator[None]:
    """Be the one writer until the end of the block; inside one process it may be taken again.

    The lock is the operating system's: it is gone with the process that held it, however that ended.

    Raises:
        WarehouseBusyError: another process kept it for longer than ``settings.lock_wait_seconds``.
    """
    path = settings.writer_lock
    if path in _held:
        _held[path] += 1
        try:
            yield
        finally:
            _held[path] -= 1
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as handle:
        _lock(handle.fileno(), path, settings.lock_wait_seconds)
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        _held[path] = 1
        try:
            yield
        finally:
            _held.pop(path)
            handle.truncate(0)
            fcntl.flock(handle, fcntl.LOCK_UN)


def _lock(descriptor: int, path: Path, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                holder = path.read_text().strip() or "unknown"
                raise WarehouseBusyError(
                    f"Another refresh (process {holder}) has been writing for over {wait_seconds:.0f} s. "
                    "Wait for it, or set ANALYTICS_LOCK_WAIT_SECONDS higher."
                ) from None
            time.sleep(_POLL_SECONDS)
        else:
            return
