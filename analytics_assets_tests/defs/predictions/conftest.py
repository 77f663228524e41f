"""A warehouse with issues, as the dbt models leave it: their columns are those of the real tables."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest
import yaml

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.warehouse import frames

FIRST_DAY = datetime(2026, 1, 1)
MODELS = Path(__file__).parents[3] / "dbt_project" / "models"
TABLES = {
    "kpis": ("issue_features",),
    "staging": ("stg_issues", "stg_issue_openings", "stg_issue_clock"),
}


@cache
def declarations() -> dict[tuple[str, str], dict[str, str]]:
    """Columns of the real tables with their types, by stage and name."""
    found = {}
    for stage, names in TABLES.items():
        for name in names:
            (model,) = yaml.safe_load((MODELS / stage / f"{name}.yml").read_text(encoding="utf-8"))["models"]
            found[stage, name] = {column["name"]: column["data_type"] for column in model["columns"]}
    return found


def day(number: float) -> datetime:
    """A moment of the history, in days from 0."""
    return FIRST_DAY + timedelta(days=number)


class Tracker:
    """Fills the tables that the predictions read."""

    def __init__(self, warehouse: WarehouseResource) -> None:
        self.warehouse = warehouse
        self._columns = {name: list(columns) for (_, name), columns in declarations().items()}
        with warehouse.get_connection() as con:
            for (stage, name), columns in declarations().items():
                declared = ", ".join(f'"{column}" {kind}' for column, kind in columns.items())
                con.execute(f"create table {stage}.{name} ({declared})")

    def execute(self, sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
        """Run a statement."""
        with self.warehouse.get_connection() as con:
            return con.execute(sql, parameters).fetchall()

    def now(self, number: float) -> None:
        """Where the windows end."""
        self.execute("delete from staging.stg_issue_clock")
        self.execute("insert into staging.stg_issue_clock values (?, false, false)", [day(number)])

    def add(self, issues: list[dict[str, Any]]) -> None:
        """Issues: id, day, and what else is known; an issue with ``fixed`` (a day) is fixed.

        ``closed_at`` is when, unless it is given.
        """
        features, texts, openings = [], [], []
        for given in issues:
            seen, fixed = day(given["day"]), given.get("fixed")
            ended = day(fixed) if fixed is not None else None
            issue = {"issue": "text", "category": "commands", "priority": 2, "first_seen": seen, "fixed_date": ended}
            issue |= {"status": "OPEN" if ended is None else "FIXED", "is_open": ended is None, "openings": 1} | given
            features.append(issue)
            texts.append(issue | {"files_affected": given.get("files")})
            openings.append(
                {"closed_at": ended}
                | issue
                | {"opening": 1, "opened_at": seen, "is_dated": True, "is_reopening": False}
            )
        self._insert("kpis", "issue_features", features)
        self._insert("staging", "stg_issues", texts)
        self._insert("staging", "stg_issue_openings", openings)

    def versions(self, key: str, *told: tuple[float, str | None]) -> None:
        """What the tracker said of an issue: the day of each version and its root cause."""
        for at, cause in told:
            self.told(key, at, root_cause_id=cause)

    def told(self, key: str, at: float, **fields: Any) -> None:
        """One more version of an issue."""
        values = {"id": key, "version_at": day(at)} | fields
        names = ", ".join(f"? as {name}" for name in values)
        number = "select count(*) as version_number from raw.issues where id = ?"
        self.execute(
            f"insert into raw.issues by name select {names}, version_number from ({number})", [*values.values(), key]
        )

    def _insert(self, stage: str, table: str, rows: list[dict[str, Any]]) -> None:
        columns = self._columns[table]
        if not rows:
            return
        with self.warehouse.get_connection() as con:
            con.register(
                "added", pd.DataFrame([[row.get(c) for c in columns] for row in rows], columns=columns, dtype=object)
            )
            con.execute(f"insert into {stage}.{table} select * from added")
            con.unregister("added")

    def predicted(self, asset: dg.AssetsDefinition) -> tuple[dict[str, pd.DataFrame], dict[str, Any]]:
        """Compute the assets of a step and write their tables, as a refresh does: frames and metadata by name."""
        tables, metadata = {}, {}
        with dg.build_asset_context() as context:
            for output in asset(context, warehouse=self.warehouse):
                key = asset.keys_by_output_name[output.output_name]
                with self.warehouse.get_connection() as con:
                    frames.write(con, *key.path, frame=output.value)
                    tables[key.path[-1]] = frames.read(con, *key.path)
                metadata[key.path[-1]] = output.metadata
        return tables, metadata


@pytest.fixture
def tracker(warehouse: WarehouseResource) -> Tracker:
    return Tracker(warehouse)
