"""Which contestant predicts how long a run takes or what it costs, and is it better than the simple answer?

Four compete: a straight line, support vectors, a small network, and trees. Each learns from what was known before a
moment and is judged on the runs that started from it on; the simple answer learns on while it is judged.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from analytics_assets.lib.judged_models import gained, verdict
from analytics_assets.lib.words import plural
from analytics_assets.predicting.performance_inputs import TARGETS, logarithms
from analytics_assets.predicting.quantile_bands import QUANTILES, coverage, pinball_losses
from analytics_assets.predicting.quantile_looks import QuantileLook, off_by
from analytics_assets.predicting.quantile_model import QuantileModel, that_count
from analytics_assets.predicting.quantile_regressors import ALGORITHMS, PerformanceParameters, parameters_from
from analytics_assets.predicting.running_quantiles import NAIVE, running_quantiles
from analytics_assets.predicting.splits import Split, luck_shared, rolling_origins, time_split
from analytics_assets.predicting_thresholds import BAND_MIN_RUNS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analytics_assets.predicting.examples import Examples

    Array = NDArray[np.float64]
    Mask = NDArray[np.bool_]

__all__ = [
    "ALGORITHMS",
    "BAR",
    "QUANTILES",
    "TARGETS",
    "PerformanceJudged",
    "PerformanceParameters",
    "QuantileModel",
    "QuantileScores",
    "judge_performance",
    "logarithms",
    "parameters_from",
]

BAR = "naive"
"""Name of the simple answer among the scores."""
WORDS = {
    "elastic_net": "a straight line",
    "svr": "support vectors",
    "neural_network": "a small network",
    "gradient_boosting": "boosted trees",
}
EQUAL = 1e-9
"""A difference of logarithms that is rounding."""
UNTOLD = f"how far quantiles are off: {BAND_MIN_RUNS.value:.0f} that earlier ones predict are needed"


@dataclass(frozen=True)
class QuantileScores:
    """Figures of one contestant.

    Args:
        n: runs judged.
        pinball: mean pinball loss in logarithms, less is better.
        coverage: share of values within the outer two quantiles; 0.8 is right.
        below: share of values under each quantile; 0.1, 0.5 and 0.9 are right.
        width: median ratio of the upper to the lower quantile.
        ms: milliseconds per prediction, of many at once; None where not measured. The only figure that varies.
    """

    n: int
    pinball: float
    coverage: float
    below: tuple[float, ...]
    width: float
    ms: float | None = None


@dataclass(frozen=True)
class PerformanceJudged:
    """What became of the contestants for one quantity.

    ``scores`` (time split) and ``rolling`` (all looks back together) are by name, ``naive`` among them; empty where
    there was not enough to judge by, as ``reason`` then says. ``winner`` had the least loss before it, whether it is
    published or not. ``skipped`` are examples without a value that counts.
    """

    target: str
    is_published: bool
    reason: str
    winner: str | None = None
    split_at: datetime | None = None
    train_n: int = 0
    test_n: int = 0
    skipped: int = 0
    folds: int = 0
    scores: Mapping[str, QuantileScores] = field(default_factory=dict)
    rolling: Mapping[str, QuantileScores] = field(default_factory=dict)


def judge_performance(
    examples: Examples, target: str, parameters: PerformanceParameters | None = None
) -> PerformanceJudged:
    """Fit all contestants on what was known before the last 30 % of time and judge them there; and from other moments.

    The one that did best before that moment is chosen, and published where it is better than the simple answer by more
    than chance: what chooses does not judge.

    Args:
        examples: in the order of their starts.
        target: one of ``TARGETS``.
        parameters: those that are not the usual ones; all algorithms compete, whichever it names.

    Raises:
        ValueError: there is no such target.
    """
    counted, values = that_count(examples, target)
    none = PerformanceJudged(target, is_published=False, reason="", skipped=len(examples) - len(counted))
    split = _too_little(values, target) or time_split(counted)
    if isinstance(split, str):
        return replace(none, reason=split)
    usual = parameters or PerformanceParameters(target)
    contestants = {name: replace(usual, target=target, algorithm=name) for name in ALGORITHMS}
    looks = _looks(counted, values, split, contestants)
    answers = [_answers(looks[:place], look, values) for place, look in enumerate(looks)]
    own = next(place for place, look in enumerate(looks) if look.split is split)
    if not answers[own]:
        return replace(none, reason=f"not enough runs before {split.at:%Y-%m-%d %H:%M} to tell {UNTOLD}")
    simple = running_quantiles(counted, values)
    parts = _parts(counted, looks, answers)
    judged = replace(
        none,
        split_at=split.at,
        train_n=int(split.train.sum()),
        test_n=int(split.test.sum()),
        folds=len(parts),
        scores=_scores(values, simple, [(split.test, answers[own])], looks[own].ms),
        rolling=_scores(values, simple, parts, {}),
    )
    winner = _chosen(looks[:own], values, split)
    naive, losses = (pinball_losses(values, one)[split.test] for one in (simple, answers[own][winner]))
    return _decided(replace(judged, winner=winner), losses, naive, luck_shared(counted.take(split.test)))


def _too_little(values: Array, target: str) -> str | None:
    """Why nothing can be learnt, whatever the number of runs."""
    if not len(values):
        return f"no run with an outcome has a {TARGETS[target].said} above 0: there is nothing to learn from"
    if np.ptp(values) < EQUAL:
        told = f"{math.exp(values[0]):g} {TARGETS[target].unit}"
        return f"the {TARGETS[target].said} of all {plural(len(values), 'run')} is {told}: there is nothing to predict"
    return None


def _looks(
    counted: Examples, values: Array, split: Split, contestants: Mapping[str, PerformanceParameters]
) -> list[QuantileLook]:
    """Every look back, oldest first; the one at the time split answers all the runs after it."""
    others = [one for one in rolling_origins(counted) if one.at != split.at]
    ordered = sorted([*others, split], key=lambda one: one.at)
    return [QuantileLook.back(counted, values, one, contestants) for one in ordered]


def _answers(earlier: Sequence[QuantileLook], look: QuantileLook, values: Array) -> dict[str, Array]:
    """By contestant, moved by what the looks before it told by then; empty where they told too little."""
    answers = {}
    for name in look.raw:
        off = off_by(earlier, values, look.split.train, name)
        if off is not None:
            answers[name] = look.moved(off.by, name)
    return answers


def _chosen(earlier: Sequence[QuantileLook], values: Array, split: Split) -> str:
    """The contestant with the least loss on what the looks before the split predicted and was known by then.

    Each is moved as it is at the split: by three numbers that the last of these looks told.
    """
    losses = {}
    for name in ALGORITHMS:
        off = off_by(earlier, values, split.train, name)
        assert off is not None, "there is an answer at the split"
        told = [pinball_losses(values, look.moved(off.by, name))[look.split.test & split.train] for look in earlier]
        losses[name] = float(np.concatenate(told).mean())
    return min(losses, key=lambda name: losses[name])


def _parts(
    counted: Examples, looks: Sequence[QuantileLook], answers: Sequence[Mapping[str, Array]]
) -> list[tuple[Mask, Mapping[str, Array]]]:
    """The runs from each look up to the next with what was answered; the first only tells how far it was off."""
    ends: list[datetime | None] = [*(look.split.at for look in looks[1:]), None]
    parts = []
    for look, end, given in zip(looks, ends, answers, strict=True):
        rows = look.split.test
        if end is not None:
            rows = rows & (counted.started_at < np.datetime64(end, "us"))
        if given and rows.any():
            parts.append((rows, given))
    return parts


def _scores(
    values: Array, simple: Array, parts: Sequence[tuple[Mask, Mapping[str, Array]]], ms: Mapping[str, float]
) -> dict[str, QuantileScores]:
    """Of each contestant and the simple answer, over all the parts together."""
    actual = np.concatenate([values[rows] for rows, _ in parts])
    given = {name: np.concatenate([answers[name][rows] for rows, answers in parts]) for name in ALGORITHMS}
    given[BAR] = np.concatenate([simple[rows] for rows, _ in parts])
    return {name: _figures(actual, one, ms.get(name)) for name, one in given.items()}


def _figures(actual: Array, given: Array, ms: float | None) -> QuantileScores:
    return QuantileScores(
        n=len(actual),
        pinball=float(pinball_losses(actual, given).mean()),
        coverage=coverage(actual, given),
        below=tuple(float(share) for share in (actual[:, None] < given).mean(axis=0)),
        width=float(np.exp(np.median(given[:, -1] - given[:, 0]))),
        ms=ms,
    )


def _decided(judged: PerformanceJudged, losses: Array, simple: Array, groups: list[str]) -> PerformanceJudged:
    """Whether the winner is published."""
    assert judged.winner is not None, "one was chosen"
    naive = float(simple.mean())
    if naive < EQUAL:
        never = f"the simple answer ({NAIVE}) never errs on the newest {plural(len(simple), 'run')}"
        return replace(judged, reason=never)
    gain = gained(simple, losses, groups)
    told = verdict(gain, naive, naive=NAIVE, examples=f"newest {len(simple):,} runs")
    quantity, before = TARGETS[judged.target].said, f"before {judged.split_at:%Y-%m-%d %H:%M}"
    best = f"{WORDS[judged.winner]} ({judged.winner}) did best of {len(ALGORITHMS)} for the {quantity} {before}"
    return replace(judged, is_published=gain.low > 0, reason=f"{best}: {told}")
