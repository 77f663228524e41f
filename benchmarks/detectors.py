"""`python -m benchmarks detectors`: false alarms in noise, and what is found of what is planted, over many seeds."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from time import process_time

import numpy as np

from analytics_assets.lib.detectors import (
    EVERY,
    FAST,
    HIGH,
    Detector,
    Series,
    consensus,
    ensemble_scores,
    level_shift,
    trend,
)
from analytics_assets_tests.lib.detectors.signal_worlds import (
    HOURS,
    KINDS,
    RATES,
    SPREADS,
    WANDERING,
    failing,
    noise,
    raised,
    times,
)
from benchmarks.results import Row

JUDGED_FROM = HOURS // 2
PLANTED_AT = 600
WEEKS = (HOURS - JUDGED_FROM) / 168
SEEDS, FEW_SEEDS, TEST_SEEDS = 100, 10, 200
"""Of the fast detectors; of what learns a model; of tests."""
NAMES = 10_000
LEVELS_NAMED = ((1, "anomalies"), (HIGH, "HIGH ones"))


def detectors(_options: argparse.Namespace, _folder: Path) -> list[Row]:
    """False alarms, then recall and precision, then tests of trends and changes, then the time per signal."""
    return [*_false_alarms(), *_planted(), *_streams(), *_tests(), *_remembering(), *_planted_changes(), *_costs()]


def episodes(flags: np.ndarray) -> list[tuple[int, int]]:
    """First and last place of each run of flagged points; usual gaps of up to two points do not end one."""
    found: list[list[int]] = []
    for place in np.flatnonzero(flags).tolist():
        if found and place - found[-1][1] <= 3:
            found[-1][1] = place
        else:
            found.append([place, place])
    return [(first, last) for first, last in found]


def levels(series: Series, asked: Sequence[Detector]) -> np.ndarray:
    """Levels of the second half of a signal."""
    return consensus(asked, [detector.judge(series, JUDGED_FROM) for detector in asked]).level


def _false_alarms() -> Iterable[Row]:
    total = {least: 0 for least, _ in LEVELS_NAMED}
    for kind in KINDS:
        worlds = [noise(kind, seed) for seed in range(SEEDS)]
        found = [levels(series, FAST) for series in worlds]
        told = []
        for least, name in LEVELS_NAMED:
            count = sum(len(episodes(level >= least)) for level in found)
            with_any = sum(bool((level >= least).any()) for level in found)
            total[least] += count
            told.append(f"{count / SEEDS / WEEKS:.3f} {name} a week, {with_any} of {SEEDS} signals")
        yield Row(f"chance: {kind}, fast detectors", "; ".join(told), "under 0.05 a week of light tails")
    for detector in EVERY:
        seeds = range(SEEDS if detector in FAST else FEW_SEEDS)
        counts = [
            len(episodes(detector.judge(noise(kind, seed), JUDGED_FROM).is_anomalous))
            for kind in KINDS
            for seed in seeds
        ]
        yield Row(f"chance: {detector.name} alone, all kinds", f"{np.mean(counts) / WEEKS:.3f} a week", "shown")
    weeks = SEEDS * WEEKS * len(KINDS)
    measured = "; ".join(f"{total[least] / weeks:.3f} {name} a week" for least, name in LEVELS_NAMED)
    yield Row("chance: all kinds, fast detectors", measured, "under 0.1 and 0.05 a week and signal")


def _planted() -> Iterable[Row]:
    shapes = {"1 hour of 8 deviations": (1, 8.0), "6 hours of 6": (6, 6.0), "24 hours of 3": (24, 3.0)}
    for kind, spread in SPREADS.items():
        for shape, (hours, size) in shapes.items():

            def plant(seed: int, kind: str = kind, hours: int = hours, by: float = size * spread) -> Series:
                return raised(noise(kind, seed), PLANTED_AT, PLANTED_AT + hours, by)

            yield Row(f"planted: {kind}, {shape}", *_found(plant, hours))
    for kind in RATES:
        for rate in (0.15, 0.3, 0.6):

            def fail(seed: int, kind: str = kind, rate: float = rate) -> Series:
                series = noise(kind, seed)
                at = int(np.searchsorted(series.seconds, series.seconds[0] + PLANTED_AT * 3600))
                return failing(series, at, at + 6, rate, seed)

            yield Row(f"planted: {kind}, usually 3 %, 6 hours of {rate:.0%}", *_found(fail, 6))


def _found(plant: Callable[[int], Series], hours: int) -> tuple[str, str]:
    hits = dict.fromkeys((1, HIGH), 0)
    right = told = with_second = 0
    for seed in range(SEEDS):
        series = plant(seed)
        begin = int(np.searchsorted(series.seconds, series.seconds[0] + PLANTED_AT * 3600))
        level = levels(series, FAST)
        for least in hits:
            hits[least] += bool((level[begin : begin + hours] >= least).any())
        runs = episodes(level > 0)
        told += len(runs)
        # What is told within the three hours after still tells of it.
        right += sum(first < begin + hours + 3 and last >= begin for first, last in runs)
        if seed < FEW_SEEDS:
            with_second += bool((levels(series, EVERY)[begin : begin + hours] == HIGH).any())
    precision = f"{right / told:.0%}" if told else "-"
    measured = (
        f"recall {hits[1] / SEEDS:.0%} (HIGH {hits[HIGH] / SEEDS:.0%}, with second opinions "
        f"{with_second / FEW_SEEDS:.0%}), precision {precision}"
    )
    return measured, "both"


def _streams() -> Iterable[Row]:
    for kind in SPREADS:
        worlds = [noise(kind, seed, n=4_032, step=300) for seed in range(FEW_SEEDS)]
        alarms = sum(int((ensemble_scores(series) >= 0.5).sum()) for series in worlds)
        yield Row(
            f"chance: {kind} every 5 min, ensemble",
            f"{alarms / FEW_SEEDS / 2:.2f} a week",
            "one or two a week; a week of hours unlike others more",
        )
    shapes = {"5 min of 10 deviations": (1, 10.0), "an hour of 5": (12, 5.0), "for good, 4": (1_032, 4.0)}
    for kind, spread in SPREADS.items():
        found = []
        for points, size in shapes.values():
            worlds = [
                raised(noise(kind, s, 4_032, 300), 3_000, 3_000 + points, size * spread) for s in range(FEW_SEEDS)
            ]
            hits = sum(bool((ensemble_scores(series)[3_000:3_024] >= 0.5).any()) for series in worlds)
            found.append(f"{hits} of {FEW_SEEDS}")
        yield Row(f"planted: {kind} every 5 min, ensemble: {'; '.join(shapes)}", "; ".join(found), "power")


def _tests() -> Iterable[Row]:
    for kind in (*KINDS, *WANDERING):
        worlds = [noise(kind, seed) for seed in range(TEST_SEEDS)]
        trends = sum((trend(series).p_value or 1.0) < 0.05 for series in worlds)
        shifts = sum(level_shift(series) is not None for series in worlds)
        wanted = "about 5 % of each" if kind in KINDS else "shown: its level does move"
        measured = f"trend {trends}, lasting change {shifts} of {TEST_SEEDS}; PELT {_pelt(worlds)} of {FEW_SEEDS}"
        yield Row(f"chance: {kind}, tests at 0.05", measured, wanted)


def _remembering() -> Iterable[Row]:
    for memory in (0.9, 0.95):
        found = sum(level_shift(_autoregression(memory, seed)) is not None for seed in range(TEST_SEEDS))
        wanted = "about 5 %: memory is taken from above"
        yield Row(f"chance: autoregression of {memory:g}, lasting change at 0.05", f"{found} of {TEST_SEEDS}", wanted)


def _autoregression(memory: float, seed: int) -> Series:
    values = np.random.default_rng(seed).standard_normal(HOURS)
    for place in range(1, HOURS):
        values[place] += memory * values[place - 1]
    return Series(f"autoregression of {memory:g}", times(HOURS), values)


def _pelt(worlds: Sequence[Series]) -> int:
    """In how many of some signals penalised segmentation finds a change, as if hours were independent."""
    import ruptures

    found = 0
    for series in worlds[:FEW_SEEDS]:
        values = series.values / np.std(series.values)
        search = ruptures.KernelCPD(kernel="linear", min_size=24).fit(values[:, None])
        found += len(search.predict(pen=3 * np.log(len(values)))) > 1
    return found


def _planted_changes() -> Iterable[Row]:
    for kind in ("white noise", "autoregression of 0.8", "daily season", "daily and weekly season", "lognormal"):
        for size in (1.0, 2.0):
            by, at = size * SPREADS[kind], 400
            worlds = [raised(noise(kind, seed), at, HOURS, by) for seed in range(SEEDS)]
            found = [(shift.changed_at, series) for series in worlds if (shift := level_shift(series)) is not None]
            hours = [abs((when - series.times[at].astype(object)).total_seconds()) / 3600 for when, series in found]
            away = f"; median {median(hours):.0f} h off" if hours else ""
            yield Row(f"planted: {kind}, {size:g} deviations for good", f"{len(found)} of {SEEDS}{away}", "power")
        slope = SPREADS[kind] / 28
        rising = [
            Series(kind, series.times, series.values + slope * np.arange(HOURS) / 24)
            for series in (noise(kind, seed) for seed in range(SEEDS))
        ]
        up = sum(trend(series).direction == "increasing" for series in rising)
        yield Row(f"planted: {kind}, one deviation more over 28 days: increasing", f"{up} of {SEEDS}", "power")


def _last_day(detector: Detector, series: Series) -> object:
    return detector.judge(series, HOURS - 24)


def _costs() -> Iterable[Row]:
    worlds = [noise(KINDS[seed % len(KINDS)], seed) for seed in range(50)]

    def milliseconds(ask: Callable[[Series], object], series: Sequence[Series]) -> float:
        started = process_time()
        for one in series:
            ask(one)
        return 1000 * (process_time() - started) / len(series)

    together = milliseconds(lambda series: [detector.judge(series, JUDGED_FROM) for detector in FAST], worlds)
    what = f"28 days of hours, the last 14 judged, {len(FAST)} fast detectors: a signal"
    yield Row(what, f"{together:.1f} ms of CPU; {NAMES:,} names {together * NAMES / 1000:.0f} s", "500 signals in 10 s")
    for detector in EVERY[len(FAST) :]:
        spent = milliseconds(partial(_last_day, detector), worlds[:10])
        yield Row(f"the last day judged by {detector.name}: a signal", f"{spent:.0f} ms of CPU", "shown")
    spent = milliseconds(lambda series: (trend(series), level_shift(series)), worlds)
    yield Row("trend and lasting change: a signal", f"{spent:.1f} ms of CPU", "shown")
