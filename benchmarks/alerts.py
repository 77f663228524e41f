"""How often alerts call for nothing, and how soon for something: two weeks of signals, looked at hour by hour.

Worlds without an effect tell how much chance makes; worlds with one planted what is told, when, and when it is over.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

from analytics_assets_tests.alerting.replayed import DAYS, Replay, replay
from analytics_assets_tests.lib.signal_worlds import HOURS, calls, error_rate, metric, seasonal, times
from benchmarks.results import Row
from benchmarks.signals import world

WORLDS, SIGNALS = 30, 50
STEP = 2
"""Hours between the looks at worlds without an effect; with one planted it is each hour."""
LASTS = 120
"""Hours before the end at which something begins."""
BURST, SPELL = 4, 48
ONE = timedelta(hours=1)


def alerts(_options: argparse.Namespace, _folder: Path) -> list[Row]:
    """Chance; a burst, a tool that degrades, and one that recovers."""
    return [*_chance(), *_bursts(), *_degraded(), *_recovered()]


def _chance() -> Iterable[Row]:
    weeks = WORLDS * DAYS / 7
    severe = told = 0
    lasting = 0.0
    for seed in range(WORLDS):
        found = replay(world(seed, SIGNALS), step=STEP)
        severe += len(found.of("high"))
        told += len({key for key, _ in found.told})
        lasting += sum(found.lasting) / len(found.lasting)
    of = f"{WORLDS} worlds of {SIGNALS} signals without an effect"
    yield Row(
        f"{of}: alerts of severity high or critical a week", f"{severe / weeks:.3f} ({severe} in all)", "under 0.2"
    )
    yield Row(f"{of}: alerts that anybody is told of a week", f"{told / weeks:.2f}", "under 1")
    yield Row(f"{of}: alerts open at a time", f"{lasting / WORLDS:.3f}", "as few as that")


def _bursts() -> Iterable[Row]:
    replays = []
    for seed in range(WORLDS):
        values = seasonal(seed)
        values[-LASTS : -LASTS + BURST] += 80.0
        replays.append(replay([metric(values, "api_latency_p95_ms")]))
    yield from _told(f"a latency 10 deviations high for {BURST} hours", replays, BURST)


def _degraded() -> Iterable[Row]:
    replays = [replay([error_rate(*calls(seed, after=0.3, changed=HOURS - LASTS))]) for seed in range(WORLDS)]
    yield from _told("a tool whose errors go from 3 to 30 % for good", replays, None)


def _recovered() -> Iterable[Row]:
    replays = []
    for seed in range(WORLDS):
        failed, made = calls(seed, after=0.3, changed=HOURS - LASTS)
        failed[-LASTS + SPELL :] = calls(seed)[0][-LASTS + SPELL :]
        replays.append(replay([error_rate(failed.clip(max=made), made)]))
    yield from _told(f"a tool whose errors are 30 % for {SPELL} hours", replays, SPELL)


def _told(what: str, replays: Sequence[Replay], lasts: int | None) -> Iterable[Row]:
    begins: datetime = times()[-LASTS].item()
    first = [_since(begins, found, ("low", "medium", "high", "critical")) for found in replays]
    severe = [_since(begins, found, ("high", "critical")) for found in replays]
    yield Row(
        f"{what}, {len(replays)} worlds: told, and after how many hours in the middle",
        f"{_known(first)} of {len(replays)}, {_middle(first)}",
        "nearly all, within hours",
    )
    yield Row(
        f"{what}: told as high or critical, and after how many hours", f"{_known(severe)}, {_middle(severe)}", "most"
    )
    open_at_end = sum(found.lasting[-1] > 0 for found in replays)
    if lasts is None:
        yield Row(f"{what}: open at the end", f"{open_at_end} of {len(replays)}", "all")
        return
    ended = [_over(begins + lasts * ONE, found) for found in replays]
    yield Row(
        f"{what}: over at the end, and after how many hours of its own end in the middle",
        f"{len(replays) - open_at_end} of {len(replays)}, {_middle(ended)}",
        "all",
    )


def _since(begins: datetime, found: Replay, severities: Sequence[str]) -> float | None:
    """Hours from the beginning until it was told; what was told before is another matter."""
    moments = [at for (_, severity), at in found.told.items() if severity in severities and at > begins]
    return (min(moments) - begins) / ONE if moments else None


def _over(ended: datetime, found: Replay) -> float | None:
    moments = [row["resolved_at"] for row in found.alerts.values() if row["resolved_at"] and row["resolved_at"] > ended]
    return (max(moments) - ended) / ONE if moments else None


def _known(delays: Sequence[float | None]) -> int:
    return sum(delay is not None for delay in delays)


def _middle(delays: Sequence[float | None]) -> str:
    known = [delay for delay in delays if delay is not None]
    return f"{median(known):.0f} h" if known else "never"
