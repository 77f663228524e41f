"""The planning of capacities as an asset, and its checks."""

from __future__ import annotations

import logging
from datetime import datetime
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analytics_assets.defs.forecasts.capacity_planning import (
    COLUMNS,
    capacity_planning,
    daily_peaks_can_be_reproduced,
    every_resource_is_planned,
    projections_within_their_bands,
    recommended_capacities_hold,
)
from analytics_assets.warehouse import frames
from analytics_assets_tests.defs.patterns.conftest import called

AS_OF = datetime(2026, 3, 31, 23, 30)
CONTEXT = SimpleNamespace(log=logging.getLogger("test"))


def usage(rises, days=30):
    hours = pd.date_range(end=datetime(2026, 3, 31, 23), periods=24 * days, freq="h")
    parts = []
    for seed, (component, (start, rise)) in enumerate(rises.items()):
        noise = np.random.default_rng(seed).normal(0, 0.2, len(hours))
        peaks = start + rise * np.arange(len(hours)) / 24 + noise
        parts.append(pd.DataFrame({"component": component, "measured_at": hours, "peak_usage": peaks}))
    return pd.concat(parts).assign(resource_type="disk", capacity=100.0, capacity_unit="gb")


@pytest.fixture
def planned(warehouse):
    """The table of a warehouse with these rises of disks, as it is read again."""

    def compute(rises, days=30):
        with warehouse.get_connection() as con:
            frame = usage(rises, days) if rises else usage({"none": (0, 0)}).iloc[:0]
            frames.write(con, "profiles", "resource_usage", frame=frame)
            con.execute("create table staging.stg_as_of (kind varchar, as_of timestamp, is_stale boolean)")
            if rises:
                con.execute("insert into staging.stg_as_of values ('metrics', ?, false)", [AS_OF])
        result = called(capacity_planning, context=CONTEXT, warehouse=warehouse)
        with warehouse.get_connection() as con:
            frames.write(con, "forecasts", "capacity_planning", frame=result.value)
            return frames.read(con, "forecasts", "capacity_planning")

    return compute


def verdicts(frame, warehouse):
    return [
        called(every_resource_is_planned, capacity_planning=frame, warehouse=warehouse).passed,
        called(projections_within_their_bands, capacity_planning=frame).passed,
        called(recommended_capacities_hold, capacity_planning=frame).passed,
        called(daily_peaks_can_be_reproduced, capacity_planning=frame, warehouse=warehouse).passed,
    ]


def test_what_fills_is_recommended_and_everything_checks(planned, warehouse):
    frame = planned({"database": (52.0, 0.6), "worker": (41.0, 0.25)}).set_index("component", drop=False)
    assert list(frame.columns) == [column.name for column in COLUMNS]
    assert list(frame["urgency"]) == ["medium", "none"]
    assert frame.loc["database", "breach_date"] == pd.Timestamp(2026, 4, 17)
    assert pd.isna(frame.loc["worker", "recommendation"])
    assert verdicts(frame, warehouse) == [True] * 4


def test_without_a_sample_the_table_is_empty_and_checks(planned, warehouse):
    frame = planned({})
    assert frame.empty
    assert verdicts(frame, warehouse) == [True] * 4


def test_a_short_history_has_a_row_with_its_reason(planned, warehouse):
    (row,) = planned({"api": (20.0, 0.1)}, days=3).to_dict("records")
    assert (row["method"], row["history_days"]) == ("insufficient_history", 3)
    assert row["reason"]


def test_a_resource_that_is_left_out_is_named(planned, warehouse, monkeypatch):
    monkeypatch.setenv("ANALYTICS_PATTERN_SIGNALS", "1")
    frame = planned({"database": (52.0, 0.6), "worker": (41.0, 0.25)})
    result = called(every_resource_is_planned, capacity_planning=frame, warehouse=warehouse)
    assert not result.passed
    assert "worker" in result.metadata["examples"].value


@pytest.mark.parametrize(
    ("column", "value", "check"),
    [("projected_usage", 99.0, 1), ("breach_low", pd.Timestamp(2026, 4, 29), 1), ("recommended_capacity", 101.0, 2)],
)
def test_figures_that_contradict_each_other_fail(planned, warehouse, column, value, check):
    frame = planned({"database": (52.0, 0.6)})
    frame.loc[0, column] = value
    assert not verdicts(frame, warehouse)[check]


def test_evidence_without_its_days_fails(planned, warehouse):
    frame = planned({"database": (52.0, 0.6)})
    with warehouse.get_connection() as con:
        con.execute("delete from profiles.resource_usage where measured_at < '2026-03-20'")
    assert verdicts(frame, warehouse) == [True, True, True, False]
