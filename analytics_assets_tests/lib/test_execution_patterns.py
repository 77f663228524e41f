"""Patterns of steps and of whole pipelines: their sentences, scores and what they rest on."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from analytics_assets.lib.execution_patterns import of_steps
from analytics_assets.lib.pipeline_steps import pipeline_of
from analytics_assets.lib.pipeline_waste import flaky_as_a_whole, of_pipeline
from analytics_assets_tests.lib.pipeline_worlds import END, START, World


def steps_of(world):
    return {(one.pattern_type, one.subject): one for one in of_steps(world.rows().values(), END)}


def test_noise_has_a_bottleneck_and_nothing_else():
    assert [kind for kind, _ in steps_of(World(seed=5))] == ["bottleneck_step"]


def test_a_slowdown_says_since_when_and_how_much_of_the_time_it_is():
    world = World(seed=1, slow={"integration_tests": 2.0})
    found = steps_of(world)["step_slowdown", "ci/integration_tests"]
    assert found.pattern_name.startswith("integration_tests of ci takes ")
    assert "since 2026-02-1" in found.pattern_name
    assert found.strength == pytest.approx(2, rel=0.1)
    assert found.confidence_score > 0.99
    assert found.more["frequency_score"] == pytest.approx(0.5, abs=0.05)
    assert found.more["impact_score"] == pytest.approx(100 / 523, abs=0.03)
    assert json.loads(found.more["pattern_data"])["change_ratio"] == pytest.approx(found.strength, abs=1e-3)
    assert START < found.starts_at < END


def test_a_speedup_is_an_opportunity_and_its_strength_is_above_one():
    found = steps_of(World(seed=1, slow={"unit_tests": 0.5}))["step_speedup", "ci/unit_tests"]
    assert found.topic == "throughput_opportunity"
    assert found.strength == pytest.approx(2, rel=0.1)


def test_flaky_and_failing_steps_are_errors_with_their_share_of_failures():
    flaky = steps_of(World(seed=1, flaky={"lint": 0.15}))["flaky_step", "ci/lint"]
    failing = steps_of(World(seed=1, broken={"lint": 0.4}))["failing_step", "ci/lint"]
    for found in (flaky, failing):
        assert (found.pattern_category, found.topic) == ("error", "failure_mode")
        assert found.more["impact_score"] > 0.4
        assert found.components == ["ci"]
    assert "both outcomes on" in flaky.pattern_name


def test_a_pipeline_of_few_executions_has_no_pattern():
    world = World(per_day=0.2, slow={"lint": 9.0}, queued=9e9)
    assert len(world.pipeline().executions) < 10
    assert of_steps(world.rows().values(), END) == of_pipeline(world.pipeline(), END) == []


@pytest.mark.parametrize(("queued", "is_found"), [(10.0, False), (150.0, True)])
def test_queueing_is_a_pattern_where_it_takes_a_tenth_of_the_time(queued, is_found):
    found = of_pipeline(World(seed=1, fails=0.0, queued=queued).pipeline(), END)
    assert [one.pattern_type for one in found] == ["queueing"] * is_found
    if is_found:
        assert found[0].strength == pytest.approx(150 / (150 + 432), abs=0.01)
        assert found[0].subject == "ci/*"


@pytest.mark.parametrize(("fails", "is_found"), [(0.02, False), (0.4, True)])
def test_work_done_again_is_a_pattern_where_it_takes_a_twentieth_of_the_time(fails, is_found):
    pipeline = World(seed=1, fails=fails, tried_again=True).pipeline()
    found = of_pipeline(pipeline, END)
    assert [one.pattern_type for one in found] == ["retry_waste"] * is_found
    if is_found:
        status = (pipeline.executions["status"] == "failed").to_numpy()
        # Every failure is tried again, but for one at the very end of the window.
        assert found[0].strength == pytest.approx(pipeline.walls[status].sum() / pipeline.walls.sum(), rel=0.02)


def test_failures_nobody_tries_again_waste_nothing_by_retries():
    assert of_pipeline(World(seed=1, fails=0.4).pipeline(), END) == []


@pytest.mark.parametrize("column", ["queued_seconds", "attempt", "head_sha", "completed_at"])
def test_what_is_not_recorded_is_no_waste(column):
    executions, steps = World(seed=1, fails=0.4, queued=150.0, tried_again=True).frames()
    executions[column] = np.nan if column in {"queued_seconds", "attempt"} else None
    if column == "completed_at":
        executions[column] = executions["started_at"].where(executions["id"] == "")
    found = {one.pattern_type for one in of_pipeline(pipeline_of("ci", executions, steps), END)}
    gone = {"queued_seconds": {"queueing"}, "completed_at": {"queueing", "retry_waste"}}.get(column, {"retry_waste"})
    assert found == {"queueing", "retry_waste"} - gone


def test_a_pipeline_whose_steps_are_flaky_alike_is_flaky_as_a_whole():
    pipeline = World(seed=1, steps=dict.fromkeys("abc", 60.0), fails=0.2, tried_again=True).pipeline()
    (found,) = flaky_as_a_whole(pipeline, END)
    judged = pipeline.executions.groupby("head_sha")["status"].agg(["size", "nunique"])
    both, again = int((judged["nunique"] > 1).sum()), int((judged["size"] > 1).sum())
    assert found.pattern_name.startswith(
        f"{both} of {again} commits of ci tried again ended both ways, by failures of "
    )
    assert (found.pattern_type, found.subject, found.pattern_category) == ("flaky_pipeline", "ci/*", "error")
    failing = pipeline.executions[pipeline.executions["status"] == "failed"]
    lost = failing["head_sha"].isin(judged.index[judged["nunique"] > 1]).sum() / len(pipeline.executions)
    assert found.significance_score == found.strength == pytest.approx(lost)


def test_many_commits_that_end_both_ways_by_few_failures_of_many_tries_are_no_pattern():
    world = World(seed=1, fails=0.04, per_day=36, commits_per_day=1)
    outcomes = world.pipeline().executions.groupby("head_sha")["status"].nunique()
    assert (outcomes > 1).mean() > 0.6
    assert flaky_as_a_whole(world.pipeline(), END) == []


def test_commits_that_fail_on_every_try_are_broken_and_not_flaky():
    world = World(seed=1, fails=0.0, broken={"lint": 0.3})
    assert flaky_as_a_whole(world.pipeline(), END) == []
    assert flaky_as_a_whole(World(seed=1, fails=0.0).pipeline(), END) == []


def test_of_few_commits_tried_again_nothing_is_said():
    world = World(seed=1, fails=0.3, tried_again=True, per_day=0.4)
    assert flaky_as_a_whole(world.pipeline(), END) == []


def test_steps_of_any_name_have_subjects_of_their_own():
    world = World(seed=1, slow={"a/b": 3.0}, steps={"a/b": 9.0, "c": 3.0})
    found = [one.subject for name in ("ci", "ci/a") for one in of_steps(replace(world, name=name).rows().values(), END)]
    assert len(set(found)) == len(found) / 2  # a bottleneck and a slowdown of each
