"""What the KPIs are measured on, from the tables of the warehouse. None of them has to be there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from analytics_assets.contracts import CONTRACTS
from analytics_assets.kpi_thresholds import IMPORT_TAIL, KPI_WINDOW, PATTERN_DAYS, UPTIME_DAYS
from analytics_assets.lib.opportunity_rules import kinds_of
from analytics_assets.system_kpis import detection, learning, optimization, performance
from analytics_assets.system_kpis.definitions import Measured
from analytics_assets.warehouse.connection import records

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Row = dict[str, Any]
AS_OF = "select max(as_of) from staging.stg_as_of"
USAGE = """
    with dated as (
        select
            signal, metric_type, unit, samples, value * samples as total,
            hour > $since as is_new
        from summaries.hourly_signals
        where
            component_kind in ('tool', 'procedure', 'integration')
            and metric_type in ('response_time', 'error_rate')
            and hour <= $as_of
    )
    select
        metric_type,
        unit,
        coalesce(sum(samples) filter (is_new), 0) as samples,
        coalesce(sum(total) filter (is_new), 0) as total,
        coalesce(sum(samples) filter (not is_new), 0) as samples_before,
        coalesce(sum(total) filter (not is_new), 0) as total_before
    from dated
    group by signal, metric_type, unit
    order by signal, metric_type, unit
"""
CALLS = """
    select hour, cast(sum(samples) as bigint)
    from summaries.hourly_signals
    where component_kind in ('tool', 'procedure', 'integration') and metric_type = 'error_rate'
    group by hour
"""
# Samplers write metrics of what stands still, too: they tell something only where nothing else is recorded.
RECORDS = """
    with counted as (
        select hour, component_kind = 'metric' as is_metric, cast(sum(samples) as bigint) as records
        from summaries.hourly_signals
        where metric_type = 'error_rate' or component_kind = 'metric'
        group by hour, is_metric
    )
    select hour, records from counted
    where is_metric = (select bool_and(is_metric) from counted)
"""
STATED_UPTIME = """
    select component, unit, sum(value * samples) / sum(samples)
    from summaries.hourly_signals
    where
        component_kind = 'metric' and lower(metric_type) in ('uptime', 'availability')
        and hour > $since and hour <= $as_of
    group by component, unit
    having sum(samples) > 0
    order by component, unit
"""
LINKS = """
    select count(distinct component) from summaries.hourly_signals
    where component_kind = 'integration' and hour > $since and hour <= $as_of
"""
OUTAGES = """
    select subject, starts_at, last_observed_at, strength
    from patterns.integration_patterns
    where pattern_type = 'outage' and starts_at is not null and strength is not null
"""
PATTERN = ("id", "pattern_type", "subject", "source", "starts_at", "detected_at", "human_verdict")
OUTCOME = (
    *("verdict", "implementation_date", "measured_improvement", "expected_improvement"),
    *("saved_usd", "after_total_cost_usd"),
)
"""Columns that are read of a pattern, and of what became of an application."""
PREDICTED = (
    (
        "patterns.pattern_evolution",
        """
        select pattern_id, arg_max(prediction_accuracy, change_number) from patterns.pattern_evolution
        where prediction_accuracy is not null group by pattern_id
        """,
    ),
    (
        "patterns.performance_patterns",
        "select id, prediction_accuracy from patterns.performance_patterns where prediction_accuracy is not null",
    ),
)
"""Where patterns have an accuracy; of both the later one counts."""
DECIDED = (
    ("suggestions.suggestions", ("applied",), "rejected"),
    ("suggestions.optimization_opportunities", ("in_progress", "completed"), "dismissed"),
)
"""Where advice is decided on: the table, the states of what was applied, and of what was not."""
LATENCY = """
    select quantile_cont(latency_ms, 0.95), count(latency_ms)
    from predictions.model_predictions
    where prediction_timestamp > (select max(prediction_timestamp) from predictions.model_predictions)
        - interval '7' day
"""


class Tables:
    """The tables that are there, with their columns, as of now."""

    def __init__(self, con: DuckDBPyConnection) -> None:
        self._con = con
        self._columns: dict[str, set[str]] = {}
        found = con.execute("select table_schema, table_name, column_name from information_schema.columns")
        for stage, name, column in found.fetchall():
            self._columns.setdefault(f"{stage}.{name}", set()).add(column)

    def rows(self, table: str, statement: str, parameters: Mapping[str, object] | None = None) -> list[tuple[Any, ...]]:
        """Rows of a statement on a table; none where it is not there."""
        return self._con.execute(statement, parameters).fetchall() if table in self._columns else []

    def records(self, table: str, *names: str) -> list[Row]:
        """These columns of a table; no row where it is not there, or is of another version."""
        if not set(names) <= self._columns.get(table, set()):
            return []
        return records(self._con, f"select {', '.join(names)} from {table}")


def measure(
    con: DuckDBPyConnection, as_of: datetime, kinds: Iterable[str], *, min_model_accuracy: float, now: datetime
) -> dict[str, Measured]:
    """Every KPI by its name.

    Args:
        con: a connection to the warehouse.
        as_of: newest record of any kind: where all windows end.
        kinds: of the records that signals are made of: their batches say what was imported.
        min_model_accuracy: the accuracy that is asked of models.
        now: the clock, naive UTC: models are trained and answer by it, and records may end long before.
    """
    tables = Tables(con)
    return (
        _performance(tables, as_of)
        | _pattern_analysis(tables, as_of, kinds)
        | _optimization(tables, as_of)
        | _ml(tables, as_of, min_model_accuracy, now)
    )


def _performance(tables: Tables, as_of: datetime) -> dict[str, Measured]:
    day = {"as_of": as_of, "since": as_of - timedelta(hours=KPI_WINDOW.value)}
    week = {"as_of": as_of, "since": as_of - timedelta(days=UPTIME_DAYS.value)}
    usage: dict[str, list[performance.Usage]] = {"response_time": [], "error_rate": []}
    for metric_type, *one in tables.rows(performance.SIGNALS, USAGE, day):
        usage[metric_type].append(performance.Usage(*one))
    outages = [performance.Outage(*row) for row in tables.rows("patterns.integration_patterns", OUTAGES)]
    links = tables.rows(performance.SIGNALS, LINKS, week)
    stated = [
        (component, unit, mean) for component, unit, mean in tables.rows(performance.SIGNALS, STATED_UPTIME, week)
    ]
    hours = dict(tables.rows(performance.SIGNALS, RECORDS))
    return {
        "average_response_time": performance.average_response_time(usage["response_time"]),
        "system_uptime": performance.system_uptime(stated, hours, outages, links[0][0] if links else 0, as_of),
        "error_rate": performance.error_rate(usage["error_rate"]),
        "throughput": performance.throughput(dict(tables.rows(performance.SIGNALS, CALLS)), as_of),
    }


def _pattern_analysis(tables: Tables, as_of: datetime, kinds: Iterable[str]) -> dict[str, Measured]:
    found = tables.records(detection.STORE, *PATTERN)
    patterns = [row | {"record_kinds": kinds_of(row)} for row in found]
    predicted: dict[str, float] = {}
    for table, statement in PREDICTED:
        predicted |= dict(tables.rows(table, statement))
    return {
        "patterns_detected_per_day": detection.patterns_per_day(patterns, as_of),
        "pattern_accuracy": detection.pattern_accuracy(patterns, predicted),
        "false_positive_rate": detection.false_positive_rate(patterns),
        "time_to_detection": detection.time_to_detection(patterns, _batches(tables, as_of, kinds), as_of),
    }


def _batches(tables: Tables, as_of: datetime, kinds: Iterable[str]) -> list[detection.Batch]:
    """What landed together of records of the last 60 days: a pattern of 30 days ago began before."""
    oldest = as_of - timedelta(days=2 * PATTERN_DAYS.value)
    found = []
    for kind in kinds:
        table, time = f"staging.stg_{kind}", CONTRACTS[kind].time_field
        spans = (
            f"select min({time}), quantile_disc({time}, {IMPORT_TAIL.value}), max({time}) from {table} "
            f"where {time} > $oldest group by batch_id order by batch_id"
        )
        found += [detection.Batch(kind, *span) for span in tables.rows(table, spans, {"oldest": oldest})]
    return found


def _optimization(tables: Tables, as_of: datetime) -> dict[str, Measured]:
    standing = tables.rows("suggestions.recommendations", "select count(*) from suggestions.recommendations")
    decided = [
        optimization.Decided(row["decided_at"], row["status"] in applied)
        for table, applied, rejected in DECIDED
        for row in tables.records(table, "decided_at", "status")
        if row["decided_at"] is not None and row["status"] in (*applied, rejected)
    ]
    judged = optimization.judged(tables.records(optimization.EFFECTS, *OUTCOME), as_of)
    return {
        "recommendations_generated": optimization.recommendations_generated(standing[0][0] if standing else None),
        "recommendations_implemented": optimization.recommendations_implemented(decided, as_of),
        "average_improvement_achieved": optimization.average_improvement(judged),
        "roi_from_optimizations": optimization.roi(judged),
    }


def _ml(tables: Tables, as_of: datetime, min_model_accuracy: float, now: datetime) -> dict[str, Measured]:
    weeks = tables.records(learning.WEEKLY, "model_name", "role", "week", "n", "accuracy", "brier")
    tested = [
        row["accuracy"]
        for row in tables.records(learning.VERSIONS, "stage", "accuracy")
        if row["stage"] == learning.CHAMPION and row["accuracy"] is not None
    ]
    reports = tables.records("predictions.drift_reports", "model_name", "is_drifted")
    trained = tables.records("predictions.model_training_data", "model_name", "trained_at")
    versions = [(row["model_name"], row["trained_at"]) for row in trained]
    latency = tables.rows("predictions.model_predictions", LATENCY)
    return {
        "model_accuracy": learning.model_accuracy(weeks, tested, min_model_accuracy, as_of),
        "prediction_latency": learning.prediction_latency(*(latency[0] if latency else (None, 0))),
        "model_drift_incidents": learning.drift_incidents(reports),
        "retraining_frequency": learning.retraining_frequency(versions, now),
    }
