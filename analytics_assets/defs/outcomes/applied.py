"""What was applied, and the runs before and after it, as they are in the warehouse."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from analytics_assets.lib.applications import Application, Decision, applications
from analytics_assets.lib.change_verdicts import Change, Metric
from analytics_assets.lib.effectiveness import (
    FROZEN,
    Measured,
    after_span,
    baseline_span,
    frozen_columns,
    implementation,
    rows,
    window_end,
)
from analytics_assets.lib.periods import Period, Run
from analytics_assets.suggesting.claim import RUNS, same
from analytics_assets.suggesting.rules import cpu, memory, model
from analytics_assets.warehouse.connection import records

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Row = dict[str, Any]
MADE_FOR = {
    model.CHEAPER_MODEL.name: Metric.COST_USD,
    memory.LOWER.name: Metric.INFRASTRUCTURE_COST_EUR,
    cpu.LOWER.name: Metric.INFRASTRUCTURE_COST_EUR,
}
"""What a rule's suggestions are made for, where it is not success."""
# Records come from anybody: what is no confidence, or no level, is not taken for one.
DECISIONS = """
    with stated as (
        select
            *, try_cast(extra as json) as fields,
            try_cast(json_extract_string(fields, '$.baseline.confidence') as double) as confidence,
            json_extract_string(fields, '$.baseline.level') as level
        from staging.stg_decisions where subject_type = 'suggestion'
    )
    select
        decision_id, subject_id, decision, decided_at, notes,
        case when confidence between 0 and 1 then confidence end,
        case when level in ('HIGH', 'MED', 'LOW') then level end
    from stated
"""
SUGGESTIONS = """
    select
        id, type, rule, spec_id, spec_type, level, confidence, current_runs, suggested_runs, current_rate, difference,
        expected_fewer_failures, expected_saving_usd
    from suggestions.suggestions
"""


def measure(
    con: DuckDBPyConnection, earlier: Iterable[Mapping[str, Any]], as_of: datetime, *, is_stale: bool
) -> list[Row]:
    """Rows of every application: final ones as they were, the others, where the suggestion is known, as of now.

    Args:
        con: a connection with the staged runs, decisions and suggestions.
        earlier: what was measured the last time.
        as_of: the newest run.
        is_stale: whether that is long ago.
    """
    before = {row["id"]: row for row in earlier}
    suggested, made = _suggestions(con), _applications(con)
    known = [one for one in made if one.decision.suggestion_id in suggested]
    standing, measured = [], []
    for one in made:
        row = before.get(one.decision.decision_id)
        if row is not None and row["is_final"]:
            # Its runs leave the warehouse, as its suggestion may: it cannot be measured again.
            standing.append({**row, **implementation(one), "as_of": as_of, "is_stale": is_stale})
        elif one.decision.suggestion_id in suggested:
            others = _others(one, known, suggested, as_of)
            measured.append(_measured(con, one, suggested[one.decision.suggestion_id], row, others, as_of))
    return [*standing, *rows(measured, as_of, is_stale=is_stale)]


def _applications(con: DuckDBPyConnection) -> list[Application]:
    return applications(Decision(*row) for row in con.execute(DECISIONS).fetchall())


def _suggestions(con: DuckDBPyConnection) -> dict[str, Row]:
    return {row["id"]: row for row in records(con, SUGGESTIONS)}


def _measured(
    con: DuckDBPyConnection,
    application: Application,
    suggestion: Row,
    earlier: Mapping[str, Any] | None,
    other_changes: int,
    as_of: datetime,
) -> Measured:
    subject = _subject(suggestion)
    if earlier is None:
        start, end = baseline_span(application, as_of)
        seen = con.execute(f"select min(started_at) from {RUNS} where {subject}").fetchone()
        baseline = Period.of(_runs(con, subject, start, end), start, end, seen[0] if seen else None)
        metric = MADE_FOR.get(suggestion["rule"], Metric.SUCCESS_RATE)
        frozen = frozen_columns(application, suggestion, metric, baseline)
    else:
        frozen = {name: earlier[name] for name in FROZEN}
    since, until = after_span(application, as_of)
    change = Change(
        metric=Metric(frozen["metric"]),
        baseline=Period.from_columns("baseline", frozen),
        after=Period.of(_runs(con, subject, since, until), since, until),
        is_over=as_of >= window_end(application),
        needed_runs=frozen["needed_runs"],
    )
    return Measured(application, suggestion, frozen, change, other_changes)


def _subject(suggestion: Row) -> str:
    """Condition: the runs that the suggestion is about."""
    column = "spec_id" if suggestion["spec_id"] is not None else "spec_type"
    return same(column, suggestion[column])


def _runs(con: DuckDBPyConnection, subject: str, start: datetime, end: datetime) -> list[Run]:
    """In a fixed order, so that sums do not differ by a hair from refresh to refresh."""
    found = con.execute(
        f"select is_success, duration_seconds, llm_cost_usd, infrastructure_cost_eur from {RUNS} "
        f"where {subject} and started_at > $start and started_at <= $end order by started_at, run_id",
        {"start": start, "end": end},
    )
    return [Run(*row) for row in found.fetchall()]


def _others(one: Application, known: Iterable[Application], suggested: Mapping[str, Row], as_of: datetime) -> int:
    """How many other suggestions were applied to the same subject, or undone, from the baseline's start on."""
    start, end = baseline_span(one, as_of)[0], after_span(one, as_of)[1]
    subject = _subject(suggested[one.decision.suggestion_id])
    return sum(
        other.decision.suggestion_id != one.decision.suggestion_id
        and _subject(suggested[other.decision.suggestion_id]) == subject
        and any(start < at <= end for at in (other.decision.decided_at, other.undone_at) if at is not None)
        for other in known
    )
