"""Steps that use far less than is reserved for them, or nearly all."""

from __future__ import annotations

import numpy as np
import pytest

from analytics_assets.lib.pipeline_resources import resource_advice
from analytics_assets.lib.pipeline_steps import pipeline_of
from analytics_assets_tests.lib.pipeline_worlds import World


def advice(**used):
    """Of a pipeline of two steps of equal length; ``used`` are values of (first, second) step by column."""
    executions, steps = World(seed=1, steps={"small": 50.0, "large": 50.0}, fails=0.0).frames()
    for column, (first, second) in used.items():
        steps[column] = np.where(steps["step_name"] == "small", first, second)
    return resource_advice(pipeline_of("ci", executions, steps))


def test_a_step_far_below_the_largest_could_run_on_a_smaller_runner():
    (found,), saved = advice(memory_mb=(200.0, 1_000.0))
    assert found["steps"] == ["small"]
    assert "240 MB would do" in found["text"]
    assert "what the largest step uses" in found["text"]
    assert saved == pytest.approx(0.5 * (1 - 0.24), abs=0.02)
    assert found["estimated_resource_savings"] == pytest.approx(saved)


def test_steps_that_use_as_much_are_left_alone():
    assert advice(memory_mb=(900.0, 1_000.0), cores=(1.0, 1.1)) == ([], 0.0)


def test_a_recorded_limit_is_what_is_reserved():
    found, saved = advice(memory_mb=(900.0, 1_000.0), memory_limit_mb=(8_000.0, 8_000.0))
    assert [item["steps"] for item in found] == [["small"], ["large"]]
    assert saved == pytest.approx(1 - 1.2 * 950 / 8_000, abs=0.02)


def test_a_step_near_its_limit_needs_more_and_saves_nothing():
    (found,), saved = advice(memory_mb=(990.0, 600.0), memory_limit_mb=(1_000.0, 1_000.0))
    assert found["steps"] == ["small"]
    assert found["text"].endswith("give it more.")
    assert (saved, found["is_in_total"]) == (0.0, False)


def test_saving_is_the_mean_of_the_resources_that_are_known():
    _, both = advice(memory_mb=(200.0, 1_000.0), cores=(1.0, 1.0))
    _, one = advice(memory_mb=(200.0, 1_000.0))
    assert both == pytest.approx(one / 2)


@pytest.mark.parametrize("value", [np.nan, np.inf, -5.0, 0.0])
def test_what_is_not_measured_is_not_advised_on(value):
    assert advice(memory_mb=(value, value)) == ([], 0.0)
