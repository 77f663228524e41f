"""Samples of system metrics: resources of four components, their capacity, and the service's own figures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from analytics_assets.sample.effects import AnomalyBurst, BadDeployment, LeadLag
from analytics_assets.sample.season import activity
from analytics_assets.sample.window import Window
from analytics_assets.sample.world import Record, World

Series = NDArray[np.float64]

STEP = timedelta(minutes=10)
PERIOD = "10m"
HOUR = timedelta(hours=1)
COMPONENTS = {
    "api": {"cpu": (30.0, 14.0), "memory": (52.0, 5.0), "disk": (38.0, 0.0), "network": (22.0, 12.0)},
    "worker": {"cpu": (35.0, 18.0), "memory": (58.0, 8.0), "disk": (41.0, 0.0), "network": (15.0, 8.0)},
    "database": {"cpu": (26.0, 9.0), "memory": (70.0, 3.0), "disk": (52.0, 0.0), "network": (18.0, 7.0)},
    "scheduler": {"cpu": (9.0, 3.0), "memory": (33.0, 2.0), "disk": (22.0, 0.0), "network": (5.0, 2.0)},
}
"""Percent by component and resource: at no activity, and what mean activity adds."""
CAPACITIES = {
    "cpu": ("cores", {"api": 8.0, "worker": 16.0, "database": 8.0, "scheduler": 2.0}),
    "memory": ("mb", {"api": 16_384.0, "worker": 32_768.0, "database": 65_536.0, "scheduler": 4_096.0}),
    "disk": ("gb", {"api": 100.0, "worker": 200.0, "database": 1_000.0, "scheduler": 50.0}),
    "network": ("mbit", {"api": 1_000.0, "worker": 1_000.0, "database": 10_000.0, "scheduler": 1_000.0}),
}
NOISE = {"cpu": 3.0, "memory": 1.2, "disk": 0.15, "network": 2.0}
DISK_GROWTH_PER_DAY = {"database": 0.6, "worker": 0.25}
DISK_GROWTH_MAX = 30.0
"""Percentage points: in a long sample a disk fills slower, so that it is never full."""
NOISE_REMEMBERED = timedelta(minutes=30)
QUEUE_REMEMBERED = timedelta(hours=2)


def metrics(world: World) -> Iterator[Record]:
    """Samples, series by series."""
    yield from _resources(world)
    yield from _capacities(world)
    yield from _service(world)


def _resources(world: World) -> Iterator[Record]:
    times = _times(world.window, STEP)
    season = _season(times)
    days = np.arange(len(times)) * (STEP / timedelta(days=1))
    for component, resources in COMPONENTS.items():
        for resource, (level, swing) in resources.items():
            noise = _wander(world.rng("metrics", resource, component), len(times), NOISE_REMEMBERED)
            values = level + swing * season + NOISE[resource] * noise
            if resource == "disk":
                growth = DISK_GROWTH_PER_DAY.get(component, 0.0)
                values += min(growth, DISK_GROWTH_MAX / world.window.days) * days
            yield from _samples(resource, np.clip(values, 0.5, 99.5), times, "percent", component, PERIOD)


def _capacities(world: World) -> Iterator[Record]:
    times = _times(world.window, HOUR)
    for resource, (unit, sizes) in CAPACITIES.items():
        for component, size in sizes.items():
            yield from _samples(f"{resource}_capacity", np.full(len(times), size), times, unit, component, "1h")


def _service(world: World) -> Iterator[Record]:
    """Figures of the API; the latency follows the queue where the lead is planted."""
    times = _times(world.window, STEP)
    season, count = _season(times), len(times)
    lag = LeadLag.LAG // STEP
    queue = _wander(world.rng("metrics", "queue_depth"), count + lag, QUEUE_REMEMBERED)
    own = _wander(world.rng("metrics", "api_latency_p95_ms"), count, QUEUE_REMEMBERED)
    other = _wander(world.rng("metrics", "api_latency_p95_ms", "rest"), count, NOISE_REMEMBERED)
    leader = queue[:count] if world.effect(LeadLag) is not None else own
    weight = LeadLag.WEIGHT
    wander = weight * leader + float(np.sqrt(1 - weight**2)) * other
    rng = world.rng("metrics", "service")
    noises = rng.standard_normal((3, count))
    series = (
        ("queue_depth", "items", np.clip(45 + 6 * season + 12 * queue[lag:], 0, None)),
        ("api_latency_p95_ms", "ms", np.clip(240 + 15 * season + 40 * wander + _slowed(world, times), 20, None)),
        ("api_error_rate", "share", _error_rate(world, times, season, noises[0])),
        ("requests_per_minute", "requests", np.clip(120 * season * (1 + 0.06 * noises[1]), 0, None)),
        ("cache_hit_rate", "share", np.clip(0.91 + 0.012 * noises[2], 0, 1)),
    )
    for name, unit, values in series:
        yield from _samples(name, values, times, unit, "api", PERIOD)


def _error_rate(world: World, times: list[datetime], season: Series, noise: Series) -> Series:
    inside = _while_it_lasts(world.effect(AnomalyBurst), times)
    values: Series = np.clip(0.008 + 0.002 * season + 0.0025 * noise + AnomalyBurst.RISE * inside, 0.0, 1.0)
    return values


def _slowed(world: World, times: list[datetime]) -> Series:
    """Milliseconds that a bad deployment adds."""
    return BadDeployment.RISE_MS * _while_it_lasts(world.effect(BadDeployment), times)


def _while_it_lasts(effect: AnomalyBurst | BadDeployment | None, times: list[datetime]) -> Series:
    """1 at the moments in which the effect shows, else 0."""
    if effect is None:
        return np.zeros(len(times))
    return np.array([float(effect.starts_at <= at < effect.starts_at + effect.LASTS) for at in times])


def _times(window: Window, step: timedelta) -> list[datetime]:
    return [window.start + n * step for n in range(int((window.end - window.start) / step))]


def _season(times: list[datetime]) -> Series:
    """Activity at those moments, without the steps at full hours."""
    hours = np.array([(at.minute * 60 + at.second) / 3_600 for at in times])
    now = np.array([activity(at) for at in times])
    following = np.array([activity(at + HOUR) for at in times])
    season: Series = now + (following - now) * hours
    return season


def _wander(rng: np.random.Generator, count: int, remembered: timedelta) -> Series:
    """Noise of variance 1 that forgets its past within ``remembered``: an autoregression of order 1."""
    kept = float(np.exp(-(STEP / remembered)))
    shocks = rng.standard_normal(count)
    values = np.empty(count)
    value = float(shocks[0])
    fresh = float(np.sqrt(1 - kept**2))
    for n in range(count):
        value = kept * value + fresh * float(shocks[n]) if n else value
        values[n] = value
    return values


def _samples(
    name: str, values: Series, times: list[datetime], unit: str, component: str, period: str
) -> Iterator[Record]:
    for at, value in zip(times, np.round(values, 4).tolist(), strict=True):
        yield {
            "metric_name": name,
            "metric_value": value,
            "metric_unit": unit,
            "metric_tags": {"component": component},
            "collected_at": at,
            "source_system": "prometheus",
            "aggregation_period": period,
        }
