"""Which limit a signal has, whether it is beyond it now, and when it will be.

Limits are the framework's four: use of CPU and memory, response times of integrations and latencies, and errors of
calls; and for the use of disk and network the one beyond which the capacity planning asks for more. Tools take as long
as their work does, and runs and pipelines fail for reasons of the work: they have none.
NumPy is imported on first use.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import exp
from typing import TYPE_CHECKING

from analytics_assets.detector_thresholds import CURRENT_HOURS, LIMIT_MIN_SAMPLES, MORE_THAN_HALF
from analytics_assets.lib.chernoff import rate_nats
from analytics_assets.lib.rates import wilson_interval
from analytics_assets.lib.signals import METRIC, in_unit, moment
from analytics_assets.pattern_thresholds import CAPACITY_LIMIT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from analytics_assets.lib.detectors.series import Judgement, Series
    from analytics_assets.lib.signals import Signal

PERCENT = {"percent": 100.0, "%": 100.0, "share": 1.0, "ratio": 1.0}
"""What 1 is in a unit of shares."""
SECOND = {"seconds": 1.0, "second": 1.0, "s": 1.0, "ms": 1_000.0, "milliseconds": 1_000.0, "us": 1e6}
"""What a second is in a unit of time."""
PLANNED = frozenset({"disk", "network"})
"""Metrics of use that no alert threshold names: of the contract's names alone, as what is free should be high."""
SLOW_WORDS = ("latency", "response_time")
CALLS = frozenset({"tool", "procedure", "integration"})
"""Kinds whose error rate is a share of calls."""
SLOW = frozenset({METRIC, "integration"})
"""Kinds that have a limit on time."""
ALGORITHM = "threshold monitor, Wilson interval"


@dataclass(frozen=True)
class Beyond:
    """A signal beyond its limit.

    Args:
        limit: in the unit of the signal.
        value: what is usual of it now.
        confidence: how sure it is: that chance does not make as much of a rate at the limit, or of hours of which half
            are beyond it, by Chernoff's bound. Hours that resemble each other are fewer than they are counted.
        starts_at: first hour beyond, since when there was one each day; of a rate the first one whose last 24 hours
            were, since when all were. None where that was before the window.
        said: in a sentence.
    """

    limit: float
    value: float
    confidence: float
    starts_at: datetime | None
    said: str


@dataclass(frozen=True)
class Level:
    """What a signal is now: the rate of all its samples, else the median of its hours."""

    value: float
    hours: int
    samples: int


def limit_of(
    component_kind: str, metric_type: str, unit: str | None, alert_thresholds: Mapping[str, float]
) -> float | None:
    """The limit that a signal should stay under, in its unit; None where it has none.

    >>> alerts = {"high_cpu_usage": 0.8, "slow_response_time": 2.0, "high_error_rate": 0.05, "high_memory_usage": 0.85}
    >>> limit_of("metric", "cpu", "percent", alerts), limit_of("metric", "cpu_capacity", "cores", alerts)
    (80.0, None)
    >>> limit_of("metric", "api_latency_p95_ms", "ms", alerts), limit_of("tool", "response_time", "seconds", alerts)
    (2000.0, None)
    """
    name, measured = metric_type.lower(), (unit or "").lower()
    is_metric = component_kind == METRIC
    if measured in PERCENT:
        for word, alert in (("cpu", "high_cpu_usage"), ("memory", "high_memory_usage")):
            if is_metric and name.startswith(word):
                return alert_thresholds[alert] * PERCENT[measured]
        if is_metric and name in PLANNED:
            return CAPACITY_LIMIT.value / 100 * PERCENT[measured]
        if name.endswith("error_rate") and (is_metric or component_kind in CALLS):
            return alert_thresholds["high_error_rate"] * PERCENT[measured]
    if measured in SECOND and component_kind in SLOW and any(word in name for word in SLOW_WORDS):
        return alert_thresholds["slow_response_time"] * SECOND[measured]
    return None


def level(signal: Signal) -> Level | None:
    """What the last 24 hours of a signal say it is; None where there is none."""
    import numpy as np

    series = signal.series
    if signal.as_of is None or not len(series):
        return None
    begins = np.datetime64(signal.as_of, "s") - np.timedelta64(int(CURRENT_HOURS.value), "h")
    is_new = series.is_known & (series.times >= begins)
    values = series.values[is_new]
    if not len(values):
        return None
    samples = np.ones(len(values)) if series.samples is None else np.nan_to_num(series.samples[is_new])
    total = float(samples.sum())
    if series.is_rate and total:
        return Level(float(values @ samples) / total, len(values), round(total))
    return Level(float(np.median(values)), len(values), round(total))


def beyond(signal: Signal, alert_thresholds: Mapping[str, float]) -> Beyond | None:
    """Whether a signal is beyond its limit in the last 24 hours; None where not, or where it has none.

    An error rate is, when even the lower end of its interval is. Of other signals more hours than not must be: a burst
    of some hours is an anomaly, not a level.
    """
    from analytics_assets.lib.detectors.limit import ThresholdMonitor

    limit = limit_of(signal.component_kind, signal.metric_type, signal.unit, alert_thresholds)
    now = level(signal)
    if limit is None or now is None:
        return None
    monitor = ThresholdMonitor(upper=limit)
    if signal.series.is_rate:
        return _rate_beyond(signal, limit, now, _first_of_all(signal, monitor.judge(daily_rate(signal.series))))
    hours = monitor.judge(signal.series).is_anomalous
    count = int(hours[signal.series.is_known][-now.hours :].sum())
    return _usually_beyond(signal, limit, now, _run_begins(signal, hours), count)


def daily_rate(series: Series) -> Series:
    """The rate of all samples of the 24 hours that end with each hour."""
    import numpy as np

    from analytics_assets.lib.detectors.series import Series

    samples = np.ones(len(series)) if series.samples is None else np.nan_to_num(series.samples)
    counted = np.where(series.is_known, samples, 0.0)
    hits = np.cumsum(np.r_[0.0, np.nan_to_num(series.values) * counted])
    total = np.cumsum(np.r_[0.0, counted])
    starts = np.searchsorted(series.seconds, series.seconds - CURRENT_HOURS.value * 3600, side="right")
    of_day = total[1:] - total[starts]
    # Differences of sums may be a rounding below 0 or above the whole.
    rate = np.clip((hits[1:] - hits[starts]) / np.where(of_day > 0, of_day, np.nan), 0.0, 1.0)
    return Series(series.name, series.times, rate, of_day, is_rate=True, worse=series.worse)


def _first_of_all(signal: Signal, judged: Judgement) -> datetime | None:
    """The hour from which on all are beyond; what was not measured ends nothing."""
    import numpy as np

    usual = np.flatnonzero(judged.is_judged & ~judged.is_anomalous)
    later = np.flatnonzero(judged.is_anomalous)
    later = later[later > usual[-1]] if len(usual) else later[:0]
    return moment(signal.series.times[later[0]]) if len(later) else None


def _run_begins(signal: Signal, is_beyond: NDArray[np.bool_]) -> datetime | None:
    """When the newest hours beyond began, of which none is more than a day after the one before."""
    import numpy as np

    hours = np.flatnonzero(is_beyond)
    if not len(hours):
        return None
    pauses = np.flatnonzero(np.diff(signal.series.seconds[hours]) > CURRENT_HOURS.value * 3600)
    first = int(hours[pauses[-1] + 1] if len(pauses) else hours[0])
    # Its beginning was seen only if there is a day of other hours before it.
    is_seen = signal.series.seconds[first] - signal.series.seconds[0] > CURRENT_HOURS.value * 3600
    return moment(signal.series.times[first]) if is_seen else None


def _rate_beyond(signal: Signal, limit: float, now: Level, begins: datetime | None) -> Beyond | None:
    count = round(now.value * now.samples)
    interval = wilson_interval(count, now.samples)
    if interval is None or interval.low <= limit or now.samples < LIMIT_MIN_SAMPLES.value:
        return None
    told = (
        f"{signal.title} is {in_unit(now.value, signal.unit)} ({count} of {now.samples}, at least "
        f"{in_unit(interval.low, signal.unit)}) in the last {CURRENT_HOURS.value:.0f} hours; the limit is "
        f"{in_unit(limit, signal.unit)}"
    )
    return Beyond(limit, now.value, 1 - chance_of_rate(now.value, limit, now.samples), begins, told)


def chance_of_rate(rate: float, limit: float, n: int) -> float:
    """How often at most a rate at the limit shows as much in n samples: Chernoff's bound exp(-n KL(rate || limit)).

    >>> round(chance_of_rate(1.0, 0.05, 1), 3), round(chance_of_rate(0.2, 0.05, 40), 4)
    (0.05, 0.0037)
    """
    return exp(-float(rate_nats(rate, limit, n)))


def _usually_beyond(signal: Signal, limit: float, now: Level, begins: datetime | None, count: int) -> Beyond | None:
    interval = wilson_interval(count, now.hours)
    if interval is None or interval.low <= MORE_THAN_HALF.value:
        return None
    told = (
        f"{signal.title} is beyond {in_unit(limit, signal.unit)} in {count} of the last {now.hours} measured hours "
        f"(median {in_unit(now.value, signal.unit)})"
    )
    by_chance = chance_of_rate(count / now.hours, MORE_THAN_HALF.value, now.hours)
    return Beyond(limit, now.value, 1 - by_chance, begins, told)


def hours_to_limit(value: float, limit: float | None, slope_per_day: float, days: float) -> float | None:
    """Hours until a rising signal is at its limit; None where it is there, or not within as long as it rose.

    >>> hours_to_limit(70.0, 80.0, 2.0, days=28), hours_to_limit(70.0, 80.0, 0.1, days=28)
    (120.0, None)
    """
    if limit is None or slope_per_day <= 0 or value >= limit:
        return None
    hours = 24 * (limit - value) / slope_per_day
    # A line tells no more of the future than it was seen of in the past.
    return hours if hours <= 24 * days else None
