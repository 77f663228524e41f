"""A warehouse with judged runs, decisions and suggestions, as the stages before leave it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pytest
import yaml

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.suggesting.table import COLUMNS
from analytics_assets.warehouse import frames

FIRST_DAY = datetime(2026, 1, 1)
RUN = {
    "spec_id": "etl",
    "spec_fingerprint": "v1",
    "spec_type": "migration",
    "task_count": 3,
    "model": "m",
    "memory_limit": "2Gi",
    "memory_limit_mb": 2048.0,
    "is_oom": False,
    "is_transient": False,
    "duration_seconds": 60.0,
    "llm_cost_usd": 1.0,
    "memory_peak_mb": 500.0,
    "is_memory_censored": False,
    "is_cpu_censored": False,
}
SUGGESTION = {
    "id": "sg-1",
    "type": "resource",
    "rule": "memory_raise",
    "spec_id": "etl",
    "spec_type": "migration",
    "confidence": 0.97,
    "level": "HIGH",
    "data_points": 60,
    "current_runs": 57,
    "suggested_runs": 3,
    "current_rate": 0.5,
    "suggested_rate": 0.0,
    "difference": -0.5,
    "expected_fewer_failures": 30.0,
    "expected_saving_usd": 12.0,
    "status": "applied",
}
MODEL = Path(__file__).parents[3] / "dbt_project" / "models" / "staging" / "stg_judged_runs.yml"


def run_columns() -> dict[str, str]:
    """Columns of the real table with their types."""
    (model,) = yaml.safe_load(MODEL.read_text(encoding="utf-8"))["models"]
    return {column["name"]: column["data_type"] for column in model["columns"]}


def day(number: float) -> datetime:
    """Midnight of a day of the history, from 0."""
    return FIRST_DAY + timedelta(days=number)


class History:
    """Fills the staging tables of a warehouse."""

    def __init__(self, warehouse: WarehouseResource) -> None:
        self.warehouse = warehouse
        self._runs = 0
        self._columns = run_columns()
        columns = ", ".join(f"{name} {kind}" for name, kind in self._columns.items())
        self.execute(f"create table staging.stg_judged_runs ({columns})")
        self.execute(
            "create table staging.stg_specs (id varchar, model varchar, memory_limit varchar, cpu_limit varchar)"
        )
        self.execute(
            "create table staging.stg_decisions (decision_id varchar, subject_type varchar, subject_id varchar, "
            "decision varchar, decided_at timestamp, decided_by varchar, notes varchar, extra varchar)"
        )
        self.execute("create table staging.stg_as_of (kind varchar, as_of timestamp, is_stale boolean)")
        self.suggest()

    def execute(self, sql: str, parameters: Any = None) -> list[tuple[Any, ...]]:
        """Run a statement."""
        with self.warehouse.get_connection() as con:
            return con.execute(sql, parameters).fetchall()

    def runs(self, first: float, last: float, count: int, successes: int, **fields: Any) -> None:
        """``count`` runs spread evenly within (first, last] days; the successes are spread among them too."""
        rows = []
        for number in range(count):
            self._runs += 1
            is_success = (number + 1) * successes // count > number * successes // count
            status, error = ("success", None) if is_success else ("failed", "error")
            run = RUN | {"is_success": is_success, "status": status, "error_type": error} | fields
            at = day(first + (last - first) * (number + 1) / count)
            run |= {"run_id": f"r{self._runs:05}", "started_at": at}
            rows.append([run.get(name) for name in self._columns])
        with self.warehouse.get_connection() as con:
            con.register("added", pd.DataFrame(rows, columns=list(self._columns), dtype=object))
            con.execute("insert into staging.stg_judged_runs select * from added")
            con.unregister("added")
            con.execute(
                "update staging.stg_judged_runs set as_of = (select max(started_at) from staging.stg_judged_runs)"
            )

    def now(self, number: float) -> None:
        """The newest run ended on this day."""
        self.execute("delete from staging.stg_as_of")
        self.execute("insert into staging.stg_as_of values ('runs', ?, false)", [day(number)])

    def decide(self, number: float, decision: str, subject: str = "sg-1", **extra: Any) -> str:
        """A decision of a person; its id says what and when."""
        key = f"{decision}-{subject}-{number:g}"
        values = [
            key,
            "suggestion",
            subject,
            decision,
            day(number),
            "ann",
            "as agreed",
            json.dumps(extra) if extra else None,
        ]
        self.execute("insert into staging.stg_decisions values (?, ?, ?, ?, ?, ?, ?, ?)", values)
        return key

    def suggest(self, *suggestions: dict[str, Any]) -> None:
        """The suggestions there are: the usual one, or these as changes of it."""
        rows = [SUGGESTION | one for one in suggestions or ({},)]
        with self.warehouse.get_connection() as con:
            frames.write(con, "suggestions", "suggestions", frame=frames.frame_of(COLUMNS, rows))

    def written(self, asset: dg.AssetsDefinition, **given: Any) -> Any:
        """Compute an asset and write its table, as a refresh does: its frame."""
        with dg.build_asset_context() as context:
            takes_context = "context" in asset.op.compute_fn.decorated_fn.__annotations__
            result = asset(context, **given) if takes_context else asset(**given)
        with self.warehouse.get_connection() as con:
            frames.write(con, *asset.key.path, frame=result.value)
            return frames.read(con, *asset.key.path)


@pytest.fixture
def history(warehouse: WarehouseResource) -> History:
    return History(warehouse)
