"""Looks back: what each method would have said of the newest steps, knowing only what was before them."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from analytics_assets.forecast_thresholds import CONTEST_ORIGINS, CONTEST_TEST_SHARE, CONTEST_ZEROS
from analytics_assets.lib.competing.methods import NAIVE, Method
from analytics_assets.lib.competing.scoring import mase, naive_scale, smape
from analytics_assets.lib.competing.series import History

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Bounds:
    """What values are possible: forecasts are kept within."""

    floor: float = -math.inf
    ceiling: float = math.inf

    def kept(self, values: Floats) -> Floats:
        """The values, of which none is outside."""
        return np.clip(values, self.floor, self.ceiling)


@dataclass(frozen=True)
class Looks:
    """``actual`` has one row per look back and one column per step ahead, NaN where not measured.

    ``answers`` has what each method said of them, of the methods that answered every look. ``scale`` is the seasonal
    naive error of what was known at the first look, for MASE. ``seconds`` is the median time of a fit: the first one
    imports. ``is_intermittent``: of so many outcomes that are 0 shares of them tell nothing.
    """

    actual: Floats
    answers: Mapping[str, Floats]
    scale: float
    seconds: Mapping[str, float] = field(default_factory=dict)
    is_intermittent: bool = False

    def __len__(self) -> int:
        return len(self.actual)

    def mae(self, answer: Floats) -> float:
        """Mean absolute error over all looks, in the unit of the series."""
        return mase(answer.ravel(), self.actual.ravel(), 1.0)

    def mase(self, answer: Floats) -> float:
        """Mean absolute scaled error over all looks; NaN where the scale is not above 0."""
        return mase(answer.ravel(), self.actual.ravel(), self.scale)

    def smape(self, answer: Floats) -> float:
        """Symmetric mean absolute percentage error over all looks, 0 to 200."""
        return smape(answer.ravel(), self.actual.ravel())

    def only(self, places: Sequence[int]) -> Looks:
        """Some of the looks."""
        rows = list(places)
        answers = {name: answer[rows] for name, answer in self.answers.items()}
        return replace(self, actual=self.actual[rows], answers=answers)

    def without(self, place: int) -> Looks:
        """All looks but one."""
        return self.only([n for n in range(len(self)) if n != place])


def origins(history: History, horizon: int) -> tuple[list[int], int]:
    """Steps to look ahead from, and how far; none of a history that is too short."""
    length = min(horizon, int(len(history) * CONTEST_TEST_SHARE.value))
    if not length:
        return [], 0
    starts = [len(history) - length * (n + 1) for n in reversed(range(int(CONTEST_ORIGINS.value)))]
    is_known = np.isfinite(history.values)
    least = history.frequency.least
    return [s for s in starts if is_known[: max(0, s)].sum() >= least and is_known[s : s + length].any()], length


def looks_back(history: History, horizon: int, methods: Mapping[str, Method], bounds: Bounds) -> Looks | None:
    """What the methods would have said; None where there is nothing to look back on.

    A method that cannot be fitted once is out.
    """
    starts, length = origins(history, horizon)
    if not starts:
        return None
    answers: dict[str, list[Floats]] = {name: [] for name in methods}
    spent: dict[str, list[float]] = {name: [] for name in methods}
    for start in starts:
        known = history.before(start)
        for name in list(answers):
            began = time.perf_counter()
            answer = methods[name](known, length)
            spent[name].append(time.perf_counter() - began)
            if answer is None:
                del answers[name]
            else:
                answers[name].append(bounds.kept(answer))
    actual = np.stack([history.values[start : start + length] for start in starts])
    return Looks(
        actual=actual,
        answers={name: np.stack(rows) for name, rows in answers.items()},
        scale=naive_scale(history.values[: starts[0]], history.frequency.season),
        seconds={name: median(spent[name]) for name in answers},
        is_intermittent=bool((actual[np.isfinite(actual)] == 0).mean() > CONTEST_ZEROS.value),
    )


def relative_errors(looks: Looks) -> dict[str, float]:
    """How wrong each method was, of the seasonal naive forecast's 1: the mean of the ratios of MASE and of sMAPE.

    The overall weighted average of the M4 competition: of values near 0 the one ratio, of bursts the other tells
    little. Where outcomes are often 0 the ratio of MASE alone counts: by sMAPE whatever is forecast above 0 is off by
    200 %, and who says 0 wins. Empty where the seasonal naive forecast was not wrong at all, or nothing was measured.
    """
    return {
        name: error for name, answer in looks.answers.items() if (error := relative_error(looks, answer)) is not None
    }


def relative_error(looks: Looks, answer: Floats) -> float | None:
    """The same of one answer."""
    measures = [looks.mae] if looks.is_intermittent else [looks.mae, looks.smape]
    bars = [measure(looks.answers[NAIVE]) for measure in measures]
    if not all(bar > 0 for bar in bars):
        return None
    return sum(measure(answer) / bar for measure, bar in zip(measures, bars, strict=True)) / len(bars)


def is_beaten(looks: Looks, answer: Floats) -> bool:
    """Whether the seasonal naive forecast was further off, by the relative error, and no closer by the absolute one.

    An answer that is closer in shares only, where values are small, would be further off in the unit of the series.
    """
    error = relative_error(looks, answer)
    return error is not None and error < 1 and looks.mae(answer) <= looks.mae(looks.answers[NAIVE])
