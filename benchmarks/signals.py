"""How far anomalies, trends and lasting changes of signals can be believed, and what they cost.

Worlds in which nothing is planted tell how much chance makes; worlds with something planted what is found, and what
beside it.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from analytics_assets.defs.patterns.signal_tables import recent_hours
from analytics_assets.detector_thresholds import ANOMALY_DAYS, HIGH_BY_CHANCE
from analytics_assets.lib.detectors import FAST, SECOND
from analytics_assets.lib.signal_anomalies import anomalies
from analytics_assets.lib.signal_changes import shift_rows, trend_rows
from analytics_assets.lib.signal_patterns import Tables, signal_patterns
from analytics_assets.lib.signals import Signal
from analytics_assets.pattern_thresholds import PATTERN_CONFIDENCE, PATTERN_SIGNALS
from analytics_assets_tests.lib.signal_worlds import ALERTS, AS_OF, HOURS, calls, error_rate, metric, seasonal, times
from benchmarks.results import Row

WORLDS, SIGNALS = 20, 50
"""A world is a refresh: fifty signals, fourteen days judged."""
CHANGE_WORLDS = 100
"""Trends and changes take a few milliseconds a signal: twice the standard error of 5 % is 4 points."""
NAMES = 10_000
BURST = slice(HOURS - 100, HOURS - 96)
Rows = Sequence[dict[str, Any]]


def signals(_options: argparse.Namespace, _folder: Path) -> list[Row]:
    """Chance, what is planted, and ten thousand names."""
    return [*_chance(), *_bursts(), *_changes(), *_many_names()]


def world(seed: int, count: int = SIGNALS) -> list[Signal]:
    """Metrics that remember nothing, a little and much, and error rates of tools; nothing is planted."""
    found: list[Signal] = []
    for n in range(count):
        own = 1_000 * seed + n
        if n % 4 == 3:
            found.append(error_rate(*calls(own), tool=f"tool_{n}"))
        else:
            found.append(metric(seasonal(own, memory=(0.0, 0.5, 0.8)[n % 4]), f"metric_{n}"))
    return found


def _chance() -> Iterable[Row]:
    high = likely = patterns = 0
    expected = 0.0
    for seed in range(WORLDS):
        here = world(seed)
        rows = anomalies(here, FAST, SECOND).rows
        high += sum(row["severity"] == "HIGH" for row in rows)
        likely += sum(row["expected_by_chance"] < 0.3 for row in rows)
        expected += 0.3
        tables = Tables(rows, trend_rows(here), shift_rows(here))
        shown = [one for kind in (True, False) for one in signal_patterns(tables, here, ALERTS, is_metric=kind)]
        patterns += sum(one.confidence_score >= PATTERN_CONFIDENCE.value for one in shown)
    of = f"in {WORLDS} refreshes of {SIGNALS} signals without an effect"
    weeks = WORLDS * SIGNALS * ANOMALY_DAYS.value / 7
    yield Row(
        f"HIGH anomalies {of}",
        f"{high}: {high / weeks:.4f} a signal and week",
        f"about {WORLDS * HIGH_BY_CHANCE.value:.0f}",
    )
    yield Row(f"anomalies with expected_by_chance below 0.3 {of}", f"{likely}", f"about {expected:.0f}")
    # Fewer than the anomalies, as most of those are over.
    yield Row(f"patterns surer than 0.7 {of}", f"{patterns}", f"at most {expected + 2 * WORLDS * 0.05:.0f}")


def _bursts() -> Iterable[Row]:
    for size in (4, 6, 10):
        found = exact = high = other = 0
        for seed in range(WORLDS):
            here = world(seed)
            planted = {}
            for n in range(0, SIGNALS, 5):
                values = here[n].series.values.copy()
                if here[n].series.is_rate:
                    continue
                values[BURST] += size * 8.0
                here[n] = planted[here[n].name] = metric(values, here[n].metric_type)
            burst = [at.item() for at in times()[BURST]]
            rows = [row for row in anomalies(here, FAST, SECOND).rows if row["expected_by_chance"] < 0.3]
            right = [row for row in rows if row["signal"] in planted and row["starts_at"] in burst]
            found, other = found + len(right), other + len(rows) - len(right)
            high += sum(row["severity"] == "HIGH" for row in right)
            exact += sum(row["starts_at"] == burst[0] and row["hours"] == len(burst) for row in right)
        total = WORLDS * len(planted)
        yield Row(
            f"bursts of 4 hours, {size} deviations high: found, HIGH, with both ends, and others",
            f"{found} of {total}, {high}, {exact}, {other}",
            "others as few as chance makes" if size < 10 else "all, others as few as chance makes",
        )


def _changes() -> Iterable[Row]:
    trends = shifts = right = beside = slopes = others = 0
    for seed in range(CHANGE_WORLDS):
        here = world(seed, 20)
        trends += any(row["is_significant"] for row in trend_rows(here))
        shifts += any(row["is_significant"] for row in shift_rows(here))
        changed = error_rate(*calls(seed, after=0.3, changed=HOURS - 240), tool="changed")
        rows = [row["component"] for row in shift_rows([*here, changed]) if row["is_significant"]]
        right, beside = right + ("changed" in rows), beside + len([one for one in rows if one != "changed"])
        rising = metric(seasonal(seed) + 0.5 * np.arange(HOURS) / 24, "rising")
        rows = [row["metric_type"] for row in trend_rows([*here, rising]) if row["is_significant"]]
        slopes, others = slopes + ("rising" in rows), others + len([one for one in rows if one != "rising"])
    of = f"{CHANGE_WORLDS} refreshes of 20 signals"
    yield Row(f"{of} without an effect in which any has a trend", f"{trends}", "about 5 %")
    yield Row(f"{of} without an effect in which any has a lasting change", f"{shifts}", "about 5 %")
    yield Row(f"an error rate from 3 to 30 %, in {of}: found, and others", f"{right}, {beside}", "all, few others")
    yield Row(f"a slope of 1.5 deviations in 4 weeks, in {of}: found, and others", f"{slopes}, {others}", "few others")


def _many_names() -> Iterable[Row]:
    con = duckdb.connect()
    con.execute("set memory_limit = '1500MB'; create schema summaries")
    con.execute(
        f"""
        create table summaries.hourly_signals as
        select
            timestamp '{AS_OF:%Y-%m-%d %H:00:00}' - to_hours(h) as hour, 'metric/api/name_' || n as signal,
            'metric' as component_kind, 'api' as component, 'name_' || n as metric_type, 'ms' as unit,
            random() as value, 6 as samples, false as is_rate, 'up' as worse, true as is_complete,
            timestamp '{AS_OF}' as as_of, false as is_stale
        from range({NAMES}) as names (n), range({HOURS}) as hours (h)
        where h < {HOURS} - n % 100
        """
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    hours = recent_hours(con, int(PATTERN_SIGNALS.value))
    seconds = time.perf_counter() - started
    points = sum(len(signal.series) for signal in hours.signals)
    more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    total = con.execute("select count(*) from summaries.hourly_signals").fetchone()
    yield Row(
        f"{NAMES:,} names: signals read, hours fetched of all, others left out and named",
        f"{len(hours.signals)}, {points:,} of {total[0] if total else 0:,}, {len(hours.left_out):,}",
        f"{PATTERN_SIGNALS.value:.0f} signals, no hour of others",
    )
    few = recent_hours(con, 100)
    started_few = time.perf_counter()
    anomalies(few.signals, FAST, SECOND)
    judged = time.perf_counter() - started_few
    yield Row(
        f"{NAMES:,} names: reading 500 of them, and judging 100 of these with all detectors",
        f"{seconds:.1f} s with {more:.0f} MB more, {judged:.1f} s",
        "seconds, under 500 MB",
    )
