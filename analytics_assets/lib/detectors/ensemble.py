"""One score of each point, for streams: how surprising is the last hour, and was it told already?

Three readings of the same hour are added: the value, the hour's median (a level) and its deviation (an unrest). Each is
as surprising as the tails of its own past say, so an hour that is odd in two ways outdoes one spike. What does not
exceed the whole day before it has been told and scores 0: one incident is one alarm.

On the CloudWatch part of the Numenta Anomaly Benchmark it scores 71.0 (standard profile; benchmarks/RESULTS.md), with
windows of 30 minutes to three hours 59 to 71, with a memory of half a day to a day and a half 69 to 71. Its hour, its
memory and its alarm were chosen on these files, so of others it may score less.

Of signals by the hour it is a second opinion, as ``Ensemble``: a family of its own, which finds nothing alone. The
consensus of all detectors, which anomalies of signals are made of, scores 33 there (what is HIGH by its levels).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from analytics_assets.detector_thresholds import ENSEMBLE_ALARM, ENSEMBLE_SECONDS, TOLD_SECONDS, WINDOW_POINTS
from analytics_assets.lib.detectors.sampling import sampling
from analytics_assets.lib.detectors.series import Family, Judgement, Series
from analytics_assets.lib.detectors.tails import reference_points, refit_points, tails
from analytics_assets.limits import Setting

if TYPE_CHECKING:
    from analytics_assets.lib.detectors.series import Numbers


@dataclass(frozen=True)
class Ensemble:
    """The three readings of a point as one detector; it tells no expected value."""

    name: str = "ensemble"
    family: Family = "novelty"
    unit: str = "nats of surprise"
    threshold: Setting = ENSEMBLE_ALARM

    def judge(self, series: Series, first: int = 0) -> Judgement:
        """The judgement of the points from ``first`` on."""
        judgement = Judgement.nothing(len(series))
        nats = surprise(series)
        memory = max(1, round(TOLD_SECONDS.value / (series.step_seconds or TOLD_SECONDS.value)))
        told = records(np.nan_to_num(nats, nan=0.0), memory) / self.threshold.value
        judgement.score[first:] = np.where(np.isnan(nats), np.nan, told)[first:]
        return judgement


def ensemble_scores(series: Series) -> Numbers:
    """A score of 0 to 1 for each point; 0 where nothing is usual yet, from 0.5 on an alarm.

    >>> from analytics_assets.lib.detectors.series import Series
    >>> times = np.datetime64("2026-01-01") + np.arange(200) * np.timedelta64(300, "s")
    >>> values = np.arange(200) % 5.0
    >>> values[150] = 40
    >>> np.flatnonzero(ensemble_scores(Series("queue", times, values)) >= 0.5).tolist()
    [150]
    """
    # Half of a score is the alarm's nats; beyond it approaches 1.
    return np.asarray(1 - np.exp2(-np.nan_to_num(Ensemble().judge(series).score, nan=0.0)))


def surprise(series: Series) -> Numbers:
    """Nats of the value, of the last hour's median and of its deviation, added; NaN where none is known."""
    of_samples = sampling(series)
    values = series.values if of_samples is None else of_samples.deviations
    width = max(
        int(WINDOW_POINTS.value), round(ENSEMBLE_SECONDS.value / (series.step_seconds or ENSEMBLE_SECONDS.value))
    )
    window, every = reference_points(series), refit_points(series)
    readings = [values, *_hour(values, width)]
    nats = np.array([tails(reading, window, every).surprise(reading) for reading in readings])
    return np.where(np.isnan(nats).all(axis=0), np.nan, np.nan_to_num(nats).sum(axis=0))


def records(values: Numbers, memory: int) -> Numbers:
    """Each value that exceeds all of the ``memory`` before it; 0 for the others.

    >>> records(np.array([1.0, 3.0, 2.0, 4.0, 1.0, 2.0]), memory=2).tolist()
    [1.0, 3.0, 0.0, 4.0, 0.0, 0.0]
    """
    told = np.zeros(len(values))
    highest: deque[tuple[int, float]] = deque()
    for place, value in enumerate(values.tolist()):
        while highest and highest[0][0] < place - memory:
            highest.popleft()
        if value > (highest[0][1] if highest else 0.0):
            told[place] = value
        while highest and highest[-1][1] <= value:
            highest.pop()
        highest.append((place, value))
    return told


def _hour(values: Numbers, width: int) -> tuple[Numbers, Numbers]:
    """Median and deviation of the ``width`` values that end with each; NaN where one of them was not measured."""
    level, unrest = np.full(len(values), np.nan), np.full(len(values), np.nan)
    if len(values) >= width:
        windows = sliding_window_view(values, width)
        level[width - 1 :] = np.median(windows, axis=1)
        unrest[width - 1 :] = windows.std(axis=1)
    return level, unrest
