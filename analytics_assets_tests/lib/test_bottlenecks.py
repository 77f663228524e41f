"""What is said of steps: bottlenecks, changes and caches, in noise and where they were planted."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from analytics_assets.lib.bottlenecks import judged_rows, step_rows
from analytics_assets_tests.lib.pipeline_worlds import END, NEEDS, START, World

HALF = START + (END - START) / 2


def called(rows, flag):
    return sorted(name for name, row in rows.items() if row[flag])


class TestBottlenecks:
    def test_the_step_that_takes_most_and_is_critical_is_the_bottleneck(self):
        rows = World().rows()
        assert called(rows, "is_bottleneck") == ["integration_tests"]
        assert rows["integration_tests"]["time_share"] == pytest.approx(200 / 423, abs=0.03)
        assert {row["critical_share"] for row in rows.values()} == {1.0}
        assert {row["slack_seconds"] for row in rows.values()} == {0.0}
        assert rows["integration_tests"]["bottleneck_confidence"] == 1
        assert rows["lint"]["bottleneck_confidence"] == 0

    def test_a_long_step_beside_a_longer_one_is_none(self):
        steps = {"build": 20.0, "tests": 300.0, "scan": 250.0, "deploy": 20.0}
        rows = World(steps=steps, beside=["scan"]).rows()
        assert called(rows, "is_bottleneck") == ["tests"]
        assert rows["scan"]["time_share"] > 0.3
        assert rows["scan"]["critical_share"] < 0.5
        assert 30 < rows["scan"]["slack_seconds"] < 80

    def test_shares_of_time_are_those_of_the_records(self):
        world = World(seed=4)
        _, steps = world.frames()
        busy = steps.groupby("step_name")["seconds"].sum()
        rows = world.rows()
        assert {name: row["time_share"] for name, row in rows.items()} == pytest.approx((busy / busy.sum()).to_dict())
        succeeded = steps[steps["successes"] > 0].groupby("step_name")["seconds"]
        assert {name: row["p95_seconds"] for name, row in rows.items()} == pytest.approx(
            succeeded.quantile(0.95).to_dict()
        )

    def test_waiting_is_what_lies_between_a_step_and_what_it_needs(self):
        declared, unknown = World(seed=1).rows(NEEDS), World(seed=1).rows()
        assert declared["integration_tests"]["wait_seconds"] == pytest.approx(145, rel=0.1)
        assert declared["lint"]["wait_seconds"] == 0
        assert {row["wait_seconds"] for row in unknown.values()} == {0.0}

    @pytest.mark.parametrize(
        ("steps", "wanted"),
        [
            ({"all": 300.0}, []),
            ({"a": 100.0, "b": 100.0}, []),
            ({"a": 100.0, "b": 100.0, "c": 100.0}, []),
            ({"a": 60.0, "b": 40.0}, []),
            ({"a": 90.0, "b": 10.0}, ["a"]),
            ({"a": 60.0, "b": 20.0, "c": 20.0}, ["a"]),
        ],
        ids=lambda value: ",".join(map(str, value)),
    )
    def test_a_bottleneck_stands_out_among_the_steps(self, steps, wanted):
        rows = World(steps=steps, per_day=4).rows()
        assert called(rows, "is_bottleneck") == wanted
        assert [name for name, row in rows.items() if row["bottleneck_confidence"] > 0.5] == wanted


class TestChanges:
    def test_a_planted_slowdown_is_found_with_its_date_ratio_and_version_and_no_other_step_is_called(self):
        for seed in range(3):
            world = World(seed=seed, slow={"integration_tests": 2.0}, per_day=8)
            versions = [("1.0.0", START), ("1.1.0", HALF)]
            rows = {row["step_name"]: row for row in judged_rows(step_rows(world.pipeline(), versions))}
            assert called(rows, "is_changed") == ["integration_tests"]
            found = rows["integration_tests"]
            assert abs(found["change_at"] - HALF) < timedelta(hours=12)
            assert found["change_ratio"] == pytest.approx(2, rel=0.1)
            assert found["changed_with_version"] == "1.1.0"

    def test_a_speedup_is_found_too(self):
        rows = World(seed=1, slow={"unit_tests": 0.5}, per_day=4).rows()
        assert called(rows, "is_changed") == ["unit_tests"]
        assert rows["unit_tests"]["change_ratio"] == pytest.approx(0.5, rel=0.1)

    @pytest.mark.parametrize("day_sigma", [0.0, 0.2])
    def test_without_a_change_hardly_any_step_is_called_and_nothing_is_told_of_one(self, day_sigma):
        worlds = [World(seed=seed, day_sigma=day_sigma, per_day=6).rows() for seed in range(5)]
        assert sum(bool(called(rows, "is_changed")) for rows in worlds) <= 1
        assert all(row["change_at"] is None for rows in worlds for row in rows.values() if not row["is_changed"])

    def test_a_sure_change_of_less_than_a_fifth_is_none_to_act_on(self):
        rows = World(seed=1, slow={"unit_tests": 1.12}).rows()
        assert rows["unit_tests"]["change_p_adjusted"] < 0.05
        assert rows["unit_tests"]["is_changed"] is False


def test_a_cache_that_saves_time_is_told_from_one_that_does_not():
    rows = World(seed=2, cached={"install": 0.4}).rows()
    assert [name for name, row in rows.items() if row["cache_p_adjusted"] < 0.01] == ["install"]
    assert rows["install"]["cached_median_seconds"] == pytest.approx(16, rel=0.1)
    assert rows["install"]["uncached_median_seconds"] == pytest.approx(40, rel=0.1)
    assert rows["install"]["cache_hits"] < rows["install"]["cache_known"]


class TestBadInput:
    def test_one_execution_says_little_and_why(self):
        pipeline = World(per_day=0.05, fails=0.0).pipeline()
        assert 0 < len(pipeline.executions) < 5
        for row in judged_rows(step_rows(pipeline)):
            assert row["is_bottleneck"] is row["is_flaky"] is row["is_changed"] is None
            assert "to tell when durations changed" in row["reason"]

    def test_a_pipeline_of_one_step_is_compared_with_none(self):
        (row,) = World(steps={"all": 60.0}, flaky={"all": 0.3}).rows().values()
        assert row["is_failing"] is row["is_flaky"] is None
        assert row["time_share"] == 1
        assert row["flaky_rate"] > 0.3
        assert "no other step" in row["reason"]

    def test_times_that_are_missing_or_run_backwards_are_no_durations(self):
        world = World(seed=1)
        executions, steps = world.frames()
        backwards = steps["step_name"] == "lint"
        steps.loc[backwards, ["began_at", "ended_at"]] = steps.loc[backwards, ["ended_at", "began_at"]].to_numpy()
        steps.loc[steps["step_name"] == "unit_tests", ["began_at", "ended_at", "seconds"]] = None
        rows = rows_of(executions, steps)
        for name in ("lint", "unit_tests"):
            assert rows[name]["median_seconds"] is None
            assert rows[name]["time_share"] == 0
            assert rows[name]["judged"] > 400
        assert rows["package"]["is_bottleneck"] is None  # no execution has the times of all steps

    def test_nothing_measured_at_all_is_no_crash(self):
        executions, steps = World(seed=1, per_day=2).frames()
        steps[["began_at", "ended_at"]] = pd.NaT
        steps["seconds"] = np.nan
        assert all(row["time_share"] is None for row in rows_of(executions, steps).values())

    def test_a_pipeline_without_steps_has_no_rows(self):
        executions, steps = World(seed=1).frames()
        assert rows_of(executions, steps.iloc[:0]) == {}

    def test_names_may_have_any_characters(self):
        steps = {"a'b\"c": 10.0, "Prüfung / 検査 \N{ROCKET}": 20.0, " ": 5.0}
        assert set(World(steps=steps).rows()) == set(steps)

    def test_constant_durations_never_change(self):
        executions, steps = World(seed=1).frames()
        steps["seconds"] = 10.0
        assert {row["is_changed"] for row in rows_of(executions, steps).values()} == {None}


def rows_of(executions, steps):
    from analytics_assets.lib.pipeline_steps import pipeline_of

    return {row["step_name"]: row for row in judged_rows(step_rows(pipeline_of("ci", executions, steps)))}


def test_a_moment_of_change_is_naive_utc():
    changed = World(seed=1, slow={"lint": 3.0}).rows()["lint"]["change_at"]
    assert isinstance(changed, datetime)
    assert changed.tzinfo is None
