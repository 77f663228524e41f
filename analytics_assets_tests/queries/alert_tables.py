"""A published version with alerts: one that is over, a tool that fails and what goes with it, and one put away."""

from __future__ import annotations

import json
from collections.abc import Sequence

import duckdb

from analytics_assets.alerting.condition import AlertType, Kind, Row
from analytics_assets.alerting.tables import COLUMNS
from analytics_assets.settings import Settings
from analytics_assets.warehouse import frames
from analytics_assets_tests.alerting.made import condition, hours, look, word

FAILS = {
    "alert_type": AlertType.ERROR_RATE,
    "kind": Kind.RATE_OVER_LIMIT,
    "subject_key": "tool/web_fetch/error_rate",
    "components": ("web_fetch",),
    "score": 0.9,
    "size": 0.9,
    "title": "error rate of tool web_fetch over its limit",
    "description": "error rate of tool web_fetch is 41 % (12 of 29).",
    "limit": 0.05,
}


def alerts() -> list[Row]:
    """Four alerts in three groups."""
    over = condition(0, 1, is_over=True)
    fails = condition(50, 60, **FAILS)
    slow = condition(
        58, 60, subject_key="tool/web_fetch/response_time", components=("web_fetch",), title="slow web_fetch"
    )
    disk = condition(20, 60, kind=Kind.LEVEL_OVER_LIMIT, subject_key="db/disk", components=("db",), title="full db")
    usual = hours(1, 240.0, 240.0, 240.0)
    rows = look([], 60, over, fails, slow, disk, measured=usual)
    (key,) = (row["id"] for row in rows if row["title"] == "full db")
    return look(rows, 60, over, fails, slow, disk, measured=usual, words=[word("rejected", key, 60, "bought more")])


def publish_alerts(settings: Settings, rows: Sequence[Row]) -> None:
    """Publish these alerts, and no other table."""
    settings.published.mkdir(parents=True, exist_ok=True)
    file = settings.published / "snapshot-1.duckdb"
    with duckdb.connect(str(file)) as con:
        con.execute("create schema if not exists outcomes")
        frames.write(con, "outcomes", "alerts", frame=frames.frame_of(COLUMNS, rows))
    pointer = {"version": 1, "file": file.name, "published_at": "2026-03-04T12:30:00Z"}
    settings.pointer.write_text(json.dumps(pointer))
