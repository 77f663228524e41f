"""A pattern is seen with the records that show it: what the sensor asks for after a landed file is enough for that."""

from __future__ import annotations

import json

import pytest

from analytics_assets.definitions import defs
from analytics_assets.defs.automation.inbox import touched_by
from analytics_assets.defs.automation.jobs import LEARNING, WATCHED, daily_learning
from analytics_assets.defs.patterns import anomalies, metric_patterns, performance_patterns, signal_changes
from analytics_assets.defs.patterns.detected_patterns import detected_patterns, detector_coverage
from analytics_assets_tests.defs.patterns.conftest import called
from analytics_assets_tests.defs.patterns.signal_hours import measure
from analytics_assets_tests.defs.patterns.test_detected_patterns import Log
from analytics_assets_tests.lib import signal_worlds

FAST = (
    *(anomalies.anomalies, signal_changes.trends),
    *(metric_patterns.metric_patterns, performance_patterns.performance_patterns),
    *(detector_coverage, detected_patterns),
)
"""What makes a pattern of a signal, in the order of a refresh."""


@pytest.fixture(scope="module")
def graph():
    return defs().get_repository_def().asset_graph


@pytest.mark.parametrize("kind", ["metrics", "executions", "pipelines"])
def test_a_landed_file_asks_for_every_fast_table_of_patterns_and_for_no_slow_one(graph, kind):
    asked = touched_by(frozenset({kind})).resolve(graph)
    assert WATCHED.resolve(graph) <= asked
    assert {asset.key for asset in FAST} <= asked
    assert not LEARNING.resolve(graph) & asked


def test_what_is_mined_once_a_day_is_taken_up_by_the_store_in_the_same_run(graph):
    asked = set(daily_learning.selection.resolve(graph))
    assert WATCHED.resolve(graph) | LEARNING.resolve(graph) <= asked


def test_a_burst_is_a_pattern_after_the_run_that_takes_its_file(tracker):
    tracker.execute(
        "create table staging.stg_decisions (decision_id varchar, subject_type varchar, subject_id varchar, "
        "decision varchar, decided_at timestamp, decided_by varchar, notes varchar)"
    )
    burst = signal_worlds.seasonal(1)
    burst[-4:] += 90
    measure(tracker, [signal_worlds.metric(burst), *signal_worlds.noise(range(10, 13))])
    tables: dict[str, object] = {}
    for asset in FAST:
        reads = {key.path[-1] for key in asset.keys_by_input_name.values()} & {"anomalies", "trends"}
        given = {name: tables[name] for name in reads if asset not in (detector_coverage, detected_patterns)}
        if asset is detected_patterns:
            given["context"] = Log
        tables[asset.key.path[-1]] = tracker.keep(asset, called(asset, warehouse=tracker.warehouse, **given))
    (found,) = (
        row for row in tables["detected_patterns"].to_dict("records") if row["pattern_type"] == "metric_anomaly"
    )
    assert (found["subject"], found["state"], found["is_active"]) == ("metric/api/api_latency_p95_ms", "active", True)
    assert found["starts_at"] == signal_worlds.times()[-4].item()
    assert json.loads(found["pattern_data"])["pattern_signature"]["is_ongoing"]
