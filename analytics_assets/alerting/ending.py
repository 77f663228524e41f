"""Is it over?

A condition that is not stated any more ends where its subject was seen to be well; silence is no recovery.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from analytics_assets.alert_thresholds import CLEAR_HOURS, RATE_MIN_RECORDS, USUAL_DAYS
from analytics_assets.alerting.condition import Kind, Row
from analytics_assets.alerting.hours import Hour, after, rate_of
from analytics_assets.alerting.limits import Subject
from analytics_assets.lib.signals import in_unit
from analytics_assets.lib.words import plural
from analytics_assets.pattern_store.observed import pattern_id

SHIFT_TYPES = ("degradation", "metric_level_shift")
"""Patterns of lasting changes for the worse, of work and of metrics."""
OF_PATTERNS = frozenset({Kind.CHANGED, Kind.NEW_PATTERN, Kind.STRONGER_PATTERN})


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known now of what alerts are about.

    Args:
        as_of: end of the newest window of all.
        hours: complete hours of four weeks by signal or ``component/resource``, of those that alerts are about.
        ends: end of the window of each of these, and of each pattern and plan.
        subjects: what has a limit, by the same keys.
        not_looked_at: signals that the detectors left out.
        patterns: rows of the store with their severity, by id.
        plans: rows of the capacity planning, by ``component/resource``.
        causes: what precedes a pattern or a signal, in words, by its id and its name.
        related: pairs of components of which one's trouble causes or precedes the other's.
    """

    as_of: datetime | None = None
    hours: Mapping[str, Sequence[Hour]] = field(default_factory=dict)
    ends: Mapping[str, datetime] = field(default_factory=dict)
    subjects: Mapping[str, Subject] = field(default_factory=dict)
    not_looked_at: frozenset[str] = frozenset()
    patterns: Mapping[str, Row] = field(default_factory=dict)
    plans: Mapping[str, Row] = field(default_factory=dict)
    causes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    related: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True)
class Ending:
    """``at`` is when it was over, None where it is not; ``reason`` why, or why it stays open."""

    at: datetime | None
    reason: str


def ending(row: Row, facts: Facts) -> Ending:
    """Whether an alert whose condition is not stated now is over.

    Args:
        row: of ``outcomes.alerts``.
        facts: what is known now.
    """
    kind = Kind(row["condition"])
    if kind in OF_PATTERNS:
        return _of_pattern(row, facts)
    if kind is Kind.FULL_SOON:
        return _of_plan(row, facts)
    return _of_hours(row, kind, facts)


def _of_hours(row: Row, kind: Kind, facts: Facts) -> Ending:
    key = row["subject_key"]
    if kind is Kind.UNUSUAL and key in facts.not_looked_at:
        return Ending(None, f"stays open: the detectors did not look at {key}")
    later = after(facts.hours.get(key, ()), row["last_seen_at"])
    needed = int(CLEAR_HOURS.value)
    if not later:
        return Ending(None, f"stays open: no data since {row['last_seen_at']:%Y-%m-%d %H:%M}, which is no recovery")
    if len(later) < needed:
        return Ending(None, f"stays open: {plural(len(later), 'clear hour')} with data, {needed} end it")
    if kind is Kind.UNUSUAL:
        return Ending(later[needed - 1].ends_at, _as_usual(key, facts))
    subject = facts.subjects.get(key)
    limit = subject.limit if subject is not None else row["limit_value"]
    unit = subject.unit if subject is not None else None
    if kind is Kind.LEVEL_OVER_LIMIT:
        newest = later[-needed:]
        if any(hour.value > limit for hour in newest):
            return Ending(None, f"stays open: over {in_unit(limit, unit)} in one of the last {needed} hours")
        return Ending(newest[-1].ends_at, f"at most {in_unit(limit, unit)} in {needed} complete hours with data")
    return _of_rate(later, limit, unit)


def _as_usual(signal: str, facts: Facts) -> str:
    """How it ended: the signal went back, or what was unusual of it is what is usual now."""
    hours = f"{CLEAR_HOURS.value:.0f} complete hours with data"
    changed = (facts.patterns.get(pattern_id(kind, signal)) for kind in SHIFT_TYPES)
    if any(pattern is not None and pattern["is_active"] for pattern in changed):
        return f"not unusual any more in {hours}: its level changed, and this is what is usual now"
    return f"as usual in {hours}"


def _of_rate(later: Sequence[Hour], limit: float, unit: str | None) -> Ending:
    """Over from the first hour on after which enough records were judged and the rate is within the limit."""
    for place in range(int(CLEAR_HOURS.value), len(later) + 1):
        failures, judged = rate_of(later[:place])
        if judged >= RATE_MIN_RECORDS.value and failures <= limit * judged:
            told = f"{failures} of {judged} since then: within the limit of {in_unit(limit, unit)}"
            return Ending(later[place - 1].ends_at, told)
    failures, judged = rate_of(later)
    return Ending(
        None, f"stays open: {failures} of {judged} since then; {RATE_MIN_RECORDS.value:.0f} within the limit end it"
    )


def _of_pattern(row: Row, facts: Facts) -> Ending:
    """As the store says; its windows may end a little before those of the table that states the pattern."""
    said = _by_store(row, facts)
    return said if said.at is None else Ending(max(said.at, row["last_seen_at"]), said.reason)


def _by_store(row: Row, facts: Facts) -> Ending:
    pattern = facts.patterns.get(row["subject_key"])
    if pattern is None and facts.patterns:
        return Ending(facts.as_of, "its pattern is over for so long that it is forgotten")
    if pattern is None:
        return Ending(None, "stays open: the store of patterns does not tell of it now")
    if pattern["state"] in ("resolved", "rejected"):
        how = pattern["resolved_reason"] or f"a person rejected pattern {pattern['id']}"
        return Ending(pattern["resolved_at"] or pattern["as_of"], how)
    if pattern["as_of"] - row["first_seen_at"] >= timedelta(days=USUAL_DAYS.value):
        return Ending(pattern["as_of"], f"it has been so for {USUAL_DAYS.value:.0f} days: that is what is usual now")
    # A change is stated by its own table: only the store counts how often it was not.
    is_of_store = row["condition"] != Kind.CHANGED and pattern["state"] == "active" and not pattern["is_stale"]
    if is_of_store and pattern["as_of"] > row["last_seen_at"]:
        return Ending(
            pattern["as_of"], f"its pattern is no more than {pattern['severity'] or 'low'}, or did not grow again"
        )
    return Ending(None, f"stays open: {pattern['resolved_reason'] or 'its pattern has no newer record'}")


def _of_plan(row: Row, facts: Facts) -> Ending:
    plan = facts.plans.get(row["subject_key"])
    if plan is None or plan["as_of"] is None or plan["as_of"] <= row["last_seen_at"]:
        return Ending(None, "stays open: it was not planned with newer records")
    if plan["projected_usage"] is None:
        return Ending(None, f"stays open: {plan['reason']}")
    return Ending(plan["as_of"], f"{plan['projected_usage']:.0f} % are expected now")
