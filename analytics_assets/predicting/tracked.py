"""Predictions in their table: made once, held against what came of the runs, kept for as long as runs are judged.

The table is changed in place, in one transaction: it grows with every run, and a refresh that brings none writes
nothing. All moments are naive UTC.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from analytics_assets.lib.json_text import json_text
from analytics_assets.predicting.answering import Answered, Version, is_canarys, prediction_id
from analytics_assets.predicting.learnt import LEARNT
from analytics_assets.predicting.stages import CANARY, CHAMPION
from analytics_assets.predicting_thresholds import PREDICTIONS_KEPT, PREDICTIONS_KEPT_DAYS
from analytics_assets.warehouse.connection import records

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from analytics_assets.warehouse.columns import Column

Row = dict[str, Any]
TABLE = "predictions.model_predictions"
RUN, ASKED = "run", "asked"
# One rule for what is answered and for what is forgotten: else what is forgotten would be answered again.
_WINDOW = """
    select greatest(max(started_at) - to_days($days), min(started_at)) as begins_at
    from (select started_at from predictions.run_features order by started_at desc limit $most)
"""
WINDOW = {"days": int(PREDICTIONS_KEPT_DAYS.value), "most": int(PREDICTIONS_KEPT.value)}
# Of what it learnt from, a version knows more than the start did. Late records are new to it, whenever runs began.
NEW_RUNS = f"""
    select runs.run_id
    from predictions.run_features as runs
    anti join {TABLE} as known
        on known.model_id = $version and known.subject_type = '{RUN}' and runs.run_id = known.subject_id
    anti join ({LEARNT}) as learnt on runs.run_id = learnt.run_id
    where runs.started_at >= (select begins_at from ({_WINDOW}))
    order by runs.started_at desc, runs.run_id desc
"""
# Who asked may have named the run that it would be: then the subject of the question is that run.
_ACTUAL = """
    select
        predictions.id,
        case predictions.model_name
            when 'failure_risk' then cast(runs.is_failed as double)
            when 'run_duration' then case when runs.duration_seconds > 0 then runs.duration_seconds end
            when 'run_cost' then case when runs.llm_cost_usd > 0 then runs.llm_cost_usd end
        end as value_now,
        case when runs.is_failed is not null then value_now end as known_value,
        runs.status, runs.known_at, runs.duration_seconds, runs.llm_cost_usd
    from predictions.model_predictions as predictions
    inner join predictions.run_features as runs on predictions.subject_id = runs.run_id
"""
# A run that is no more in the table of features keeps the outcome that was known of it.
JOINED = f"""
    update {TABLE} as predictions
    set
        actual_value = actual.known_value,
        actual_outcome = to_json({{
            'status': actual.status, 'duration_seconds': actual.duration_seconds, 'llm_cost_usd': actual.llm_cost_usd
        }}),
        outcome_timestamp = actual.known_at,
        outcome_joined_at = coalesce(predictions.outcome_joined_at, $now),
        is_corrected = predictions.is_corrected or predictions.actual_value is not null,
        prediction_accuracy = case
            when predictions.model_name = 'failure_risk' then 1 - abs(predictions.predicted_value - actual.known_value)
            else 1 - least(1, abs(predictions.predicted_value - actual.known_value) / actual.known_value)
        end
    from ({_ACTUAL}) as actual
    where
        predictions.id = actual.id and actual.known_value is not null
        and actual.known_value is distinct from predictions.actual_value
"""
# Of a run that runs again, whose record was withdrawn, or that has no price any more, nothing is known.
WITHDRAWN = f"""
    update {TABLE} as predictions
    set actual_value = null, actual_outcome = null, outcome_timestamp = null, prediction_accuracy = null,
        is_corrected = true
    from ({_ACTUAL}) as actual
    where predictions.id = actual.id and predictions.actual_value is not null and actual.known_value is null
"""
OTHERWISE = f"""
    select predictions.id, predictions.subject_id
    from {TABLE} as predictions
    inner join ({_ACTUAL}) as actual on predictions.id = actual.id
    where actual.known_value is distinct from predictions.actual_value
    order by predictions.id
"""
"""Predictions beside which another outcome stands than is known of the run."""
FORGOTTEN = f"""
    delete from {TABLE}
    where
        run_started_at < (select begins_at from ({_WINDOW}))
        or subject_type = '{ASKED}' and id not in (
            select id from {TABLE}
            where subject_type = '{ASKED}' and prediction_timestamp > $now - to_days($days)
            order by prediction_timestamp desc, id
            limit $most
        )
"""


def create(con: DuckDBPyConnection, columns: Sequence[Column]) -> None:
    """The table with exactly these columns; of one with others the rows are taken over."""
    wanted = {column.name: column.type for column in columns}
    found = con.execute(
        "select column_name, data_type from information_schema.columns "
        "where table_schema = 'predictions' and table_name = 'model_predictions' order by ordinal_position"
    ).fetchall()
    if dict(found) == wanted:
        return
    declared = ", ".join(f'"{name}" {kind}' for name, kind in wanted.items())
    kept = ", ".join(f'"{name}"' for name, kind in found if wanted.get(name) == kind)
    if kept:
        con.execute(f"create or replace temp table predictions_before as select {kept} from {TABLE}")
    con.execute(f"create or replace table {TABLE} ({declared})")
    if kept:
        con.execute(f"insert into {TABLE} by name select * from predictions_before")
        con.execute("drop table predictions_before")


def unanswered(con: DuckDBPyConnection, version: Mapping[str, Any]) -> list[str]:
    """Runs that a version (a row of ``model_versions``) is to answer for and has not, the newest first."""
    asked = WINDOW | {"version": version["id"], **{name: version[name] for name in ("trained_at", "trained_until")}}
    runs = [str(row[0]) for row in con.execute(NEW_RUNS, asked).fetchall()]
    return [run for run in runs if is_canarys(run)] if version["stage"] == CANARY else runs


def as_rows(version: Version, answered: Iterable[Answered], *, now: datetime, has_canary: bool) -> list[Row]:
    """Answers about runs as rows of the table; ``has_canary``: another version answers in its stead for a tenth."""
    found = []
    for one in answered:
        run = one.run
        counts = version.role == CANARY or (version.role == CHAMPION and not (has_canary and is_canarys(run.run_id)))
        found.append(
            _row(version, one, RUN, run.run_id, now)
            | {
                "run_started_at": run.started_at,
                "is_after_outcome": run.is_failed is not None and (run.told_at is None or run.told_at <= now),
                "context_metadata": _context(one, counts=counts),
            }
        )
    return found


def _row(version: Version, one: Answered, subject_type: str, subject_id: str, now: datetime) -> Row:
    return {
        "id": prediction_id(version.id, subject_id, one.input_hash),
        "model_id": version.id,
        "model_name": version.model_name,
        "version": version.version,
        "role": version.role,
        "subject_type": subject_type,
        "subject_id": subject_id,
        "spec_id": one.run.spec_id,
        "model": one.run.model,
        "input_hash": one.input_hash,
        "prediction_input": json_text(one.inputs),
        "prediction_output": json_text(one.output),
        "predicted_value": one.value,
        "confidence_score": one.confidence,
        "prediction_timestamp": now,
        "latency_ms": one.latency_ms,
        "is_corrected": False,
    }


def _context(one: Answered, *, counts: bool) -> str:
    return json_text({"counts": counts} | ({"lacking": list(one.lacking)} if one.lacking else {}))


def asked_row(version: Version, one: Answered, question_id: str, now: datetime) -> Row:
    """An answer to a person's question, as the journal keeps it until the next refresh."""
    return _row(version, one, ASKED, question_id, now) | {
        # Asked about a run that then starts just so, it is not the answer that the run itself gets.
        "id": prediction_id(version.id, f"{ASKED} {question_id}", one.input_hash),
        "is_after_outcome": False,
        "context_metadata": _context(one, counts=True),
    }


def insert(con: DuckDBPyConnection, rows: Sequence[Mapping[str, Any]], columns: Sequence[Column]) -> int:
    """Add what is new; what the table has already stays as it was. Returns how many were added."""
    if not rows:
        return 0
    known = {row[0] for row in con.execute(f"select id from {TABLE}").fetchall()}
    fresh = {row["id"]: row for row in reversed(rows) if row["id"] not in known}
    if fresh:
        from analytics_assets.warehouse.frames import frame_of

        con.register("answers_to_keep", frame_of(columns, fresh.values()))
        con.execute(f"insert into {TABLE} by name select * from answers_to_keep")
        con.unregister("answers_to_keep")
    return len(fresh)


def settle(con: DuckDBPyConnection, now: datetime, end: Mapping[str, Any]) -> None:
    """Join outcomes, forget what is past its time, and date all rows with the end of the records."""
    con.execute(WITHDRAWN)
    con.execute(JOINED, {"now": now})
    con.execute(FORGOTTEN, WINDOW | {"now": now})
    con.execute(
        f"update {TABLE} set as_of = $as_of, is_stale = $is_stale "
        "where as_of is distinct from $as_of or is_stale is distinct from $is_stale",
        dict(end),
    )


def newest_question(con: DuckDBPyConnection) -> date | None:
    """Day of the newest question that was taken; files of earlier days hold nothing new."""
    row = con.execute(f"select max(prediction_timestamp) from {TABLE} where subject_type = '{ASKED}'").fetchone()
    return row[0].date() if row and row[0] is not None else None


def from_journal(taken: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Lines of the journal as rows; what is a list or map there is JSON text here."""
    found = []
    for line in taken:
        row = {name: json.dumps(value) if isinstance(value, (dict, list)) else value for name, value in line.items()}
        found.append({**row, "prediction_timestamp": line["asked_at"], "subject_type": ASKED, "is_corrected": False})
    return found


def tally(con: DuckDBPyConnection) -> list[Row]:
    """Predictions, those with an outcome, and their latency, by version and role."""
    return records(
        con,
        f"""
        select
            model_id, role, count(*) as predictions, count(actual_value) as with_outcome,
            round(avg(prediction_accuracy), 3) as accuracy, round(quantile_cont(latency_ms, 0.95), 3) as latency_p95_ms
        from {TABLE} group by all order by model_id, role
        """,
    )
