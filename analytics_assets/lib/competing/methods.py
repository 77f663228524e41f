"""The contestants: each forecasts the steps after a history, or answers None where it cannot be fitted.

What is fitted to a series of two seasons (a day within a week) is fitted to what is left without the longer one, or
without both, and gets them back: no model but Prophet's has two seasons, and without the week AutoETS and dynamic theta
were off by twice as much on generated hours with a weekly season. The models are those of statsforecast (Nixtla).
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from analytics_assets.forecast_thresholds import CONTEST_ARIMA_ORDER, CONTEST_CHANGEPOINTS, CONTEST_ETS_SEASONS
from analytics_assets.lib.competing.series import Frequency, History

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

NAIVE, WEEKLY_NAIVE, PROPHET = "seasonal_naive", "weekly_naive", "prophet"
UNFITTED = (ValueError, ArithmeticError, IndexError, np.linalg.LinAlgError)
log = logging.getLogger(__name__)


def seasonal_naive(history: History, horizon: int) -> Floats:
    """The last known value of the same place in the season, else the mean; without a season the last known value."""
    return _last(history, horizon, history.frequency.season)


def weekly_naive(history: History, horizon: int) -> Floats | None:
    """The last known value of the same hour of the week, else the mean; None of less than two weeks of hours."""
    week = history.frequency.week
    if week is None or week == history.frequency.season or week not in history.seasons:
        return None
    return _last(history, horizon, week)


def _last(history: History, horizon: int, season: int) -> Floats:
    known = np.flatnonzero(np.isfinite(history.values))
    last = np.full(season, history.values[known].mean())
    last[known % season] = history.values[known]
    values: Floats = last[(len(history) + np.arange(horizon)) % season]
    return values


def prophet(history: History, horizon: int) -> Floats | None:
    """Prophet with the seasons that were seen twice, and a trend where all of them were; it takes gaps as they are."""
    from analytics_assets.lib.forecasting import fit

    training = pd.DataFrame({"ds": history.index, "y": history.values}).dropna()
    answer = fit(
        training,
        history.ahead(horizon),
        trend=history.seasons == history.frequency.seasons,
        changepoints=int(CONTEST_CHANGEPOINTS.value),
        daily=history.frequency is Frequency.HOURLY,
        weekly=history.frequency.week in history.seasons,
    )
    return None if answer is None else answer["yhat"].to_numpy(dtype=float)


def auto_arima(history: History, horizon: int) -> Floats | None:
    """AutoARIMA of low order and without a season, of what is left without the seasons: with one of 24 it is slow."""
    from statsforecast.models import AutoARIMA

    order = int(CONTEST_ARIMA_ORDER.value)
    model = AutoARIMA(seasonal=False, approximation=True, max_p=order, max_q=order)
    return _fitted(model, history, horizon, apart=history.seasons)


def auto_ets(history: History, horizon: int) -> Floats | None:
    """AutoETS with additive errors, any trend and any form of the shortest season, of the newest seasons."""
    from statsforecast.models import AutoETS

    season = history.seasons[0] if history.seasons else 1
    newest = int(CONTEST_ETS_SEASONS.value) * season if season > 1 else None
    return _fitted(AutoETS(season, model="AZZ"), history, horizon, apart=history.seasons[1:], newest=newest)


def mstl(history: History, horizon: int) -> Floats | None:
    """MSTL: the last of each season, and AutoETS without a season of what is left; None of a series without one."""
    from statsforecast.models import AutoETS

    if not history.seasons:
        return None
    return _fitted(AutoETS(1, model="ZZN"), history, horizon, apart=history.seasons)


def dynamic_theta(history: History, horizon: int) -> Floats | None:
    """Dynamic theta, of which the shortest season is additive: a multiplicative one goes wrong near 0."""
    from statsforecast.models import DynamicTheta

    season = history.seasons[0] if history.seasons else 1
    model = DynamicTheta(season, decomposition_type="additive")
    return _fitted(model, history, horizon, apart=history.seasons[1:])


Method = Callable[[History, int], "Floats | None"]
METHODS: Mapping[str, Method] = {
    NAIVE: seasonal_naive,
    WEEKLY_NAIVE: weekly_naive,
    PROPHET: prophet,
    "auto_arima": auto_arima,
    "auto_ets": auto_ets,
    "mstl": mstl,
    "dynamic_theta": dynamic_theta,
}


def _fitted(
    model: Any, history: History, horizon: int, *, apart: tuple[int, ...], newest: int | None = None
) -> Floats | None:
    """The model's answer for what is left without the seasons ``apart``, with these added; None without a fit."""
    rest = history.filled
    back = np.zeros(horizon)
    for season in apart:
        part = history.parts[season]
        rest = rest - part
        back += np.resize(part[-season:], horizon)
    if newest is not None:
        rest = rest[-newest:]
    try:
        with warnings.catch_warnings():
            # An optimiser that stops early is judged by its forecasts like any other.
            warnings.simplefilter("ignore")
            mean = np.asarray(model.forecast(np.ascontiguousarray(rest), horizon)["mean"], dtype=float)
    except Exception as problem:
        # "no model able to be fitted" is a bare Exception.
        if not isinstance(problem, UNFITTED) and type(problem) is not Exception:
            raise
        log.warning("%s could not be fitted and is left out: %s", model, problem)
        return None
    return mean + back if np.isfinite(mean).all() else None
