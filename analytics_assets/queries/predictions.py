"""What is to be expected of a run before it starts, and what was said of one that was made."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from analytics_assets.queries.answers import Answer, Row, aged, freshness, rows
from analytics_assets.queries.errors import QueryError
from analytics_assets.queries.run_config import RUNS_END
from analytics_assets.queries.snapshot import Snapshot, json_ready, reading
from analytics_assets.queries.specs import find_spec
from analytics_assets.settings import Settings, load_settings

if TYPE_CHECKING:
    from analytics_assets.predicting.questions import Reply, Told

DOCUMENT = "select * from staging.stg_specs where id = $spec"
RUN = """
    select run_id, spec_id, model, status, started_at, duration_seconds, llm_cost_usd
    from staging.stg_runs where run_id = $run
"""
# The newest version of its record: of one that has others nothing tells here when the first outcome came.
TOLD = """
    select greatest(completed_at, started_at) as ended_at, ingested_at, version_number
    from staging.stg_runs where run_id = $run and status in ('failed', 'error', 'timeout', 'success')
"""
SAID = """
    select * exclude (prediction_input, input_hash, as_of, is_stale)
    from predictions.model_predictions
    where subject_id = $run
    order by model_name, subject_type = 'asked', role = 'champion' desc, prediction_timestamp
"""
CHAMPIONS = "select id, trained_at, trained_until from predictions.model_versions where stage = 'champion' order by id"
OUTLOOK = """
    select * from predictions.next_run_outlook
    where $spec is null or spec_id = $spec
    order by failure_probability desc nulls last, runs desc, spec_id, model
    limit $most
"""
QUANTITIES = {"run_duration": "duration_seconds", "run_cost": "cost_usd"}
"""Models of quantities, and what they tell in an answer."""
_JSON = ("prediction_output", "actual_outcome", "context_metadata")


class WrongQuestionError(QueryError):
    """The question contradicts itself or what is known."""


class UnknownRunError(QueryError):
    """No run has the id."""


def predict(spec: str, snapshot: Snapshot | None = None, settings: Settings | None = None, **wanted: Any) -> Answer:
    """Risk, duration and cost of a run of this spec that would start now, by the versions that answer.

    ``predictions`` has one row per model, the best first: ``failure_probability`` with the share that failed of runs of
    the test that were told as much (``seen_rate``), ``risk_factors``, ``recommended_actions``, and 10 %, 50 % and 90 %
    quantiles of ``duration_seconds`` and ``cost_usd``. What no version answers is None, and ``reasons`` says why.
    What is not asked for is as it was with the newest run of the spec, ``based_on``. Nothing is written.

    Args:
        spec: id of the spec, or the path of its document.
        snapshot: where from; without one the current version.
        settings: name where the files of models are.
        wanted: as ``ask`` has it: model, memory_limit, agent_id, project_id, at.

    Raises:
        UnknownSpecError: no document and no run has it.
        WrongQuestionError: the size is none, or the start lies before the newest run.
        NotAnsweredYetError: models of runs were never looked at.
    """
    with reading(snapshot) as current:
        return told(ask(spec, current, settings, **wanted), current)


def ask(
    spec: str,
    snapshot: Snapshot,
    settings: Settings | None = None,
    *,
    model: str | None = None,
    memory_limit: str | None = None,
    agent_id: str | None = None,
    project_id: str | None = None,
    at: datetime | None = None,
    run_id: str | None = None,
    now: datetime | None = None,
) -> Reply:
    """As ``predict``, as it can be kept: see ``predicting.questions``.

    Args:
        spec: id of the spec, or the path of its document.
        snapshot: a version that is held open.
        settings: name where the files of models are.
        model: without it each that was run ten times with the spec, or with its type.
        memory_limit: as 4Gi.
        agent_id: that runs it.
        project_id: that it belongs to.
        at: when it starts, naive UTC; not before the newest run that is known.
        run_id: the run that it will be; it needs the model.
        now: the clock, naive UTC.

    Raises:
        QueryError: one of those of ``predict``.
    """
    from analytics_assets.predicting import questions

    spec_id = find_spec(spec, snapshot)
    if run_id is not None and rows(snapshot, RUN, {"run": run_id}):
        raise WrongQuestionError(f"The run '{run_id}' was made already: `analytics risk {run_id}` tells of it.")
    question = questions.Question(
        spec_id=spec_id,
        model=model,
        memory_limit=memory_limit,
        agent_id=agent_id,
        project_id=project_id,
        at=at,
        run_id=run_id,
    )
    clock = now or datetime.now(UTC).replace(tzinfo=None)
    document = next(iter(rows(snapshot, DOCUMENT, {"spec": spec_id})), None)
    try:
        return questions.ask(
            settings or load_settings(), partial(rows, snapshot), question, now=clock, document=document
        )
    except questions.QuestionError as error:
        raise WrongQuestionError(str(error)) from error


def told(reply: Reply, snapshot: Snapshot) -> Answer:
    """A reply as JSON has it."""
    like = reply.based_on
    return {
        "spec_id": reply.told[0].run.spec_id,
        "question_id": reply.id,
        "starts_at": json_ready(reply.at),
        "newest_run_at": json_ready(reply.newest),
        "based_on": None if like is None else like.run_id,
        "based_on_started_at": None if like is None else json_ready(like.started_at),
        "predictions": [_prediction(one) for one in reply.told],
        "reasons": dict(reply.silent),
        "notes": list(_notes(reply)),
        **freshness(snapshot, rows(snapshot, RUNS_END)),
    }


def _prediction(one: Told) -> Row:
    run = one.run
    found: Row = {
        **{name: getattr(run, name) for name in ("model", "memory_limit", "cpu_limit", "agent_id", "project_id")},
        "runs_of_spec": one.runs_of_spec,
        "runs_of_type": one.runs_of_type,
        **dict.fromkeys(("failure_probability", "seen_rate", "risk_factors", "recommended_actions")),
        **dict.fromkeys(QUANTITIES.values()),
        "versions": sorted(version.id for version, _ in one.said),
        "latency_ms": sum(answered.latency_ms for _, answered in one.said) if one.said else None,
    }
    for version, answered in one.said:
        name = QUANTITIES.get(version.model_name)
        found |= answered.output if name is None else {name: answered.output}
    return found


def _notes(reply: Reply) -> Iterator[str]:
    """What to know of the question itself."""
    if reply.based_on is None:
        yield "No run of the spec is known in 90 days: it is told as runs of its type are."
    if reply.newest is not None and reply.at == reply.newest:
        yield "The newest run starts after the clock: the run is taken to start with it."
    for one in reply.told:
        if one.run.model is not None and one.run.model not in reply.models:
            close = difflib.get_close_matches(one.run.model, reply.models, n=1)
            hint = f"; did you mean {close[0]}?" if close else "."
            yield f"No run with the model '{one.run.model}' is known: it is told as other models are{hint}"


def get_run_risk(run_id: str, snapshot: Snapshot | None = None) -> Answer:
    """What was predicted of a recorded run, and what came of it.

    ``run`` is as it was recorded; ``predictions`` has each answer, also of versions on trial (``role``) and to people
    (``subject_type`` asked), with the outcome it was held against. ``reason`` says why there is none.

    Raises:
        UnknownRunError: no run has the id.
        NotAnsweredYetError: predictions of runs were never made.
    """
    with reading(snapshot) as current:
        found = rows(current, RUN, {"run": run_id})
        if not found:
            raise UnknownRunError(f"There is no run '{run_id}': `analytics runs` lists them.")
        said = [_parsed(row) for row in rows(current, SAID, {"run": run_id})]
        reason = None if said else _unsaid(rows(current, TOLD, {"run": run_id}), rows(current, CHAMPIONS))
        return {"run": found[0], "predictions": said, "reason": reason, **freshness(current, rows(current, RUNS_END))}


def _parsed(row: Row) -> Row:
    return row | {name: None if row[name] is None else json.loads(row[name]) for name in _JSON}


def _unsaid(told: list[Row], champions: list[Row]) -> str:
    if not champions:
        return "no version answers: `analytics predictors` says why"
    learnt = [row for row in champions if any(_may_know(row, one) for one in told)]
    if learnt:
        until = learnt[0]["trained_until"][:16].replace("T", " ")
        return f"{learnt[0]['id']} may have learnt from it: it was trained on outcomes until {until} UTC"
    return "it is not answered yet: the next `analytics refresh` does so"


def _may_know(version: Row, told: Row) -> bool:
    """Whether the outcome of a run was on record when the version was trained."""
    is_late = told["version_number"] == 1 and (told["ingested_at"] or "") > version["trained_at"]
    return not is_late and datetime.fromisoformat(told["ended_at"]) <= datetime.fromisoformat(version["trained_until"])


def get_outlook(snapshot: Snapshot | None = None, spec: str | None = None, limit: int | None = None) -> list[Row]:
    """The next run of each spec and model that ran in 30 days, the riskiest first: rows of ``next_run_outlook``.

    Args:
        snapshot: where from; without one the current version.
        spec: of this one only: its id, or the path of its document.
        limit: most rows; all by default.

    Raises:
        UnknownSpecError: no document and no run has it.
        NotAnsweredYetError: it was never computed.
    """
    with reading(snapshot) as current:
        asked = {"spec": None if spec is None else find_spec(spec, current), "most": limit}
        return [
            aged(row)
            | {
                "risk_factors": json.loads(row["risk_factors"] or "[]"),
                "model_versions": json.loads(row["model_versions"]),
            }
            for row in rows(current, OUTLOOK, asked)
        ]
