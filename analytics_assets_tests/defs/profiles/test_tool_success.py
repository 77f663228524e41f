"""A tool that stopped working is shown, and one that is new or merely quiet is not."""

from __future__ import annotations

import pytest
from dagster import AssetCheckSeverity

from analytics_assets.definitions import defs
from analytics_assets.defs.profiles.tool_success import no_tool_has_collapsed


def verdict(warehouse, *tools):
    """The check over profiles of (tool, successful, total executions)."""
    with warehouse.get_connection() as con:
        con.execute(
            "create table profiles.tool_profiles (tool_name varchar, success_rate double, "
            "failed_executions bigint, total_executions bigint)"
        )
        for tool, successful, total in tools:
            rate = successful / total if total else None
            con.execute(
                "insert into profiles.tool_profiles values (?, ?, ?, ?)", [tool, rate, total - successful, total]
            )
    return no_tool_has_collapsed(warehouse=warehouse)


def test_tools_that_work_pass(warehouse):
    assert verdict(warehouse, ("grep", 8, 10), ("edit", 5, 5)).passed


@pytest.mark.parametrize(
    ("successful", "severity"),
    [(7, AssetCheckSeverity.WARN), (5, AssetCheckSeverity.WARN), (4, AssetCheckSeverity.ERROR)],
)
def test_the_worst_tool_decides_how_bad_it_is(warehouse, successful, severity):
    result = verdict(warehouse, ("grep", 10, 10), ("shell", successful, 10), ("edit", 15, 20))
    assert (result.passed, result.severity) == (False, severity)
    assert result.metadata["value"].value == successful / 10


def test_the_worst_tools_are_listed_first(warehouse):
    result = verdict(warehouse, ("grep", 10, 10), ("shell", 1, 10))
    assert result.metadata["worst"].value.splitlines()[2:] == ["| shell | 0.1 | 9 | 10 |", "| grep | 1.0 | 0 | 10 |"]


def test_a_tool_with_few_executions_proves_nothing(warehouse):
    result = verdict(warehouse, ("new", 0, 4), ("silent", 0, 0), ("grep", 5, 5))
    assert result.passed
    assert result.metadata["tools_judged"].value == 1


def test_without_a_tool_to_judge_nothing_has_collapsed(warehouse):
    assert verdict(warehouse, ("new", 0, 4)).passed


def test_it_runs_with_every_refresh_and_stops_nothing():
    key = next(iter(no_tool_has_collapsed.check_keys))
    assert key in defs().resolve_job_def("refresh").asset_layer.asset_graph.asset_check_keys
    assert not defs().get_repository_def().asset_graph.get(key).blocking
