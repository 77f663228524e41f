"""Published versions with tables of runs that have the columns the models declare, and the rows a test gives."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import yaml

from analytics_assets.defs.outcomes import backtests, calibration, improvement_effectiveness
from analytics_assets.defs.suggestions import learned_fields
from analytics_assets.settings import Settings
from analytics_assets.suggesting.table import COLUMNS as SUGGESTIONS

MODELS = Path(__file__).parents[2] / "dbt_project" / "models"
AS_OF = datetime(2026, 2, 16, 12)
WRITTEN_IN_PYTHON = {
    "suggestions.suggestions": SUGGESTIONS,
    "suggestions.learned_fields": learned_fields.COLUMNS,
    "outcomes.calibration": calibration.COLUMNS,
    "outcomes.rule_scores": backtests.SCORES,
    "outcomes.improvement_effectiveness": improvement_effectiveness.COLUMNS,
}
TABLES = (
    *WRITTEN_IN_PYTHON,
    "staging.stg_as_of",
    "staging.stg_runs",
    "staging.stg_judged_runs",
    "staging.stg_specs",
    "staging.stg_decisions",
    "profiles.spec_quality",
    "profiles.model_effectiveness",
    "profiles.task_effectiveness",
    "profiles.resource_usage_profiles",
    "profiles.failure_patterns",
    "profiles.cost_efficiency",
    "profiles.resource_needs",
)
Rows = Iterable[Mapping[str, Any]]


@cache
def columns(table: str) -> dict[str, str]:
    """Names and types, as the asset declares them."""
    if table in WRITTEN_IN_PYTHON:
        return {column.name: column.type for column in WRITTEN_IN_PYTHON[table]}
    stage, name = table.split(".")
    (model,) = yaml.safe_load((MODELS / stage / f"{name}.yml").read_text())["models"]
    return {column["name"]: column["data_type"] for column in model["columns"]}


def publish(
    settings: Settings, tables: Mapping[str, Rows] | None = None, *, version: int = 1, without: Iterable[str] = ()
) -> None:
    """Publish every table of runs with these rows; what a row does not name is NULL."""
    settings.published.mkdir(parents=True, exist_ok=True)
    given = {"staging.stg_as_of": [{"kind": "runs", "as_of": AS_OF, "is_stale": False}]} | dict(tables or {})
    file = settings.published / f"snapshot-{version}.duckdb"
    file.unlink(missing_ok=True)
    with duckdb.connect(str(file)) as con:
        for table in TABLES:
            con.execute(f"create schema if not exists {table.split('.')[0]}")
            if table not in without:
                create(con, table, given.get(table, ()))
    pointer = {"version": version, "file": file.name, "published_at": "2026-02-16T12:30:00Z"}
    fresh = settings.pointer.with_suffix(".new")
    fresh.write_text(json.dumps(pointer))
    fresh.replace(settings.pointer)


def create(con: duckdb.DuckDBPyConnection, table: str, rows: Rows) -> None:
    """One table with its rows; a column that its asset does not have is refused."""
    declared = columns(table)
    con.execute(f"create table {table} ({', '.join(f'{name} {kind}' for name, kind in declared.items())})")
    for row in rows:
        assert row.keys() <= declared.keys(), f"{table} has no {row.keys() - declared.keys()}"
        places = ", ".join("?" * len(row))
        con.execute(f"insert into {table} ({', '.join(row)}) values ({places})", list(row.values()))
