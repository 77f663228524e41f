"""Models, resources and failures come in the order in which people look for them."""

from __future__ import annotations

import pytest

from analytics_assets.queries.models import get_cost_efficiency, get_model_effectiveness, get_task_effectiveness
from analytics_assets.queries.resources import get_resource_usage
from analytics_assets.queries.snapshot import open_snapshot
from analytics_assets.queries.specs import get_failure_patterns
from analytics_assets_tests.queries.published import publish


@pytest.fixture
def snapshot(settings):
    """Opens a version with some rows of one table."""

    def opened(table, *rows):
        publish(settings, {table: rows})
        return open_snapshot(settings)

    return opened


def test_models_are_compared_within_a_type_the_best_first(snapshot):
    cells = [("fix", "a", 0.5), ("fix", "b", 0.9), ("add", "c", 0.1), (None, "d", None)]
    rows = [dict(zip(("spec_type", "model", "success_rate"), cell, strict=True)) for cell in cells]
    with snapshot("profiles.model_effectiveness", *rows) as current:
        assert [row["model"] for row in get_model_effectiveness(snapshot=current)] == ["c", "b", "a", "d"]
        assert [row["model"] for row in get_model_effectiveness("fix", current)] == ["b", "a"]


def test_tasks_can_be_asked_by_type(snapshot):
    rows = [{"task_type": kind, "model": "m", "success_rate": 0.5} for kind in ("impl", "review")]
    with snapshot("profiles.task_effectiveness", *rows) as current:
        assert [row["task_type"] for row in get_task_effectiveness("review", current)] == ["review"]
        assert len(get_task_effectiveness(snapshot=current)) == 2


def test_costs_are_those_of_one_scope_the_dearest_first(snapshot):
    rows = [
        {"scope": "project", "scope_id": key, "total_cost_usd": cost}
        for key, cost in (("cheap", 1.0), ("unknown", None), ("dear", 9.0))
    ]
    with snapshot("profiles.cost_efficiency", *rows, {"scope": "spec", "scope_id": "s"}) as current:
        assert [row["scope_id"] for row in get_cost_efficiency("project", current)] == ["dear", "cheap", "unknown"]


def test_what_is_killed_most_often_comes_first(snapshot):
    rows = [{"spec_id": key, "oom_share": share, "runs": 10} for key, share in (("fine", 0.0), ("killed", 0.7))]
    with snapshot("profiles.resource_usage_profiles", *rows) as current:
        assert [row["spec_id"] for row in get_resource_usage(snapshot=current)] == ["killed", "fine"]
        assert [row["spec_id"] for row in get_resource_usage("fine", current)] == ["fine"]


def test_the_most_frequent_failure_comes_first(snapshot):
    rows = [{"error_type": key, "occurrences": n} for key, n in (("rare", 1), ("frequent", 9), (None, 5))]
    with snapshot("profiles.failure_patterns", *rows) as current:
        assert [row["error_type"] for row in get_failure_patterns(current)] == ["frequent", None, "rare"]
