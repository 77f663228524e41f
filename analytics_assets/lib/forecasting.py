"""Hourly forecasts of one series, by the method that a back-test picks.

A series is indexed by consecutive hours and ends with the last complete hour; NaN marks an hour that was not
measured. Prophet competes with the seasonal naive forecast (the same hour of the day before) from 48 known hours on,
and is chosen only where it was closer over the last day. Under one full day there is no forecast:
``insufficient_history``. It is for the series that have no part in the competition of ``lib.competing``.
"""

from __future__ import annotations

import logging
import math
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from analytics_assets.thresholds import (
    FORECAST_BACKTEST,
    FORECAST_BAND_MIN,
    FORECAST_INTERVAL,
    FORECAST_MIN_HISTORY,
    FORECAST_SAMPLES,
    FORECAST_SEASON,
    FORECAST_WEEKLY_AFTER,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Method = Literal["prophet", "seasonal_naive", "insufficient_history"]

HOUR = pd.Timedelta(hours=1)
SEASON = int(FORECAST_SEASON.value)
TAIL = (1 - FORECAST_INTERVAL.value) / 2
"""Share of outcomes beyond each end of a band."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Forecast:
    """What is expected, by which method, from how much, and how wrong each method was on the last day.

    ``points`` has one row per hour ahead: hour, value, lower, upper (NaN where nothing tells). ``errors`` has
    the mean absolute error of each method that was tried, in the unit of the series; it is empty without a
    back-test.
    """

    method: Method
    history_hours: int
    points: pd.DataFrame
    errors: Mapping[Method, float]


def hourly_series(
    values: pd.Series[float],
    *,
    until: pd.Timestamp,
    first: pd.Timestamp | None = None,
    missing: float = math.nan,
) -> pd.Series[float]:
    """Values by hour as consecutive hours from ``first`` (else the first value) to before ``until``.

    ``missing`` fills the hours without a row. For what is counted per hour that is 0: no row means that
    nothing happened. For what is measured it stays NaN: no row means that nobody looked.
    """
    if values.index.has_duplicates:
        raise ValueError("one value per hour: an hour stands twice")
    known = values[values.index < until]
    start = first if first is not None else (known.index.min() if len(known) else until)
    hours = pd.date_range(start, until - HOUR, freq=HOUR)
    return known.astype(float).reindex(hours, fill_value=missing)


def forecast_hourly(
    history: pd.Series[float],
    horizon: int,
    *,
    floor: float = -math.inf,
    ceiling: float = math.inf,
    fitted: bool = True,
) -> Forecast:
    """Forecast the ``horizon`` hours after the history; values and bands are kept within floor and ceiling.

    ``fitted=False`` leaves out what must be fitted, for callers with more series than time.
    """
    known = int(history.notna().sum())
    if known < SEASON:
        return Forecast("insufficient_history", known, _nothing(history, horizon), {})
    method: Method = "seasonal_naive"
    errors: dict[Method, float] = {}
    if fitted and known >= FORECAST_MIN_HISTORY.value:
        errors = backtest(history)
        # The naive one stands first: what is as close does not replace it.
        method = min(errors, key=lambda name: errors[name], default=method)
    points = prophet(history, horizon) if method == "prophet" else None
    if points is None:
        method, points = "seasonal_naive", seasonal_naive(history, horizon)
    points[["value", "lower", "upper"]] = points[["value", "lower", "upper"]].clip(lower=floor, upper=ceiling)
    return Forecast(method, known, points, errors)


def backtest(history: pd.Series[float]) -> dict[Method, float]:
    """Mean absolute error of each method over the last day, each knowing only what was before it.

    Empty when that day, or what was before it, was not measured. Nothing is fitted where the day before was repeated
    exactly: nothing can be closer.
    """
    held_back = int(FORECAST_BACKTEST.value)
    past, actual = history[:-held_back], history[-held_back:]
    if past.notna().sum() < SEASON or actual.notna().sum() == 0:
        return {}
    errors: dict[Method, float] = {"seasonal_naive": _mean_absolute_error(seasonal_naive(past, held_back), actual)}
    told = prophet(past, held_back) if errors["seasonal_naive"] > 0 else None
    if told is not None:
        errors["prophet"] = _mean_absolute_error(told, actual)
    return errors


def seasonal_naive(history: pd.Series[float], horizon: int) -> pd.DataFrame:
    """The last known value of the same hour of the day, else the mean of the history.

    The band is what the same forecast was off by in the past, one day ahead; NaN with fewer than ten such
    differences.
    """
    hours = _ahead(history, horizon)
    known = history.dropna()
    last_known = known.groupby(pd.DatetimeIndex(known.index).hour).last()
    values = pd.Series(hours.hour, dtype=float).map(last_known).fillna(known.mean())
    off = (history - history.shift(SEASON)).dropna()
    low, high = (
        (off.quantile(TAIL), off.quantile(1 - TAIL)) if len(off) >= FORECAST_BAND_MIN.value else (math.nan, math.nan)
    )
    return pd.DataFrame({"hour": hours, "value": values, "lower": values + low, "upper": values + high})


def prophet(history: pd.Series[float], horizon: int) -> pd.DataFrame | None:
    """Prophet with a daily season, after two weeks also a weekly one and a trend; None without a fit.

    On fewer than two weeks a trend follows noise: on 48 hours of a noisy sine a flat one was off by less than
    half.
    """
    long = len(history) >= FORECAST_WEEKLY_AFTER.value
    training = pd.DataFrame({"ds": history.index, "y": history.to_numpy()}).dropna()
    hours = _ahead(history, horizon)
    answer = fit(training, hours, trend=long, changepoints=10, daily=True, weekly=long)
    if answer is None:
        return None
    renamed = {"ds": "hour", "yhat": "value", "yhat_lower": "lower", "yhat_upper": "upper"}
    return answer.rename(columns=renamed)[list(renamed.values())]


def fit(
    training: pd.DataFrame, ahead: pd.DatetimeIndex, *, trend: bool, changepoints: int, daily: bool, weekly: bool
) -> pd.DataFrame | None:
    """Prophet's own answer at the times ``ahead``, from ``ds`` and ``y``; None without a fit."""
    with _quiet(), _seeded():
        from prophet import Prophet

        model = Prophet(
            growth="linear" if trend else "flat",
            n_changepoints=changepoints,
            daily_seasonality=daily,
            weekly_seasonality=weekly,
            yearly_seasonality=False,
            interval_width=FORECAST_INTERVAL.value,
            uncertainty_samples=int(FORECAST_SAMPLES.value),
        )
        try:
            model.fit(training)
        except RuntimeError as problem:
            # cmdstan gives up on a series now and then; the other method still answers.
            log.warning("Prophet could not be fitted and is left out: %s", problem)
            return None
        return model.predict(pd.DataFrame({"ds": ahead}))


def _ahead(history: pd.Series[float], horizon: int) -> pd.DatetimeIndex:
    return pd.date_range(history.index[-1] + HOUR, periods=horizon, freq=HOUR)


def _nothing(history: pd.Series[float], horizon: int) -> pd.DataFrame:
    """Points without a value; without rows too when not even the last hour is known."""
    hours = _ahead(history, horizon) if len(history) else pd.DatetimeIndex([])
    return pd.DataFrame({"hour": hours, "value": math.nan, "lower": math.nan, "upper": math.nan})


def _mean_absolute_error(points: pd.DataFrame, actual: pd.Series[float]) -> float:
    return float(np.nanmean(np.abs(points["value"].to_numpy() - actual.to_numpy())))


@contextmanager
def _quiet() -> Iterator[None]:
    """Prophet and cmdstanpy report every fit, and an absent plotly, as if it were news."""
    loggers = [logging.getLogger(name) for name in ("prophet", "prophet.plot", "cmdstanpy")]
    before = [logger.disabled for logger in loggers]
    for logger in loggers:
        logger.disabled = True
    try:
        yield
    finally:
        for logger, disabled in zip(loggers, before, strict=True):
            logger.disabled = disabled


@contextmanager
def _seeded() -> Iterator[None]:
    """Prophet draws its band from numpy's global generator: the same history must give the same band."""
    before = np.random.get_state()  # noqa: NPY002 - Prophet knows no other generator
    np.random.seed(0)  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(before)  # noqa: NPY002
