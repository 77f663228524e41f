"""Anomalous hours of all signals: fast detectors judge each, slower ones give a second opinion of the worst.

A second opinion costs a model and decides whether an anomaly is HIGH, so it is asked of a bounded number of episodes
that are not HIGH yet, those that are farthest beyond their bands first. Scikit-learn is imported only when there is
something to ask.

Detectors of two families that agree are no two proofs: the hour that is odd for its season is odd for the whole past
too, where a signal has no season. So HIGH is only what chance seldom makes as well (``signals`` in
benchmarks/RESULTS.md has how much of it noise makes).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import exp
from typing import TYPE_CHECKING, Any

from analytics_assets.detector_thresholds import (
    ANOMALY_DAYS,
    EPISODE_DAYS,
    FEW_BY_CHANCE,
    FEW_RECORDS,
    HIGH_BY_CHANCE,
    SECOND_OPINION_HOURS,
    SECOND_OPINIONS,
    SURPRISE,
)
from analytics_assets.lib.anomaly_episodes import Opinion, episodes, runs
from analytics_assets.lib.chernoff import count_nats
from analytics_assets.lib.signals import METRIC
from analytics_assets.pattern_thresholds import ANOMALY_SENSITIVITY

if TYPE_CHECKING:
    from analytics_assets.lib.detectors import Consensus, Detector, Judgement
    from analytics_assets.lib.signals import Signal

COUNTED = "throughput"
"""What is a number of records, not a measurement of them."""


@dataclass(frozen=True)
class Found:
    """The episodes of all signals; how many hours were judged, and of how many episodes a second opinion was asked."""

    rows: list[dict[str, Any]]
    judged_hours: int
    asked: int


@dataclass(frozen=True, eq=False)
class Judged:
    """A signal with what these detectors say of its hours of the last two weeks, and of three days before.

    What began before the two weeks is dropped as a whole: cut at the edge it would be another episode each hour.
    """

    signal: Signal
    detectors: Sequence[Detector]
    judgements: Sequence[Judgement]

    @classmethod
    def of(cls, signal: Signal, detectors: Sequence[Detector]) -> Judged:
        """Ask the detectors of the signal."""
        first = first_judged(signal, EPISODE_DAYS.value)
        return cls(signal, detectors, [judged(signal, detector, first) for detector in detectors])

    @cached_property
    def together(self) -> Consensus:
        """What they say together."""
        from analytics_assets.lib.detectors import consensus

        return consensus(self.detectors, self.judgements)

    @cached_property
    def opinions(self) -> list[Opinion]:
        """What each says."""
        return [
            Opinion.of(detector, self.signal.series, judgement)
            for detector, judgement in zip(self.detectors, self.judgements, strict=True)
        ]

    @property
    def hours(self) -> int:
        """Hours of the two weeks that any of them judged."""
        import numpy as np

        is_judged = np.any([judgement.is_judged for judgement in self.judgements], axis=0)
        return int(is_judged[first_judged(self.signal) :].sum())

    @property
    def spans(self) -> list[tuple[float, int, int]]:
        """Score, first and last hour of each episode that is not HIGH yet."""
        from analytics_assets.lib.detectors import HIGH

        found = runs(self.signal, self.opinions, self.together)
        return [
            (float(self.together.score[run].max()), run[0], run[-1])
            for run in found
            if self.together.level[run].max() < HIGH and run[0] >= first_judged(self.signal)
        ]

    def episodes(self, coverage: float) -> list[dict[str, Any]]:
        """Those that began within the two weeks."""
        first = first_judged(self.signal)
        return episodes(self.signal, self.opinions, self.together, coverage, first)

    def asked(self, detectors: Sequence[Detector], spans: Sequence[tuple[int, int]]) -> Judged:
        """The same with the judgements of these detectors too, on a day of each of these spans."""
        from analytics_assets.lib.detectors import Judgement

        more = []
        for detector in detectors:
            judgement = Judgement.nothing(len(self.signal.series))
            for begins, last in spans:
                # What comes after changes no judgement, and would cost as much.
                ends = min(last, begins + int(SECOND_OPINION_HOURS.value) - 1) + 1
                told = detector.judge(self.signal.series.until(ends), begins)
                judgement.score[begins:ends] = told.score[begins:]
            more.append(judgement)
        return Judged(self.signal, [*self.detectors, *detectors], [*self.judgements, *more])


def anomalies(
    signals: Sequence[Signal],
    fast: Sequence[Detector],
    second: Sequence[Detector],
    most: int = int(SECOND_OPINIONS.value),
    coverage: float = ANOMALY_SENSITIVITY.value,
) -> Found:
    """The episodes of the last two weeks, those that last and the most severe first.

    Args:
        signals: each with the weeks before them, which tell what is usual.
        fast: detectors that are asked of every signal.
        second: those that are asked of the worst episodes only.
        most: episodes that these are asked of.
        coverage: share of usual values that the band holds with which each anomaly is shown; it decides nothing.
    """
    all_of_them = [Judged.of(signal, fast) for signal in signals]
    worst = sorted(
        ((score, place, begins, last) for place, one in enumerate(all_of_them) for score, begins, last in one.spans),
        key=lambda span: (-span[0], signals[span[1]].name, span[2]),
    )[: most if second else 0]
    spans: dict[int, list[tuple[int, int]]] = {}
    for _, place, begins, last in worst:
        spans.setdefault(place, []).append((begins, last))
    hours = sum(one.hours for one in all_of_them)
    rows = []
    for place, one in enumerate(all_of_them):
        told = one.asked(second, spans[place]) if place in spans else one
        rows += [weighed(row, told.signal, hours) for row in told.episodes(coverage)]
    return Found(sorted(rows, key=_worst_first), hours, len(worst))


def weighed(row: Mapping[str, Any], signal: Signal, hours: int) -> dict[str, Any]:
    """An episode with how many chance makes; without two families *and* a rare value it is not HIGH.

    The mean of a response time or a price over one or two executions is as long-tailed as one of them, and was seen too
    seldom to know that tail: of so few records chance is taken to make one.
    """
    by_chance = expected_by_chance(row["tail_score"], hours)
    is_mean = signal.component_kind != METRIC and not signal.series.is_rate and signal.metric_type != COUNTED
    if is_mean and row["records"] is not None and row["records"] < FEW_RECORDS.value:
        by_chance = max(by_chance, FEW_BY_CHANCE.value)
    is_lucky = row["severity"] == "HIGH" and by_chance > HIGH_BY_CHANCE.value
    return {**row, "expected_by_chance": by_chance, "severity": "MEDIUM" if is_lucky else row["severity"]}


def judged(signal: Signal, detector: Detector, first: int) -> Judgement:
    """What a detector says of a signal from ``first`` on; of a count no more than chance in counting leaves to say."""
    import numpy as np

    judgement = detector.judge(signal.series, first)
    if signal.metric_type != COUNTED:
        return judgement
    return replace(judgement, score=np.minimum(judgement.score, counting_nats(signal, judgement) / SURPRISE.value))


def counting_nats(signal: Signal, judgement: Judgement) -> Any:
    """How surprising each count is, at least, where events come one by one: Chernoff's bound of Poisson's tails.

    Hours without an event have no row, so one an hour is the least that can be usual: four where one is, are no news.
    """
    import numpy as np

    counts = np.nan_to_num(signal.series.values)
    before = np.cumsum(counts) - counts
    so_far = before / np.maximum(1, np.cumsum(signal.series.is_known) - 1)
    usual = np.maximum(1.0, np.where(np.isnan(judgement.expected), so_far, judgement.expected))
    return count_nats(counts, usual)


def expected_by_chance(score: float, hours: int) -> float:
    """Episodes as far out that chance makes in so many hours: a threshold is passed once in 5,000 of them.

    Beyond it tails fall off about exponentially.

    >>> round(expected_by_chance(1.0, 50_000), 1), round(expected_by_chance(2.0, 50_000), 4)
    (10.2, 0.0021)
    """
    return hours * exp(-SURPRISE.value * score)


def first_judged(signal: Signal, days_before: float = 0) -> int:
    """Place of the first hour of the last two weeks, or of so many days before them; earlier ones are history."""
    import numpy as np

    if signal.as_of is None:
        return len(signal.series)
    begins = np.datetime64(signal.as_of, "s") - np.timedelta64(int(ANOMALY_DAYS.value + days_before), "D")
    return int(np.searchsorted(signal.series.times, begins))


def within_band(signal: Signal, detector: Detector, coverage: float) -> float | None:
    """Share of the judged hours of the last two weeks whose value lay within the band that should hold ``coverage``."""
    import numpy as np

    judgement = detector.judge(signal.series, first_judged(signal))
    lower, upper = judgement.band(coverage, is_rate=signal.series.is_rate)
    is_told = signal.series.is_known & ~np.isnan(lower) & ~np.isnan(upper)
    if not is_told.any():
        return None
    values = signal.series.values[is_told]
    return float(((values >= lower[is_told]) & (values <= upper[is_told])).mean())


def prediction_accuracy(observed: float | None, stated: float) -> float | None:
    """How true a band is: 1 where it holds just the stated share of values, 0 where it is as wrong as can be.

    >>> [round(prediction_accuracy(observed, 0.95), 2) for observed in (0.95, 0.76, 1.0, 0.0)]
    [1.0, 0.8, 0.95, 0.0]
    """
    return None if observed is None else 1 - abs(observed - stated) / max(stated, 1 - stated)


def _worst_first(row: dict[str, Any]) -> tuple[Any, ...]:
    return (not row["is_ongoing"], -("LOW", "MEDIUM", "HIGH").index(row["severity"]), -row["score"], row["id"])
