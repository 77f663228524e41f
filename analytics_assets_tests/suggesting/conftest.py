"""A history of runs in memory, in the table that rules read."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import duckdb
import pytest

from analytics_assets.lib.sizes import Sizes, cpu_mcores, memory_mb

AS_OF = datetime(2026, 3, 31, 12)
SIZES = Sizes.of(("1Gi", "2Gi", "4Gi", "8Gi"), ("500m", "1", "2", "4"))
COLUMNS = {
    "run_id": "varchar",
    "spec_id": "varchar",
    "spec_fingerprint": "varchar",
    "spec_type": "varchar",
    "task_count": "bigint",
    "model": "varchar",
    "memory_limit": "varchar",
    "memory_limit_mb": "double",
    "cpu_limit": "varchar",
    "cpu_limit_mcores": "double",
    "status": "varchar",
    "error_type": "varchar",
    "is_success": "boolean",
    "is_oom": "boolean",
    "is_transient": "boolean",
    "started_at": "timestamp",
    "iterations": "bigint",
    "llm_cost_usd": "double",
    "memory_peak_mb": "double",
    "is_memory_censored": "boolean",
    "cpu_peak_mcores": "double",
    "is_cpu_censored": "boolean",
}
RUN: dict[str, Any] = {"spec_id": "s", "spec_fingerprint": "v1", "spec_type": "fix", "model": "m", "task_count": 3}


class History:
    """Runs and documents of specs; a run is a minute after the one that was added before it."""

    def __init__(self, con: duckdb.DuckDBPyConnection | None = None) -> None:
        self.con = con or duckdb.connect()
        self.con.execute("create schema if not exists staging")
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        self.con.execute(f"create table staging.stg_judged_runs ({columns})")
        self.con.execute(
            "create table staging.stg_specs "
            "(id varchar, model varchar, memory_limit varchar, cpu_limit varchar, path varchar, fingerprint varchar)"
        )
        self._added = 0

    def add(self, runs: int, failures: int = 0, **fields: Any) -> None:
        """Runs of one configuration; the first of them fail, by ``failure`` (``error``, ``oom`` or an error type)."""
        failure = fields.pop("failure", "error")
        started_at = fields.pop("started_at", None)
        for number in range(runs):
            failed = number < failures
            run = RUN | fields | {"is_success": not failed, "status": "failed" if failed else "success"}
            limit, cpu = run.get("memory_limit"), run.get("cpu_limit")
            run["memory_limit_mb"] = memory_mb(limit) if limit else None
            run["cpu_limit_mcores"] = cpu_mcores(cpu) if cpu else None
            run["is_oom"] = failed and failure == "oom"
            run["is_transient"] = failed and failure in ("timeout", "network")
            run["error_type"] = failure if failed else None
            if run["is_oom"]:
                run["memory_peak_mb"] = run["memory_limit_mb"]
            run["is_memory_censored"] = run["is_oom"]
            peak, ceiling = run.get("cpu_peak_mcores"), run["cpu_limit_mcores"]
            run["is_cpu_censored"] = peak is not None and ceiling is not None and peak >= ceiling
            self._added += 1
            run["run_id"] = f"r{self._added:05}"
            run["started_at"] = started_at or AS_OF - timedelta(days=29) + timedelta(minutes=self._added)
            self.write(run)

    def write(self, run: dict[str, Any]) -> None:
        """One row as it is."""
        self.con.execute(
            f"insert into staging.stg_judged_runs values ({', '.join('?' * len(COLUMNS))})",
            [run.get(name) for name in COLUMNS],
        )

    def document(self, spec_id: str, **fields: Any) -> None:
        """The document of a spec."""
        names = ("model", "memory_limit", "cpu_limit", "path", "fingerprint")
        self.con.execute(
            "insert into staging.stg_specs values (?, ?, ?, ?, ?, ?)", [spec_id, *(fields.get(n) for n in names)]
        )


@pytest.fixture
def history():
    made = History()
    yield made
    made.con.close()
