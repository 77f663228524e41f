"""A person asks before a run is started: how likely does it fail, how long does it take, what does it cost?

Answered from the published snapshot by the versions in use. What was answered is kept for the next refresh, which puts
it beside the predictions of runs; whoever asks may name the run that it will be, and its outcome is held against it.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from analytics_assets.lib.sizes import cpu_mcores, memory_mb
from analytics_assets.predicting import asked
from analytics_assets.predicting.answering import Answered, Version, is_canarys, load
from analytics_assets.predicting.examples import Run, read_runs, read_surroundings
from analytics_assets.predicting.factors import tried
from analytics_assets.predicting.outlook import asked as answers_to
from analytics_assets.predicting.outlook import next_of
from analytics_assets.predicting.purposes import PURPOSES
from analytics_assets.predicting.reading import known_size
from analytics_assets.predicting.stages import CANARY, CHAMPION
from analytics_assets.predicting.tracked import asked_row

if TYPE_CHECKING:
    from analytics_assets.settings import Settings

Rows = Callable[[str], list[dict[str, Any]]]
VERSIONS = f"select * from predictions.model_versions where stage in ('{CHAMPION}', '{CANARY}') order by model_name"
METRICS = "select * from predictions.model_performance_metrics where evaluation_dataset = 'time_split'"
MODELS = "select id, reason from predictions.ml_models where versions is not null"
OF_DOCUMENT = ("spec_type", "model", "memory_limit", "cpu_limit", "task_count", "complexity")
"""What a spec's document says of a run, where none was made."""
NOT_LISTED = "its model is not in predictions.ml_models yet: run `analytics refresh`"


class QuestionError(Exception):
    """What is asked cannot be answered as it is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is to be run; what is None is as it was with the newest run of the spec.

    Args:
        model: None asks about each that was run often enough with the spec, or with its type.
        at: when it is to start, naive UTC; None is now.
        run_id: the run that it will be, so that its outcome is held against the answer.
    """

    spec_id: str
    model: str | None = None
    memory_limit: str | None = None
    agent_id: str | None = None
    project_id: str | None = None
    at: datetime | None = None
    run_id: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What the versions say of the run with one model, and how many runs with it had an outcome by then."""

    run: Run
    runs_of_spec: int
    runs_of_type: int
    said: Sequence[tuple[Version, Answered]]

    @property
    def order(self) -> tuple[float, float, int]:
        """The least risk first, then the least time, then what was run most; what is not known comes last."""
        known = {version.model_name: one.value for version, one in self.said}
        risk, seconds = (known.get(name, math.inf) for name in ("failure_risk", "run_duration"))
        return risk, seconds, -self.runs_of_spec


@dataclass(frozen=True)
class Reply:
    """The answer to a question.

    Args:
        id: that it is kept by: the run that it will be, else one of its own.
        at: when the run would start, naive UTC.
        newest: start of the newest run that is known, naive UTC; None where there is none.
        based_on: the run that is like it; None where the spec did not run.
        told: by model, the best first.
        silent: why a model of runs does not answer, by its name.
        models: with which runs were made, of any spec.
    """

    id: str
    at: datetime
    newest: datetime | None
    based_on: Run | None
    told: Sequence[Told]
    silent: Mapping[str, str]
    models: frozenset[str]


def ask(
    settings: Settings, rows: Rows, question: Question, *, now: datetime, document: Mapping[str, Any] | None = None
) -> Reply:
    """What would come of a run of this spec. Nothing is written: see ``keep``.

    Args:
        settings: where models are.
        rows: answers a statement on the published snapshot with its rows by name.
        question: what is to be run.
        now: the clock, naive UTC. The run starts then, and never before the newest one that is known.
        document: the spec's, which counts where it did not run.

    Raises:
        NotAnsweredYetError: models of runs were never looked at.
        QuestionError: the start lies before the newest run, the memory limit is no size, or a run is named without the
            model that it has.
    """
    runs = read_runs(rows)
    newest = runs[-1].started_at if runs else None
    at = _start(question, newest, now)
    last = next((run for run in reversed(runs) if run.spec_id == question.spec_id), None)
    key = question.run_id or f"asked-{os.urandom(8).hex()}"
    base = _meant(question, next_of(last, at, key) if last else _as_documented(question.spec_id, at, key, document))
    wanted = list(_with_models(base, question.model, runs))
    if question.run_id is not None and len(wanted) > 1:
        raise QuestionError("A run has one model: say which, so that its outcome is held against the right answer.")
    loaded, problems = load(settings, map(_dated, rows(VERSIONS)), rows(METRICS))
    versions = _answering(loaded, key)
    # Each stands for itself: the same run with another model is another one.
    numbered = [replace(run, run_id=f"{number:03d}") for number, run in enumerate(wanted)]
    said = answers_to(versions, runs, numbered, read_surroundings(rows)) if versions else {}
    told = [
        Told(run, *_tries(runs, run, at), said.get(numbered[number].run_id, ())) for number, run in enumerate(wanted)
    ]
    return Reply(
        id=key,
        at=at,
        newest=newest,
        based_on=last,
        told=sorted(told, key=lambda one: one.order),
        silent=_silent(rows, {version.model_name for version in versions}, problems),
        models=frozenset(run.model for run in runs if run.model is not None),
    )


def keep(settings: Settings, reply: Reply, now: datetime) -> int:
    """Write down what was answered, for the next refresh; returns how many lines that are.

    Args:
        settings: where the data folder is.
        reply: what was answered.
        now: the clock, naive UTC.

    Raises:
        OSError: it could not be written.
    """
    lines = [asked_row(version, one, reply.id, now) for told in reply.told for version, one in told.said]
    for line in lines:
        asked.append(settings, line, now=now.replace(tzinfo=UTC))
    return len(lines)


def _start(question: Question, newest: datetime | None, now: datetime) -> datetime:
    """When the run would start; the models know what came of everything before."""
    if question.at is None:
        return max(now, newest or now)
    if newest is not None and question.at < newest:
        raise QuestionError(
            f"{question.at:%Y-%m-%d %H:%M} lies before the newest run ({newest:%Y-%m-%d %H:%M} UTC): the models know "
            "what came then. Ask about a later start."
        )
    return question.at


def _as_documented(spec_id: str, at: datetime, key: str, document: Mapping[str, Any] | None) -> Run:
    told = {name: document[name] for name in OF_DOCUMENT} if document else {}
    return Run(
        run_id=key,
        spec_id=spec_id,
        started_at=at,
        memory_limit_mb=known_size(memory_mb, told.get("memory_limit")),
        cpu_limit_mcores=known_size(cpu_mcores, told.get("cpu_limit")),
        **told,
    )


def _meant(question: Question, run: Run) -> Run:
    """The run with what was asked for."""
    given = {name: getattr(question, name) for name in ("model", "memory_limit", "agent_id", "project_id")}
    changed = replace(run, **{name: value for name, value in given.items() if value is not None})
    if question.memory_limit is None:
        return changed
    try:
        return replace(changed, memory_limit_mb=memory_mb(question.memory_limit))
    except ValueError as error:
        raise QuestionError(str(error)) from error


def _with_models(base: Run, model: str | None, runs: Sequence[Run]) -> Iterator[Run]:
    """The run with its own model, and, where none was asked for, with each that was run often enough."""
    yield base
    if model is None:
        yield from (replace(base, model=name) for name in tried(runs, base, "model") if name != base.model)


def _tries(runs: Sequence[Run], run: Run, at: datetime) -> tuple[int, int]:
    """Runs of the spec and of its type with this model whose outcome was known then."""
    known = [
        other
        for other in runs
        if other.model == run.model
        and other.is_failed is not None
        and other.told_at is not None
        and other.told_at <= at
    ]
    of_type = sum(run.spec_type is not None and other.spec_type == run.spec_type for other in known)
    return sum(other.spec_id == run.spec_id for other in known), of_type


def _answering(versions: Sequence[Version], subject: str) -> list[Version]:
    """One version a model: its canary where that answers for this subject, else its champion."""
    taken = [one for one in versions if one.role == CHAMPION or is_canarys(subject)]
    # Champions are loaded first: of the two, the canary stands.
    return list({one.model_name: one for one in taken}.values())


def _silent(rows: Rows, answering: set[str], problems: Sequence[str]) -> dict[str, str]:
    """Why each of the others does not answer: its files, or what became of its versions."""
    missing = [name for name in PURPOSES if name not in answering]
    listed = {row["id"]: row["reason"] for row in rows(MODELS)} if missing else {}
    broken = {problem.partition("/")[0]: problem for problem in problems}
    return {name: broken.get(name) or listed.get(name, NOT_LISTED) for name in missing}


def _dated(row: dict[str, Any]) -> dict[str, Any]:
    """Times of the snapshot as the warehouse has them."""
    until = row["trained_until"]
    if isinstance(until, datetime):
        return row
    return row | {"trained_until": datetime.fromisoformat(until).replace(tzinfo=None)}
