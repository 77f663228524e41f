"""Contests of many series within a time: the longest waiting first, on several processes where they are many."""

from __future__ import annotations

import logging
import multiprocessing
import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime
from functools import partial

from analytics_assets.forecast_thresholds import CONTEST_PROCESSES_FROM
from analytics_assets.lib.competing.contest import Contest, Entry, judge
from analytics_assets.lib.competing.series import Frequency

log = logging.getLogger(__name__)


def judge_all(
    entries: Sequence[Entry],
    *,
    budget_seconds: float,
    processes: int = 1,
    contested: Mapping[str, datetime] | None = None,
) -> list[Contest | None]:
    """Who would forecast each series, in the order given; None of those that the time did not reach.

    Args:
        entries: the series.
        budget_seconds: no contest begins later.
        processes: at most so many, each on one thread; one where there is one core, the long series are few, or no
            process can be started.
        contested: when the contest of a series was last, by name: the longest ago come first, and before them those
            that had none. Of as old ones series of days and weeks, which take a tenth of the time, come first, then
            those with most measured steps.
    """
    before = {name: at.timestamp() for name, at in (contested or {}).items()}
    order = sorted(range(len(entries)), key=lambda n: (before.get(entries[n].name, 0.0), *_turn(entries[n])))
    ordered = [entries[n] for n in order]
    # Of the wall: the clock that processes have in common.
    contest = partial(_within, deadline=time.time() + budget_seconds)
    contests = None
    if processes > 1 and (os.cpu_count() or 1) > 1 and _long(entries) >= CONTEST_PROCESSES_FROM.value:
        contests = _in_processes(ordered, contest, processes)
    if contests is None:
        contests = [contest(entry) for entry in ordered]
    by_place = dict(zip(order, contests, strict=True))
    return [by_place[n] for n in range(len(entries))]


def _long(entries: Sequence[Entry]) -> int:
    """Series whose contest takes a second; that of days, or of what is too short, takes less than a process."""
    return sum(one.frequency is Frequency.HOURLY and one.values.notna().sum() >= one.frequency.least for one in entries)


def _turn(entry: Entry) -> tuple[bool, int]:
    """What has as many whole seasons as another keeps the order in which it was given."""
    return entry.frequency is Frequency.HOURLY, -(int(entry.values.notna().sum()) // entry.frequency.season)


def _within(entry: Entry, *, deadline: float) -> Contest | None:
    return judge(entry) if time.time() < deadline else None


def _in_processes(
    entries: Sequence[Entry], contest: partial[Contest | None], processes: int
) -> list[Contest | None] | None:
    """None where processes cannot be had."""
    if multiprocessing.current_process().daemon:
        return None
    try:
        # Not forked: a copy of a process with threads (Dagster's, DuckDB's) may wait for a lock forever.
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(processes, mp_context=context, initializer=_one_thread) as pool:
            return list(pool.map(contest, entries))
    except (OSError, BrokenProcessPool) as problem:
        log.warning("the contests run in one process: %s", problem)
        return None


def _one_thread() -> None:
    from threadpoolctl import threadpool_limits

    threadpool_limits(1)
