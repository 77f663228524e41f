"""Patterns of pipelines: the table, its checks, and at how much it looked."""

from __future__ import annotations

import json

import pytest

from analytics_assets.defs.patterns.bottlenecks import bottlenecks
from analytics_assets.defs.patterns.execution_patterns import (
    COLUMNS,
    execution_patterns,
    execution_patterns_are_unique,
    patterns_have_their_evidence,
)
from analytics_assets_tests.defs.patterns.conftest import called
from analytics_assets_tests.defs.patterns.pipeline_tables import END, Pipelines
from analytics_assets_tests.lib.pipeline_worlds import World

WORLDS = (
    World(seed=1, slow={"integration_tests": 2.0}, flaky={"lint": 0.2}, queued=200.0, per_day=8),
    World(seed=2, name="rare", per_day=0.2),
)


@pytest.fixture
def warehouse(tmp_path, monkeypatch):
    monkeypatch.setenv("ANALYTICS_DATA_DIR", str(tmp_path))
    return Pipelines()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A warehouse with what is planted, made once: it, and both frames."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANALYTICS_DATA_DIR", str(tmp_path_factory.mktemp("execution_patterns")))
        filled = Pipelines().has(*WORLDS)
        yield filled, *computed(filled)


def computed(warehouse):
    steps = warehouse.written(bottlenecks)
    return steps, warehouse.written(execution_patterns, bottlenecks=steps)


def test_what_is_planted_is_found_and_says_where_it_looked(made):
    warehouse, steps, frame = made
    assert list(frame.columns) == [column.name for column in COLUMNS]
    assert set(zip(frame["pattern_type"], frame["subject"], strict=True)) >= {
        ("step_slowdown", "ci/integration_tests"),
        ("flaky_step", "ci/lint"),
        ("bottleneck_step", "ci/integration_tests"),
        ("queueing", "ci/*"),
    }
    assert set(frame["pipeline_name"]) == {"ci"}
    assert set(frame["detected_at"]) == {END}
    assert called(execution_patterns_are_unique, execution_patterns=frame).passed
    assert called(patterns_have_their_evidence, execution_patterns=frame, bottlenecks=steps).passed
    ((subjects, examined, left_out),) = warehouse.execute(
        "select subjects, examined, left_out from patterns.coverage_notes where source = 'patterns.execution_patterns'"
    )
    assert (subjects, examined, json.loads(left_out)) == (2, 2, ["rare/"])


def test_a_pipeline_without_a_flaky_step_may_be_flaky_as_a_whole(warehouse):
    alike = World(seed=1, steps=dict.fromkeys("abcd", 60.0), fails=0.2, tried_again=True, per_day=8)
    one = World(seed=1, name="one", fails=0.0, flaky={"lint": 0.2}, per_day=8)
    _, frame = computed(warehouse.has(alike, one))
    flaky = frame[frame["pattern_type"].isin(["flaky_pipeline", "flaky_step"])]
    assert sorted(flaky["subject"]) == ["ci/*", "one/lint"]


def test_before_the_first_execution_there_is_no_pattern(warehouse):
    steps, frame = computed(warehouse)
    assert frame.empty
    assert called(patterns_have_their_evidence, execution_patterns=frame, bottlenecks=steps).passed
    assert warehouse.execute("select subjects, examined, as_of from patterns.coverage_notes") == [(0, 0, None)]


def test_a_pattern_twice_or_without_evidence_fails_and_is_named(made):
    _, steps, frame = made
    twice = frame.assign(id="same")
    assert not called(execution_patterns_are_unique, execution_patterns=twice).passed
    denied = steps.assign(is_flaky=False)
    result = called(patterns_have_their_evidence, execution_patterns=frame, bottlenecks=denied)
    assert not result.passed
    assert "lint" in result.metadata["wrong"].value
