"""Kill a refresh at random moments, again and again, then count: every record once, the snapshot always readable."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from analytics_assets.settings import Settings

REFRESH = (sys.executable, "-m", "analytics_assets.cli", "refresh")
CORE = (
    sys.executable,
    "-c",
    """
from analytics_assets import dbt_runs
from analytics_assets.settings import load_settings
from analytics_assets.warehouse import touched
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.ingest import ingest
from analytics_assets.warehouse.publish import publish

settings = load_settings()
with connect(settings) as con:
    ingest(con, settings)
built = dbt_runs.build(settings, ["+tool_profiles", "+hourly_executions"], with_tests=False)
assert not any(node.is_trouble for node in built), built
with connect(settings) as con:
    touched.clear(con, touched.newest_batch(con))
    publish(con, settings)
""",
)
"""The parts of a refresh that write executions, without Dagster: a fifth of its time."""


@dataclass(frozen=True)
class CrashReport:
    """What a series of kills left: all faults must be 0. ``miscounted`` are tables whose total is another."""

    kills: int
    killed_in_time: int
    records: int
    lost: int
    twice: int
    unreadable_snapshots: int
    miscounted: int


def kill_loop(
    folder: Path, kills: int, *, records_per_round: int = 40, seed: int = 5, refresh: Sequence[str] = REFRESH
) -> CrashReport:
    """Land some records, start a refresh, kill it somewhere; at the end let one refresh finish and count."""
    settings = Settings(data_dir=folder, settle_seconds=0)
    environment = os.environ | {"ANALYTICS_DATA_DIR": str(folder), "ANALYTICS_SETTLE_SECONDS": "0"}
    draw = random.Random(seed)
    expected: set[str] = set()
    killed = unreadable = 0
    longest = _first_refresh(settings, environment, expected, refresh)
    for round_number in range(kills):
        _land(settings, round_number, records_per_round, expected)
        process = subprocess.Popen(refresh, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        # Up to the whole length of a refresh, so that kills fall on every one of its steps.
        time.sleep(draw.uniform(0.2, longest))
        if process.poll() is None:
            killed += 1
        process.send_signal(signal.SIGKILL)
        process.wait()
        unreadable += _snapshot_is_unreadable(settings)
    subprocess.run(refresh, env=environment, check=True, capture_output=True)
    ids = _published_ids(settings)
    return CrashReport(
        kills=kills,
        killed_in_time=killed,
        records=len(expected),
        lost=len(expected - set(ids)),
        twice=len(ids) - len(set(ids)),
        unreadable_snapshots=unreadable,
        miscounted=sum(total != len(expected) for total in _totals(settings)),
    )


def _first_refresh(
    settings: Settings, environment: dict[str, str], expected: set[str], refresh: Sequence[str]
) -> float:
    """The seconds that a refresh takes: the second one, as the first one also makes what is kept between them."""
    seconds = 0.0
    for number in (-2, -1):
        _land(settings, number, 10, expected)
        started = time.monotonic()
        subprocess.run(refresh, env=environment, check=True, capture_output=True)
        seconds = time.monotonic() - started
    return seconds


def _land(settings: Settings, round_number: int, count: int, expected: set[str]) -> None:
    """A new file, and every third time a copy of an old one under another name."""
    folder = settings.inbox / "executions"
    folder.mkdir(parents=True, exist_ok=True)
    ids = [f"r{round_number}-{n}" for n in range(count)]
    expected.update(ids)
    lines = [
        json.dumps({"execution_id": key, "tool_name": "grep", "started_at": 1767608430 + n, "success": True})
        for n, key in enumerate(ids)
    ]
    _write(folder / f"round{round_number}.jsonl", lines)
    if round_number % 3 == 0:
        _write(folder / f"copy{round_number}.jsonl", lines[: count // 2] + lines)


def _write(path: Path, lines: list[str]) -> None:
    fresh = path.with_suffix(".tmp")
    fresh.write_text("\n".join(lines) + "\n", encoding="utf-8")
    fresh.replace(path)


def _snapshot_is_unreadable(settings: Settings) -> bool:
    from analytics_assets.queries.errors import QueryError
    from analytics_assets.queries.snapshot import run_sql

    try:
        run_sql(settings, "select count(*) from raw.executions")
    except QueryError:
        return True
    return False


def _totals(settings: Settings) -> list[int]:
    """Executions as each tier counts them: a lost or doubled hour shows here and not among the records."""
    from analytics_assets.queries.snapshot import run_sql

    measures = {
        "summaries.hourly_tool_usage": "executions",
        "summaries.daily_tool_usage": "executions",
        "summaries.hourly_executions": "total_tasks",
        "profiles.tool_profiles": "lifetime_executions",
    }
    return [int(run_sql(settings, f"select sum({name}) from {table}").rows[0][0]) for table, name in measures.items()]


def _published_ids(settings: Settings) -> list[str]:
    from analytics_assets.queries.snapshot import run_sql

    return [row[0] for row in run_sql(settings, "select execution_id from staging.stg_executions").rows]
