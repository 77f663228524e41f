"""Why a run is likely to fail, and what would make it less likely: as the model itself sees it.

What the model expects of another language model or of more memory rests on runs that had them. They may have been other
runs in other ways too: it is advice to try, not a promise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from analytics_assets.lib.rates import wilson_interval
from analytics_assets.lib.words import percent
from analytics_assets.predicting.encoding import ENCODED
from analytics_assets.predicting.examples import Examples, Run, Surroundings, with_candidates
from analytics_assets.predicting.factor_words import described, topic_of
from analytics_assets.predicting.failure import ATTEMPTS
from analytics_assets.predicting_thresholds import (
    ACTION_LEAST_GAIN,
    ACTION_MIN_RUNS,
    ACTION_MOST_TRIED,
    FACTOR_LEAST,
    FACTORS_SHOWN,
)

if TYPE_CHECKING:
    from datetime import datetime

    from analytics_assets.predicting.failure import FailureModel

TRIED = "nothing that was tried often enough is expected to do better"
REMEDIES = {
    "spec": f"Review the spec before the next run: {TRIED}.",
    "model and spec": f"Review the spec before the next run with this model: {TRIED}.",
    "model": f"Watch the runs of this model: {TRIED}.",
    "model and type of spec": f"Watch the runs of this model on specs of this type: {TRIED}.",
    "type of spec": f"Watch the runs of specs of this type: {TRIED}.",
    "memory": f"Look at its memory and its limit: {TRIED}.",
    "CPU": f"Look at its CPU limit: {TRIED}.",
    "errors": "Look at the last errors of the spec before the next run.",
    "all runs": "Look at what the latest failures have in common.",
    "agent": "Look at the latest failures of its agent before the next run.",
    "project": "Look at the latest failures of its project before the next run.",
    "workload": "Look at what runs beside it: the workload speaks against the run.",
    "machines and tools": "Look at machines and tools before the start: they speak against the run.",
    "recent changes": "Check how long spec, model and deployment are as they are: it speaks against the run.",
    "complexity_log": "Look at how the spec is cut: its complexity speaks against it.",
    "task_count": "Look at how the spec is cut: its number of tasks speaks against it.",
    "dependencies": "Check that the tasks that it waits for are done.",
}
"""What to do about a topic where no alternative is known to help."""


@dataclass(frozen=True, slots=True)
class RiskFactor:
    """One thing that speaks for a failure: ``feature_name`` tells most of it, ``importance_score`` is log-odds."""

    feature_name: str
    importance_score: float
    description: str


@dataclass(frozen=True, slots=True)
class Action:
    """What to do about a risk.

    Args:
        text: in a sentence.
        model: the language model to run with instead; None where the advice is another.
        memory_limit: the size to run with instead; None where the advice is another.
        probability: of failing, done so; None where the advice is in words only.
    """

    text: str
    model: str | None = None
    memory_limit: str | None = None
    probability: float | None = None


def risk_factors(model: FailureModel, examples: Examples) -> list[list[RiskFactor]]:
    """What speaks for a failure of each example, the most first; empty where nothing does by 0.1 log-odds or more.

    Columns that tell of one thing count together; at most five things are told.
    """
    if model.voters is None or not len(examples):
        return [[] for _ in examples.runs]
    moved = model.contributions(examples)
    encoded = model.rates.encoded(examples.categories)
    columns, names = list(moved.columns), list(ENCODED)
    features = examples.features.reindex(columns=list(model.features))
    found = []
    for run, row, known, rates in zip(examples.runs, moved.to_numpy(), features.to_numpy(), encoded, strict=True):
        values = dict(zip(model.features, known.tolist(), strict=True)) | dict(zip(names, rates.tolist(), strict=True))
        topics: dict[str, list[tuple[float, str]]] = {}
        for column, part in zip(columns, row.tolist(), strict=True):
            topics.setdefault(topic_of(column), []).append((part, column))
        factors = [
            RiskFactor(strongest, score, _described(model, run, strongest, values))
            for score, strongest in ((sum(part for part, _ in parts), max(parts)[1]) for parts in topics.values())
            if score >= FACTOR_LEAST.value
        ]
        found.append(sorted(factors, key=lambda factor: -factor.importance_score)[: int(FACTORS_SHOWN.value)])
    return found


def recommended_actions(
    model: FailureModel, runs: Iterable[Run], asked: Sequence[Run], around: Surroundings | None = None
) -> list[Action | None]:
    """What would lower the risk of each run that is asked about, in their order; None where nothing speaks for one.

    The model is asked about the same run with every other language model and every larger memory limit that ten known
    runs of the spec, or else of its type, had. The best of those whose runs surely failed less often than
    the risk is advised where it lowers that by 5 points or more. Else, of a risk that is above the usual by as much,
    the remedy of what speaks most for a failure is told in words.

    Args:
        model: that answers.
        runs: the past; of each only what was known when the asked run starts is looked at.
        asked: runs as they would start, or as they started, at their ``started_at``.
        around: what surrounds them.
    """
    past = list(runs)
    index = _Past(past)
    others = [list(_alternatives(index, run)) for run in asked]
    variants = [[run, *(one.run for one in own)] for run, own in zip(asked, others, strict=True)]
    flat = {
        f"{place:06d}/{number:03d}": variant
        for place, of_run in enumerate(variants)
        for number, variant in enumerate(of_run)
    }
    known = with_candidates(past, [replace(variant, run_id=key) for key, variant in flat.items()], around)
    risks = dict(zip((run.run_id for run in known.runs), model.predict(known).tolist(), strict=True))
    rows = {run.run_id: row for row, run in enumerate(known.runs)}
    factors = risk_factors(model, known.take([rows[f"{place:06d}/000"] for place in range(len(asked))]))
    usual, found = model.failures / model.n, []
    for place, of_run in enumerate(variants):
        risk, *expected = [risks[f"{place:06d}/{number:03d}"] for number in range(len(of_run))]
        action = _better(asked[place], risk, list(zip(others[place], expected, strict=True)))
        if action is None and risk - usual >= ACTION_LEAST_GAIN.value:
            action = _remedy(factors[place])
        found.append(action)
    return found


def _described(model: FailureModel, run: Run, column: str, values: dict[str, float]) -> str:
    if column == ATTEMPTS:
        return "runs of a spec after such a row of attempts failed more often"
    parts = ENCODED.get(column, ())
    category = getattr(run, parts[0]) if len(parts) == 1 else None
    return described(column, values, model.usual.get(column), category, run.started_at)


class _Record(NamedTuple):
    """Runs whose outcome was known, and how many of them failed."""

    runs: int
    failures: int


class _Past:
    """What was tried before, found by spec and by type: of 20,000 runs each question looks at its own only."""

    def __init__(self, runs: Iterable[Run]) -> None:
        self.megabytes: dict[str | None, float | None] = {}
        self._of: dict[tuple[str, str | None], list[Run]] = defaultdict(list)
        self._records: dict[tuple[str, str | None, str, datetime], dict[str, _Record]] = {}
        for run in runs:
            self.megabytes[run.memory_limit] = run.memory_limit_mb
            if run.is_failed is not None and run.told_at is not None:
                self._of["spec_id", run.spec_id].append(run)
                if run.spec_type is not None:
                    self._of["spec_type", run.spec_type].append(run)

    def tried(self, run: Run, name: str) -> dict[str, _Record]:
        """The record of values that ten known runs of the spec, or else of its type, had before this one starts.

        The most run with the spec first. The record is that of the spec where it has ten runs, else of the type.
        """
        of_spec, of_type = (self._record(group, run, name) for group in ("spec_id", "spec_type"))
        none, least = _Record(0, 0), ACTION_MIN_RUNS.value
        found = {value: of_spec.get(value, none) for value in of_type | of_spec}
        ranked = sorted(found, key=lambda value: (-found[value].runs, -of_type.get(value, none).runs, value))
        records = {value: found[value] if found[value].runs >= least else of_type.get(value, none) for value in ranked}
        often = [(value, record) for value, record in records.items() if record.runs >= least]
        return dict(often[: int(ACTION_MOST_TRIED.value)])

    def _record(self, group: str, run: Run, name: str) -> dict[str, _Record]:
        key = group, getattr(run, group), name, run.started_at
        if key not in self._records:
            outcomes: dict[str, list[bool]] = defaultdict(list)
            for other in self._of.get(key[:2], ()):
                value = getattr(other, name)
                if value is not None and other.told_at is not None and other.told_at <= run.started_at:
                    outcomes[value].append(bool(other.is_failed))
            self._records[key] = {value: _Record(len(ended), sum(ended)) for value, ended in outcomes.items()}
        return self._records[key]


class _Variant(NamedTuple):
    """A run that might be made instead; ``most`` is the highest risk that its record leaves open."""

    run: Run
    most: float


def _alternatives(past: _Past, run: Run) -> Iterator[_Variant]:
    """The same run with other models and with larger sizes that were run often enough, the most run first."""
    for name, record in past.tried(run, "model").items():
        if name != run.model:
            yield _Variant(replace(run, model=name), _most(record))
    for size, record in past.tried(run, "memory_limit").items():
        room = past.megabytes.get(size)
        if run.memory_limit_mb is not None and room is not None and room > run.memory_limit_mb:
            yield _Variant(replace(run, memory_limit=size, memory_limit_mb=room), _most(record))


def _most(record: _Record) -> float:
    interval = wilson_interval(record.failures, record.runs)
    assert interval is not None, "it was run ten times"
    return interval.high


def tried(past: Iterable[Run], run: Run, name: str) -> list[str]:
    """Values that ten known runs of the spec, or else of its type, had before this one starts."""
    return list(_Past(past).tried(run, name))


def _better(own: Run, risk: float, others: Sequence[tuple[_Variant, float]]) -> Action | None:
    """The variant with the least risk, where it is less than the run's own by enough, and its record bears it out.

    The best of many guesses is partly the luckiest: how often such runs did fail must surely lie below the risk too.
    """
    borne_out = [(expected, variant.run) for variant, expected in others if variant.most < risk]
    expected, variant = min(borne_out, key=lambda one: one[0], default=(risk, own))
    if risk - expected < ACTION_LEAST_GAIN.value:
        return None
    is_other_model = variant.model != own.model
    what = f"with {variant.model}" if is_other_model else f"with a memory limit of {variant.memory_limit}"
    return Action(
        text=f"Run it {what}: a failure is then expected with {percent(expected)} instead of {percent(risk)}.",
        model=variant.model if is_other_model else None,
        memory_limit=None if is_other_model else variant.memory_limit,
        probability=expected,
    )


def _remedy(factors: Sequence[RiskFactor]) -> Action | None:
    """What is done about the first thing that has a remedy."""
    topics = (topic_of(factor.feature_name) for factor in factors)
    return next((Action(REMEDIES[topic]) for topic in topics if topic in REMEDIES), None)
