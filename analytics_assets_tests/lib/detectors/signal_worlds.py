"""Signals of noise, and what is planted in them: for tests and for benchmarks/detectors.py."""

from __future__ import annotations

import numpy as np

from analytics_assets.lib.detectors.series import Series

BEGINS = np.datetime64("2026-01-05T00:00:00")  # a Monday
HOURS = 28 * 24
SPREADS = {
    "white noise": 10.0,
    "autoregression of 0.8": 10.0,
    "daily season": 8.0,
    "daily and weekly season": 8.0,
    "lognormal": 6.6,
    "Student's t, 3 degrees": 8.7,
    "counts of 4": 2.0,
}
"""Kinds of measured noise, and the standard deviation of each around what is usual."""
RATES = {"rate of 40 an hour": 40.0, "rate of 1.5 an hour": 1.5}
"""Kinds of rates, by the mean samples of an hour."""
USUAL_RATE = 0.03
WANDERING = ("random walk", "drift of a deviation in three days")
"""Kinds whose level does change."""
KINDS = (*SPREADS, *RATES)


def times(n: int, step: int = 3600) -> np.ndarray:
    """``n`` times, ``step`` seconds apart."""
    return BEGINS + np.arange(n) * np.timedelta64(step, "s")


def noise(kind: str, seed: int, n: int = HOURS, step: int = 3600) -> Series:
    """A signal without an anomaly."""
    rng = np.random.default_rng([seed, len(kind)])
    hours = np.arange(n) * step / 3600
    if kind in RATES:
        samples = rng.poisson(RATES[kind], n).astype(float)
        failures = rng.binomial(samples.astype(int), USUAL_RATE)
        seen = samples > 0
        values = failures[seen] / samples[seen]
        return Series(kind, times(n, step)[seen], values, samples[seen], is_rate=True, worse="up")
    draws = rng.standard_normal(n)
    daily = 40 * np.sin(2 * np.pi * hours / 24)
    values = {
        "white noise": lambda: 100 + 10 * draws,
        "autoregression of 0.8": lambda: 100 + 6 * _remembering(draws, 0.8),
        "daily season": lambda: 100 + daily + 8 * draws,
        "daily and weekly season": lambda: (100 + daily) * np.where(hours // 24 % 7 >= 5, 0.5, 1) + 8 * draws,
        "lognormal": lambda: np.exp(2 + 0.6 * draws),
        "Student's t, 3 degrees": lambda: 50 + 5 * rng.standard_t(3, n),
        "counts of 4": lambda: rng.poisson(4, n).astype(float),
        "random walk": lambda: 1_000 + 5 * np.cumsum(draws),
        "drift of a deviation in three days": lambda: 100 + hours / 9 + 8 * draws,
    }[kind]()
    return Series(kind, times(n, step), values)


def raised(series: Series, start: int, stop: int, by: float) -> Series:
    """The same with values that are higher from ``start`` to before ``stop``."""
    values = series.values.copy()
    values[start:stop] += by
    return Series(series.name, series.times, values, series.samples, series.is_rate, series.worse)


def failing(series: Series, start: int, stop: int, rate: float, seed: int = 0) -> Series:
    """A rate that is another one from ``start`` to before ``stop``."""
    assert series.samples is not None
    rng = np.random.default_rng(seed)
    values, n = series.values.copy(), series.samples[start:stop]
    values[start:stop] = rng.binomial(n.astype(int), rate) / n
    return Series(series.name, series.times, values, series.samples, series.is_rate, series.worse)


def _remembering(draws: np.ndarray, memory: float) -> np.ndarray:
    values = np.zeros(len(draws))
    for place in range(1, len(draws)):
        values[place] = memory * values[place - 1] + draws[place]
    return values
