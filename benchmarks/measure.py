"""The measurements, each in processes of its own so that one does not warm another."""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from analytics_assets.settings import Settings
from benchmarks.crash import kill_loop
from benchmarks.generate import hours_ago, write_executions
from benchmarks.results import Row

_REPEATS = 3
_BARE = """
import duckdb, sys
columns = {"execution_id": "VARCHAR", "task_id": "VARCHAR", "run_id": "VARCHAR", "agent_id": "VARCHAR",
    "tool_name": "VARCHAR", "started_at": "TIMESTAMPTZ", "duration_seconds": "DOUBLE", "success": "BOOLEAN",
    "cost_usd": "DOUBLE", "tokens_used": "BIGINT", "human_effort_level": "VARCHAR", "browser_used": "BOOLEAN",
    "error_type": "VARCHAR"}
con = duckdb.connect(sys.argv[2])
source = f"read_json('{sys.argv[1]}', columns={columns}, format='newline_delimited')"
con.execute(f"create table t as select * from {source}")
con.close()
"""
_INGEST = """
import resource, sys
from pathlib import Path
from analytics_assets.settings import Settings
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.ingest import ingest
settings = Settings(data_dir=Path(sys.argv[1]), settle_seconds=0)
with connect(settings) as con:
    report = ingest(con, settings)
print(sum(kind.new_records for kind in report.by_kind.values()), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
_DEFINITIONS = "import dagster, analytics_assets.definitions as d; d.defs() if callable(d.defs) else d.defs"


def _seconds(command: list[str], **options: object) -> tuple[float, str]:
    started = time.monotonic()
    done = subprocess.run(command, check=True, capture_output=True, text=True, **options)  # type: ignore[call-overload]
    return time.monotonic() - started, done.stdout


def _environment(folder: Path) -> dict[str, str]:
    return os.environ | {"ANALYTICS_DATA_DIR": str(folder), "ANALYTICS_SETTLE_SECONDS": "0"}


def definitions_load(_options: argparse.Namespace, folder: Path) -> list[Row]:
    """Loading the definitions against importing the libraries they need."""
    pairs = []
    for _ in range(_REPEATS + 1):
        ours, _out = _seconds([sys.executable, "-c", _DEFINITIONS], env=_environment(folder))
        bare, _out = _seconds([sys.executable, "-c", "import dagster, dagster_dbt"])
        pairs.append((ours, bare))
    ratio = statistics.median(ours / bare for ours, bare in pairs[1:])
    shown = f"{ratio:.2f} x ({pairs[-1][0]:.1f} s against {pairs[-1][1]:.1f} s)"
    return [Row("definitions load against `import dagster, dagster_dbt`", shown, "at most 1.3 x")]


def ingest_ratio(options: argparse.Namespace, folder: Path) -> list[Row]:
    """Ingesting a large log against DuckDB's bare reader, in turn."""
    log = folder / "log.jsonl"
    write_executions(log, options.records, start=hours_ago(720), spacing_seconds=0.5)
    ratios, peak = [], 0.0
    for turn in range(_REPEATS):
        bare, _ = _seconds([sys.executable, "-c", _BARE, str(log), str(folder / f"bare{turn}.duckdb")])
        data = folder / f"data{turn}"
        (data / "inbox" / "executions").mkdir(parents=True)
        os.link(log, data / "inbox" / "executions" / "log.jsonl")
        ours, out = _seconds([sys.executable, "-c", _INGEST, str(data)])
        records, memory = map(int, out.split())
        if records != options.records:
            raise RuntimeError(f"{records} of {options.records} records were taken: the measurement is void")
        ratios.append((ours / bare, ours, bare))
        peak = max(peak, memory / 2**20)
    ratio, ours, bare = sorted(ratios)[len(ratios) // 2]
    size = log.stat().st_size / 1e9
    return [
        Row(
            f"ingest of {options.records:,} executions ({size:.1f} GB) against a bare `read_json` into a table",
            f"{ratio:.2f} x ({ours:.1f} s against {bare:.1f} s)",
            "at most 1.5 x",
        ),
        Row("peak memory of that ingest", f"{peak:.2f} GiB", "under 2 GB"),
    ]


def refresh_flatness(options: argparse.Namespace, folder: Path) -> list[Row]:
    """Refreshing a batch of 10,000 records on little and on much history."""
    medians = []
    for history in options.history:
        data = folder / f"history-{history}"
        inbox = data / "inbox" / "executions"
        write_executions(inbox / "history.jsonl", history, start=hours_ago(600), spacing_seconds=590 * 3600 / history)
        _refresh(data)
        (inbox / "history.jsonl").unlink()
        times = []
        for turn in range(_REPEATS):
            fresh = inbox / f"batch{turn}.jsonl"
            write_executions(fresh, 10_000, start=hours_ago(2), seed=100 + turn, spacing_seconds=0.36)
            times.append(_refresh(data))
        medians.append(statistics.median(times))
    small, large = options.history[0], options.history[-1]
    shown = f"{medians[-1] / medians[0]:.2f} x ({medians[-1]:.1f} s against {medians[0]:.1f} s)"
    return [Row(f"refresh of 10,000 records at {large:,} against {small:,} of history", shown, "at most 1.2 x")]


def _refresh(data: Path) -> float:
    seconds, _ = _seconds([sys.executable, "-m", "analytics_assets.cli", "refresh"], env=_environment(data))
    return seconds


@contextmanager
def _running(data: Path, port: int) -> Iterator[None]:
    """The UI, the daemon and the code server, as `make run` starts them."""
    environment = _environment(data) | {"ANALYTICS_UI_PORT": str(port), "ANALYTICS_SETTLE_SECONDS": "2"}
    command = [sys.executable, "-m", "analytics_assets.cli", "up"]
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


def landed_to_published(options: argparse.Namespace, folder: Path) -> list[Row]:
    """From a renamed-in file to its records in the published snapshot, while everything runs."""
    data = folder / "data"
    settings = Settings(data_dir=data)
    write_executions(data / "inbox" / "executions" / "first.jsonl", 1000, start=hours_ago(5))
    _refresh(data)
    waits = []
    with _running(data, port=3999):
        _wait_for_daemon(settings)
        for turn in range(options.landings):
            hidden = data / f"landing{turn}.jsonl"
            write_executions(hidden, 500, start=hours_ago(1), seed=500 + turn)
            first = json.loads(hidden.read_text().splitlines()[0])["execution_id"]
            started = time.monotonic()
            hidden.rename(data / "inbox" / "executions" / hidden.name)
            waits.append(_wait_until_published(settings, first, started))
            time.sleep(1 + turn % 5)
    waits.sort()
    p95 = waits[min(len(waits) - 1, int(0.95 * len(waits)))]
    return [
        Row(
            f"landed file to published answer, {len(waits)} files with UI and daemon running",
            f"median {statistics.median(waits):.1f} s, p95 {p95:.1f} s, longest {waits[-1]:.1f} s",
            "p95 under 20 s",
        )
    ]


def _wait_for_daemon(settings: Settings) -> None:
    """Until the first run that the sensor asks for has published something new."""
    write_executions(settings.inbox / "executions" / "warm.jsonl", 10, start=hours_ago(1), seed=7)
    key = json.loads((settings.inbox / "executions" / "warm.jsonl").read_text().splitlines()[0])["execution_id"]
    _wait_until_published(settings, key, time.monotonic(), limit=240)


def _wait_until_published(settings: Settings, key: str, started: float, *, limit: float = 120) -> float:
    from analytics_assets.queries.snapshot import run_sql

    # The answer and not the record: every execution counts in its tool's profile.
    question = (
        f"select count(*) from staging.stg_executions where execution_id = '{key}' and "
        "(select count(*) from staging.stg_executions) = (select sum(lifetime_executions) from profiles.tool_profiles)"
    )
    while time.monotonic() - started < limit:
        if settings.pointer.exists() and run_sql(settings, question).rows[0][0]:
            return time.monotonic() - started
        time.sleep(0.5)
    raise RuntimeError(f"nothing was published within {limit:.0f} s")


def crash_safety(options: argparse.Namespace, folder: Path) -> list[Row]:
    """Kill a refresh at random moments and count."""
    report = kill_loop(folder / "data", options.kills)
    return [
        Row(
            f"{report.kills} kills of a refresh ({report.killed_in_time} before it ended), {report.records:,} records",
            f"{report.lost} lost, {report.twice} twice, {report.miscounted} tables miscounted, "
            f"{report.unreadable_snapshots} times no snapshot",
            "0, 0, 0, 0",
        )
    ]
