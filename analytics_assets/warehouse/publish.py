"""Publishing: a copy of the warehouse that readers open, and the pointer that makes them see it.

The copy has its own name for ever and the pointer is replaced in one step, so a reader has the old version or the
new one and never something between; one that is open keeps its version.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from analytics_assets.settings import Settings
from analytics_assets.warehouse import touched
from analytics_assets.warehouse.connection import count
from analytics_assets.warehouse.sizes import tables

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass(frozen=True)
class Published:
    """One published version; ``tables`` maps ``stage.table`` to its rows."""

    version: int
    file: str
    published_at: datetime
    bytes: int
    tables: dict[str, int]


def publish(con: DuckDBPyConnection, settings: Settings) -> Published:
    """Copy the warehouse and let readers see the copy; the last step of a refresh.

    Raises:
        OSError: no space left, or the folder cannot be written; the old version then stays in place.
    """
    con.execute("checkpoint")
    version = _last_version(settings) + 1
    name = f"snapshot-{version}.duckdb"
    settings.published.mkdir(parents=True, exist_ok=True)
    _copy_durably(settings.warehouse_file, settings.published / name)
    published = Published(
        version=version,
        file=name,
        published_at=datetime.now(UTC).replace(tzinfo=None),
        bytes=(settings.published / name).stat().st_size,
        tables=_row_counts(con),
    )
    pointer = {
        "version": version,
        "file": name,
        "published_at": published.published_at.isoformat() + "Z",
        "bytes": published.bytes,
    }
    touched.write_atomically(settings.pointer, json.dumps(pointer))
    touched.forget_intent(settings, still_open=touched.kinds_to_build(con))
    return published


def clean_up(settings: Settings) -> list[str]:
    """Remove all but the newest snapshots, and what a killed publication left; returns the names removed.

    The one that readers are pointed to stays whatever its number. Call it as the writer: a publication that is under
    way has a file that looks like a leftover.
    """
    current = json.loads(settings.pointer.read_text(encoding="utf-8"))["file"] if settings.pointer.exists() else None
    snapshots = sorted(settings.published.glob("snapshot-*.duckdb"), key=_version)
    superseded = [path for path in snapshots[: -settings.snapshots_kept] if path.name != current]
    unfinished = list(settings.published.glob("snapshot-*.tmp"))
    for path in (*superseded, *unfinished):
        path.unlink(missing_ok=True)
    return [path.name for path in (*superseded, *unfinished)]


def _last_version(settings: Settings) -> int:
    return max((_version(path) for path in settings.published.glob("snapshot-*.duckdb")), default=0)


def _version(path: Path) -> int:
    return int(path.stem.removeprefix("snapshot-"))


def _copy_durably(source: Path, target: Path) -> None:
    fresh = target.with_suffix(".tmp")
    shutil.copyfile(source, fresh)
    with fresh.open("rb") as copy:
        os.fsync(copy.fileno())
    fresh.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _row_counts(con: DuckDBPyConnection) -> dict[str, int]:
    """Rows per table, counted: DuckDB's own bookkeeping still has what was deleted."""
    return {table: count(con, f"select count(*) from {table}") for table in tables(con)}
