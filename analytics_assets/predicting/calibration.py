"""What a vote is worth: Platt's line from its log-odds to those of failing, where that is proved to help.

The line is J. Platt's ("Probabilistic outputs for support vector machines", 1999). Fitted on votes about runs that the
voters had not seen, it takes back what they are too sure of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np

from analytics_assets.predicting_thresholds import CALIBRATION_MIN_RUNS, CALIBRATION_RIDGE, VOTE_LEAST

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Numbers = NDArray[np.float64]


STEPS = 50
"""Newton's method on a convex loss of two numbers settles in under ten."""
SETTLED = 1e-9


@dataclass(frozen=True)
class Calibration:
    """log-odds of failing = ``slope`` times the vote's log-odds + ``intercept``.

    ``n`` runs told it; with 0 the vote stays as it is.
    """

    slope: float = 1.0
    intercept: float = 0.0
    n: int = 0

    @classmethod
    def fit(cls, votes: ArrayLike, is_failed: ArrayLike) -> Self:
        """The line with the least log loss plus a ridge towards the vote as it is.

        A vote that tells nothing gets a slope of nought, never a negative one: then the answer is the rate of failing.
        With one outcome only, or fewer than 50 runs, the vote stays as it is.

        Args:
            votes: probabilities of runs that the voters did not learn from.
            is_failed: 1 where the run failed, 0 where it succeeded.
        """
        x, y = logit(votes), np.asarray(is_failed, dtype=float)
        if len(y) < CALIBRATION_MIN_RUNS.value or y.min() == y.max():
            return cls(n=len(y))
        slope, intercept = _fitted(np.column_stack([x, np.ones(len(x))]), y)
        if slope < 0:
            slope, intercept = 0.0, float(_fitted(np.column_stack([np.zeros(len(x)), np.ones(len(x))]), y)[1])
        return cls(float(slope), float(intercept), len(y))

    @classmethod
    def proved(cls, looks: Sequence[tuple[Numbers, Numbers]]) -> Self:
        """The line of all looks back where one fitted without the newest errs less on it; else the vote stays as it is.

        Args:
            looks: oldest first, votes and outcomes as in ``fit``. Of a single one nothing is proved.
        """
        if len(looks) < 2:  # noqa: PLR2004 - one to fit, one to try
            return cls()
        *earlier, (votes, is_failed) = looks
        before = cls.fit(*_pooled(earlier))
        plain, moved = (float(((p - is_failed) ** 2).mean()) for p in (votes, before.probabilities(votes)))
        return cls.fit(*_pooled(looks)) if moved < plain else cls()

    def log_odds(self, votes: ArrayLike) -> Numbers:
        """Log-odds of failing."""
        found: Numbers = self.slope * logit(votes) + self.intercept
        return found

    def probabilities(self, votes: ArrayLike) -> Numbers:
        """Probabilities of failing, 0 to 1."""
        return sigmoid(self.log_odds(votes))


def _pooled(looks: Sequence[tuple[Numbers, Numbers]]) -> tuple[Numbers, Numbers]:
    votes, outcomes = zip(*looks, strict=True)
    return np.concatenate(votes), np.concatenate(outcomes)


def _fitted(design: Numbers, y: Numbers) -> Numbers:
    """Newton's steps from the vote as it is, each halved until the loss falls: a whole one may overshoot."""
    usual = np.array([1.0, 0.0])
    ridge, line = CALIBRATION_RIDGE.value, usual

    def loss(at: Numbers) -> float:
        told = design @ at
        return float((np.logaddexp(0, told) - y * told).sum() + ridge / 2 * ((at - usual) ** 2).sum())

    for _ in range(STEPS):
        p = sigmoid(design @ line)
        slope = design.T @ (p - y) + ridge * (line - usual)
        curvature = (design * (p * (1 - p))[:, None]).T @ design + ridge * np.eye(2)
        step = np.linalg.solve(curvature, slope)
        while float(np.abs(step).max()) >= SETTLED and loss(line - step) > loss(line):
            step = step / 2
        if float(np.abs(step).max()) < SETTLED:
            break
        line = line - step
    return line


def logit(probabilities: ArrayLike) -> Numbers:
    """Log-odds; a probability nearer to 0 or 1 than 0.005 counts as that."""
    least = VOTE_LEAST.value
    p = np.clip(np.asarray(probabilities, dtype=float), least, 1 - least)
    odds: Numbers = np.log(p / (1 - p))
    return odds


def sigmoid(log_odds: ArrayLike) -> Numbers:
    """Probabilities of log-odds."""
    from scipy.special import expit

    found: Numbers = expit(np.asarray(log_odds, dtype=float))
    return found
