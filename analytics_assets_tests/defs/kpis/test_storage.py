"""What keeping the data costs is within what there is: the file, and the disk."""

from __future__ import annotations

import shutil
from types import SimpleNamespace

import pandas as pd
import pytest
from dagster import AssetCheckSeverity

from analytics_assets.defs.kpis.storage import bytes_within_the_file, disk_has_room, storage_costs
from analytics_assets.thresholds import DISK_FREE


@pytest.mark.parametrize(
    ("free", "passed", "severity"),
    [
        (DISK_FREE.warn, True, AssetCheckSeverity.WARN),
        (DISK_FREE.warn - 1, False, AssetCheckSeverity.WARN),
        (DISK_FREE.error - 1, False, AssetCheckSeverity.ERROR),
    ],
)
def test_a_disk_that_fills_up_warns_and_then_fails(warehouse, monkeypatch, free, passed, severity):
    asked = []

    def disk_usage(folder):
        asked.append(folder)
        return SimpleNamespace(free=free)

    monkeypatch.setattr(shutil, "disk_usage", disk_usage)
    result = disk_has_room(warehouse=warehouse)
    assert (result.passed, result.severity) == (passed, severity)
    assert asked == [warehouse.settings.data_dir]


def test_the_bytes_of_the_tables_are_within_the_file_and_one_more_than_the_file_is_not(warehouse):
    size = warehouse.settings.warehouse_file.stat().st_size
    whole = pd.DataFrame({"bytes": [size - 10, 10]})
    assert bytes_within_the_file(storage_costs=whole, warehouse=warehouse).passed
    more = pd.DataFrame({"bytes": [size - 10, 11]})
    result = bytes_within_the_file(storage_costs=more, warehouse=warehouse)
    assert not result.passed
    assert (result.metadata["bytes_of_tables"].value, result.metadata["bytes_of_file"].value) == (size + 1, size)


def test_what_the_asset_counts_passes_its_own_check(warehouse):
    with warehouse.get_connection() as con:
        con.execute("create table kpis.numbers as select range as n from range(500_000)")
    costs = storage_costs(warehouse=warehouse).value
    (numbers,) = costs[costs["table_name"] == "kpis.numbers"].to_dict("records")
    assert numbers["records"] == 500_000
    assert numbers["bytes"] > 0
    assert bytes_within_the_file(storage_costs=costs, warehouse=warehouse).passed
