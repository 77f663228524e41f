"""A data folder of its own for each test, and short words for landing files and asking the warehouse."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from analytics_assets.settings import Settings
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.ingest import BatchReport, ingest


class Inbox:
    """An inbox under test; files land as settled unless a test says otherwise."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def land(self, name: str, content: bytes | str | list[dict[str, Any]], *, settled: bool = True) -> Path:
        """Write a file below ``inbox``; a list becomes JSON lines."""
        path = self.settings.inbox / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, list):
            content = "".join(json.dumps(record) + "\n" for record in content)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        if settled:
            self.settle(path)
        return path

    def settle(self, path: Path) -> None:
        """Let a file look as if it had been left alone."""
        past = time.time() - 60
        os.utime(path, (past, past))

    def ingest(self, **options: Any) -> BatchReport:
        """Take what is there."""
        with connect(self.settings) as con:
            return ingest(con, self.settings, **options)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the warehouse."""
        with connect(self.settings) as con:
            return con.execute(sql).fetchall()

    def value(self, sql: str) -> Any:
        """Ask the warehouse for one value."""
        return self.rows(sql)[0][0]

    def reasons(self) -> list[tuple[Any, ...]]:
        """Line, field and reason of everything that was put aside."""
        return self.rows("select line_number, field, reason from raw.quarantined_lines order by path, line_number")


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    """An empty data folder."""
    return Inbox(Settings(data_dir=tmp_path, max_line_bytes=100_000))


@pytest.fixture
def execution() -> Callable[..., dict[str, Any]]:
    """Makes a valid execution; keyword arguments replace fields."""

    def make(key: str, **fields: Any) -> dict[str, Any]:
        base = {
            "execution_id": key,
            "tool_name": "grep",
            "started_at": "2026-01-05T10:20:30Z",
            "success": True,
        }
        return base | fields

    return make
