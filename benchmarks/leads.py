"""How far leads of signals, pairs of events and impacts can be believed: worlds without an effect, and planted ones."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from analytics_assets.lib.effects import adjusted_p_values, rank_test
from analytics_assets.lib.event_impacts import effects
from analytics_assets.lib.event_links import outages, worse_links
from analytics_assets.lib.event_pairs import FUNCTIONAL, event_pairs
from analytics_assets.lib.leads import comparable, correlations_at, leads, plain
from analytics_assets.lib.signal_grid import Grid, evened, without_season
from analytics_assets_tests.lib import event_worlds
from benchmarks.results import Row

LEAD_WORLDS, PAIR_WORLDS, IMPACT_WORLDS, LINK_WORLDS, OUTAGE_WORLDS = 100, 60, 40, 60, 200
CHANCE = "about 5 %"
NOISE: dict[str, dict[str, Any]] = {
    "white noise": {"memory": 0.0},
    "memory of 0.9": {"memory": 0.9},
    "random walks": {"memory": 1.0},
    "counts": {"kind": "counts"},
    "busy hours that vary more": {"kind": "busy hours vary more"},
    "one burst each": {"kind": "bursts"},
    "gaps": {"kind": "gaps"},
    "memory of 0.9, 17 days": {"memory": 0.9, "hours": 400},
}
WINDOW = 3 * 3_600


def leads_and_events(_options: argparse.Namespace, _folder: Path) -> list[Row]:
    """Worlds of noise with a false finding, then worlds in which what was planted was found."""
    return [*_leads(), *_pairs(), *_impacts(), *_links(), *_outages()]


def _significant(found: list[Any], p_values: Iterable[float | None]) -> list[Any]:
    adjusted = adjusted_p_values(list(p_values))
    return [one for one, p in zip(found, adjusted, strict=True) if p is not None and p < 0.05]


def _lead_worlds(**world: Any) -> Iterable[list[Any]]:
    for seed in range(LEAD_WORLDS):
        grid = event_worlds.signals(seed, **world)
        found = leads(grid.rows(comparable(grid)))
        yield _significant(found, [lead.p_value for lead in found])


def _leads() -> Iterable[Row]:
    for name, world in NOISE.items():
        false = sum(map(bool, _lead_worlds(**world)))
        yield Row(f"worlds of 8 signals, {name}, with a significant lead", f"{false} of {LEAD_WORLDS}", CHANCE)
    for name in ("memory of 0.9", "random walks"):
        false = sum(_by_shifts(event_worlds.signals(seed, **NOISE[name])) for seed in range(20))
        yield Row(f"the same by circular shifts of plain series, {name}", f"{false} of 20", "shown, not used")
    for weight in (0.3, 0.5, 0.9):
        worlds = list(_lead_worlds(lag=3, weight=weight))
        hits = [[(one.leader, one.follower, one.lag_hours) for one in world] for world in worlds]
        planted = ("metric/api/s0", "metric/api/s1", 3)
        right, told = sum(planted in world for world in hits), sum(map(len, hits))
        yield Row(f"a lead of 3 hours, weight {weight}: found at its lag", f"{right} of {LEAD_WORLDS}", "power")
        yield Row(f"of all leads told there, weight {weight}: others", f"{told - right} of {told}", CHANCE)


def _by_shifts(grid: Grid) -> bool:
    """Whether a pair is significant where one plain series is shifted round by every number of hours."""
    values = np.nan_to_num(plain(grid))
    found, lags = [], range(-24, 25)
    for first in range(len(values)):
        for other in range(first + 1, len(values)):
            highest = max(map(abs, correlations_at(values[first], values[other], lags)))
            spectrum = np.fft.rfft(values[first]).conj() * np.fft.rfft(values[other])
            around = np.abs(np.fft.irfft(spectrum, values.shape[1])) / values.shape[1]
            around /= values[first].std() * values[other].std()
            by_chance = [
                np.take(around, range(at, at + 49), mode="wrap").max() for at in range(25, values.shape[1] - 73)
            ]
            found.append((1 + sum(one >= highest for one in by_chance)) / (1 + len(by_chance)))
    return bool(_significant(found, found))


def _pairs() -> Iterable[Row]:
    names = [f"x>{letter}/t" for letter in "abcde"]
    for bursts in (False, True):
        for rate in (15, 60):
            false = 0
            for seed in range(PAIR_WORLDS):
                rng = np.random.default_rng(seed)
                streams = {name: event_worlds.stream(rng, rate, bursts=bursts) for name in names}
                false += any(row["is_significant"] for row in event_pairs(event_worlds.events(streams)))
            kind = f"{rate} {'bursts' if bursts else 'events'} of each type a day"
            yield Row(f"worlds of 5 types, {kind}, with a significant pair", f"{false} of {PAIR_WORLDS}", CHANCE)
    beside = sum(map(_follows_beside_flows, range(PAIR_WORLDS)))
    yield Row("worlds of 5 types beside 6 of one flow, with a significant pair", f"{beside} of {PAIR_WORLDS}", CHANCE)
    for share in (0.1, 0.3):
        right = others = 0
        for seed in range(PAIR_WORLDS):
            rng = np.random.default_rng(seed)
            streams = {name: event_worlds.stream(rng, 20) for name in names}
            answers = event_worlds.after(rng, streams[names[0]], share, 120)
            streams[names[1]] = event_worlds.merged(streams[names[1]], answers)
            rows = [row for row in event_pairs(event_worlds.events(streams)) if row["is_significant"]]
            hit = [row for row in rows if [row["primary_event_type"], row["related_event_type"]] == names[:2]]
            right, others = right + len(hit), others + len(rows) - len(hit)
        yield Row(f"{share:.0%} of 20 events a day are followed: found", f"{right} of {PAIR_WORLDS}", "power")
        yield Row(f"the same, {share:.0%}: others told", f"{others} of {right + others}", CHANCE)


def _follows_beside_flows(seed: int) -> bool:
    """Whether something is told to follow that does not, where flows have pairs that are certain."""
    rng = np.random.default_rng(seed)
    streams = {f"x>{letter}/t": event_worlds.stream(rng, 15) for letter in "abcde"}
    times = event_worlds.stream(rng, 10)
    flows = event_worlds.events({f"flow>{step}/t": times + 60 * step for step in range(6)})
    for event in flows:
        event["correlation_id"] = event["id"].split("-")[1]
    rows = event_pairs([*event_worlds.events(streams), *flows])
    return any(row["is_significant"] and row["correlation_type"] != FUNCTIONAL for row in rows)


def _impacts() -> Iterable[Row]:
    for memory, vary in ((3.0, False), (12.0, False), (60.0, False), (12.0, True)):
        false = ranks = 0
        for seed in range(IMPACT_WORLDS):
            grid = event_worlds.samples(seed, memory=memory, busy_hours_vary=vary)
            happenings = event_worlds.deployments(seed)
            found = effects(grid, event_worlds.asked(grid, happenings), WINDOW)
            false += bool(_significant(found, [effect.p_value for effect in found]))
            ranks += _by_ranks(grid, happenings)
        kind = f"a memory of {memory:.0f} samples{', busy hours vary more' if vary else ''}"
        yield Row(f"40 quiet events, 12 signals, {kind}: worlds with an effect", f"{false} of {IMPACT_WORLDS}", CHANCE)
        yield Row(f"the same by ranks of samples, {kind}", f"{ranks} of {IMPACT_WORLDS}", "shown, not used")
    for rise in (100.0, 150.0, 250.0):
        right = others = 0
        for seed in range(IMPACT_WORLDS):
            grid, happenings = event_worlds.samples(seed), event_worlds.deployments(seed)
            event_worlds.worsen(grid, happenings[20], rise=rise)
            found = effects(grid, event_worlds.asked(grid, happenings), WINDOW)
            told = _significant(found, [effect.p_value for effect in found])
            hits = [one for one in told if one.happening is happenings[20] and one.signal == grid.names[3]]
            right, others = right + len(hits), others + len(told) - len(hits)
        yield Row(f"a rise of {rise / 40:.1f} deviations for 3 hours: found", f"{right} of {IMPACT_WORLDS}", "power")
        yield Row(f"the same, {rise / 40:.1f}: other effects told", f"{others} of {right + others}", CHANCE)


def _by_ranks(grid: Grid, happenings: list[Any]) -> bool:
    even, steps, p_values = evened(grid, without_season(grid), weekdays=False), WINDOW // grid.step_seconds, []
    for one in happenings:
        place = grid.step_of(one.occurred_at)
        for row in even:
            test = rank_test(row[place + 1 : place + 1 + steps].tolist(), row[place - steps : place].tolist())
            p_values.append(test.p_value if test else None)
    return bool(_significant(p_values, p_values))


def _links() -> Iterable[Row]:
    for bursts in (False, True):
        false = sum(
            bool(worse_links(event_worlds.linked(seed, bursts=bursts), event_worlds.AS_OF))
            for seed in range(LINK_WORLDS)
        )
        kind = "in bad hours" if bursts else "at any time"
        yield Row(f"worlds of 4 links that fail alike, {kind}, with a bad link", f"{false} of {LINK_WORLDS}", CHANCE)
    for share in (0.06, 0.10, 0.15):
        worlds = [
            worse_links(event_worlds.linked(seed, failing="b>c/x", share=share), event_worlds.AS_OF)
            for seed in range(LINK_WORLDS)
        ]
        right = sum(any(one.subject == "b>c" for one in world) for world in worlds)
        yield Row(f"a link that fails in {share:.0%}, others in 3 %: found", f"{right} of {LINK_WORLDS}", "power")


def _outages() -> Iterable[Row]:
    for share in (0.05, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9):
        for links, count in ((1, 1_000), (4, 250)):
            false = sum(
                bool(outages(event_worlds.ordered(seed, share, links=links, count=count)))
                for seed in range(OUTAGE_WORLDS)
            )
            kind = f"{links} x {count:,} events of a link"
            yield Row(f"{kind}, {share:.0%} fail: worlds with an outage", f"{false} of {OUTAGE_WORLDS}", CHANCE)
    for share, down in ((0.05, 6), (0.05, 10), (0.3, 10), (0.5, 20), (0.7, 20), (0.7, 40), (0.8, 40)):
        worlds = (outages(event_worlds.ordered(seed, share, down=down)) for seed in range(OUTAGE_WORLDS // 2))
        right = sum(any(outage.failures >= down for outage in world) for world in worlds)
        yield Row(f"down for {down} events, else {share:.0%} fail: found", f"{right} of {OUTAGE_WORLDS // 2}", "power")
