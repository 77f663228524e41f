"""Use of resources in percent of their capacity, and in its unit where that is known."""

from __future__ import annotations

import json

import pytest

from analytics_assets_tests.dbt_project.signal_history import hour_of


@pytest.fixture(scope="module")
def usage(signals):
    rows = signals[0].rows("select * from profiles.resource_usage order by component, resource_type, measured_at")
    return {(row["component"], row["resource_type"], row["measured_at"]): row for row in rows}


def test_usage_is_the_mean_of_the_hour_and_a_capacity_holds_until_another_is_told(usage):
    cpu = [row for (component, kind, _), row in usage.items() if (component, kind) == ("db", "cpu")]
    assert [(row["measured_at"], row["usage_percentage"], row["peak_usage"]) for row in cpu] == [
        (hour_of(50), 10.0, 15.0),
        (hour_of(30), 20.0, 25.0),
        (hour_of(29), 30.0, 35.0),
        (hour_of(7), 40.0, 45.0),
        (hour_of(6), 60.0, 65.0),
    ]
    # 8 cores are told 40 hours ago, 16 are 10 hours ago, both in hours without a sample of the usage.
    assert [row["capacity"] for row in cpu] == [None, 8.0, 8.0, 16.0, 16.0]
    assert [row["capacity_unit"] for row in cpu] == [None, "cores", "cores", "cores", "cores"]
    assert [row["absolute_value"] for row in cpu] == pytest.approx([None, 1.6, 2.4, 6.4, 9.6])
    # The day that ends with the hour: 30 hours ago lies in that of 7 hours ago, and no more in that of 6 hours ago.
    means = [10.0, (10 + 20) / 2, (10 + 20 + 30) / 3, (20 + 30 + 40) / 3, (30 + 40 + 60) / 3]
    assert [row["average_usage"] for row in cpu] == pytest.approx(means)
    assert [row["samples"] for row in cpu] == [2] * 5
    assert json.loads(cpu[0]["context_data"]) == {"is_complete": True, "lowest_usage": 5.0, "series": 1}


def test_capacities_count_as_long_as_their_series_tell_the_same(usage):
    disk = [usage["db", "disk", hour_of(age)] for age in (5, 4)]
    assert [row["usage_percentage"] for row in disk] == [20.0, 20.0]
    # In the second hour they contradict each other; what was told last of both holds.
    assert [row["capacity"] for row in disk] == [100.0, 100.0]
    assert [json.loads(row["context_data"])["series"] for row in disk] == [2, 2]


def test_a_resource_without_a_capacity_has_no_amount_and_one_not_in_percent_is_none(usage):
    memory = usage["db", "memory", hour_of(5)]
    assert (memory["usage_percentage"], memory["absolute_value"], memory["capacity"]) == (50.0, None, None)
    assert {(component, kind) for component, kind, _ in usage} == {("db", "cpu"), ("db", "disk"), ("db", "memory")}
