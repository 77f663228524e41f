"""Contests of many series within a time: the longest series first, on several processes where they are many."""

from __future__ import annotations

import logging
import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial

from analytics_assets.forecast_thresholds import CONTEST_PROCESSES_FROM
from analytics_assets.lib.competing.contest import Contest, Entry, compete
from analytics_assets.lib.competing.series import Frequency

log = logging.getLogger(__name__)
USED_UP = "the time for the competition was used up: nothing was fitted"


def compete_all(entries: Sequence[Entry], *, budget_seconds: float, processes: int = 1) -> list[Contest]:
    """A contest of each series, in the order given.

    Args:
        entries: the series.
        budget_seconds: no contest begins later; what is left is forecast by the seasonal naive method and says so.
            Series of days and weeks, which take a tenth of the time, come first, then those with most measured steps.
        processes: at most so many, each on one thread; one where the series are few, or no process can be started.
    """
    order = sorted(range(len(entries)), key=lambda n: _turn(entries[n]))
    ordered = [entries[n] for n in order]
    # Of the wall: the clock that processes have in common.
    contest = partial(_within, deadline=time.time() + budget_seconds)
    contests = None
    if processes > 1 and len(entries) >= CONTEST_PROCESSES_FROM.value:
        contests = _in_processes(ordered, contest, processes)
    if contests is None:
        contests = [contest(entry) for entry in ordered]
    by_place = dict(zip(order, contests, strict=True))
    return [by_place[n] for n in range(len(entries))]


def _turn(entry: Entry) -> tuple[bool, int]:
    """What has as many whole seasons as another keeps the order in which it was given."""
    return entry.frequency is Frequency.HOURLY, -(int(entry.values.notna().sum()) // entry.frequency.season)


def _within(entry: Entry, *, deadline: float) -> Contest:
    return compete(entry, reason=USED_UP if time.time() >= deadline else None)


def _in_processes(entries: Sequence[Entry], contest: partial[Contest], processes: int) -> list[Contest] | None:
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
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    threadpool_limits(1)
