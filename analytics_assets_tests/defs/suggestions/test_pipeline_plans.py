"""Plans of pipelines: the table, its evidence and its checks."""

from __future__ import annotations

import json

import pytest

from analytics_assets.defs.patterns.bottlenecks import bottlenecks
from analytics_assets.defs.suggestions.pipeline_plans import (
    COLUMNS,
    pipeline_optimization_plans,
    plan_evidence_can_be_reproduced,
    plans_keep_to_what_is_known,
)
from analytics_assets_tests.defs.patterns.conftest import called
from analytics_assets_tests.defs.patterns.pipeline_tables import Pipelines
from analytics_assets_tests.lib.pipeline_worlds import NEEDS, World


@pytest.fixture
def warehouse(tmp_path, monkeypatch):
    monkeypatch.setenv("ANALYTICS_DATA_DIR", str(tmp_path))
    return Pipelines()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A warehouse with one planned pipeline, made once: its frame, to be copied."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANALYTICS_DATA_DIR", str(tmp_path_factory.mktemp("plans")))
        filled = Pipelines().has(World(seed=1, per_day=2), needs=NEEDS)
        yield filled, planned(filled)


def planned(warehouse):
    return warehouse.written(pipeline_optimization_plans, bottlenecks=warehouse.written(bottlenecks))


def reproduced(frame, warehouse):
    return called(plan_evidence_can_be_reproduced, pipeline_optimization_plans=frame, warehouse=warehouse.warehouse)


def keeps(frame):
    return called(plans_keep_to_what_is_known, pipeline_optimization_plans=frame)


def test_a_declared_pipeline_is_planned_and_one_without_needs_says_how_to_declare(warehouse):
    warehouse.has(World(seed=1, per_day=2), needs=NEEDS).has(World(seed=2, name="it's", per_day=2))
    warehouse.has(World(seed=3, name="rare", per_day=0.1))
    frame = planned(warehouse)
    assert list(frame.columns) == [column.name for column in COLUMNS]
    rows = frame.set_index("pipeline_name")
    assert frame["pipeline_name"].iloc[0] == "ci"
    assert rows.loc["ci", "dependency_source"] == "declared"
    assert rows.loc["ci", "time_reduction"] == pytest.approx(145 / 423, abs=0.04)
    assert "declare them" in rows.loc["it's", "reason"]
    assert rows.loc["it's", "time_reduction"] == 0
    assert rows.loc["rare", ["time_reduction", "current_seconds", "evidence_sql"]].isna().all()
    assert reproduced(frame, warehouse).passed
    assert reproduced(frame, warehouse).metadata["statements"].value == 2
    assert keeps(frame).passed


def test_before_the_first_execution_there_is_no_plan(warehouse):
    frame = planned(warehouse)
    assert frame.empty
    assert reproduced(frame, warehouse).passed
    assert keeps(frame).passed


def test_figures_that_are_not_those_of_the_evidence_fail(made):
    warehouse, frame = made[0], made[1].copy()
    frame.loc[0, "current_seconds"] += 1
    result = reproduced(frame, warehouse)
    assert not result.passed
    assert "ci" in result.metadata["wrong"].value


@pytest.mark.parametrize(
    "change", [{"dependency_source": "none"}, {"time_reduction": 0.9}, {"resource_savings": -0.1}], ids=str
)
def test_a_plan_that_says_more_than_is_known_fails(made, change):
    frame = made[1]
    assert "parallelization" in {item["type"] for item in json.loads(frame["recommendations"].iloc[0])}
    assert not keeps(frame.assign(**change)).passed
