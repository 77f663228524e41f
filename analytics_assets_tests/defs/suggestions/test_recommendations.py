"""Opportunities and the one order of recommendations as assets, and their checks."""

from __future__ import annotations

import json
import logging
from datetime import datetime
from types import SimpleNamespace

import pytest

from analytics_assets.defs.forecasts import capacity_planning
from analytics_assets.defs.suggestions import opportunities, recommendations
from analytics_assets.pattern_store.tables import PATTERNS
from analytics_assets.suggesting.table import COLUMNS as SUGGESTIONS
from analytics_assets.warehouse import frames
from analytics_assets_tests.defs.patterns.conftest import called

AS_OF = datetime(2026, 3, 31, 23)
END = {"as_of": AS_OF, "is_stale": False}
CONTEXT = SimpleNamespace(log=logging.getLogger("test"))
TABLES = """
    create table summaries.hourly_signals (
        hour timestamp, component_kind varchar, component varchar, metric_type varchar, unit varchar, value double,
        samples bigint, as_of timestamp
    );
    insert into summaries.hourly_signals values
        ('2026-03-31 10:00', 'tool', 'grep', 'response_time', 's', 360, 70, '2026-03-31 23:00'),
        ('2026-03-31 10:00', 'tool', 'grep', 'error_rate', 'share', 0.1, 70, '2026-03-31 23:00');
    create table staging.stg_decisions (
        decision_id varchar, subject_type varchar, subject_id varchar, decision varchar, decided_at timestamp,
        decided_by varchar, notes varchar
    );
    create table kpis.performance_analytics (
        signal varchar, component_name varchar, component_kind varchar, metric_type varchar, unit varchar,
        baseline_type varchar, baseline_value double, current_value double, is_worse boolean, current_samples bigint,
        baseline_samples bigint, z double, as_of timestamp, is_stale boolean
    );
    create table profiles.cost_efficiency (
        scope varchar, scope_id varchar, model varchar, runs bigint, successful_runs bigint,
        cost_per_success_usd double, as_of timestamp, is_stale boolean
    );
    insert into profiles.cost_efficiency values
        ('spec_type', 'impl', 'large', 200, 160, 1.0, '2026-03-31 23:00', false),
        ('spec_type', 'impl', 'small', 150, 123, 0.4, '2026-03-31 23:00', false);
"""
PATTERN = {
    "id": "p1",
    "pattern_name": "grep went from 100 s to 360 s",
    "pattern_type": "degradation",
    "subject": "tool/grep/response_time",
    "components": json.dumps(["grep"]),
    "pattern_data": "{}",
    "confidence_score": 0.99,
    "significance_score": 0.72,
    "strength": 260.0,
    "strength_unit": "s",
    "is_active": True,
    "state": "active",
    "source": "patterns.performance_patterns",
    **END,
}


class Place:
    """A warehouse with what the assets read."""

    def __init__(self, warehouse):
        self.warehouse = warehouse
        with warehouse.get_connection() as con:
            con.execute(TABLES)
        self.has("suggestions.suggestions", SUGGESTIONS, [])

    def has(self, table, columns, rows):
        with self.warehouse.get_connection() as con:
            frames.write(con, *table.split("."), frame=frames.frame_of(columns, rows))
        return self

    def execute(self, statement, *values):
        with self.warehouse.get_connection() as con:
            con.execute(statement, list(values))

    def decide(self, key, decision):
        row = [f"d-{decision}", "suggestion", key, decision, AS_OF, "anna", "because"]
        self.execute("insert into staging.stg_decisions values (?, ?, ?, ?, ?, ?, ?)", *row)

    def written(self, asset):
        result = called(asset, context=CONTEXT, warehouse=self.warehouse)
        with self.warehouse.get_connection() as con:
            frames.write(con, *asset.key.path, frame=result.value)
            return frames.read(con, *asset.key.path)

    def opportunities(self):
        return self.written(opportunities.optimization_opportunities)

    def recommendations(self):
        return self.written(recommendations.recommendations)


@pytest.fixture
def place(warehouse):
    """It has one pattern that holds, and one model that is cheaper."""
    return Place(warehouse).has("patterns.detected_patterns", PATTERNS, [PATTERN])


def offered(frame, warehouse):
    name = "optimization_opportunities"
    return [
        called(opportunities.opportunities_are_unique, **{name: frame}).passed,
        called(opportunities.opportunities_can_be_reproduced, **{name: frame}, warehouse=warehouse).passed,
        called(opportunities.opportunities_are_within_their_scales, **{name: frame}).passed,
    ]


def ordered(frame, warehouse):
    return [
        called(recommendations.recommendations_are_ranked, recommendations=frame).passed,
        called(recommendations.scores_are_their_parts, recommendations=frame).passed,
        called(recommendations.components_show_a_few, recommendations=frame, warehouse=warehouse).passed,
        called(recommendations.evidence_runs, recommendations=frame, warehouse=warehouse).passed,
    ]


def test_patterns_and_costs_are_offered_with_evidence_that_gives_their_figures(place):
    frame = place.opportunities().set_index("opportunity_type", drop=False)
    assert set(frame.index) == {"api_performance", "cost"}
    slow = frame.loc["api_performance"]
    # 360 s x 70 calls a week are 30 hours in 30 days; 72 percent of them.
    assert slow["expected_hours"] == pytest.approx(0.72 * 30)
    assert (slow["pattern_id"], slow["status"]) == ("p1", "identified")
    assert slow["priority_score"] == pytest.approx(72 * 0.99 * 0.7)
    assert offered(frame, place.warehouse) == [True] * 3


def test_a_decision_and_the_end_of_a_pattern_are_followed(place):
    key = place.opportunities().set_index("opportunity_type").loc["api_performance", "id"]
    place.decide(key, "applied")
    assert place.opportunities().set_index("id").loc[key, "status"] == "in_progress"
    place.has("patterns.detected_patterns", PATTERNS, [PATTERN | {"is_active": False, "state": "resolved"}])
    frame = place.opportunities()
    assert frame.set_index("id").loc[key, "status"] == "completed"
    assert offered(frame, place.warehouse) == [True] * 3


def test_a_pattern_that_is_not_sure_enough_to_be_shown_offers_nothing(place, monkeypatch):
    monkeypatch.setenv("ANALYTICS_PATTERN_CONFIDENCE_THRESHOLD", "0.995")
    assert list(place.opportunities()["opportunity_type"]) == ["cost"]


def test_without_the_store_nothing_is_resolved(place):
    before = place.opportunities()
    place.execute("drop table patterns.detected_patterns")
    frame = place.opportunities()
    assert list(frame["id"]) == list(before["id"])
    assert list(frame["identified_at"]) == list(before["identified_at"])


@pytest.mark.parametrize(
    ("column", "value", "check"),
    [
        ("supporting_data", '{"strength": 1.0}', 1),
        ("evidence_sql", "select 1 where false", 1),
        ("potential_improvement", 101.0, 2),
        ("priority_score", 100.0, 2),
    ],
)
def test_opportunities_that_cannot_be_are_found(place, column, value, check):
    frame = place.opportunities()
    frame.loc[0, column] = value
    assert not offered(frame, place.warehouse)[check]


def test_what_is_there_is_ranked_and_what_is_decided_is_left_out(place):
    offered_rows = place.opportunities()
    plan = {
        "component": "db",
        "resource_type": "disk",
        "recommendation": "Raise disk of db.",
        "confidence": 0.9,
        "hours_at_risk": 50.0,
        "method": "drift",
        "mae": 1.0,
        "naive_mae": 4.0,
        **END,
    }
    place.has("forecasts.capacity_planning", capacity_planning.COLUMNS, [plan])
    place.execute(
        "insert into raw.ingested_files (file_id, path, kind, status, lines, quarantined_lines, batch_id, ingested_at) "
        "values (1, 'a', 'metrics', 'taken', 100, 20, 1, ?), (2, 'b', 'executions', 'taken', 10, 0, 1, ?)",
        AS_OF,
        AS_OF,
    )
    frame = place.recommendations().set_index("component", drop=False)
    assert list(frame["component"]) == ["db", "grep", "impl"]
    db = frame.loc["db"]
    # Lost are 3 hours of failures (a tenth of 30), the 50 at risk and the 21.6 that are slower than they could be.
    assert db["impact"] == pytest.approx(50 / (3 + 50 + 21.6))
    assert (db["data_quality"], db["model_accuracy"]) == (pytest.approx(0.8), 0.95)
    assert db["rank_score"] == pytest.approx(db["impact"] * 1.0 * 0.9 * (0.8 + 0.95 + 0.5) / 3)
    # What an hour of runs costs is not known here, so money has no hours.
    assert frame.loc["impl", ["impact", "rank_score"]].isna().all()
    assert ordered(frame.reset_index(drop=True), place.warehouse) == [True] * 4
    place.decide(offered_rows.set_index("component_affected").loc["grep", "id"], "rejected")
    place.opportunities()
    assert set(place.recommendations()["component"]) == {"db", "impl"}


def test_where_advice_is_switched_off_what_was_recommended_before_stands(place, monkeypatch):
    place.opportunities()
    before = place.recommendations()
    place.execute("delete from suggestions.optimization_opportunities")
    monkeypatch.setenv("ANALYTICS_RECOMMENDATION_GENERATION_ENABLED", "false")
    assert len(before) > 0
    assert place.recommendations()["recommendation_id"].tolist() == before["recommendation_id"].tolist()
    place.execute("drop table suggestions.recommendations")
    assert place.recommendations().empty


def test_with_nothing_recommended_the_table_is_empty_and_checks(warehouse):
    place = Place(warehouse)
    place.execute("delete from profiles.cost_efficiency")
    assert place.opportunities().empty
    frame = place.recommendations()
    assert list(frame.columns) == [column.name for column in recommendations.COLUMNS]
    assert ordered(frame, warehouse) == [True] * 4


@pytest.mark.parametrize(
    ("column", "value", "check"),
    [
        ("rank", 7, 0),
        ("rank_score", 0.9, 1),
        ("confidence", 0.1, 1),
        ("is_shown", False, 2),
        ("evidence_sql", "select * from nowhere", 3),
        ("evidence_sql", "select 1 where false", 3),
    ],
)
def test_an_order_that_cannot_be_followed_is_found(place, column, value, check):
    place.opportunities()
    frame = place.recommendations()
    frame.loc[0, column] = value
    assert not ordered(frame, place.warehouse)[check]
