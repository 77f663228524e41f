"""Is a model better than the naive answer? It learns from the first part of time and is judged on the rest."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from analytics_assets.issue_thresholds import (
    BOOTSTRAP_DRAWS,
    BOOTSTRAP_GROUPS,
    MODEL_CONFIDENCE,
    MODEL_LEAST_PROBABILITY,
    MODEL_MIN_TEST,
    MODEL_MIN_TRAIN,
    MODEL_TRAIN_SHARE,
)
from analytics_assets.lib.words import percent

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

CELLS = 2_000_000
"""Draws held in memory at once."""


class Split(NamedTuple):
    """``at``: what was known before it is learnt from; ``is_train`` says so of each example."""

    at: datetime
    is_train: NDArray[np.bool_]


class Gain(NamedTuple):
    """By how much the mean loss falls, and the lower end of its one-sided 95 % interval; in the unit of the loss.

    The end is minus infinity where all examples share one piece of luck: then nothing is sure.
    """

    mean: float
    low: float


@dataclass(frozen=True)
class Judged:
    """What became of a model.

    ``metric`` is the mean loss: less is better, so ``gain`` is naive_score less score. Scores are None where there was
    not enough to judge by. ``reason`` says in a sentence why the model is published or not.
    """

    model: str
    target: str
    features: tuple[str, ...]
    metric: str
    train_n: int
    test_n: int
    reason: str = ""
    split_at: datetime | None = None
    score: float | None = None
    naive_name: str | None = None
    naive_score: float | None = None
    gain: Gain | None = None
    is_published: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)

    def against(
        self,
        naive_name: str,
        naive_losses: NDArray[np.float64],
        losses: NDArray[np.float64],
        *,
        split_at: datetime,
        examples: str,
        groups: Sequence[object] | None = None,
    ) -> Self:
        """With the scores of the losses, and published where they are better than the naive answer's.

        Args:
            naive_name: what the naive answer is, in words.
            naive_losses: of each judged example.
            losses: the model's, of the same examples.
            split_at: moment between what was learnt from and what it is judged by.
            examples: what the examples are, in the plural.
            groups: as in ``gained``.
        """
        gain = gained(naive_losses, losses, groups)
        naive_score = float(naive_losses.mean())
        return replace(
            self,
            split_at=split_at,
            score=float(losses.mean()),
            naive_name=naive_name,
            naive_score=naive_score,
            gain=gain,
            is_published=gain.low > 0,
            reason=verdict(gain, naive_score, naive=naive_name, examples=f"newest {len(losses):,} {examples}"),
        )

    def row(self) -> dict[str, Any]:
        """As ``predictions.issue_models`` has it, without the columns that say when."""
        return {
            "model": self.model,
            "target": self.target,
            "features": json.dumps(self.features),
            "train_n": self.train_n,
            "test_n": self.test_n,
            "split_at": self.split_at,
            "metric": self.metric,
            "score": self.score,
            "naive_name": self.naive_name,
            "naive_score": self.naive_score,
            "improvement": self.gain.mean if self.gain else None,
            "improvement_low": self.gain.low if self.gain and math.isfinite(self.gain.low) else None,
            "is_published": self.is_published,
            "reason": self.reason,
            "details": json.dumps(self.details),
        }


def split_by_time(known_at: Sequence[datetime]) -> Split | str:
    """Where to split what became known at these times; a sentence instead where one side would be too small.

    What became known at one moment is on one side: the split is the first moment after 70 % of the examples.
    """
    moments = np.array(known_at, dtype="datetime64[us]")
    needed = int(MODEL_MIN_TRAIN.value + MODEL_MIN_TEST.value)
    if len(moments) < needed:
        return f"not enough data to judge a model: {len(moments)} examples, {needed} needed"
    at = np.sort(moments)[int(len(moments) * MODEL_TRAIN_SHARE.value)]
    is_train = moments < at
    learnt, judged = int(is_train.sum()), int((~is_train).sum())
    if learnt < MODEL_MIN_TRAIN.value:
        found = f"of {len(moments)} examples only {learnt} are older than the newest {judged}"
        return f"not enough data to judge a model: {found}"
    return Split(at.item(), is_train)


def gained(
    naive_losses: ArrayLike, model_losses: ArrayLike, groups: Sequence[object] | None = None, *, tries: int = 1
) -> Gain:
    """How much smaller the model's losses are, in pairs; the same input gives the same answer.

    The interval is a bootstrap's. Of fewer than thirty groups that is too narrow, of nine by twice the 5 %: there each
    group is left out in turn (jackknife) and Student's t says what so few tell, however unequal they are.

    Args:
        naive_losses: of each example.
        model_losses: of the same examples.
        groups: examples of one group share their luck; by default each is its own.
        tries: models of which this is the best: each gets its part of the 5 % (Bonferroni).
    """
    differences = np.asarray(naive_losses, dtype=float) - np.asarray(model_losses, dtype=float)
    labels = np.arange(len(differences)) if groups is None else _numbered(groups)
    sums, counts = np.bincount(labels, differences).astype(float), np.bincount(labels).astype(float)
    level = (1 - MODEL_CONFIDENCE.value) / tries
    is_few = groups is not None and len(sums) < BOOTSTRAP_GROUPS.value
    low = _jackknifed(sums, counts, level) if is_few else _bootstrapped(sums, counts, level)
    return Gain(float(differences.mean()), low)


def _bootstrapped(sums: NDArray[np.float64], counts: NDArray[np.float64], level: float) -> float:
    rng = np.random.default_rng(0)
    means: list[NDArray[np.float64]] = []
    left, at_once = int(BOOTSTRAP_DRAWS.value), max(1, CELLS // len(sums))
    while left > 0:
        drawn = rng.integers(0, len(sums), size=(min(left, at_once), len(sums)))
        means.append(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1))
        left -= at_once
    return float(np.quantile(np.concatenate(means), level))


def _jackknifed(sums: NDArray[np.float64], counts: NDArray[np.float64], level: float) -> float:
    from scipy.stats import t

    n = len(sums)
    if n == 1:
        return -math.inf
    mean, without = sums.sum() / counts.sum(), (sums.sum() - sums) / (counts.sum() - counts)
    error = math.sqrt((n - 1) / n * float(((without - mean) ** 2).sum()))
    return float(mean + t.ppf(level, n - 1) * error)


def log_losses(given: ArrayLike) -> NDArray[np.float64]:
    """Loss of each example by the probability that was given to what came."""
    losses: NDArray[np.float64] = -np.log(np.maximum(given, MODEL_LEAST_PROBABILITY.value))
    return losses


def verdict(gain: Gain, naive_score: float, *, naive: str, examples: str) -> str:
    """Why a model is published or not, in a sentence that goes on after the model's name.

    >>> verdict(Gain(0.2, 0.1), 0.5, naive="mean", examples="newest 30 fixes")
    'the model errs 40 % less than the simple answer (mean) on the newest 30 fixes; with 95 % confidence 20 % or more'
    >>> verdict(Gain(0.001, -0.1), 0.5, naive="mean", examples="newest 30 fixes")
    'the model errs under 1 % less than the simple answer (mean) on the newest 30 fixes, which may be chance'
    >>> verdict(Gain(0.0, -0.1), 0.5, naive="mean", examples="newest 30 fixes")
    'the model errs no less than the simple answer (mean) on the newest 30 fixes'
    """
    against = f"less than the simple answer ({naive}) on the {examples}"
    if gain.mean <= 0:
        return f"the model errs no {against}"
    errs = f"the model errs {_part(gain.mean / naive_score)} {against}"
    if gain.low <= 0:
        is_one = math.isinf(gain.low)
        return f"{errs}, which may be chance{': all of them share their luck' if is_one else ''}"
    return f"{errs}; with 95 % confidence {_part(gain.low / naive_score)} or more"


def _part(share: float) -> str:
    return percent(share) if share >= 0.005 else "under 1 %"  # noqa: PLR2004 - what would be rounded to nothing


def _numbered(groups: Sequence[object]) -> NDArray[np.intp]:
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(group, len(numbers)) for group in groups], dtype=np.intp)
