"""Which links between systems fail or slow down, and when was one down?

A link is ``source>target``. Its failures come in bursts, so events are no independent witnesses: shares and durations
are compared by days (a ratio estimator whose spread comes from the days, and is never below that of independent
events).

Whether a link was down is asked of the order of its events: with as many failures and successes in any order, how often
does it have a run of failures as long? So the share that fails needs no estimate, and a link that fails in eight of ten
events is no false alarm (``leads_and_events`` in benchmarks/RESULTS.md). Where an outage is most of what is known of a
link, that order says little: ``worse_links`` tells it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp, lgamma, log, sqrt
from typing import Any

from analytics_assets.lib.effects import adjusted_p_values
from analytics_assets.mining_thresholds import LINK_MIN_EVENTS, LINK_RECENT, OUTAGE_MIN_RUN
from analytics_assets.thresholds import SIGNIFICANT

FAILING, SLOW = "failing_link", "slow_link"
Events = Sequence[Mapping[str, Any]]
"""``id``, ``link``, ``link_type``, ``occurred_at``, ``processing_duration_ms`` and ``status``, in order of time."""


@dataclass(frozen=True)
class LinkFinding:
    """A link that is worse than what it is compared with.

    Args:
        subject: the link, or link and type of event where durations are compared.
        compared_with: ``other links`` or ``the weeks before``.
        value: share of events that failed, or median milliseconds.
        usual: the same of what it is compared with.
    """

    kind: str
    subject: str
    compared_with: str
    events: int
    value: float
    usual: float
    p_adjusted: float


@dataclass(frozen=True)
class Outage:
    """Failures of a link in a row; ``ends_at`` is its next success, None while there is none.

    ``p_adjusted``: how often chance makes as long a run on any of the links that were asked (Bonferroni).
    """

    link: str
    first_event_id: str
    starts_at: datetime
    ends_at: datetime | None
    failures: int
    p_adjusted: float


def worse_links(events: Events, as_of: datetime) -> list[LinkFinding]:
    """Links that fail more often than the others, or than before, and types of events that take longer than before."""
    recent = as_of - timedelta(days=LINK_RECENT.value)
    told: list[tuple[float, LinkFinding]] = []
    for link, own in _grouped(events, "link").items():
        others = [event for event in events if event["link"] != link]
        pairs = [
            ("other links", own, others),
            (
                "the weeks before",
                [event for event in own if event["occurred_at"] > recent],
                [event for event in own if event["occurred_at"] <= recent],
            ),
        ]
        told += [found for words, a, b in pairs if (found := _failing(link, words, a, b))]
    for subject, own in _grouped([e for e in events if (e["processing_duration_ms"] or 0) > 0], "link_type").items():
        found = _slow(subject, own, recent)
        if found:
            told.append(found)
    adjusted = adjusted_p_values([p for p, _ in told])
    worse = [
        LinkFinding(**{**vars(finding), "p_adjusted": p})
        for (_, finding), p in zip(told, adjusted, strict=True)
        if p is not None and p < SIGNIFICANT.value and finding.value > finding.usual
    ]
    return sorted(worse, key=lambda finding: (finding.p_adjusted, finding.subject, finding.compared_with))


def outages(events: Events) -> list[Outage]:
    """Runs of failures of a link that the order of its events would hardly make by chance, in order of time.

    Asked are all links with events enough for a run: those without one count in the adjustment.
    """
    links = _grouped(events, "link")
    asked = sum(len(own) >= OUTAGE_MIN_RUN.value for own in links.values())
    found = [outage for link, own in links.items() for outage in _runs(link, own, asked)]
    return sorted(found, key=lambda outage: (outage.starts_at, outage.link))


def chance_of_run(length: int, failures: int, successes: int) -> float:
    """How often a run of failures as long, or longer, is somewhere in a random order of all; a bound from above.

    Successes leave one place more than they are for runs of failures; one given place holds as many failures in
    C(all - length, successes) of C(all, successes) orders. Places are added up (Boole), which counts orders with
    several such runs more than once.

    >>> round(chance_of_run(2, 2, 1), 4), round(chance_of_run(5, 5, 95) * 75_287_520)
    (0.6667, 96)
    """
    if length > failures:
        return 0.0
    every = failures + successes
    orders = _log_choose(every - length, successes) - _log_choose(every, successes)
    return min(1.0, (successes + 1) * exp(orders))


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def difference_by_days(
    one: Sequence[tuple[datetime, float]], other: Sequence[tuple[datetime, float]]
) -> tuple[float, float, float] | None:
    """Means of two samples and the p-value of their difference, by days; None where either has under two days."""
    from scipy.stats import t

    sides = [_mean_by_days(side) for side in (one, other)]
    if sides[0] is None or sides[1] is None:
        return None
    (a, variance_a, days_a), (b, variance_b, days_b) = sides[0], sides[1]
    spread = sqrt(variance_a + variance_b)
    if spread <= 0:
        return a, b, 1.0
    # Satterthwaite: the side with few days decides how little is known.
    freedom = spread**4 / (variance_a**2 / (days_a - 1) + variance_b**2 / (days_b - 1))
    return a, b, float(2 * t.sf(abs(a - b) / spread, freedom))


def _mean_by_days(side: Sequence[tuple[datetime, float]]) -> tuple[float, float, int] | None:
    """Mean, variance of the mean and number of days."""
    days: dict[object, tuple[int, float]] = {}
    for at, value in side:
        n, total = days.get(at.date(), (0, 0.0))
        days[at.date()] = (n + 1, total + value)
    if len(days) < 2:  # noqa: PLR2004 - one day has no spread
        return None
    count = len(side)
    mean = sum(value for _, value in side) / count
    by_days = sum((total - mean * n) ** 2 for n, total in days.values()) / count**2 * len(days) / (len(days) - 1)
    by_events = sum((value - mean) ** 2 for _, value in side) / count**2
    return mean, max(by_days, by_events), len(days)


def _grouped(events: Events, key: str) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for event in events:
        found.setdefault(event[key], []).append(event)
    return found


def _failing(link: str, words: str, own: Events, others: Events) -> tuple[float, LinkFinding] | None:
    if min(len(own), len(others)) < LINK_MIN_EVENTS.value:
        return None
    sides = [[(event["occurred_at"], float(event["status"] == "failure")) for event in side] for side in (own, others)]
    compared = difference_by_days(*sides)
    # Of fewer failures days cannot tell a burst from a share.
    if compared is None or sum(failed for _, failed in sides[0]) < OUTAGE_MIN_RUN.value:
        return None
    value, usual, p = compared
    return p, LinkFinding(FAILING, link, words, len(own), value, usual, p)


def _slow(subject: str, own: Events, recent: datetime) -> tuple[float, LinkFinding] | None:
    from statistics import median

    sides = [
        [event for event in own if (event["occurred_at"] > recent) is is_recent and event["status"] != "failure"]
        for is_recent in (True, False)
    ]
    if min(map(len, sides)) < LINK_MIN_EVENTS.value:
        return None
    compared = difference_by_days(
        *[[(event["occurred_at"], log(event["processing_duration_ms"])) for event in side] for side in sides]
    )
    if compared is None:
        return None
    new, old = (median(event["processing_duration_ms"] for event in side) for side in sides)
    p = compared[2] if compared[0] > compared[1] else 1.0
    return p, LinkFinding(SLOW, subject, "the weeks before", len(sides[0]), float(new), float(old), p)


def _runs(link: str, own: Events, asked: int) -> list[Outage]:
    """Runs of five failures and more that chance seldom makes on any of the links that are asked."""
    failures = sum(event["status"] == "failure" for event in own)
    found: list[Outage] = []
    running: list[Mapping[str, Any]] = []
    for event in [*own, None]:
        if event is not None and event["status"] == "failure":
            running.append(event)
            continue
        if len(running) >= OUTAGE_MIN_RUN.value:
            chance = min(1.0, asked * chance_of_run(len(running), failures, len(own) - failures))
            ends_at = None if event is None else event["occurred_at"]
            found.append(Outage(link, running[0]["id"], running[0]["occurred_at"], ends_at, len(running), chance))
        running = []
    return [outage for outage in found if outage.p_adjusted < SIGNIFICANT.value]
