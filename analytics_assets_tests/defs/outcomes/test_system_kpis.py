"""The health of the system: from the tables of a warehouse to a day's rows, and the checks on them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from logging import getLogger
from types import SimpleNamespace

import pandas as pd
import pytest

from analytics_assets.defs.outcomes import system_kpis as module
from analytics_assets.defs.outcomes.system_kpis import (
    COLUMNS,
    every_kpi_is_told,
    health_is_the_mean_of_its_parts,
    scores_are_shares_or_explained,
    system_kpis,
    weights_are_those_of_what_is_known,
)
from analytics_assets.kpi_thresholds import KPI_DAYS_KEPT
from analytics_assets.warehouse import frames
from analytics_assets.warehouse.connection import connect
from analytics_assets_tests.defs.undecorated import undecorated

AS_OF = datetime(2026, 3, 29, 12, 30)
CHECKS = EVERY, SCORES, WEIGHTS, HEALTH = tuple(
    undecorated(check)
    for check in (
        every_kpi_is_told,
        scores_are_shares_or_explained,
        weights_are_those_of_what_is_known,
        health_is_the_mean_of_its_parts,
    )
)
SIGNALS = (
    "hour timestamp, signal varchar, component_kind varchar, component varchar, metric_type varchar, unit varchar, "
    "value double, samples bigint"
)
PATTERNS = (
    "id varchar, pattern_type varchar, subject varchar, source varchar, starts_at timestamp, detected_at timestamp, "
    "human_verdict varchar"
)
EFFECTS = (
    "verdict varchar, implementation_date timestamp, measured_improvement double, expected_improvement double, "
    "saved_usd double, after_total_cost_usd double"
)


class Kpis:
    """A warehouse with the tables that KPIs are measured on."""

    def __init__(self, warehouse):
        self.warehouse = warehouse
        self.execute("create table staging.stg_as_of (kind varchar, as_of timestamp)")

    def execute(self, sql, parameters=None):
        with self.warehouse.get_connection() as con:
            return con.execute(sql, parameters).fetchall()

    def table(self, name, columns, *rows):
        with self.warehouse.get_connection() as con:
            con.execute(f"create or replace table {name} ({columns})")
            if rows:
                con.executemany(f"insert into {name} values ({', '.join('?' * len(rows[0]))})", rows)

    def now(self, at=AS_OF):
        self.execute("delete from staging.stg_as_of")
        self.execute("insert into staging.stg_as_of values ('executions', ?)", [at])

    def signals(self, errors_today=2):
        """29 days of a tool with 20 calls an hour, of 1 s and with one failure; of the last day as said."""
        self.table("summaries.hourly_signals", SIGNALS)
        self.execute(
            """
            with hours as (
                select timestamp '2026-03-29 11:00' - to_hours(cast(place as integer)) as hour, place < 23 as is_new
                from range(29 * 24) as places (place)
            )
            insert into summaries.hourly_signals
            select hour, 'tool/t/error_rate', 'tool', 't', 'error_rate', 'share',
                case when is_new then $errors else 1 end / 20, 20 from hours
            union all
            select hour, 'tool/t/response_time', 'tool', 't', 'response_time', 's',
                case when is_new then 1.5 else 1 end, 20 from hours
            """,
            {"errors": errors_today},
        )

    def computed(self):
        result = undecorated(system_kpis)(SimpleNamespace(log=getLogger(__name__)), self.warehouse)
        with self.warehouse.get_connection() as con:
            frames.write(con, "outcomes", "system_kpis", frame=result.value)
            return frames.read(con, "outcomes", "system_kpis")


@pytest.fixture
def kpis(warehouse, monkeypatch):
    monkeypatch.setattr(module, "drawn", lambda *_: {})
    # Held open, so that the steps need not open the file each for itself.
    with connect(warehouse.settings):
        yield Kpis(warehouse)


def row_of(frame, kpi, group=None, day=None):
    is_it = (frame["kpi"] == kpi) & (True if group is None else frame["kpi_group"] == group)
    is_it &= True if day is None else frame["measured_on"].dt.date == day
    (row,) = frame[is_it].astype(object).where(frame[is_it].notna(), None).to_dict("records")
    return row


def test_without_a_record_there_is_no_row_and_without_other_tables_every_kpi_is_told_as_not_known(kpis):
    frame = kpis.computed()
    assert list(frame.columns) == [column.name for column in COLUMNS]
    assert frame.empty
    assert [check(frame).passed for check in CHECKS] == [True] * 4
    kpis.now()
    frame = kpis.computed()
    assert len(frame) == 21
    assert frame["score"].isna().all()
    assert frame["reason"].notna().all()
    assert [check(frame).passed for check in CHECKS] == [True] * 4


def test_performance_is_measured_on_the_signals(kpis):
    kpis.now()
    kpis.signals(errors_today=2)
    frame = kpis.computed()
    assert row_of(frame, "average_response_time")["value"] == pytest.approx(1.5)
    assert row_of(frame, "average_response_time")["usual"] == pytest.approx(1.0)
    assert row_of(frame, "average_response_time")["score"] == pytest.approx(0.5)
    assert (row_of(frame, "error_rate")["value"], row_of(frame, "error_rate")["score"]) == (
        pytest.approx(0.1),
        pytest.approx(0.5),
    )
    assert row_of(frame, "throughput")["score"] == 1.0
    assert (row_of(frame, "system_uptime")["score"], row_of(frame, "system_uptime")["n"]) == (1.0, 168)
    overall = row_of(frame, "overall_health_score")
    assert overall["score"] == pytest.approx(0.75)
    assert overall["reason"].startswith("covers 40 % of the weight")
    assert [check(frame).passed for check in CHECKS] == [True] * 4


def test_patterns_advice_and_outcomes_are_read_from_their_tables(kpis):
    kpis.now()
    verdicts = ["confirmed"] * 4 + ["rejected"]
    began = AS_OF - timedelta(hours=30)
    kpis.table(
        "patterns.detected_patterns",
        PATTERNS,
        *(
            (f"p{n}", "degradation", "tool/t/error_rate", "patterns.performance_patterns", began, AS_OF, verdict)
            for n, verdict in enumerate(verdicts)
        ),
    )
    kpis.table("staging.stg_executions", "started_at timestamp, batch_id bigint", (AS_OF - timedelta(hours=1), 1))
    kpis.table("suggestions.recommendations", "recommendation_id varchar", ("a",), ("b",))
    decided = AS_OF - timedelta(days=2)
    kpis.table(
        "suggestions.suggestions",
        "decided_at timestamp, status varchar",
        *((decided, word) for word in ("applied", "applied", "rejected", "pending")),
        (None, "pending"),
    )
    kpis.table(
        "suggestions.optimization_opportunities",
        "decided_at timestamp, status varchar",
        (decided, "in_progress"),
        (decided, "dismissed"),
    )
    kpis.table("outcomes.recommendation_effectiveness", EFFECTS, ("worked", decided, 0.2, 0.4, 10.0, 30.0))
    frame = kpis.computed()
    assert row_of(frame, "pattern_accuracy")["value"] == pytest.approx(0.8)
    assert row_of(frame, "false_positive_rate")["score"] == pytest.approx(0.6)
    assert row_of(frame, "time_to_detection")["value"] == 30.0
    assert row_of(frame, "recommendations_generated")["value"] == 2.0
    implemented = row_of(frame, "recommendations_implemented")
    assert (implemented["value"], implemented["n"], implemented["score"]) == (3.0, 5, pytest.approx(0.6))
    assert row_of(frame, "average_improvement_achieved")["score"] == pytest.approx(0.5)
    assert row_of(frame, "roi_from_optimizations")["score"] == pytest.approx(0.75)
    assert row_of(frame, "group_score", "performance")["score"] is None
    assert [check(frame).passed for check in CHECKS] == [True] * 4


def test_the_record_of_the_models_is_read_where_it_is_there(kpis):
    kpis.now()
    kpis.table(
        "predictions.weekly_model_accuracy",
        "model_name varchar, role varchar, week date, n bigint, accuracy double, brier double",
        ("failure_risk", "champion", date(2026, 3, 23), 40, 0.8, 0.1),
    )
    kpis.table(
        "predictions.model_predictions",
        "latency_ms double, prediction_timestamp timestamp",
        (900.0, AS_OF - timedelta(days=9)),
        (100.0, AS_OF),
    )
    kpis.table(
        "predictions.drift_reports", "model_name varchar, is_drifted boolean", ("failure_risk", True), ("cost", False)
    )
    # Models are trained by the clock, however old the records are.
    clock = datetime.now(UTC).replace(tzinfo=None)
    kpis.table(
        "predictions.model_training_data",
        "model_name varchar, trained_at timestamp",
        *(("failure_risk", clock - timedelta(days=days)) for days in (1, 40)),
    )
    frame = kpis.computed()
    assert row_of(frame, "model_accuracy")["score"] == 1.0
    assert row_of(frame, "prediction_latency")["score"] == pytest.approx(0.9)
    assert row_of(frame, "model_drift_incidents")["score"] == pytest.approx(0.5)
    assert row_of(frame, "retraining_frequency")["value"] == pytest.approx(7 / 30)
    assert row_of(frame, "overall_health_score")["score"] == pytest.approx(0.8)


def test_another_look_on_the_same_day_replaces_the_rows_of_it(kpis):
    kpis.now(AS_OF - timedelta(hours=3))
    kpis.signals(errors_today=0)
    kpis.computed()
    kpis.now()
    kpis.signals(errors_today=4)
    frame = kpis.computed()
    assert len(frame) == 21
    assert row_of(frame, "error_rate")["value"] == pytest.approx(0.2)
    kpis.now(AS_OF + timedelta(days=1))
    frame = kpis.computed()
    assert len(frame) == 42
    assert row_of(frame, "error_rate", day=AS_OF.date())["value"] == pytest.approx(0.2)


def test_days_of_more_than_a_year_ago_are_forgotten(kpis):
    kpis.now()
    day = kpis.computed()
    days = int(KPI_DAYS_KEPT.value) + 100
    backs = pd.Series(range(days, -1, -1), name="back").to_frame()
    history = day.merge(backs, how="cross")
    history["measured_on"] -= pd.to_timedelta(history.pop("back"), unit="D")
    with kpis.warehouse.get_connection() as con:
        frames.write(con, "outcomes", "system_kpis", frame=history.astype({"measured_on": "datetime64[s]"}))
    frame = kpis.computed()
    assert frame["measured_on"].nunique() == KPI_DAYS_KEPT.value
    assert len(frame) == 21 * KPI_DAYS_KEPT.value


@pytest.fixture
def healthy(kpis):
    kpis.now()
    kpis.signals()
    return kpis.computed()


def test_the_checks_find_what_is_missing_unexplained_or_weighed_wrongly(healthy):
    def broken(column, value, kpi):
        frame = healthy.copy()
        frame.loc[frame["kpi"] == kpi, column] = value
        return frame

    assert not EVERY(healthy[healthy["kpi"] != "throughput"]).passed
    assert not EVERY(pd.concat([healthy, healthy.tail(1)])).passed
    assert not SCORES(broken("score", 1.2, "throughput")).passed
    assert not SCORES(broken("reason", None, "model_accuracy")).passed
    assert not WEIGHTS(broken("effective_weight", 0.0, "throughput")).passed
    assert not WEIGHTS(broken("weight", 0.3, "group_score")).passed
    assert not HEALTH(broken("score", 0.9, "overall_health_score")).passed
    assert not HEALTH(broken("score", 0.1, "error_rate")).passed
    assert not HEALTH(broken("score", None, "overall_health_score")).passed
