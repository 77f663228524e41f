"""A warehouse with issues, their files and weekly health, as the stages before leave them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest
from duckdb import DuckDBPyConnection

from analytics_assets.defs.patterns.associations import association_rules, lag_correlations
from analytics_assets.defs.patterns.correlations import correlations
from analytics_assets.defs.patterns.fixes import fix_time_regression, recurrence_tests
from analytics_assets.defs.patterns.issue_anomalies import issue_anomalies
from analytics_assets.defs.patterns.issue_answers import issue_answers
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.settings import Settings
from analytics_assets.warehouse import frames
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.schema import create_schema
from analytics_assets_tests.lib import issue_worlds

AS_OF = datetime(2026, 3, 4, 12)
FEATURES = {
    "id": "varchar",
    "issue": "varchar",
    "category": "varchar",
    "subcategory": "varchar",
    "priority": "bigint",
    "status": "varchar",
    "first_seen": "timestamp",
    "root_cause_id": "varchar",
    "sprint": "varchar",
    "time_spent_minutes": "double",
    "recurrences": "bigint",
    "files_affected_count": "bigint",
    "lines_over_limit": "bigint",
    "duplicate_count": "bigint",
    "is_ever_fixed": "boolean",
    "is_recurrence_known": "boolean",
    "days_to_fix": "double",
    "days_open": "double",
    "complexity_score": "double",
}
"""The columns of ``kpis.issue_features`` that this stage reads."""
TABLES = f"""
    create table kpis.issue_features ({", ".join(f"{name} {kind}" for name, kind in FEATURES.items())});
    create table staging.stg_issues (id varchar, files_affected varchar[]);
    create table staging.stg_issue_clock (as_of timestamp, is_stale boolean, is_overridden boolean);
    create table kpis.weekly_health (
        week date, scope varchar, health_score double, new_issues bigint, is_finished boolean
    )
"""
READ_BY_ANSWERS = ("correlations", "fix_time_regression", "recurrence_tests", "association_rules")
ASSETS = (
    *(correlations, fix_time_regression, recurrence_tests, association_rules),
    *(lag_correlations, issue_anomalies, issue_answers),
)


class Tracker:
    """Fills the tables that the patterns read."""

    def __init__(self, warehouse: WarehouseResource) -> None:
        self.warehouse = warehouse

    def execute(self, sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
        """Run a statement."""
        with self.warehouse.get_connection() as con:
            return con.execute(sql, parameters).fetchall()

    def has(self, issues: pd.DataFrame, found: Sequence[Mapping[str, object]] = ()) -> Tracker:
        """These issues; causes, sprints and files are those of ``found``, where given, and none otherwise."""
        files = pd.DataFrame()
        if found:
            listed = pd.DataFrame(list(found))
            issues = issues.iloc[: len(listed)].assign(
                **{name: listed[name] for name in ("root_cause_id", "sprint", "first_seen")}
            )
            files = pd.DataFrame({"id": issues["id"], "files_affected": listed["files_affected"]})
        with self.warehouse.get_connection() as con:
            insert(con, "staging.stg_issues", files, ["id", "files_affected"])
            insert(con, "kpis.issue_features", issues, list(FEATURES))
            con.execute("insert into staging.stg_issue_clock values (?, false, false)", [AS_OF])
        return self

    def weeks(self, weeks: pd.DataFrame) -> Tracker:
        """Weekly health of all issues, the last of whose weeks ended a day before ``AS_OF``."""
        last = datetime(2026, 2, 23).date()
        mondays = [last - timedelta(weeks=n) for n in reversed(range(len(weeks)))]
        moved = weeks.assign(scope="overall", week=mondays, is_finished=True)
        with self.warehouse.get_connection() as con:
            insert(con, "kpis.weekly_health", moved, ["week", "scope", "health_score", "new_issues", "is_finished"])
        return self

    def written(self, asset: dg.AssetsDefinition, **given: Any) -> Any:
        """Compute an asset and write its table, as a refresh does: its frame."""
        return self.keep(asset, self.result(asset, **given))

    def keep(self, asset: dg.AssetsDefinition, result: Any) -> Any:
        """Write what an asset returned: its frame as it is read again."""
        with self.warehouse.get_connection() as con:
            frames.write(con, *asset.key.path, frame=result.value)
            return frames.read(con, *asset.key.path)

    def result(self, asset: dg.AssetsDefinition, **given: Any) -> Any:
        """What an asset returns."""
        return called(asset, warehouse=self.warehouse, **given)


def insert(con: DuckDBPyConnection, table: str, frame: pd.DataFrame, columns: Sequence[str]) -> None:
    """Add the rows of a frame; what it has no column for is NULL."""
    con.register("added", frame.reindex(columns=list(columns)))
    con.execute(f"insert into {table} select * from added")
    con.unregister("added")


def called(definition: dg.AssetsDefinition | dg.AssetChecksDefinition, **given: Any) -> Any:
    """What an asset or a check returns, without the instance that Dagster makes for every call (0.2 s)."""
    return definition.op.compute_fn.decorated_fn(**given)


@pytest.fixture(scope="session")
def empty_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose warehouse has the tables that the patterns read, all empty; to be copied."""
    folder = tmp_path_factory.mktemp("empty")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANALYTICS_DATA_DIR", str(folder))
        with connect(Settings()) as con:
            create_schema(con)
            con.execute(TABLES)
    return folder


@pytest.fixture
def tracker(empty_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tracker:
    """A warehouse of its own, all empty."""
    shutil.copytree(empty_folder, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("ANALYTICS_DATA_DIR", str(tmp_path))
    return Tracker(WarehouseResource())


def fill(tracker: Tracker) -> Tracker:
    """400 issues in which complexity costs time, ``agents`` recur, and RCA-001 brings RCA-002; 60 weeks with a lead."""
    issues = issue_worlds.features(1, 800, per_point=1.07, per_day=1.05, recurring={"agents": 0.35}, long_fixes=3)
    found = issue_worlds.findings(3, 400, follows=0.9, folders=True)
    return tracker.has(issues, found).weeks(issue_worlds.weeks(1, drop=3.0))


Computed = dict[str, tuple[pd.DataFrame, Mapping[str, Any]]]


@pytest.fixture(scope="session")
def filled_folder(empty_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of that warehouse, made once: ``computed`` fills it, and nobody changes it after."""
    return shutil.copytree(empty_folder, tmp_path_factory.mktemp("patterns"), dirs_exist_ok=True)


@pytest.fixture
def filled(filled_folder: Path, computed: Computed, monkeypatch: pytest.MonkeyPatch) -> WarehouseResource:
    """That warehouse with all of its tables, to be read only."""
    assert computed, "its tables are written"
    monkeypatch.setenv("ANALYTICS_DATA_DIR", str(filled_folder))
    return WarehouseResource()


@pytest.fixture(scope="session")
def computed(filled_folder: Path) -> Computed:
    """The table and the metadata of each asset of that warehouse, computed once."""
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANALYTICS_DATA_DIR", str(filled_folder))
        tracker = fill(Tracker(WarehouseResource()))
        for asset in ASSETS:
            name = asset.key.path[-1]
            given = {read: found[read][0] for read in READ_BY_ANSWERS} if name == "issue_answers" else {}
            result = tracker.result(asset, **given)
            found[name] = (tracker.keep(asset, result), result.metadata)
    return found


@pytest.fixture
def table(computed: Computed) -> Callable[[str], pd.DataFrame]:
    """A copy of a table of that warehouse, by its name."""
    return lambda name: computed[name][0].copy()
