"""How far the planning of capacities can be believed: bands, false alarms, planted growth, and what it takes."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analytics_assets.lib.capacity_methods import Outlook, Peaks, outlook
from analytics_assets.lib.capacity_plans import capacity_plans
from benchmarks.results import Row

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WORLDS = 200
KNOWN, AHEAD = 30, 30
FIRST = 20_454
AS_OF = datetime(2026, 3, 31, 23, 30)
LIMIT = 80.0


def capacity_planning(_options: argparse.Namespace, _folder: Path) -> list[Row]:
    """Worlds of daily peaks with a month known and a month ahead, by what moves them."""
    return [*_bands(), *_alarms(), *_growth(), *_forty()]


def _remembering(rng: np.random.Generator, memory: float) -> Floats:
    draws = rng.standard_normal(KNOWN + AHEAD)
    values = draws.copy()
    for day in range(1, len(values)):
        values[day] = memory * values[day - 1] + np.sqrt(1 - memory**2) * draws[day]
    return values


def _week(rng: np.random.Generator) -> Floats:
    return 6 * (np.arange(KNOWN + AHEAD) % 7 < 5) + _remembering(rng, 0.0)


SHAPES: dict[str, Callable[[np.random.Generator], Floats]] = {
    "white noise": lambda rng: 60 + _remembering(rng, 0.0),
    "autoregression of 0.8": lambda rng: 60 + _remembering(rng, 0.8),
    "a weekly season": lambda rng: 60 + _week(rng),
    "growth of 0.6 a day": lambda rng: 52 + 0.6 * np.arange(KNOWN + AHEAD) + 0.5 * _remembering(rng, 0.5),
    "random walks": lambda rng: 60 + 0.5 * np.cumsum(rng.standard_normal(KNOWN + AHEAD)),
}


def forecast(values: Floats) -> Outlook:
    """Of a month, from the month before."""
    days = np.arange(FIRST, FIRST + KNOWN + AHEAD)
    return outlook(Peaks(days[:KNOWN], values[:KNOWN]), days[KNOWN:])


def _bands() -> Iterable[Row]:
    for name, shape in SHAPES.items():
        covered = []
        for seed in range(WORLDS):
            values = shape(np.random.default_rng(seed))
            found = forecast(values)
            covered.append(np.mean((values[KNOWN:] >= found.lower) & (values[KNOWN:] <= found.upper)))
        wanted = "60 % or more: no month tells of the next" if name == "random walks" else "75 % or more"
        yield Row(f"days within the 80 % band, {name}", f"{100 * np.mean(covered):.0f} %", wanted)


def _alarms() -> Iterable[Row]:
    for level in (60, 70, 75):
        said = 0
        for seed in range(WORLDS):
            noise = 2 * _remembering(np.random.default_rng(seed), 0.5)
            said += int(forecast(level + noise).values.max() > LIMIT)
        yield Row(
            f"worlds at {level} +- 2 % that are said to pass 80 %", f"{said} of {WORLDS}", "under 5 % at 70 or less"
        )


def _growth() -> Iterable[Row]:
    found, within, off = 0, 0, []
    for seed in range(WORLDS):
        values = 52 + 0.6 * np.arange(KNOWN + AHEAD) + 0.5 * _remembering(np.random.default_rng(seed), 0.5)
        forecast_of = forecast(values)
        is_over = forecast_of.values > LIMIT
        true_day = int(np.argmax(52 + 0.6 * np.arange(KNOWN + AHEAD) > LIMIT)) - KNOWN
        if is_over.any():
            found += 1
            day = int(np.argmax(is_over))
            off.append(abs(day - true_day))
            low, high = (int(np.argmax(ends > LIMIT)) for ends in (forecast_of.upper, forecast_of.lower))
            within += int(low <= true_day <= high)
    yield Row("planted growth that is found", f"{found} of {WORLDS}", "95 % or more")
    yield Row("days by which the day of 80 % is off, median", f"{np.median(off):.0f}", "2 or less")
    yield Row("true days of 80 % within the band's", f"{within} of {found}", "75 % or more")


def _forty() -> Iterable[Row]:
    hours = pd.date_range(end=datetime(2026, 3, 31, 23), periods=24 * KNOWN, freq="h")
    parts = []
    for number in range(40):
        rng = np.random.default_rng(number)
        # Half of them are near the limit, where Prophet is asked too.
        peaks = (
            (50 if number % 2 else 76)
            + 4 * np.sin(np.arange(len(hours)) / 24 * 2 * np.pi)
            + rng.normal(0, 1, len(hours))
        )
        parts.append(
            pd.DataFrame({"component": f"c{number // 4}", "resource_type": f"r{number % 4}", "peak_usage": peaks})
        )
        parts[-1]["measured_at"] = hours
    usage = pd.concat(parts).assign(capacity=100.0, capacity_unit="gb")
    started = time.perf_counter()
    rows = capacity_plans(usage, [], AS_OF, prices={}, most=500)
    taken = time.perf_counter() - started
    yield Row(
        "planning of 10 components with 4 resources, half of them near 80 %", f"{len(rows)} in {taken:.0f} s", "30 s"
    )
