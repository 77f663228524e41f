"""Does a stated confidence hold? Of what was said with 80 to 90 %, eight or nine in ten should prove right.

What proves right is itself measured on runs: a claim that is true by a hair fails in half of the back-tests. So the
shares that held lie nearer to one half than the truth does, and a table that looks calibrated is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from analytics_assets.lib.change_verdicts import Metric
from analytics_assets.lib.posterior import probability_lower
from analytics_assets.lib.rates import Interval, success_rate, wilson_interval
from analytics_assets.thresholds import BACKTEST_MIN_RUNS, CALIBRATION_MIN, NOT_WORSE_BY

EDGES = (0.0, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
"""Below one half nothing is suggested; above it, tenths."""


@dataclass(frozen=True)
class Outcome:
    """What was stated, and whether it held."""

    confidence: float
    held: bool


@dataclass(frozen=True)
class Tally:
    """Stated confidences against what held."""

    n: int
    held: int
    mean_confidence: float | None
    brier: float | None
    """Mean squared distance between the confidence and what happened: 0 is clairvoyant, 0.25 a thrown coin."""

    @classmethod
    def of(cls, outcomes: Iterable[Outcome]) -> Tally:
        """Count outcomes; means of nothing are None."""
        every = list(outcomes)
        if not every:
            return cls(0, 0, None, None)
        return cls(
            n=len(every),
            held=sum(one.held for one in every),
            mean_confidence=sum(one.confidence for one in every) / len(every),
            brier=sum((one.confidence - one.held) ** 2 for one in every) / len(every),
        )

    @property
    def held_share(self) -> float | None:
        """Share that held; None of none."""
        return success_rate(self.held, self.n)

    @property
    def interval(self) -> Interval | None:
        """The 95 % Wilson interval of ``held_share``."""
        return wilson_interval(self.held, self.n)

    @property
    def is_calibrated(self) -> bool | None:
        """Whether the mean stated confidence lies in the interval; None of too few, where nearly everything would."""
        if self.n < CALIBRATION_MIN.value or self.interval is None or self.mean_confidence is None:
            return None
        return self.interval.low <= self.mean_confidence <= self.interval.high

    def columns(self) -> dict[str, Any]:
        """The columns that a bin and a rule share."""
        interval = self.interval
        return {
            "held": self.held,
            "held_share": self.held_share,
            "held_share_low": interval.low if interval else None,
            "held_share_high": interval.high if interval else None,
            "mean_confidence": self.mean_confidence,
            "brier": self.brier,
            "is_calibrated": self.is_calibrated,
        }


def binned(source: str, outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """One row per bin of confidence, also of the empty ones: what is not there was not measured.

    A bin holds its lower edge; the last one holds 1.0 too.
    """
    found = []
    for low, high in pairwise(EDGES):
        inside = [one for one in outcomes if low <= one.confidence < high or (high == EDGES[-1] == one.confidence)]
        tally = Tally.of(inside)
        found.append({"source": source, "confidence_from": low, "confidence_to": high, "n": tally.n, **tally.columns()})
    return found


def applied_outcomes(rows: Iterable[Mapping[Any, Any]]) -> list[Outcome]:
    """What was stated of applied suggestions and whether it held, as back-tests count it: more likely than not.

    The verdict is no measure of it: ``worked`` asks for significance, which a true claim misses on few runs, and a
    confidence is the probability of a direction. So the direction is counted again, on the runs since against those
    before: a change for success holds when it probably fails less often, one for money when it probably does not fail
    more often by more than ``NOT_WORSE_BY``. All failures count, also where the suggestion spoke of one kind.

    Args:
        rows: of ``outcomes.recommendation_effectiveness``, with a confidence. Those that are not final, or have fewer
            than ten runs on a side, tell nothing.
    """
    return [
        Outcome(float(row["confidence"]), _direction_held(row))
        for row in rows
        if row["is_final"] and min(row["baseline_runs"], row["after_runs"]) >= BACKTEST_MIN_RUNS.value
    ]


def _direction_held(row: Mapping[Any, Any]) -> bool:
    probability = probability_lower(
        row["baseline_runs"] - row["baseline_successes"],
        row["baseline_runs"],
        row["after_runs"] - row["after_successes"],
        row["after_runs"],
        0.0 if row["metric"] == Metric.SUCCESS_RATE else NOT_WORSE_BY.value,
    )
    return probability > 0.5  # noqa: PLR2004 - more likely than not


def opinion(tally: Tally) -> str:
    """What to think of a rule, in a sentence."""
    if tally.is_calibrated is None:
        return (
            f"{tally.n} could be tested: too few to say whether it holds what it promises "
            f"({CALIBRATION_MIN.value:.0f} are needed)."
        )
    assert tally.interval is not None, "what is judged was counted"
    assert tally.mean_confidence is not None, "what is judged was counted"
    figures = (
        f"{tally.held} of {tally.n} held ({tally.held_share:.0%}, 95 % interval {tally.interval.low:.0%} to "
        f"{tally.interval.high:.0%}) and {tally.mean_confidence:.0%} was stated"
    )
    if tally.is_calibrated:
        return f"Its confidence can be taken at its word: {figures}."
    if tally.mean_confidence > tally.interval.high:
        return f"It promises more than it holds: {figures}."
    return f"It holds more than it promises: {figures}."
