"""A published version with one spec document and suggestions about it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from analytics_assets.feedback.spec_files import find
from analytics_assets.settings import Settings
from analytics_assets.suggesting.table import COLUMNS
from analytics_assets.warehouse import publish as publishing
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.frames import frame_of, write
from analytics_assets.warehouse.ingest import ingest
from analytics_assets.warehouse.schema import create_schema
from analytics_assets_tests.feedback.conftest import DOCUMENT, row

ID = row()["id"]
APPLIED = DOCUMENT.replace(b'"2Gi"', b'"4Gi"')
_NEEDED = {
    "evidence_runs": "[]",
    "created_at": pd.Timestamp("2026-02-01"),
    "updated_at": pd.Timestamp("2026-02-01"),
    "reopened_count": 0,
    "as_of": pd.Timestamp("2026-02-16 11:00"),
    "is_stale": False,
}


def write_document(settings: Settings) -> Path:
    """Put the document where its author would."""
    path = settings.specs / "api.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(DOCUMENT)
    return path


def publish(settings: Settings, *suggestions: dict[str, Any]) -> None:
    """A refresh that suggests this; decisions and documents are taken from where they lie."""
    with connect(settings) as con:
        create_schema(con)
        ingest(con, settings)
        for table, source in (("stg_decisions", "raw.decisions"), ("stg_runs", "raw.runs")):
            con.execute(f"create or replace table staging.{table} as select * from {source}")
        con.execute("create or replace table staging.stg_specs as select * from raw.specs where is_current")
        con.execute(
            "create or replace table staging.stg_as_of as "
            "select 'runs' as kind, timestamp '2026-02-16 11:00' as as_of, false as is_stale"
        )
        rows = [suggestion | _NEEDED for suggestion in suggestions or (row(),)]
        write(con, "suggestions", "suggestions", frame=frame_of(COLUMNS, rows))
        publishing.publish(con, settings)
    assert find(settings, "api-impl"), "the document lies where the suggestions say"
