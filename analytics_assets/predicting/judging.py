"""Is a model of failing runs better than simple answers? It learns of the past and is judged on what came after."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from analytics_assets.lib.judged_models import gained
from analytics_assets.predicting.baselines import BASELINE_WORDS, BASELINES, TO_BEAT
from analytics_assets.predicting.failure import DEFAULTS, FailureModel
from analytics_assets.predicting.scoring import Scores, scores
from analytics_assets.predicting.splits import Split, luck_shared, rolling_origins, time_split
from analytics_assets.predicting.voters import FailureParameters

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analytics_assets.predicting.examples import Examples

    Numbers = NDArray[np.float64]

ENSEMBLE = "ensemble"
VOTERS = ("forest", "boosted", "sequence")
"""In the order of ``FailureModel.votes``; the third votes where it helps."""


class Verdict(NamedTuple):
    """Whether a model is better than every simple answer, and why or why not in a sentence."""

    is_better: bool
    reason: str


@dataclass(frozen=True)
class FailureJudged:
    """What became of a model of failing runs.

    ``scores`` (time split) and ``rolling`` (all looks back together) are by name: ``ensemble``, its voters ``forest``
    and ``boosted`` (``sequence`` where it joined each time), and the baselines; empty where there was not enough to
    judge by, as ``reason`` then says. ``model`` is the one of the time split: it knows what was known before it.
    """

    is_published: bool
    reason: str
    split_at: datetime | None = None
    train_n: int = 0
    test_n: int = 0
    scores: Mapping[str, Scores] | None = None
    rolling: Mapping[str, Scores] | None = None
    folds: int = 0
    model: FailureModel | None = None


def judge_failure(examples: Examples, parameters: FailureParameters = DEFAULTS) -> FailureJudged:
    """Fit on what was known before the last 30 % of time and judge there; the same from several earlier moments.

    The rolling origins tell how steady the figures are; the verdict rests on the time split.
    """
    split = time_split(examples)
    if isinstance(split, str):
        return FailureJudged(is_published=False, reason=split)
    train, test = examples.take(split.train), examples.take(split.test)
    model = FailureModel.fit(train, parameters)
    answers = _answers(model, train, test)
    judged = {name: scores(test.is_failed, answer) for name, answer in answers.items()}
    if model.reason is not None:
        verdict = Verdict(False, model.reason)
    else:
        losses = {name: (answer - test.is_failed) ** 2 for name, answer in answers.items()}
        verdict = beats(judged, losses, luck_shared(test))
    origins = rolling_origins(examples)
    rolling = _rolling(examples, origins, parameters, {split.at: model})
    return FailureJudged(
        is_published=verdict.is_better,
        reason=verdict.reason,
        split_at=split.at,
        train_n=len(train),
        test_n=len(test),
        scores=judged,
        rolling=rolling,
        folds=len(origins),
        model=model,
    )


def beats(
    judged: Mapping[str, Scores],
    losses: Mapping[str, Numbers],
    groups: list[str] | None = None,
    *,
    name: str = ENSEMBLE,
) -> Verdict:
    """Whether a model's Brier score and AUC are both better than those of the constant and of the model's rate.

    Of the Brier score that must be more than chance: the lower end of the one-sided 95 % interval of the gain is above
    0 against each. Both must be passed, so two tries are no second chance.

    Args:
        judged: scores by name, on the same runs.
        losses: squared errors of the same runs, by name.
        groups: as in ``judged_models.gained``; see ``splits.luck_shared``.
        name: of the model.
    """
    own = judged[name]
    if own.auc is None or own.brier is None:
        return Verdict(False, f"all {own.n:,} runs it was judged by ended alike: nothing tells failing runs apart")
    figures, failings = [], []
    for baseline in TO_BEAT:
        other, words = judged[baseline], BASELINE_WORDS[baseline]
        assert other.auc is not None, "the same runs have the same outcomes"
        assert other.brier is not None, "the same runs have the same outcomes"
        gain = gained(losses[baseline], losses[name], groups)
        figures.append(f"{words} {other.brier:.3f} and {other.auc:.2f}")
        if gain.mean <= 0:
            failings.append(f"its Brier score is no better than that of {words}")
        elif gain.low <= 0:
            why = ": the runs are of one day and share its luck" if math.isinf(gain.low) else ""
            failings.append(f"its Brier score is better than that of {words} by what may be chance{why}")
        if own.auc <= other.auc:
            failings.append(f"its AUC is no better than that of {words}")
    told = f"Brier score {own.brier:.3f} and AUC {own.auc:.2f} on the newest {own.n:,} runs ({', '.join(figures)})"
    if failings:
        return Verdict(False, f"not better than simple answers: {'; '.join(failings)}. {told}")
    return Verdict(True, f"better than simple answers with 95 % confidence: {told}")


def _answers(model: FailureModel, train: Examples, test: Examples) -> dict[str, Numbers]:
    """Probabilities of the model, its voters and the baselines."""
    votes = model.votes(test)
    answers = {ENSEMBLE: model.predict(test), **dict(zip(VOTERS, votes.T, strict=False))}
    return answers | {name: baseline(train, test) for name, baseline in BASELINES.items()}


def _rolling(
    examples: Examples,
    origins: list[Split],
    parameters: FailureParameters,
    fitted: Mapping[datetime, FailureModel],
) -> dict[str, Scores]:
    """Scores over all looks back; ``fitted`` are models that are there already, by their moment."""
    outcomes: list[Numbers] = []
    answers: dict[str, list[Numbers]] = {}
    for split in origins:
        train, test = examples.take(split.train), examples.take(split.test)
        outcomes.append(test.is_failed)
        model = fitted.get(split.at) or FailureModel.fit(train, parameters)
        for name, answer in _answers(model, train, test).items():
            answers.setdefault(name, []).append(answer)
    if not outcomes:
        return {}
    every = np.concatenate(outcomes)
    # The sequence model may have joined at some looks only: then there is no figure of it over all.
    whole = {name: parts for name, parts in answers.items() if len(parts) == len(outcomes)}
    return {name: scores(every, np.concatenate(parts)) for name, parts in whole.items()}
