"""The score of the Numenta Anomaly Benchmark, standard profile, for any detector's results.

A. Lavin and S. Ahmad, "Evaluating Real-Time Anomaly Detection Algorithms: the Numenta Anomaly Benchmark", ICMLA 2015,
and the benchmark's scoring as numenta/NAB publishes it. Written anew from these: one threshold for all files, the one
that scores best; the first 15 % of a file (of at most 5,000 points) count for nothing; in a labelled window the
earliest alarm counts, by a sigmoid of its place; an alarm outside costs 0.11, less shortly after a window; a window
without an alarm costs 1. 0 is who never alarms, 100 who alarms at the first point of each window and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

PROBATION_SHARE, PROBATION_OF = 0.15, 5_000
FALSE_POSITIVE, FALSE_NEGATIVE = 0.11, 1.0
FAR_BEHIND = 3.0
"""Widths of a window behind it from which on an alarm costs its full weight."""
Window = tuple[np.datetime64, np.datetime64]
Numbers = np.ndarray


@dataclass(frozen=True)
class Standing:
    """What one file's points count: the window of each (-1 outside), and its weight; without the first ones.

    Args:
        skipped: points at the beginning that count for nothing.
        window: place of the labelled window of each of the others.
        weight: what an alarm there counts, negative outside.
        windows: how many labelled windows there are.
    """

    skipped: int
    window: Numbers
    weight: Numbers
    windows: int


@dataclass(frozen=True)
class NabScore:
    """The normalised score of a threshold, and its totals in all files."""

    score: float
    threshold: float
    found: int
    windows: int
    false_alarms: int


def sigmoid_weight(place: Numbers) -> Numbers:
    """Weight of a place in a window's widths from its right end: nearly 1 at its left end (-1), 0 at the right one.

    >>> [round(float(sigmoid_weight(np.array(place))), 5) for place in (-1, -0.5, 0, 1, 3)]
    [0.98661, 0.84828, 0.0, -0.98661, -1.0]
    """
    return np.where(place >= FAR_BEHIND, -1.0, 2 / (1 + np.exp(5 * np.minimum(place, FAR_BEHIND))) - 1)


def probation(points: int) -> int:
    """Points at the beginning of a file that count for nothing.

    >>> probation(4_032), probation(22_695)
    (604, 750)
    """
    return int(min(PROBATION_SHARE * points, PROBATION_SHARE * PROBATION_OF))


def standing(times: Numbers, windows: Sequence[Window]) -> Standing:
    """What an alarm at each point of a file counts.

    Args:
        times: datetime64[s], not decreasing.
        windows: first and last time of each, in order; both are times of points.

    Raises:
        ValueError: a window begins or ends at no point.
    """
    points = np.arange(len(times))
    window, place = np.full(len(times), -1), np.full(len(times), FAR_BEHIND)
    for number, (start, end) in enumerate(windows):
        if start not in times or end not in times:
            raise ValueError(f"the window from {start} to {end} does not begin and end at a point")
        left, right = (int(np.flatnonzero(times == edge)[0]) for edge in (start, end))
        width = right - left + 1
        window[left : right + 1] = number
        place[left : right + 1] = (points[left : right + 1] - right - 1) / width
        place[right + 1 :] = (points[right + 1 :] - right) / max(1, width - 1)
    weight = sigmoid_weight(place)
    weight = np.where(window >= 0, weight / sigmoid_weight(np.array(-1.0)), FALSE_POSITIVE * weight)
    skipped = probation(len(times))
    return Standing(skipped, window[skipped:], weight[skipped:], len(windows))


def nab_score(
    scores: Mapping[str, Numbers], standings: Mapping[str, Standing], threshold: float | None = None
) -> NabScore:
    """The score of a detector over all files.

    Args:
        scores: a number for each point of each file; an alarm is what reaches the threshold.
        standings: of the same files.
        threshold: None takes the one that scores best, as the benchmark does.

    Raises:
        ValueError: a file has no scores, or not one for each point; or no file has a window.
    """
    curves = [_curve(name, scores, held) for name, held in standings.items()]
    windows = sum(held.windows for held in standings.values())
    if not windows:
        raise ValueError("no file has a labelled window: there is nothing to score")
    never = np.inf
    thresholds = np.unique(np.concatenate([[never], *(curve[0] for curve in curves)]))[::-1]
    if threshold is not None:
        thresholds = np.array([threshold])
    totals = np.zeros((3, len(thresholds)))
    for held, gained in curves:
        # The last step of a curve whose score still reaches the threshold.
        steps = np.searchsorted(-held, -thresholds, side="right") - 1
        totals += np.where(steps >= 0, gained[:, np.maximum(steps, 0)], 0.0)
    best = int(totals[0].argmax())
    gain, found, false_alarms = totals[:, best]
    # Who never alarms has -1 a window; each window found at once gives 1 instead.
    return NabScore(
        score=float(100 * gain / ((1 + FALSE_NEGATIVE) * windows)),
        threshold=float(thresholds[best]),
        found=round(found),
        windows=windows,
        false_alarms=round(false_alarms),
    )


def _curve(name: str, scores: Mapping[str, Numbers], held: Standing) -> tuple[Numbers, Numbers]:
    """The distinct scores of a file, falling; and gain, windows found and alarms outside of what reaches each."""
    if name not in scores or len(scores[name]) != held.skipped + len(held.window):
        raise ValueError(f"{name}: not one score for each point")
    own = np.nan_to_num(np.asarray(scores[name], dtype=float)[held.skipped :])
    order = np.argsort(-own, kind="stable")
    own, window, weight = own[order], held.window[order], held.weight[order]
    gains = np.zeros((3, len(own)))
    gains[0], gains[2] = np.where(window < 0, weight, 0.0), window < 0
    best: dict[int, float] = {}
    for place in np.flatnonzero(window >= 0):
        reached = best.get(window[place], -FALSE_NEGATIVE)
        gains[1, place] = window[place] not in best
        gains[0, place] = max(0.0, weight[place] - reached)
        best[window[place]] = max(reached, weight[place])
    last = np.append(own[1:] != own[:-1], True) if len(own) else np.zeros(0, dtype=bool)
    return own[last], gains.cumsum(axis=1)[:, last]
