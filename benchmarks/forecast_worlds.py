"""Hourly series to forecast: generated ones of several kinds, and what of the NAB benchmark is measured by the hour."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

FIRST = pd.Timestamp("2026-01-05")
DAY, WEEK = 24, 7
METRICS = Path(__file__).parents[2] / "shared" / "data" / "nab" / "metrics.jsonl"


class World(NamedTuple):
    """A series, of which kind it is, and whether it cannot fall under 0."""

    kind: str
    values: pd.Series
    is_positive: bool


def _remembering(rng: np.random.Generator, hours: int, memory: float, spread: float) -> Floats:
    values = rng.normal(0, spread, hours)
    for hour in range(1, hours):
        values[hour] += memory * values[hour - 1]
    return values


def _seasons(rng: np.random.Generator, hours: int) -> tuple[Floats, Floats]:
    """A daily shape of three waves and working days above days off, each with a standard deviation of 1."""
    day = np.arange(DAY) / DAY
    shape = sum(rng.normal() / wave * np.cos(2 * np.pi * (wave * day + rng.random())) for wave in (1, 2, 3))
    week = np.roll([1.0] * 5 + [0.0] * 2, rng.integers(WEEK)) + rng.normal(0, 0.1, WEEK)
    week -= week.mean()
    hour = np.arange(hours)
    return (shape / shape.std())[hour % DAY], (week / week.std())[hour // DAY % WEEK]


def additive(rng: np.random.Generator, hours: int) -> Floats:
    """Seasons that are added, and noise with a memory."""
    day, week = _seasons(rng, hours)
    noise = _remembering(rng, hours, rng.uniform(0.2, 0.8), rng.uniform(2, 6))
    return 100 + rng.uniform(5, 20) * day + rng.uniform(2, 12) * week + noise


def multiplicative(rng: np.random.Generator, hours: int) -> Floats:
    """Seasons and noise that are factors."""
    day, week = _seasons(rng, hours)
    noise = _remembering(rng, hours, 0.5, rng.uniform(0.03, 0.1))
    return 100 * np.exp(rng.uniform(0.15, 0.3) * day + rng.uniform(0.1, 0.24) * week + noise)


def trend(rng: np.random.Generator, hours: int) -> Floats:
    """Additive, with growth or decline of about half of the level."""
    return 130 + additive(rng, hours) + rng.choice([-1, 1]) * rng.uniform(0.03, 0.08) * np.arange(hours)


def level_change(rng: np.random.Generator, hours: int) -> Floats:
    """Additive, with one lasting step in what is known."""
    step = rng.choice([-1, 1]) * rng.uniform(15, 40)
    return additive(rng, hours) + step * (np.arange(hours) >= rng.integers(hours // 3, hours - 4 * DAY))


def counts(rng: np.random.Generator, hours: int) -> Floats:
    """Events an hour, of which some hours have none."""
    day, week = _seasons(rng, hours)
    rate = rng.choice([3, 10, 40]) * np.exp(0.4 * day + 0.4 * week + _remembering(rng, hours, 0.7, 0.05))
    return rng.poisson(rate).astype(float)


def intermittent(rng: np.random.Generator, hours: int) -> Floats:
    """Hours of work that begins at times: most have none, the others the sum of what began in them."""
    day, week = _seasons(rng, hours)
    begun = rng.poisson(rng.uniform(0.3, 0.9) * np.exp(0.6 * day + 0.4 * week))
    return rng.gamma(np.maximum(begun, 1e-9) * 1.5, 40.0) * (begun > 0)


KINDS: Mapping[str, Callable[[np.random.Generator, int], Floats]] = {
    "additive": additive,
    "multiplicative": multiplicative,
    "trend": trend,
    "level change": level_change,
    "counts": counts,
}


def often_nothing(seed: int, hours: int) -> World:
    """A series of which about half of the hours are 0."""
    values = intermittent(np.random.default_rng([seed, len(KINDS)]), hours)
    return World("intermittent", pd.Series(values, index=pd.date_range(FIRST, periods=hours, freq="h")), True)


def generated(seed: int, hours: int) -> Iterator[World]:
    """One series of each kind."""
    for place, (kind, make) in enumerate(KINDS.items()):
        values = make(np.random.default_rng([seed, place]), hours)
        index = pd.date_range(FIRST, periods=hours, freq="h")
        yield World(kind, pd.Series(values, index=index), kind == "counts")


def nab(least: int) -> Iterator[World]:
    """Hourly means of the shared part with at least so many hours; none where it is not there.

    All of it is utilisation, bytes or requests: under 0 there is nothing.
    """
    if not METRICS.exists():
        return
    with METRICS.open(encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    table = pd.DataFrame(records, columns=["metric_name", "collected_at", "metric_value"])
    table["hour"] = pd.to_datetime(table["collected_at"]).dt.tz_localize(None).dt.floor("h")
    for _, metric in table.groupby("metric_name"):
        hourly = metric.groupby("hour")["metric_value"].mean().asfreq("h")
        if len(hourly) >= least:
            yield World("nab", hourly, is_positive=True)
