"""Why a run is likely to fail, and what would make it less likely: as the model itself sees it.

What the model expects of another language model or of more memory rests on runs that had them. They may have been other
runs in other ways too: it is advice to try, not a promise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

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


def recommended_action(
    model: FailureModel, runs: Iterable[Run], run: Run, around: Surroundings | None = None
) -> Action | None:
    """As ``recommended_actions``, of one run."""
    return recommended_actions(model, runs, [run], around)[0]


def recommended_actions(
    model: FailureModel, runs: Iterable[Run], asked: Sequence[Run], around: Surroundings | None = None
) -> list[Action | None]:
    """What would lower the risk of each run that is asked about, in their order; None where nothing speaks for one.

    The model is asked about the same run with every other language model and every larger memory limit that ten known
    runs of the spec, or else of its type, had. The best is advised where it lowers the risk by 5 points or more. Else,
    of a risk that is above the usual by as much, the remedy of what speaks most for a failure is told in words.

    Args:
        model: that answers.
        runs: the past; of each only what was known when the asked run starts is looked at.
        asked: runs as they would start, or as they started, at their ``started_at``.
        around: what surrounds them.
    """
    past = list(runs)
    variants = [[run, *_alternatives(past, run)] for run in asked]
    flat = {
        f"{place:06d}/{number:03d}": variant
        for place, tried in enumerate(variants)
        for number, variant in enumerate(tried)
    }
    known = with_candidates(past, [replace(variant, run_id=key) for key, variant in flat.items()], around)
    risks = dict(zip((run.run_id for run in known.runs), model.predict(known).tolist(), strict=True))
    rows = {run.run_id: row for row, run in enumerate(known.runs)}
    factors = risk_factors(model, known.take([rows[f"{place:06d}/000"] for place in range(len(asked))]))
    usual, found = model.failures / model.n, []
    for place, tried in enumerate(variants):
        of_variants = [risks[f"{place:06d}/{number:03d}"] for number in range(len(tried))]
        action = _better(tried, of_variants)
        if action is None and of_variants[0] - usual >= ACTION_LEAST_GAIN.value:
            action = _remedy(factors[place])
        found.append(action)
    return found


def _described(model: FailureModel, run: Run, column: str, values: dict[str, float]) -> str:
    if column == ATTEMPTS:
        return "runs of a spec after such a row of attempts failed more often"
    parts = ENCODED.get(column, ())
    category = getattr(run, parts[0]) if len(parts) == 1 else None
    return described(column, values, model.usual.get(column), category, run.started_at)


def _alternatives(past: Sequence[Run], run: Run) -> Iterator[Run]:
    """The same run with other models and with larger sizes that were run often enough, the most run first."""
    models, sizes = tried(past, run, "model"), tried(past, run, "memory_limit")
    megabytes = {other.memory_limit: other.memory_limit_mb for other in past if other.memory_limit in sizes}
    for name in models:
        if name != run.model:
            yield replace(run, model=name)
    for size in sizes:
        room = megabytes.get(size)
        if run.memory_limit_mb is not None and room is not None and room > run.memory_limit_mb:
            yield replace(run, memory_limit=size, memory_limit_mb=room)


def tried(past: Sequence[Run], run: Run, name: str) -> list[str]:
    """Values that ten known runs of the spec, or else of its type, had before this one starts."""
    of_spec, of_type = Counter[str](), Counter[str]()
    for other in past:
        value = getattr(other, name)
        if value is None or other.is_failed is None or not _known_before(other, run.started_at):
            continue
        if other.spec_id == run.spec_id:
            of_spec[value] += 1
        if run.spec_type is not None and other.spec_type == run.spec_type:
            of_type[value] += 1
    least = ACTION_MIN_RUNS.value
    often = {value: (of_spec[value], n) for value, n in (of_type | of_spec).items() if n >= least}
    return sorted(often, key=lambda value: (-often[value][0], -often[value][1], value))[: int(ACTION_MOST_TRIED.value)]


def _known_before(run: Run, moment: datetime) -> bool:
    return run.told_at is not None and run.told_at <= moment


def _better(tried: Sequence[Run], risks: Sequence[float]) -> Action | None:
    """The variant with the least risk, where it is less than the run's own by enough."""
    own, best = tried[0], min(range(len(tried)), key=lambda number: risks[number])
    if risks[0] - risks[best] < ACTION_LEAST_GAIN.value:
        return None
    variant = tried[best]
    is_other_model = variant.model != own.model
    what = f"with {variant.model}" if is_other_model else f"with a memory limit of {variant.memory_limit}"
    return Action(
        text=f"Run it {what}: a failure is then expected with {percent(risks[best])} instead of {percent(risks[0])}.",
        model=variant.model if is_other_model else None,
        memory_limit=None if is_other_model else variant.memory_limit,
        probability=risks[best],
    )


def _remedy(factors: Sequence[RiskFactor]) -> Action | None:
    """What is done about the first thing that has a remedy."""
    topics = (topic_of(factor.feature_name) for factor in factors)
    return next((Action(REMEDIES[topic]) for topic in topics if topic in REMEDIES), None)
