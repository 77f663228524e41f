"""Signals and events in which something leads, follows or breaks something, and those in which nothing does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics_assets.lib.event_impacts import Happening
from analytics_assets.lib.signal_grid import Grid
from analytics_assets.sample.season import activity

Numbers = NDArray[np.float64]
START = datetime(2026, 1, 5)
HOURS = 720
STEP = 600
DAYS = 28

AS_OF = START + timedelta(days=DAYS)
LINKS = ("a>b/x", "b>c/x", "c>d/x", "d>e/x")


def remembering(rng: np.random.Generator, rows: int, count: int, memory: float) -> Numbers:
    """Autoregressions of variance 1; random walks where the memory is 1."""
    shocks = rng.standard_normal((rows, count + 200))
    values = np.zeros_like(shocks)
    for place in range(1, shocks.shape[1]):
        values[:, place] = memory * values[:, place - 1] + shocks[:, place]
    values = values[:, 200:]
    return values if memory == 1 else values * np.sqrt(1 - memory**2)


def season_of(count: int, step: int = 3_600) -> Numbers:
    """Activity by step: day, night and weekend."""
    return np.array([activity(START + timedelta(seconds=n * step)) for n in range(count)])


def signals(
    seed: int,
    *,
    kind: str = "remembering",
    memory: float = 0.9,
    rows: int = 8,
    hours: int = HOURS,
    lag: int | None = None,
    weight: float = 0.9,
) -> Grid:
    """Hourly signals of one season; with a lag, the second one follows the first by so many hours."""
    rng, season = np.random.default_rng(seed), season_of(hours)
    if kind == "counts":
        values = rng.poisson(season * rng.uniform(0.3, 6, (rows, 1))).astype(float)
    elif kind == "busy hours vary more":
        values = season * (5 + rng.standard_normal((rows, hours)))
    else:
        spare = lag or 0
        own = remembering(rng, rows, hours + spare, memory)
        if lag:
            own[1, spare:] = weight * own[0, :-spare] + np.sqrt(1 - weight**2) * own[1, spare:]
        values = own[:, spare:] + 4 * season * rng.uniform(0, 1, (rows, 1))
    if kind == "bursts":
        for row in values:
            first = rng.integers(0, hours - 4)
            row[first : first + 4] += 40
    if kind == "gaps":
        values[:, season < 0.2] = np.nan
        values[rng.random(values.shape) < 0.02] = np.nan
    return Grid(tuple(f"metric/api/s{row}" for row in range(rows)), START, 3_600, values)


def stream(rng: np.random.Generator, per_day: float, *, bursts: bool = False) -> Numbers:
    """Seconds of events that come by day and night, each with others in a burst if wanted."""
    times: list[float] = []
    for hour, busy in enumerate(season_of(DAYS * 24)):
        for _ in range(rng.poisson(busy * per_day / 24)):
            first = (hour + rng.random()) * 3_600
            times += list(first + np.cumsum(rng.exponential(120, rng.geometric(0.3)))) if bursts else [first]
    return np.sort(np.array(times))


def after(rng: np.random.Generator, times: Numbers, share: float, seconds: float) -> Numbers:
    """A share of the events, some seconds later."""
    chosen = times[rng.random(len(times)) < share]
    return chosen + seconds * rng.uniform(0.5, 1.5, len(chosen))


def merged(*streams: Numbers) -> Numbers:
    """Several streams as one."""
    return np.sort(np.concatenate(streams))


def events(streams: Mapping[str, Numbers | Sequence[float]], **more: Any) -> list[dict[str, Any]]:
    """Events of streams by their type; more columns by name."""
    found = [
        {
            "id": f"{name}-{number:05d}",
            "link": name.split("/")[0],
            "link_type": name,
            "occurred_at": START + timedelta(seconds=float(at)),
            "processing_duration_ms": 100.0,
            "status": "success",
            "correlation_id": None,
            **more,
        }
        for name, times in streams.items()
        for number, at in enumerate(times)
    ]
    return sorted(found, key=lambda event: (event["occurred_at"], event["id"]))


def samples(seed: int, *, rows: int = 12, memory: float = 12.0, busy_hours_vary: bool = False) -> Grid:
    """Metrics every ten minutes that remember for so many samples."""
    rng, count = np.random.default_rng(seed), DAYS * 144
    season = season_of(count, STEP)
    noise = remembering(rng, rows, count, np.exp(-1 / memory))
    noise = noise * np.sqrt(season) if busy_hours_vary else noise
    level = 240 + 15 * season * rng.uniform(0, 2, (rows, 1))
    return Grid(tuple(f"metric/api/s{row}" for row in range(rows)), START, STEP, level + 40 * noise)


def deployments(seed: int, count: int = 40) -> list[Happening]:
    """Deployments at any time."""
    rng = np.random.default_rng(seed + 1_000)
    times = np.sort(rng.uniform(DAYS * 8_640, DAYS * 77_760, count))
    return [
        Happening(f"e{n}", "deployment", START + timedelta(seconds=float(at)), ("ci", "cluster"), {})
        for n, at in enumerate(times)
    ]


def worsen(grid: Grid, happening: Happening, row: int = 3, rise: float = 180.0, hours: int = 3) -> None:
    """Raise a signal after an event for some hours."""
    place = grid.step_of(happening.occurred_at) + 1
    grid.values[row, place : place + hours * 6] += rise


def asked(grid: Grid, happenings: Sequence[Happening]) -> list[tuple[Happening, str]]:
    """Every event of every signal."""
    return [(one, name) for one in happenings for name in grid.names]


def ordered(seed: int, share: float, *, links: int = 1, count: int = 1_000, down: int = 0) -> list[dict[str, Any]]:
    """Independent events of links, of which a share fails; the first link may be down for some events in a row."""
    rng = np.random.default_rng([seed, round(1_000 * share), links])
    found = events({f"a>{link}/x": [1_200.0 * place for place in range(count)] for link in range(links)})
    first = rng.integers(0, count - down)
    for place, event in enumerate(found):
        is_down = event["link"] == "a>0" and first <= place // links < first + down
        event["status"] = "failure" if is_down or rng.random() < share else "success"
    return found


def linked(
    seed: int, *, failing: str | None = None, share: float = 0.15, slow: str | None = None, bursts: bool = False
) -> list[dict[str, Any]]:
    """Events of four links of which 3 % fail; one fails more often, or takes longer in the last week."""
    rng = np.random.default_rng(seed)
    found = events({name: stream(rng, 30) for name in LINKS})
    bad_hours = set(rng.choice(DAYS * 24, 12, replace=False).tolist()) if bursts else set()
    for event in found:
        age = AS_OF - event["occurred_at"]
        chance = share if event["link_type"] == failing else 0.03
        if int((event["occurred_at"] - START).total_seconds() // 3_600) in bad_hours:
            chance = 0.6
        event["status"] = "failure" if rng.random() < chance else "success"
        longer = 2.0 if event["link_type"] == slow and age < timedelta(days=7) else 1.0
        event["processing_duration_ms"] = longer * 100 * np.exp(0.5 * rng.standard_normal())
    return found
