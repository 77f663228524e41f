"""The store as assets: from tables of patterns to history, with what a person decided, and checks that can fail."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from analytics_assets.defs.patterns.detected_patterns import (
    detected_patterns,
    detector_coverage,
    nothing_ended_unseen,
    patterns_are_unique,
    sources_could_look,
    states_are_sound,
)
from analytics_assets.defs.patterns.pattern_history import (
    decisions_name_patterns,
    history_ends_in_the_present,
    pattern_classifications,
    pattern_evolution,
    pattern_relationships,
    patterns_are_classified,
    relations_join_patterns,
)
from analytics_assets.pattern_store.coverage import note_coverage
from analytics_assets.pattern_store.observed import OBSERVED
from analytics_assets.warehouse import frames
from analytics_assets.warehouse.columns import RECORDS_END, Column
from analytics_assets_tests.defs.patterns.conftest import called
from analytics_assets_tests.pattern_store.made import START, at, observed

SOURCE = "patterns.performance_patterns"
COLUMNS = (*OBSERVED, Column("impact_severity", "VARCHAR", "Severity."), *RECORDS_END)
SLOW, FAILING = "tool/web_fetch/response_time", "tool/web_fetch/error_rate"
ASSETS = (detector_coverage, detected_patterns, pattern_classifications, pattern_relationships, pattern_evolution)


class Log:
    """Takes what an asset logs."""

    class log:  # noqa: N801 -- as Dagster's context has it
        """Nowhere."""

        @staticmethod
        def info(*words: object) -> None:
            """Nothing is written."""


class Store:
    """A warehouse with one table of patterns, and a table of anomalies."""

    def __init__(self, warehouse: Any) -> None:
        self.warehouse = warehouse
        with warehouse.get_connection() as con:
            con.execute(
                "create table staging.stg_decisions (decision_id varchar, subject_type varchar, subject_id varchar, "
                "decision varchar, decided_at timestamp, decided_by varchar, notes varchar); "
                "create table patterns.anomalies (id varchar, signal varchar, starts_at timestamp, as_of timestamp)"
            )

    def says(self, hour: float, *said: Any, **note: Any) -> dict[str, Any]:
        """The source runs, and the store after it: its tables by name."""
        with self.warehouse.get_connection() as con:
            rows = [one.row | {"as_of": at(hour), "is_stale": False} for one in said]
            frames.write(con, "patterns", "performance_patterns", frame=frames.frame_of(COLUMNS, rows))
            note_coverage(con, SOURCE, **({"subjects": 10, "examined": 10, "as_of": at(hour)} | note))
        return self.advance()

    def advance(self) -> dict[str, Any]:
        """The assets of the store, one after the other."""
        tables = {}
        for asset in ASSETS:
            context = {"context": Log} if asset is detected_patterns else {}
            frame = called(asset, warehouse=self.warehouse, **context).value
            with self.warehouse.get_connection() as con:
                frames.write(con, *asset.key.path, frame=frame)
                tables[asset.key.path[-1]] = frames.read(con, *asset.key.path)
        return tables

    def decides(self, subject: str, decision: str) -> None:
        """A person decides."""
        with self.warehouse.get_connection() as con:
            con.execute(
                "insert into staging.stg_decisions values (?, 'pattern', ?, ?, ?, 'kim', 'why')",
                [f"dc-{subject}-{decision}", subject, decision, at(0.5)],
            )


@pytest.fixture
def store(warehouse):
    # One connection stays open, so that the file is not opened anew for each of the many others.
    with warehouse.get_connection():
        yield Store(warehouse)


def slow(hour):
    return observed("degradation", SLOW, at(hour))


def test_a_pattern_lives_through_looks_a_blind_source_and_a_decision(store):
    first = store.says(0, slow(0))
    (row,) = first["detected_patterns"].to_dict("records")
    assert (row["state"], row["observation_count"], row["as_of"]) == ("active", 1, START)
    assert called(sources_could_look, detector_coverage=first["detector_coverage"]).passed

    blind = store.says(1, subjects=100, examined=10)
    (row,) = blind["detected_patterns"].to_dict("records")
    assert (row["state"], row["is_active"]) == ("held", True)
    verdict = called(sources_could_look, detector_coverage=blind["detector_coverage"])
    assert not verdict.passed
    assert verdict.severity.value == "ERROR"
    assert SOURCE in verdict.metadata["could_not_look"].value
    assert called(nothing_ended_unseen, detected_patterns=blind["detected_patterns"], warehouse=store.warehouse).passed

    store.decides(row["id"], "confirmed")
    seen = store.says(2, slow(2))
    (row,) = seen["detected_patterns"].to_dict("records")
    assert (row["state"], row["human_verdict"], row["observation_count"]) == ("active", "confirmed", 2)
    assert seen["pattern_classifications"]["human_verified"].all()

    over = [store.says(hour) for hour in (3, 4, 26)][-1]
    (row,) = over["detected_patterns"].to_dict("records")
    assert (row["state"], row["resolved_at"], row["unstated_looks"]) == ("resolved", at(26), 3)
    assert list(over["pattern_evolution"]["evolution_type"]) == ["appeared", "resolved"]
    for check, table in (
        (patterns_are_unique, "detected_patterns"),
        (states_are_sound, "detected_patterns"),
    ):
        assert called(check, **{table: over[table]}).passed
    for check, table in (
        (patterns_are_classified, "pattern_classifications"),
        (relations_join_patterns, "pattern_relationships"),
        (history_ends_in_the_present, "pattern_evolution"),
        (decisions_name_patterns, "pattern_relationships"),
    ):
        assert called(check, **{table: over[table]}, warehouse=store.warehouse).passed


def test_late_records_count_as_a_look_and_a_mere_rerun_does_not(store):
    with store.warehouse.get_connection() as con:
        con.execute("create or replace table raw.ingested_files (kind varchar, batch_id bigint)")
        con.execute("insert into raw.ingested_files values ('executions', 1), ('metrics', 1)")
    states = [store.says(0, slow(0))["detected_patterns"]["state"][0], store.says(0)["detected_patterns"]["state"][0]]
    assert states == ["active", "held"]
    for batch, state in ((2, "active"), (3, "active"), (4, "resolved")):
        with store.warehouse.get_connection() as con:
            con.execute("insert into raw.ingested_files values ('executions', ?)", [batch])
        for _ in range(2):
            (row,) = store.says(0)["detected_patterns"].to_dict("records")
            assert (row["state"], row["unstated_looks"]) == (state, batch - 1)


def test_of_ten_thousand_signals_a_bound_that_is_stated_is_no_failure(store):
    far = "metric/m9999/cpu"
    beyond = [f"metric/m{number}/cpu" for number in range(500, 10_000)]
    store.says(0, slow(0), observed("degradation", far, at(0)))
    for hour in (1, 2, 24):
        tables = store.says(hour, subjects=500, examined=500, left_out=beyond)
        assert called(sources_could_look, detector_coverage=tables["detector_coverage"]).passed
    states = {row["subject"]: row["state"] for row in tables["detected_patterns"].to_dict("records")}
    assert states == {SLOW: "resolved", far: "held"}
    (noted,) = (row for row in tables["detector_coverage"].to_dict("records") if row["source"] == SOURCE)
    assert (noted["left_out_subjects"], len(json.loads(noted["left_out"]))) == (9_500, 1_000)


def test_signals_that_begin_together_are_joined(store):
    with store.warehouse.get_connection() as con:
        for hour in (5, 60, 120, 180, 230, 300):
            con.execute("insert into patterns.anomalies values (?, ?, ?, ?)", [f"f{hour}", FAILING, at(hour), at(335)])
            con.execute("insert into patterns.anomalies values (?, ?, ?, ?)", [f"s{hour}", SLOW, at(hour + 1), at(335)])
    tables = store.says(
        335, observed("performance_anomaly", SLOW, at(335)), observed("performance_anomaly", FAILING, at(335))
    )
    (relation,) = tables["pattern_relationships"].to_dict("records")
    assert (relation["relationship_type"], relation["temporal_offset"]) == ("precedes", 3600)
    assert json.loads(relation["evidence"])["together"] == 6


def test_an_empty_warehouse_gives_empty_tables_with_all_columns_and_sound_checks(store):
    tables = store.advance()
    assert set(tables["detector_coverage"]["reason"]) == {"it has not run yet"}
    assert all(tables[name].empty for name in tables if name != "detector_coverage")
    assert called(sources_could_look, detector_coverage=tables["detector_coverage"]).passed
    assert called(
        history_ends_in_the_present, pattern_evolution=tables["pattern_evolution"], warehouse=store.warehouse
    ).passed
    assert called(states_are_sound, detected_patterns=tables["detected_patterns"]).passed


def test_a_decision_on_nothing_is_told(store):
    store.decides("no-such", "confirmed")
    tables = store.says(0, slow(0))
    store.decides(tables["detected_patterns"]["id"][0], "applied")
    verdict = called(
        decisions_name_patterns, pattern_relationships=tables["pattern_relationships"], warehouse=store.warehouse
    )
    assert not verdict.passed
    assert verdict.metadata["unknown"].value == ["no-such"]
    assert verdict.metadata["without_effect"].value == [tables["detected_patterns"]["id"][0]]


WRONG = (
    (states_are_sound, "detected_patterns", "is_active", False),
    (states_are_sound, "detected_patterns", "state", "resolved"),
    (patterns_are_classified, "pattern_classifications", "classification_type", "topic"),
    (patterns_are_classified, "pattern_classifications", "classification_value", "gossip"),
    (history_ends_in_the_present, "pattern_evolution", "current_state", '{"is_over": true}'),
)


def test_checks_fail_on_what_is_wrong(store):
    tables = store.says(0, slow(0))
    for check, table, column, value in WRONG:
        needs = {} if check is states_are_sound else {"warehouse": store.warehouse}
        assert called(check, **{table: tables[table]}, **needs).passed
        assert not called(check, **{table: tables[table].assign(**{column: value})}, **needs).passed


def test_checks_fail_on_a_pattern_twice_a_relation_to_nothing_and_an_end_that_nobody_saw(store):
    tables = store.says(0, slow(0))
    patterns = tables["detected_patterns"]
    assert not called(patterns_are_unique, detected_patterns=pd.concat([patterns, patterns])).passed
    key = patterns["id"][0]
    related = pd.DataFrame(
        [[key, "x", "causes", 1.0, 0, "{}", "r"]],
        columns=[
            "parent_pattern_id",
            "child_pattern_id",
            "relationship_type",
            "relationship_strength",
            "temporal_offset",
            "evidence",
            "id",
        ],
    )
    assert not called(relations_join_patterns, pattern_relationships=related, warehouse=store.warehouse).passed
    blind = store.says(1, subjects=100, examined=10)["detected_patterns"].assign(resolved_at=at(1))
    assert not called(nothing_ended_unseen, detected_patterns=blind, warehouse=store.warehouse).passed
