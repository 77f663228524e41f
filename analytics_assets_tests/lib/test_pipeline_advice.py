"""Plans of pipelines: what is simulated, what is left beside the total, and what cannot be said."""

from __future__ import annotations

import json

import numpy as np
import pytest

from analytics_assets.lib.bottlenecks import judged_rows, step_rows
from analytics_assets.lib.pipeline_advice import plan_of
from analytics_assets.lib.pipeline_steps import pipeline_of
from analytics_assets_tests.lib.pipeline_worlds import END, NEEDS, World


def plan(world=None, needs=NEEDS, changed=None):
    pipeline = (world or World(seed=1)).pipeline(needs)
    if changed:
        changed(pipeline)
    return plan_of(pipeline, judged_rows(step_rows(pipeline)), END)


def items(row):
    return {item["type"]: item for item in json.loads(row["recommendations"])}


def test_a_split_saves_at_most_half_of_the_time_that_a_step_holds_an_execution_up():
    def entries_at_once(pipeline):
        # Three entries of 100 s, two of them beside each other, are 300 s of work in 200 s.
        pipeline.values["seconds"][:] = pipeline.values["seconds"] * 1.5

    world = World(seed=1, steps={"a": 200.0}, fails=0.0)
    found = items(plan(world, needs=None, changed=entries_at_once))["split_step"]
    assert found["seconds"] == pytest.approx(100, rel=0.05)
    assert "it is 100 % of what an execution takes" in found["text"]


class TestParallelization:
    def test_declared_needs_are_simulated_for_each_execution(self):
        world = World(seed=1, fails=0.0)
        row = plan(world)
        _, steps = world.frames()
        newest = steps[steps["pipeline_id"].isin(newest_ids(world))]
        took = newest.pivot_table(index="pipeline_id", columns="step_name", values="seconds")
        beside = took[["lint", "unit_tests", "integration_tests"]].max(axis=1)
        wanted = (took["checkout"] + took["install"] + beside + took["package"]).mean()
        assert row["simulated_seconds"] == pytest.approx(wanted)
        assert row["current_seconds"] == pytest.approx(took.sum(axis=1).mean())
        assert row["time_reduction"] == pytest.approx(1 - wanted / took.sum(axis=1).mean())
        found = items(row)["parallelization"]
        assert found["steps"] == ["lint", "unit_tests", "integration_tests"]
        assert found["text"].startswith(
            "Begin lint after install, unit_tests after install and integration_tests after install"
        )
        assert found["evidence"]["low_seconds"] < found["seconds"] < found["evidence"]["high_seconds"]
        assert 0.7 < row["confidence_level"] <= 0.8

    def test_nothing_may_run_beside_another_step_without_declared_needs(self):
        row = plan(needs=None)
        assert row["dependency_source"] == "none"
        assert "parallelization" not in items(row)
        assert row["time_reduction"] == 0
        assert row["simulated_seconds"] == row["current_seconds"]
        assert "declare them in the configuration" in row["reason"]

    def test_a_chain_of_needs_leaves_nothing_to_do(self):
        chain = {"install": ["checkout"], "lint": ["install"], "unit_tests": ["lint"]}
        row = plan(needs=chain | {"integration_tests": ["unit_tests"], "package": ["integration_tests"]})
        assert row["time_reduction"] == 0
        assert "parallelization" not in items(row)

    def test_steps_that_run_beside_each_other_already_are_not_planned_again(self):
        steps = {"build": 20.0, "tests": 300.0, "scan": 250.0}
        row = plan(World(seed=1, steps=steps, beside=["scan"]), {"tests": ["build"], "scan": ["build"]})
        assert row["dependency_source"] == "declared"
        assert row["time_reduction"] == 0
        assert "parallelization" not in items(row)

    def test_needs_that_executions_do_not_keep_are_named_and_nothing_is_built_on_them(self):
        steps = {"build": 20.0, "tests": 300.0, "scan": 250.0, "lint": 200.0}
        row = plan(World(seed=1, steps=steps, beside=["scan"]), {"scan": ["tests"], "tests": ["build"], "lint": []})
        assert row["reason"] == "scan is declared to wait for tests, and did not in 100 %"
        assert row["time_reduction"] == 0

    @pytest.mark.parametrize("needs", [{"lint": ["lint"]}, {"install": "package", "package": "install"}, [1]])
    def test_circles_and_nonsense_are_a_reason_and_no_crash(self, needs):
        row = plan(needs=needs)
        assert row["dependency_source"] == "none"
        assert row["reason"]


class TestCombination:
    CACHED = World(seed=1, cached={"integration_tests": 0.4}, fails=0.0)

    def test_parts_that_overlap_are_not_added(self):
        row = plan(self.CACHED)
        parts = [item for item in items(row).values() if item["is_in_total"]]
        assert {item["type"] for item in parts} == {"parallelization", "caching"}
        added = sum(item["estimated_time_savings"] for item in parts)
        assert max(item["estimated_time_savings"] for item in parts) < row["time_reduction"] < added - 0.001

    def test_a_cache_saves_what_is_missed_times_what_a_miss_costs(self):
        found = items(plan(self.CACHED, needs=None))["caching"]
        assert found["steps"] == ["integration_tests"]
        assert found["seconds"] == pytest.approx(0.4 * 0.6 * 204, rel=0.15)
        assert found["confidence"] > 0.8

    def test_a_cache_without_effect_or_of_few_misses_is_none(self):
        assert "caching" not in items(plan(needs=None))

    def test_steps_that_record_no_cache_are_said_not_to_be_looked_at(self):
        def forget(pipeline):
            pipeline.values["cache_hit"][:, :2] = np.nan

        row = plan(self.CACHED, needs=None, changed=forget)
        assert "caching is not looked at in 2 steps without a recorded cache_hit" in row["reason"]
        assert items(row)["caching"]["steps"] == ["integration_tests"]

    def test_more_than_the_limit_is_capped_and_said(self):
        beside = {f"shard {place}": 100.0 for place in range(12)}
        row = plan(World(seed=1, steps=beside), {step: [] for step in beside})
        assert (row["time_reduction"], row["is_capped"]) == (0.8, True)
        assert row["simulated_seconds"] < 0.2 * row["current_seconds"]


class TestBesideTheTotal:
    def test_a_flaky_step_costs_the_executions_that_failed_in_it(self):
        found = items(plan(World(seed=1, flaky={"package": 0.15}, fails=0.0)))["flaky_step"]
        assert found["is_in_total"] is False
        assert found["seconds"] == pytest.approx(0.15 / 0.85 * 432, rel=0.25)

    def test_a_step_that_is_most_of_what_is_left_may_be_split_and_promises_nothing(self):
        row = plan()
        found = items(row)["split_step"]
        assert found["steps"] == ["integration_tests"]
        assert (found["is_in_total"], found["confidence"]) == (False, 0.5)
        assert row["time_reduction"] == pytest.approx(1 - row["simulated_seconds"] / row["current_seconds"])


@pytest.mark.parametrize("missing", [None, float("nan"), "2.0.0"])
def test_the_newest_version_is_the_same_in_the_plan_and_in_what_it_performs(missing):
    executions, steps = World(seed=1, fails=0.0).frames()
    newest = executions["started_at"] >= executions["started_at"].sort_values().iloc[-40]
    executions["configuration_version"] = executions["configuration_version"].astype(object)
    executions.loc[newest, "configuration_version"] = missing
    now = json.loads(plan_of(pipeline_of("ci", executions, steps), judged_rows([]), END)["current_performance"])
    assert (now["executions"], now["simulated_executions"]) == (40, 40)
    assert now["configuration_version"] == (missing if missing == "2.0.0" else None)


def test_without_anything_to_do_there_is_no_confidence():
    row = plan(World(seed=1, steps={"a": 10.0, "b": 10.0, "c": 10.0}, fails=0.0), {"b": ["a"], "c": ["b"]})
    assert row["recommendations"] == "[]"
    assert row["confidence_level"] is None


class TestTooLittle:
    def test_few_executions_of_the_newest_configuration_are_a_reason(self):
        row = plan(World(seed=2, per_day=0.5, fails=0.0))
        assert "of the newest configuration have the times of all steps, under 10" in row["reason"]
        assert row.get("current_seconds") is None
        assert row["recommendations"] == "[]"

    def test_steps_without_times_cannot_be_played(self):
        executions, steps = World(seed=1).frames()
        steps.loc[steps["step_name"] == "lint", ["began_at", "ended_at", "seconds"]] = None
        pipeline = pipeline_of("ci", executions, steps)
        assert plan_of(pipeline, judged_rows(step_rows(pipeline)), END)["reason"].startswith("0 successful executions")

    def test_a_pipeline_without_steps_or_versions_is_no_crash(self):
        executions, steps = World(seed=1).frames()
        executions["configuration_version"] = None
        assert plan_of(pipeline_of("ci", executions, steps.iloc[:0]), [], END)["reason"]
        row = plan_of(pipeline_of("o'clock", executions, steps), judged_rows([]), END)
        assert "pipeline_name = 'o''clock' and configuration_version is null" in row["evidence_sql"]


def newest_ids(world):
    executions, _ = world.frames()
    return set(executions.loc[executions["configuration_version"] == "1.1.0", "id"])


def test_only_executions_of_the_newest_configuration_are_played():
    row = plan(World(seed=1, slow={"unit_tests": 3.0}, fails=0.0), needs=None)
    assert row["current_seconds"] == pytest.approx(423 + 240, rel=0.05)
    assert json.loads(row["current_performance"])["configuration_version"] == "1.1.0"


def test_a_schedule_ends_where_its_total_does():
    row = plan(World(seed=1, fails=0.0))
    schedule = json.loads(row["schedule"])
    assert [step["step"] for step in schedule][:2] == ["checkout", "install"]
    assert max(step["today_end"] for step in schedule) == pytest.approx(row["current_seconds"], rel=1e-4)
    assert max(step["planned_end"] for step in schedule) == pytest.approx(row["simulated_seconds"], rel=1e-4)
    assert np.mean([step["is_critical"] for step in schedule]) == pytest.approx(4 / 6)
