"""Is the competition closer than its simplest contestants, are its bands as wide as they say, and what does it take?

The last two days of each series are what is forecast: no choice saw them. The numbers of the competition were chosen on
other seeds (1,000 and up) and, of the NAB series, on what is before those two days.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from analytics_assets.lib.competing import METHODS, NAIVE, Bounds, Contest, Entry, Frequency, compete, judge, judge_all
from analytics_assets.lib.competing.methods import PROPHET, WEEKLY_NAIVE
from analytics_assets.lib.competing.scoring import coverage, mase, naive_scale, smape
from analytics_assets.lib.competing.series import history_of
from benchmarks.forecast_worlds import KINDS, World, generated, nab, often_nothing
from benchmarks.results import Row

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

KNOWN, AHEAD = 720, 48
SEEDS = 20
SERIES, TIMED, CORES = 400, 20, 2
ENDS = range(7)
LEAST_NAB = 10 * 24 + AHEAD
COMPETITION = "competition"
SIMPLE = (NAIVE, WEEKLY_NAIVE, PROPHET)


def forecasting(_options: argparse.Namespace, _folder: Path) -> list[Row]:
    """Scores by set of series, then the time."""
    made = _table(world for seed in range(SEEDS) for world in generated(seed, KNOWN + AHEAD))
    rows = [*_scores(f"{SEEDS * len(KINDS)} generated series", made)]
    # Of hours without anything sMAPE tells nothing.
    rows += _scores(
        f"{SEEDS} series that are often 0", _table(often_nothing(n, KNOWN + AHEAD) for n in range(SEEDS)), ("mase",)
    )
    real = _table(nab(LEAST_NAB))
    if real.empty:
        rows.append(Row("NAB series", "not measured: the shared data is not there", "better than seasonal naive"))
        return [*rows, *_time()]
    count = int((real["method"] == COMPETITION).sum())
    rows += _scores(f"{count} NAB series", real)
    rows += _scores(f"all {SEEDS * len(KINDS) + count} series", pd.concat([made, real]))
    ends = [World(w.kind, w.values.iloc[: len(w.values) - 24 * n], w.is_positive) for w in nab(LEAST_NAB) for n in ENDS]
    rows += _scores("the NAB series at seven ends a day apart (five of them seen by the choice of rules)", _table(ends))
    return [*rows, *_time()]


def _table(worlds: Iterable[World]) -> pd.DataFrame:
    return pd.DataFrame([score for world in worlds for score in scored(world)])


def entry(world: World, name: str = "world") -> Entry:
    """What is known of a world."""
    bounds = Bounds(floor=0.0) if world.is_positive else Bounds()
    return Entry(name, world.values.iloc[:-AHEAD], Frequency.HOURLY, AHEAD, bounds)


def scored(world: World) -> Iterable[dict[str, object]]:
    """What the competition, and each contestant alone, were worth on the two days ahead."""
    given = entry(world)
    history = history_of(given.values, given.frequency)
    actual = world.values.iloc[-AHEAD:].to_numpy(dtype=float)
    scale = naive_scale(history.values, given.frequency.season)
    contest = compete(given)
    answers: dict[str, Floats | None] = {name: method(history, AHEAD) for name, method in METHODS.items()}
    answers[COMPETITION] = contest.points["value"].to_numpy(dtype=float)
    for name, answer in answers.items():
        if answer is None:
            continue
        kept = given.bounds.kept(answer)
        yield {
            "kind": world.kind,
            "method": name,
            "winner": contest.method,
            "mase": mase(kept, actual, scale),
            "smape": smape(kept, actual),
            "coverage": _covered(contest, actual),
        }


def _covered(contest: Contest, actual: Floats) -> float:
    return coverage(contest.points["lower"].to_numpy(), contest.points["upper"].to_numpy(), actual)


def _scores(of: str, table: pd.DataFrame, measures: Sequence[str] = ("smape", "mase")) -> Iterable[Row]:
    for measure in measures:
        means = table.groupby("method")[measure].mean()
        ours, others = means[COMPETITION], means.drop(COMPETITION).sort_values()
        shown = ", ".join(f"{name.replace('_', ' ')} {value:.3g}" for name, value in others.items())
        wanted = " and ".join(f"{means[name]:.3g} ({name.replace('_', ' ')})" for name in SIMPLE if name in means)
        name, unit = {"smape": ("sMAPE", " %"), "mase": ("MASE", "")}[measure]
        yield Row(f"mean {name} of {of}, 48 h ahead", f"{ours:.3g}{unit}; alone: {shown}", f"less than {wanted}")
    ours = table[table["method"] == COMPETITION]
    by_kind = ours.groupby("kind")["coverage"].mean()
    kinds = ", ".join(f"{kind} {100 * share:.0f}" for kind, share in by_kind.items()) if len(by_kind) > 1 else ""
    told = f"{100 * ours['coverage'].mean():.0f} %" + (f" ({kinds})" if kinds else "")
    yield Row(f"hours within the 80 % band, {of}", told, "75 to 85 %")
    winners = ours["winner"].value_counts()
    yield Row(f"winners, {of}", ", ".join(f"{name} {n}" for name, n in winners.items()), "shown")


def _time() -> Iterable[Row]:
    worlds = [world for seed in range(TIMED // len(KINDS)) for world in generated(seed, KNOWN + AHEAD)]
    entries = [entry(world) for world in worlds]
    judge(entries[0])
    one, spent, contests = _timed(entries, processes=1)
    each = spent / len(entries)
    fits = pd.DataFrame([vars(score) for contest in contests if contest for score in contest.scores])
    fits = fits[fits["method"].isin(METHODS)].groupby("method")["seconds"].median()
    load = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    shown = ", ".join(f"{name.replace('_', ' ')} {seconds:.2f}" for name, seconds in fits.items())
    told = f"{each:.1f} of a core; {one / len(entries):.1f} of the clock ({load}); a fit: {shown}"
    yield Row("seconds to compare the methods on a series of 720 hours", told, "1.5 or less of a core")
    two, _, _ = _timed(entries, processes=CORES)
    minutes = f"{each * SERIES / CORES / 60:.1f} minutes of {CORES} cores by their seconds; "
    minutes += f"{two / len(entries) * SERIES / 60:.1f} of the clock ({load})"
    yield Row(f"{SERIES} series on {CORES} processes, from {len(entries)}", minutes, "10 minutes or less")


def _timed(entries: Sequence[Entry], processes: int) -> tuple[float, float, list[Contest | None]]:
    """Seconds of the clock and of a core, those of Prophet's own processes among them."""
    began, spent = time.perf_counter(), sum(os.times()[:4])
    contests = judge_all(entries, budget_seconds=3600, processes=processes)
    return time.perf_counter() - began, sum(os.times()[:4]) - spent, contests
