"""One series, several methods: who was closer in looks back forecasts what comes."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analytics_assets.lib.competing.backtest import Bounds, Looks, looks_back
from analytics_assets.lib.competing.bands import Band, calibrated
from analytics_assets.lib.competing.methods import METHODS, NAIVE, seasonal_naive
from analytics_assets.lib.competing.scoring import coverage
from analytics_assets.lib.competing.series import Frequency, History, history_of
from analytics_assets.lib.competing.weighing import WEIGHTED, Choice, choose, combination

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

INSUFFICIENT = "insufficient_history"
NO_BOUNDS, NO_BAND = Bounds(), Band()


@dataclass(frozen=True)
class Entry:
    """A series to forecast: ``values`` by consecutive steps that end with the last complete one, NaN: not measured."""

    name: str
    values: pd.Series[float]
    frequency: Frequency
    horizon: int
    bounds: Bounds = NO_BOUNDS


@dataclass(frozen=True)
class Score:
    """What a method was worth in the looks back; NaN where it cannot be told.

    ``mase`` and ``smape`` (percent, 0 to 200) as in ``scoring``; ``mae`` in the unit of the series; ``coverage`` is
    the share of outcomes within its band, of which each look's was made from the other looks; ``seconds`` is the median
    of what a fit took. ``weight`` is its share of the forecast that is made; the combination has none of its own.
    """

    method: str
    mase: float
    smape: float
    mae: float
    coverage: float
    seconds: float
    weight: float
    is_winner: bool


@dataclass(frozen=True)
class Contest:
    """Who won, and what is forecast.

    ``weights`` are of the methods whose mean the forecast is; ``points`` has one row per step ahead: step (from 1),
    forecast_for, value, lower, upper (80 % band; NaN where too few errors tell). With ``insufficient_history``, and
    where it is only judged, there is no point. ``history_steps`` are the measured ones it rests on.
    """

    name: str
    method: str
    reason: str
    history_steps: int
    points: pd.DataFrame
    origins: int = 0
    horizon: int = 0
    weights: Mapping[str, float] = field(default_factory=dict)
    band: Band = NO_BAND
    scores: tuple[Score, ...] = ()
    seconds: float = 0.0


def compete(entry: Entry, *, reason: str | None = None) -> Contest:
    """Let the methods compete on a series and forecast it by the winner.

    Args:
        entry: the series.
        reason: why nothing is fitted: then the seasonal naive method forecasts.
    """
    judged = judge(entry, reason=reason)
    if judged.method == INSUFFICIENT:
        return judged
    ahead = forecast_by(entry, judged.weights, judged.band)
    if ahead.method != judged.method:
        # What could be fitted in every look back and not on all of it is answered by the simple method.
        return replace(judged, method=ahead.method, reason=ahead.reason, points=ahead.points, weights=ahead.weights)
    return replace(judged, points=ahead.points)


def judge(entry: Entry, *, reason: str | None = None) -> Contest:
    """Who would forecast a series, without the forecast: the arguments are those of ``compete``."""
    began = time.perf_counter()
    history = history_of(entry.values, entry.frequency)
    short = _shortage(entry, history)
    if short:
        return _nothing(entry, history, short)
    constant = _constant(history)
    methods = METHODS if reason is None and constant is None else {NAIVE: METHODS[NAIVE]}
    looks = looks_back(history, entry.horizon, methods, entry.bounds)
    choice = choose(looks) if len(methods) > 1 else _naive(looks, reason or f"every known value is {constant:g}")
    band = calibrated(choice.answers, looks.actual) if looks is not None and choice.answers is not None else NO_BAND
    return Contest(
        name=entry.name,
        method=choice.method,
        reason=choice.reason,
        history_steps=history.known,
        points=_no_points(history),
        origins=0 if looks is None else len(looks),
        horizon=0 if looks is None else looks.actual.shape[1],
        weights=choice.weights,
        band=band,
        scores=() if looks is None else _scores(looks, choice),
        seconds=time.perf_counter() - began,
    )


def forecast_by(entry: Entry, weights: Mapping[str, float], band: Band) -> Contest:
    """The forecast by the winner of an earlier contest, fitted anew; the seasonal naive one where it cannot be.

    Args:
        entry: the series as it is known now.
        weights: of the earlier contest's methods; names that are no methods are left out.
        band: the earlier contest's.
    """
    history = history_of(entry.values, entry.frequency)
    short = _shortage(entry, history)
    if short:
        return _nothing(entry, history, short)
    known = {name: share for name, share in weights.items() if name in METHODS and share > 0}
    fitted = _fitted(known, history, entry.horizon, entry.bounds) if known else None
    reason = "the winner of the last back-test"
    if fitted is None:
        known, reason = {NAIVE: 1.0}, "the winner of the last back-test could not be fitted"
        fitted = entry.bounds.kept(seasonal_naive(history, entry.horizon))
    method = next(iter(known)) if len(known) == 1 else WEIGHTED
    return Contest(
        name=entry.name,
        method=method,
        reason=reason,
        history_steps=history.known,
        points=_points(history, fitted, band, entry.bounds),
        weights=known,
        band=band,
    )


def answer_by(name: str, values: pd.Series[float], frequency: Frequency, horizon: int) -> Floats | None:
    """What one method says of the steps after a series; None of too short a history, or without a fit."""
    history = history_of(values, frequency)
    return METHODS[name](history, horizon) if history.known >= frequency.least else None


def _shortage(entry: Entry, history: History) -> str | None:
    """Why the history tells nothing, in a sentence; None where it does."""
    least = entry.frequency.least
    if history.known >= least:
        return None
    measured = int(np.isfinite(entry.values.to_numpy(dtype=float)).sum())
    if measured > history.known:
        gap = f"{history.known} since the last gap of over {entry.frequency.longest_gap}"
        return f"{measured} {entry.frequency} steps were measured, but {gap}; {least} are needed"
    return f"{history.known} {entry.frequency} steps were measured, {least} are needed"


def _nothing(entry: Entry, history: History, reason: str) -> Contest:
    return Contest(entry.name, INSUFFICIENT, reason, history.known, _no_points(history))


def _no_points(history: History) -> pd.DataFrame:
    return _points(history, np.array([]), NO_BAND, NO_BOUNDS)


def _constant(history: History) -> float | None:
    known = history.values[np.isfinite(history.values)]
    return float(known[0]) if (known == known[0]).all() else None


def _naive(looks: Looks | None, reason: str) -> Choice:
    return Choice(NAIVE, {NAIVE: 1.0}, reason, None if looks is None else looks.answers[NAIVE])


def _fitted(weights: Mapping[str, float], history: History, horizon: int, bounds: Bounds) -> Floats | None:
    """The weighted mean of those methods that can be fitted; None where none can."""
    answers = {name: METHODS[name](history, horizon) for name in weights}
    told = {name: bounds.kept(answer) for name, answer in answers.items() if answer is not None}
    total = sum(weights[name] for name in told)
    return combination({name: weights[name] / total for name in told}, told) if told else None


def _points(history: History, values: Floats, band: Band, bounds: Bounds) -> pd.DataFrame:
    reach = band.reach(values)
    return pd.DataFrame(
        {
            "step": np.arange(1, len(values) + 1),
            "forecast_for": history.ahead(len(values)) if len(values) else pd.DatetimeIndex([]),
            "value": values,
            "lower": bounds.kept(values - reach),
            "upper": bounds.kept(values + reach),
        }
    )


def _scores(looks: Looks, choice: Choice) -> tuple[Score, ...]:
    """Of each method that answered, and of their combination."""
    answers = dict(looks.answers)
    if choice.combined is not None:
        answers[WEIGHTED] = choice.combined
    return tuple(
        Score(
            method=name,
            mase=looks.mase(answer),
            smape=looks.smape(answer),
            mae=looks.mae(answer),
            coverage=_coverage(looks, answer),
            seconds=looks.seconds.get(name, sum(looks.seconds.get(part, 0.0) for part in choice.weights)),
            weight=math.nan if name == WEIGHTED else choice.weights.get(name, 0.0),
            is_winner=name == choice.method,
        )
        for name, answer in answers.items()
    )


def _coverage(looks: Looks, answer: Floats) -> float:
    inside = []
    for n in range(len(looks)) if len(looks) > 1 else ():
        others = [place for place in range(len(looks)) if place != n]
        reach = calibrated(answer[others], looks.actual[others]).reach(answer[n])
        inside.append(coverage(answer[n] - reach, answer[n] + reach, looks.actual[n]))
    told = [share for share in inside if not math.isnan(share)]
    return float(np.mean(told)) if told else math.nan
