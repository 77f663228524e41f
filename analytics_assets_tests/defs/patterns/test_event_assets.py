"""Leads, pairs of events, impacts and patterns of integrations: tables and checks."""

from __future__ import annotations

import json
import re
import shutil
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from analytics_assets.defs.patterns.event_correlations import (
    event_correlations,
    event_pair_p_values_are_shares,
    newest_pairs_are_in_order,
)
from analytics_assets.defs.patterns.event_impact_analysis import (
    event_impact_analysis,
    impact_p_values_are_shares,
    impacts_follow_their_figures,
)
from analytics_assets.defs.patterns.integration_patterns import (
    integration_patterns,
    integration_patterns_are_told_once,
)
from analytics_assets.defs.patterns.signal_leads import (
    each_pair_is_compared_once,
    lead_p_values_are_shares,
    signal_leads,
)
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.pattern_store.observed import OBSERVED
from analytics_assets.settings import Settings
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.schema import create_schema
from analytics_assets_tests.defs.patterns.conftest import Tracker, called, insert
from analytics_assets_tests.lib import event_worlds
from analytics_assets_tests.lib.event_worlds import DAYS, START, events, stream

AS_OF = START + timedelta(days=DAYS)
TABLES = """
    create table staging.stg_events (
        id varchar, event_type varchar, source_system varchar, target_system varchar, event_data json,
        occurred_at timestamp, processing_duration_ms double, status varchar, correlation_id varchar
    );
    create table staging.stg_as_of (kind varchar, as_of timestamp, is_stale boolean);
    create table staging.stg_pipeline_configurations (
        pipeline_name varchar, configuration_version varchar, first_seen_at timestamp
    );
    create table staging.stg_metrics (
        metric_name varchar, source_system varchar, metric_tags varchar, metric_unit varchar, metric_value double,
        collected_at timestamp
    );
    create table summaries.metric_signals (
        metric_name varchar, source_system varchar, metric_tags varchar, metric_unit varchar, signal varchar,
        as_of timestamp
    );
    create table summaries.hourly_signals (
        hour timestamp, signal varchar, component_kind varchar, component varchar, metric_type varchar,
        value double, samples bigint, worse varchar, is_complete boolean, as_of timestamp, is_stale boolean
    )
"""
A, B = "a>b/asked", "b>c/answered"


@pytest.fixture(scope="module")
def bare_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bare")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANALYTICS_DATA_DIR", str(folder))
        with connect(Settings()) as con:
            create_schema(con)
            con.execute(TABLES)
    return folder


@pytest.fixture
def bare(bare_folder, tmp_path, monkeypatch):
    """A warehouse with the tables that are read here, all empty."""
    shutil.copytree(bare_folder, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("ANALYTICS_DATA_DIR", str(tmp_path))
    return Tracker(WarehouseResource())


def land_events(tracker, found):
    frame = pd.DataFrame(found)
    links = frame["link"].str.split(">", n=1, expand=True)
    frame = frame.assign(
        event_type=frame["link_type"].str.split("/", n=1).str[1], source_system=links[0], target_system=links[1]
    )
    columns = ["id", "event_type", "source_system", "target_system", "event_data", "occurred_at"]
    with tracker.warehouse.get_connection() as con:
        insert(con, "staging.stg_events", frame, [*columns, "processing_duration_ms", "status", "correlation_id"])
        for kind in ("events", "metrics", "pipelines"):
            con.execute("insert into staging.stg_as_of values (?, ?, false)", [kind, AS_OF])


def land_hours(tracker, grid):
    rows = [
        {
            "hour": grid.at(step),
            "signal": name,
            "component_kind": "metric",
            "component": "api",
            "metric_type": name.rsplit("/", 1)[-1],
            "value": None if np.isnan(value) else value,
            "samples": 6,
            "worse": "up",
            "is_complete": True,
            "as_of": AS_OF,
            "is_stale": False,
        }
        for name, row in zip(grid.names, grid.values, strict=True)
        for step, value in enumerate(row)
    ]
    with tracker.warehouse.get_connection() as con:
        insert(con, "summaries.hourly_signals", pd.DataFrame(rows), list(rows[0]))


def land_samples(tracker, grid):
    with tracker.warehouse.get_connection() as con:
        for name, row in zip(grid.names, grid.values, strict=True):
            frame = pd.DataFrame(
                {
                    "metric_name": name,
                    "source_system": "probe",
                    "metric_value": row,
                    "collected_at": [grid.at(step) for step in range(len(row))],
                }
            )
            insert(
                con,
                "staging.stg_metrics",
                frame,
                ["metric_name", "source_system", "metric_tags", "metric_unit", "metric_value", "collected_at"],
            )
            con.execute(
                "insert into summaries.metric_signals values (?, 'probe', null, null, ?, ?)", [name, name, AS_OF]
            )


def deployed(happenings):
    """Their events, by two pipelines in turn."""
    rows = events({"ci>cluster/deployment": [(one.occurred_at - START).total_seconds() for one in happenings]})
    for number, row in enumerate(rows):
        said = {"pipeline_name": "release", "head_sha": f"{number:040d}"}
        row |= {"id": happenings[number].id, "event_data": json.dumps(said)}
    return rows


def test_a_lead_is_first_with_its_lag_and_a_second_opinion(bare):
    land_hours(bare, event_worlds.signals(1, lag=3, rows=4))
    frame = bare.written(signal_leads)
    first = frame.iloc[0]
    assert (first["leader"], first["follower"], first["lag_hours"]) == ("metric/api/s0", "metric/api/s1", 3)
    assert (first["direction"], bool(first["is_significant"])) == ("leads", True)
    assert first["granger_p"] < 1e-6
    by_lag = json.loads(first["correlations"])
    assert np.argmax(by_lag) - 24 == 3
    assert by_lag[27] == pytest.approx(first["correlation"], abs=1e-4)
    assert frame["is_significant"].sum() == 1
    assert called(lead_p_values_are_shares, signal_leads=frame).passed
    assert called(each_pair_is_compared_once, signal_leads=frame).passed


def test_a_pair_in_both_directions_or_a_p_value_that_is_no_share_fails(bare):
    land_hours(bare, event_worlds.signals(1, rows=3))
    frame = bare.written(signal_leads)
    turned = frame.assign(leader=frame["follower"], follower=frame["leader"])
    assert not called(each_pair_is_compared_once, signal_leads=pd.concat([frame, turned.head(1)])).passed
    assert not called(lead_p_values_are_shares, signal_leads=frame.assign(p_value=2.0)).passed


def test_events_that_follow_are_a_row_whose_newest_pair_is_there(bare):
    rng = np.random.default_rng(1)
    first = stream(rng, 15)
    land_events(bare, events({A: first, B: event_worlds.after(rng, first, 0.5, 60)}, event_data=None))
    frame = bare.written(event_correlations)
    (row,) = frame.to_dict("records")
    assert (row["primary_event_type"], row["related_event_type"], row["correlation_type"]) == (A, B, "causal")
    assert row["discovered_at"] == pd.Timestamp(AS_OF)
    assert called(event_pair_p_values_are_shares, event_correlations=frame).passed
    given = {"warehouse": bare.warehouse}
    assert called(newest_pairs_are_in_order, event_correlations=frame, **given).passed
    turned = frame.assign(primary_event_id=frame["related_event_id"])
    assert not called(newest_pairs_are_in_order, event_correlations=turned, **given).passed


@pytest.fixture
def harmed(bare):
    """Forty deployments, of which one made a metric worse for three hours."""
    grid, happenings = event_worlds.samples(1, rows=4), event_worlds.deployments(1)
    event_worlds.worsen(grid, happenings[20], rise=250.0)
    land_samples(bare, grid)
    land_hours(bare, event_worlds.signals(1, rows=4))
    land_events(bare, deployed(happenings))
    bare.execute(
        "insert into staging.stg_pipeline_configurations values ('ci', '1', ?), ('ci', '2', ?)",
        [START, START + timedelta(days=9)],
    )
    return bare, happenings[20]


def test_the_deployment_that_did_harm_is_the_one_that_is_told(harmed):
    tracker, bad = harmed
    frame = tracker.written(event_impact_analysis)
    (row,) = frame[frame["impact_type"] == "degradation"].to_dict("records")
    assert (row["event_id"], row["signal"]) == (bad.id, "metric/api/s3")
    assert row["recovery_time"] == pytest.approx(3 * 3_600, abs=2_400)
    assert 0 < row["business_impact_score"] <= 100
    assert json.loads(row["mitigation_suggestions"])[0] == f"Roll release back from {'0' * 10} to {'0' * 10}."
    quiet = frame[frame["event_id"] == "configuration:ci@2"].iloc[0]
    assert (quiet["impact_type"], quiet["reason"]) == ("unknown", "no signal of its systems is measured")
    assert len(frame) == 41
    assert called(impact_p_values_are_shares, event_impact_analysis=frame).passed
    assert called(impacts_follow_their_figures, event_impact_analysis=frame).passed
    liar = frame.assign(impact_type="degradation")
    assert not called(impacts_follow_their_figures, event_impact_analysis=liar).passed

    pairs = tracker.written(event_correlations)
    patterns = tracker.written(integration_patterns, event_correlations=pairs, event_impact_analysis=frame)
    (pattern,) = patterns[patterns["pattern_type"] == "deployment_impact"].to_dict("records")
    assert (pattern["subject"], pattern["location"]) == ("release", "metric/api/s3")
    assert pattern["pattern_name"].startswith(
        f"1 of 40 examined deployments of release made something worse: {bad.id} at {bad.occurred_at:%Y-%m-%d %H:%M} "
        "UTC changed s3 of api by +"
    )
    assert re.search(r" %, over since 2026-\d\d-\d\d \d\d:\d\d UTC\.$", pattern["pattern_name"])
    assert json.loads(pattern["components"]) == ["api", "ci", "cluster", "release"]


def test_an_outage_is_the_same_in_the_impacts_and_in_the_patterns(bare):
    found = events({A: np.arange(300) * 7_200.0}, event_data=None)
    for event in found[100:110]:
        event["status"] = "failure"
    land_events(bare, found)
    impacts = bare.written(event_impact_analysis)
    (row,) = impacts.to_dict("records")
    assert (row["event_type"], row["event_id"], row["occurred_at"]) == (
        "outage",
        found[100]["id"],
        found[100]["occurred_at"],
    )
    pairs = bare.written(event_correlations)
    patterns = bare.written(integration_patterns, event_correlations=pairs, event_impact_analysis=impacts)
    (pattern,) = patterns.to_dict("records")
    assert (pattern["pattern_type"], pattern["subject"], pattern["starts_at"]) == ("outage", "a>b", row["occurred_at"])


def test_flows_are_patterns_that_are_told_once_and_coverage_is_noted(bare):
    rng = np.random.default_rng(1)
    times = stream(rng, 10)
    found = events({A: times, B: times + 30}, event_data=None)
    for event in found:
        event["correlation_id"] = event["id"].split("-")[1]
    land_events(bare, found)
    pairs, impacts = bare.written(event_correlations), bare.written(event_impact_analysis)
    frame = bare.written(integration_patterns, event_correlations=pairs, event_impact_analysis=impacts)
    assert list(frame.columns)[: len(OBSERVED)] == [column.name for column in OBSERVED]
    (flow,) = frame.to_dict("records")
    assert (flow["pattern_type"], flow["subject"]) == ("event_flow", f"({A}) > ({B})")
    assert flow["pattern_stability_score"] == 1.0
    assert re.fullmatch(
        r"\d+ flows, 100 % of all, went asked from a to b, then answered from b to c, in 30 s at the median\.",
        flow["pattern_name"],
    )
    assert json.loads(flow["systems_involved"]) == ["a", "b", "c"]
    assert bare.execute("select subjects, examined from patterns.coverage_notes") == [(2, 2)]
    assert called(integration_patterns_are_told_once, integration_patterns=frame).passed
    twice = pd.concat([frame, frame])
    assert not called(integration_patterns_are_told_once, integration_patterns=twice).passed


def test_without_records_all_tables_are_empty_and_every_check_passes(bare):
    leads, pairs, impacts = (bare.written(asset) for asset in (signal_leads, event_correlations, event_impact_analysis))
    patterns = bare.written(integration_patterns, event_correlations=pairs, event_impact_analysis=impacts)
    assert [len(frame) for frame in (leads, pairs, impacts, patterns)] == [0, 0, 0, 0]
    assert called(each_pair_is_compared_once, signal_leads=leads).passed
    assert called(lead_p_values_are_shares, signal_leads=leads).passed
    assert called(newest_pairs_are_in_order, event_correlations=pairs, warehouse=bare.warehouse).passed
    assert called(impacts_follow_their_figures, event_impact_analysis=impacts).passed
    assert called(integration_patterns_are_told_once, integration_patterns=patterns).passed
