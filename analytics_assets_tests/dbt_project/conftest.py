"""The dbt project over a warehouse that the real ingestion filled: dbt is imported and the project parsed once."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest

from analytics_assets.settings import Settings
from analytics_assets.warehouse import touched
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.ingest import ingest
from analytics_assets.warehouse.retention import purge

PROJECT = Path(__file__).parents[2] / "dbt_project"


class Refresh:
    """A data folder, and the steps of a refresh on it."""

    def __init__(self, folder: Path, target: Path) -> None:
        # Hourly rows outlive raw ones by a month, so that a test can purge one and then the other.
        self.settings = Settings(data_dir=folder, settle_seconds=0, hourly_days=60)
        self.target = target
        self._files = 0

    def take(self, kind: str, records: list[dict[str, Any]]) -> None:
        """Ingest some records as one batch."""
        self.land(kind, records)
        self.ingest()

    def land(self, kind: str, records: list[dict[str, Any]]) -> None:
        """Put some records into the inbox."""
        self._files += 1
        path = self.settings.inbox / kind / f"{self._files}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")

    def ingest(self) -> None:
        """Take what lies in the inbox."""
        with connect(self.settings) as con:
            report = ingest(con, self.settings)
        assert not any(file.quarantined_lines for file in report.files), report.files

    def dbt(self, *args: str, as_of: str = "") -> Any:
        """Run dbt in this process; returns its result, whatever it was."""
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        folders = ("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT), "--target-path", str(self.target))
        # Set for this invocation only: other tests of this process look for variables that are no settings.
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("ANALYTICS_WAREHOUSE_FILE", str(self.settings.warehouse_file))
            patch.setenv("ANALYTICS_WAREHOUSE_TEMP", str(self.settings.warehouse / "tmp"))
            patch.setenv("ANALYTICS_AS_OF_UTC", as_of)
            try:
                return dbtRunner().invoke([*args, *folders, "--quiet", "--log-level-file", "none", "--no-write-json"])
            finally:
                # The process would keep the file open, and no other configuration could open it.
                DuckDBConnectionManager.close_all_connections()

    def build(self, *args: str, as_of: str = "", command: str = "run") -> None:
        """Build models and, as a refresh does, empty the queue of hours."""
        result = self.dbt(command, *args, as_of=as_of)
        problems = [f"{r.node.name}: {r.message}" for r in result.result or () if r.status not in ("success", "pass")]
        assert result.success, problems or result.exception
        with connect(self.settings) as con:
            touched.clear(con, touched.newest_batch(con))

    def purge(self, now: Any) -> None:
        """Retention, as if it were ``now``."""
        with connect(self.settings) as con:
            purge(con, self.settings, now)

    def change(self, sql: str) -> None:
        """Change the warehouse by hand, as an earlier version left it."""
        with connect(self.settings) as con:
            con.execute(sql)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Rows of the warehouse as dicts."""
        with connect(self.settings) as con:
            return _rows(con, sql)

    def row(self, sql: str) -> dict[str, Any]:
        """The one row of a statement."""
        (row,) = self.rows(sql)
        return row


class Kept:
    """A copy of what was built: the folder itself is the next user's."""

    def __init__(self, made: Refresh, file: Path) -> None:
        self._file = shutil.copyfile(made.settings.warehouse_file, file)

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """Rows of the copy as dicts."""
        with duckdb.connect(str(self._file), read_only=True) as con:
            return _rows(con, sql)

    def row(self, sql: str) -> dict[str, Any]:
        """The one row of a statement."""
        (row,) = self.rows(sql)
        return row


def _rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    cursor = con.execute(sql)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.fixture(scope="session")
def dbt_session(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all tests: dbt parses the project again when the path of the warehouse changes."""
    return tmp_path_factory.mktemp("dbt")


def start_over(folder: Path) -> Refresh:
    """An empty data folder, always the same one: its users come one after the other."""
    shutil.rmtree(folder / "data", ignore_errors=True)
    return Refresh(folder / "data", folder / "target")


@pytest.fixture
def refresh(dbt_session: Path) -> Refresh:
    """An empty data folder."""
    return start_over(dbt_session)


@pytest.fixture(scope="session")
def manifest(dbt_session: Path) -> dict[str, Any]:
    """The parsed project."""
    result = Refresh(dbt_session / "data", dbt_session / "target").dbt("parse")
    assert result.success, result.exception
    parsed: dict[str, Any] = result.result.to_dict()
    return parsed


@pytest.fixture(scope="session")
def built_once(dbt_session: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the data folder of three days of executions, every model built."""
    made = start_over(dbt_session)
    made.take(
        "executions",
        [
            {
                "execution_id": f"e{n}",
                "agent_id": f"agent-{n % 3}",
                "tool_name": ("grep", "edit", "it's")[n % 3],
                "started_at": f"2026-01-{5 + n // 60:02}T10:{n % 60:02}:00Z",
                "success": n % 3 < 2 or n % 2 == 0,
                "duration_seconds": 1.5,
                "cost_usd": 9.0 if n == 50 else 0.5,
                "tokens_used": 10,
            }
            for n in range(180)
        ],
    )
    made.build()
    return shutil.copytree(dbt_session / "data", tmp_path_factory.mktemp("built") / "data")


@pytest.fixture(scope="module")
def built(dbt_session: Path, built_once: Path) -> Refresh:
    """Three days of executions, built, for a module whose tests do not ask for ``refresh``."""
    made = start_over(dbt_session)
    shutil.copytree(built_once, dbt_session / "data")
    return made


@pytest.fixture(scope="session")
def sampled_issues(dbt_session, tmp_path_factory):
    """Issues and reviews of 60 days, and the issues as a plain reading of their lines has them."""
    from analytics_assets.sample import effects
    from analytics_assets.sample import issues as made_up
    from analytics_assets.sample.window import window
    from analytics_assets.sample.world import World
    from analytics_assets.sample.writer import write_records
    from analytics_assets_tests.dbt_project import issue_history

    # The other kinds of a sample take nine tenths of its time.
    span = window(60, issue_history.SAMPLE_END)
    world = World(span, 7, {effect: effect.plant(span) for effect in effects.chosen("all")})
    plans = made_up.plan_issues(world)
    refresh = start_over(dbt_session)
    inbox = refresh.settings.inbox
    write_records(inbox, world, "issues", made_up.issues(world, plans))
    write_records(inbox, world, "reviews", made_up.reviews(world, plans))
    issues = issue_history.follow(issue_history.records_of(inbox / "issues"))
    reviews = issue_history.records_of(inbox / "reviews")
    refresh.ingest()
    refresh.build(*issue_history.MODELS, command="build")
    return Kept(refresh, tmp_path_factory.mktemp("sample") / "built.duckdb"), issues, reviews


@pytest.fixture(scope="session")
def signals(dbt_session, tmp_path_factory):
    """A month of work and measurements, what each hour of a signal is by a plain count, and the records."""
    from analytics_assets_tests.dbt_project import signal_history

    made = signal_history.records(seed=5)
    refresh = start_over(dbt_session)
    for kind, rows in made.items():
        refresh.land(kind, rows)
    refresh.ingest()
    refresh.build(*signal_history.MODELS, command="build")
    kept = Kept(refresh, tmp_path_factory.mktemp("signals") / "built.duckdb")
    return kept, signal_history.counted(made), made
