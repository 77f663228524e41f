"""Signals of known make: hours with a daily season, rates of calls, and what is planted in them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics_assets.lib.detectors.series import Series, Worse
from analytics_assets.lib.signals import Signal

AS_OF = datetime(2026, 3, 4, 12, 30)
DAYS = 28
HOURS = DAYS * 24
ALERTS = {"high_cpu_usage": 0.8, "high_memory_usage": 0.85, "slow_response_time": 2.0, "high_error_rate": 0.05}


def times(count: int = HOURS) -> NDArray[np.datetime64]:
    """The newest hours up to the one that goes on."""
    last = AS_OF.replace(minute=0)
    return np.array([last - timedelta(hours=n) for n in reversed(range(count))], dtype="datetime64[s]")


def metric(
    values: ArrayLike,
    name: str = "api_latency_p95_ms",
    *,
    component: str = "api",
    unit: str | None = "ms",
    worse: Worse | None = "up",
    at: NDArray[np.datetime64] | None = None,
) -> Signal:
    """A metric of a component."""
    given = np.asarray(values, dtype=float)
    key = f"metric/{component}/{name}"
    series = Series(key, times(len(given)) if at is None else at, given, np.full(len(given), 6.0), worse=worse)
    return Signal(series, "metric", component, name, unit, AS_OF, is_stale=False)


def error_rate(failures: ArrayLike, calls: ArrayLike, tool: str = "web_fetch") -> Signal:
    """The error rate of a tool; hours without a call have no row."""
    failed, made = np.asarray(failures, dtype=float), np.asarray(calls, dtype=float)
    has = made > 0
    series = Series(
        f"tool/{tool}/error_rate",
        times(len(made))[has],
        failed[has] / made[has],
        made[has],
        is_rate=True,
        worse="up",
    )
    return Signal(series, "tool", tool, "error_rate", "share", AS_OF, is_stale=False)


def seasonal(
    seed: int,
    *,
    level: float = 240.0,
    swing: float = 15.0,
    noise: float = 8.0,
    memory: float = 0.5,
    count: int = HOURS,
) -> NDArray[np.float64]:
    """Values with a daily season and noise that remembers."""
    rng = np.random.default_rng(seed)
    shocks = rng.standard_normal(count)
    wander = np.empty(count)
    wander[0] = shocks[0]
    for n in range(1, count):
        wander[n] = memory * wander[n - 1] + np.sqrt(1 - memory**2) * shocks[n]
    hours = times(count).astype("datetime64[h]").astype(int) % 24
    return np.asarray(level + swing * np.sin(2 * np.pi * hours / 24) + noise * wander)


def calls(
    seed: int,
    *,
    rate: float = 0.03,
    after: float | None = None,
    changed: int = HOURS,
    busy: float = 8.0,
    count: int = HOURS,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Failures and calls by hour: few at night; from ``changed`` on they fail at the rate ``after``."""
    rng = np.random.default_rng(seed)
    hours = times(count).astype("datetime64[h]").astype(int) % 24
    made = rng.poisson(np.where((hours > 6) & (hours < 20), busy, busy / 8))
    rates = np.where(np.arange(count) < changed, rate, rate if after is None else after)
    return rng.binomial(made, rates), made


def noise(seeds: Iterable[int], **given: Any) -> list[Signal]:
    """Metrics in which nothing is planted."""
    return [metric(seasonal(seed, **given), f"metric_{seed}") for seed in seeds]
