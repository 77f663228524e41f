"""The warehouse of an empty data folder, as assets and checks are given it."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.settings import Settings
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.schema import create_schema


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WarehouseResource:
    """The schemas and the raw tables are there, all empty."""
    monkeypatch.setenv("ANALYTICS_DATA_DIR", str(tmp_path))
    with connect(Settings()) as con:
        create_schema(con)
    return WarehouseResource()
