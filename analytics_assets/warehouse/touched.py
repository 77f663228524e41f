"""The queue between ingest and publish: which hours must be summarised again, and what is not published yet."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from analytics_assets.settings import Settings
from analytics_assets.warehouse.connection import count

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

HOURLY_KINDS = ("executions", "runs", "metrics", "events")
"""Kinds that have hourly and daily summaries."""


def newest_batch(con: DuckDBPyConnection) -> int:
    """The last batch that has touched anything; 0 when none has."""
    return count(con, "select coalesce(max(batch_id), 0) from raw.touched_hours")


def clear(con: DuckDBPyConnection, up_to_batch: int, kinds: Iterable[str] = HOURLY_KINDS) -> None:
    """Forget the hours of these kinds whose summaries, and all that follows from them, were built."""
    con.execute(
        "delete from raw.touched_hours where batch_id <= ? and list_contains(?, kind)",
        [up_to_batch, list(kinds)],
    )


def kinds_to_build(con: DuckDBPyConnection) -> set[str]:
    """Kinds with hours that wait to be summarised."""
    return {kind for (kind,) in con.execute("select distinct kind from raw.touched_hours").fetchall()}


def touch_again(con: DuckDBPyConnection, start: datetime, end: datetime, kinds: Iterable[str] = HOURLY_KINDS) -> int:
    """Ask for every hour in [start, end) that has records to be summarised again; returns how many."""
    from analytics_assets.contracts import CONTRACTS

    asked = 0
    for kind in kinds:
        time = CONTRACTS[kind].time_field
        tables = [kind, "executions_slim"] if kind == "executions" else [kind]
        records = " union all ".join(
            f"select date_trunc('hour', {time}) as hour from raw.{table} where {time} >= $start and {time} < $end"
            for table in tables
        )
        rows = con.execute(
            f"insert into raw.touched_hours select distinct '{kind}', hour, "
            f"(select coalesce(max(batch_id), 0) from raw.ingested_files) from ({records})",
            {"start": start, "end": end},
        ).fetchall()
        asked += int(rows[0][0])
    return asked


def mark_intent(settings: Settings, kinds: Iterable[str]) -> None:
    """Note, before anything is written, which kinds will lack an answer until the next publication."""
    pending = sorted(set(kinds) | intended(settings))
    write_atomically(settings.intent, json.dumps({"kinds": pending}))


def intended(settings: Settings) -> set[str]:
    """Kinds whose records may be in the warehouse and not in the snapshot; survives a crash."""
    try:
        return set(json.loads(settings.intent.read_text(encoding="utf-8"))["kinds"])
    except FileNotFoundError:
        return set()


def forget_intent(settings: Settings, still_open: Iterable[str]) -> None:
    """Note what is published: every kind but those whose summaries still wait to be built."""
    pending = sorted(intended(settings) & set(still_open))
    if pending:
        write_atomically(settings.intent, json.dumps({"kinds": pending}))
    else:
        settings.intent.unlink(missing_ok=True)


def write_atomically(path: Path, content: str) -> None:
    """Replace a small file so that a reader sees the old content or the new, also after a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.tmp")
    with fresh.open("w", encoding="utf-8") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    fresh.replace(path)
