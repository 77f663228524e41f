"""A data folder of its own for each command, and short words for running commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from analytics_assets.cli.app import app
from analytics_assets.settings import Settings
from analytics_assets.warehouse import publish as publishing
from analytics_assets.warehouse import touched
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.ingest import ingest


class Cli:
    """The command line on one data folder."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def run(self, *words: str | Path, exit_code: int = 0, stdin: str | None = None) -> Result:
        """Run a command and hold its exit code; a traceback is never right."""
        result = CliRunner().invoke(app, [str(word) for word in words], input=stdin)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        assert result.exit_code == exit_code, result.output
        return result

    def json(self, *words: str | Path, exit_code: int = 0) -> Any:
        """Run a command whose standard output is JSON and nothing else."""
        return json.loads(self.run(*words, exit_code=exit_code).stdout)

    def land(self, name: str, content: str | list[dict[str, Any]]) -> Path:
        """Write a file straight into the inbox."""
        return write(self.settings.inbox / name, content)

    def publish(self) -> None:
        """Take what is in the inbox and publish the raw tables: a refresh without its models."""
        with connect(self.settings) as con:
            ingest(con, self.settings)
            con.execute(
                "create table if not exists staging.stg_issue_clock "
                "(as_of timestamp, is_stale boolean, is_overridden boolean)"
            )
            con.execute(
                "create or replace table staging.stg_as_of as select 'executions' as kind, "
                "max(started_at) as as_of, false as is_stale from raw.executions"
            )
            touched.clear(con, touched.newest_batch(con))
            publishing.publish(con, self.settings)


def write(path: Path, content: str | list[dict[str, Any]]) -> Path:
    """Write a file; a list becomes JSON lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, list):
        content = "".join(json.dumps(record) + "\n" for record in content)
    path.write_text(content, encoding="utf-8")
    return path


def execution(key: str, **fields: Any) -> dict[str, Any]:
    """A valid execution."""
    return {
        "execution_id": key,
        "tool_name": "grep",
        "started_at": "2026-01-05T10:20:30.5Z",
        "success": True,
    } | fields


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """The command line on an empty data folder."""
    # Files are complete when they are written, so no test waits for them to settle.
    monkeypatch.setenv("ANALYTICS_SETTLE_SECONDS", "0")
    monkeypatch.setenv("ANALYTICS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return Cli(Settings())
