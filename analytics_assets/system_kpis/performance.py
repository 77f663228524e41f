"""How fast, how often up, how often wrong, how much: the KPIs of performance, from hours of calls and records."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from math import isfinite
from typing import NamedTuple

from analytics_assets.kpi_thresholds import (
    KPI_MIN_CALLS,
    KPI_USUAL_CALLS,
    KPI_WINDOW,
    THROUGHPUT_WEEKS,
    UPTIME_BUSY,
    UPTIME_DAYS,
    UPTIME_LEAST_WEEKS,
    UPTIME_WEEKS,
)
from analytics_assets.lib.words import plural
from analytics_assets.system_kpis.definitions import Measured, known
from analytics_assets.thresholds import STALE_AFTER

SIGNALS = "summaries.hourly_signals"
NO_CALLS = "no call in the last 24 hours"
_SECOND = {"s": 1.0, "ms": 1_000.0}
_SHARE = {"share": 1.0, "ratio": 1.0, "percent": 100.0, "%": 100.0}
_HOUR, _DAY, _WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)


class Usage(NamedTuple):
    """Calls of one signal: its samples and the sum of their values now (24 hours) and in the days before."""

    unit: str | None
    samples: int
    total: float
    samples_before: int
    total_before: float


def average_response_time(signals: Iterable[Usage]) -> Measured:
    """Seconds a call took, against what the same calls would have taken as in the 30 days before.

    Each signal counts by its calls of now on both sides, so that more calls of a slow tool do not look like slowness.
    """
    everything = [one for one in signals if one.samples and isfinite(one.total) and one.unit in _SECOND]
    compared = [one for one in everything if one.samples_before >= KPI_USUAL_CALLS.value and isfinite(one.total_before)]
    new = len(everything) - len(compared)
    source = SIGNALS + (f" ({plural(new, 'signal')} without 10 calls before left out)" if new and compared else "")
    counted = compared or everything
    calls = sum(one.samples for one in counted)
    now = sum(one.total / _SECOND[one.unit or ""] for one in counted)
    as_before = sum(one.samples * one.total_before / one.samples_before / _SECOND[one.unit or ""] for one in compared)
    return known(
        now / calls if calls else None,
        calls,
        source,
        usual=as_before / calls if compared and calls else None,
        nothing=NO_CALLS,
    )


def error_rate(signals: Iterable[Usage]) -> Measured:
    """Share of the judged calls that failed; of too few it has no score."""
    counted = [one for one in signals if one.samples]
    calls = sum(one.samples for one in counted)
    found = known(sum(one.total for one in counted) / calls if calls else None, calls, SIGNALS, nothing=NO_CALLS)
    if found.value is None or calls >= KPI_MIN_CALLS.value:
        return found
    return Measured(found.value, calls, SIGNALS, reason=f"{plural(calls, 'call')}, {KPI_MIN_CALLS.value:.0f} needed")


def throughput(calls: Mapping[datetime, int], as_of: datetime) -> Measured:
    """Calls an hour in the last 24 complete hours, against the same hours of the weeks before.

    Args:
        calls: judged calls by hour; an hour without one is left out.
        as_of: newest record of any kind.
    """
    if not calls:
        return known(None, 0, SIGNALS, nothing="no call was ever judged")
    end = as_of.replace(minute=0, second=0, microsecond=0)
    day = timedelta(hours=KPI_WINDOW.value)
    first = min(calls)

    def total(until: datetime) -> int:
        return sum(count for hour, count in calls.items() if until - day <= hour < until)

    ends = [end - week * _WEEK for week in range(1, int(THROUGHPUT_WEEKS.value) + 1)]
    before = [total(until) for until in ends if until - day >= first]
    usual = sum(before) / len(before) / KPI_WINDOW.value if before else None
    now = total(end)
    # Nothing where something is usual is known to be nothing; n says on how many weeks the comparison rests.
    reason = None if before else "no week is known to compare it with"
    if before and not usual:
        reason = "nothing was called in these hours of the weeks before"
    return Measured(now / KPI_WINDOW.value, len(before), SIGNALS, usual=usual, reason=reason)


class Outage(NamedTuple):
    """A link that was down: in how much of the time since ``since``, or until now."""

    link: str
    since: datetime
    until: datetime
    seconds: float


def system_uptime(
    stated: Sequence[tuple[str, str | None, float]],
    records: Mapping[datetime, int],
    outages: Iterable[Outage],
    links: int,
    as_of: datetime,
) -> Measured:
    """Share of the last 7 days in which the system was up. What states it is believed; else it is told from silence.

    An hour is expected where the same hour of each of the 2 to 3 weeks before had 10 records or more; it was up where
    it has a record now, of whatever kind: calls come in bursts, and an hour without those of one kind is no outage.
    Hours after the newest record count once all is silent for a day: until then they may land. Outages of links take
    away their share of the time of all links.

    Args:
        stated: component, unit and mean of each metric named uptime or availability.
        records: records of all kinds by hour.
        outages: of links.
        links: how many links there are.
        as_of: newest record of any kind.
    """
    shares = [value / _SHARE[unit] for _, unit, value in stated if unit in _SHARE and 0 <= value / _SHARE[unit] <= 1]
    if shares:
        return Measured(sum(shares) / len(shares), len(shares), "metrics named uptime or availability")
    end = as_of.replace(minute=0, second=0, microsecond=0)
    hours = [end - place * _HOUR for place in range(1, int(UPTIME_DAYS.value) * 24 + 1)]
    expected = [hour for hour in _landed(records, hours) if _is_expected(records, hour)]
    up = sum(1 for hour in expected if records.get(hour, 0) > 0)
    down = _down(outages, as_of) / (links * UPTIME_DAYS.value * _DAY.total_seconds()) if links else 0.0
    value = up / len(expected) * (1 - min(1.0, down)) if expected else None
    return known(
        value,
        len(expected),
        "busy hours with records" + (", outages of links" if down else ""),
        nothing="no hour of the week was busy in 2 weeks before, and no metric is named uptime",
    )


def _landed(counts: Mapping[datetime, int], hours: Sequence[datetime]) -> list[datetime]:
    """The hours of which a record would have landed by now."""
    newest = max((hour for hour, count in counts.items() if count and hour <= hours[0]), default=None)
    is_silent = newest is None or hours[0] - newest > timedelta(hours=STALE_AFTER.value)
    return list(hours) if newest is None or is_silent else [hour for hour in hours if hour <= newest]


def _is_expected(counts: Mapping[datetime, int], hour: datetime) -> bool:
    first = min(counts, default=hour)
    before = [hour - week * _WEEK for week in range(1, int(UPTIME_WEEKS.value) + 1)]
    known_before = [earlier for earlier in before if earlier >= first]
    is_busy = all(counts.get(earlier, 0) >= UPTIME_BUSY.value for earlier in known_before)
    return is_busy and len(known_before) >= UPTIME_LEAST_WEEKS.value


def _down(outages: Iterable[Outage], as_of: datetime) -> float:
    """Seconds of links that were down in the window: at most as long as the outages that reach into it."""
    start = as_of - timedelta(days=UPTIME_DAYS.value)
    by_link: dict[str, float] = defaultdict(float)
    for one in outages:
        overlap = (min(one.until, as_of) - max(one.since, start)).total_seconds()
        by_link[one.link] += max(0.0, min(one.seconds, overlap))
    return sum(by_link.values())
