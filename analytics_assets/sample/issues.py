"""Tracked issues and the daily reviews that count them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from analytics_assets.issue_thresholds import DEBT_WEIGHTS, HEALTH_MAX_DEBT
from analytics_assets.sample.causes import CAUSES, FILES, Cause
from analytics_assets.sample.draws import Odds, log_normal
from analytics_assets.sample.effects import OddFixes, RootCauseRule
from analytics_assets.sample.season import arrivals
from analytics_assets.sample.world import Record, World

FINDINGS_PER_DAY = 7.3
UNTRACED_SHARE = 0.06
RECURRING_SHARE = 0.08
REOPENED_SHARE = 0.04
"""Fixed issues that are opened again, of which the tracker's own counter knows nothing."""
REOPENED_AFTER = timedelta(days=2)
MANUAL_SHARE = 0.1
WONT_FIX_SHARE = 0.04
CAUSE_ODDS = Odds(*((cause, cause.weight) for cause in CAUSES))
PRIORITIES = Odds((0, 0.8), (1, 2.5), (2, 4.0), (3, 2.7))
FIX_DAYS = (0.5, 2.0, 4.0, 8.0)
"""Median days to a fix, by priority."""
PARTS = ("overall", "commands", "agents", "planning")
"""What a review gives a score of."""
BACKLOG_DEBT = {"overall": 70.0, "commands": 24.0, "agents": 20.0, "planning": 14.0}
BACKLOG_DAYS = 6.0
"""Issues from before the window weigh this much at its start and fade within these days, as new ones come."""
REVIEW_HOUR = 6
CREATED_BY = Odds(("/optimize", 5.0), ("/system-review", 3.0), ("manual", 2.0))
RESOLUTIONS = ("shortened", "merged into one", "reference corrected", "limit added")


@dataclass(frozen=True)
class IssuePlan:
    """One issue and when it is open; times may lie beyond the window."""

    number: int
    cause: Cause
    files: tuple[str, ...]
    priority: int
    openings: tuple[tuple[datetime, datetime], ...]
    ends_unfixed: bool
    draws: np.ndarray
    normal: float

    @property
    def first_seen(self) -> datetime:
        """Start of the first opening."""
        return self.openings[0][0]

    def is_open(self, at: datetime) -> bool:
        """Whether it is known and not closed at that moment."""
        return any(opened <= at < closed for opened, closed in self.openings)


def plan_issues(world: World) -> list[IssuePlan]:
    """Every issue in the order of the findings; what comes with another one follows it directly."""
    rng = world.rng("issues")
    rule = world.effect(RootCauseRule)
    found: list[IssuePlan] = []
    for at in arrivals(rng, world.window, FINDINGS_PER_DAY):
        # Both issues are always drawn: with or without the rule the same findings have a second one.
        own, companion = rng.random(12), rng.random(12)
        normals = rng.standard_normal(4)
        cause = _cause(own)
        files = _files(cause, own)
        found.append(_plan(len(found), cause, files, at, own, normals[:2]))
        if cause.id == RootCauseRule.SUBJECT and companion[11] < RootCauseRule.FOLLOWS:
            other = _cause(companion) if rule is None else next(c for c in CAUSES if c.id == rule.CONSEQUENT)
            later = min(at + timedelta(minutes=5), world.window.end)
            found.append(_plan(len(found), other, files, later, companion, normals[2:]))
    return found


def issues(world: World, plans: list[IssuePlan]) -> Iterator[Record]:
    """Versions of issue records: found, closed if that is within the window, and opened again."""
    end = world.window.end
    for plan in plans:
        record = _record(world, plan)
        for opened, closed in plan.openings:
            if opened > end:
                break
            yield record | {"status": "OPEN", "updated_at": opened}
            half_way = opened + (closed - opened) / 2
            if closed <= end:
                yield record | _ending(plan, closed, world.effect(OddFixes)) | {"updated_at": closed}
            elif half_way <= end:
                yield record | {"status": "IN_PROGRESS", "updated_at": half_way}


def reviews(world: World, plans: list[IssuePlan]) -> Iterator[Record]:
    """One review a day; health falls with the weighted open issues, as the tracker defines it."""
    rng = world.rng("reviews")
    first = world.window.start.replace(hour=REVIEW_HOUR, minute=0, second=0, microsecond=0)
    moments = (first + timedelta(days=n) for n in range(world.window.days + 2))
    inside = [at for at in moments if world.window.start <= at <= world.window.end]
    for number, at in enumerate(inside):
        since = at - timedelta(days=1)
        by_hand_u, normal = rng.random(), rng.standard_normal()
        yield {
            "id": world.key("review", number),
            "run_date": at,
            "scope": "all",
            **{f"health_score_{part}": _health(world, plans, part, at) for part in PARTS},
            "issues_found": sum(since < plan.first_seen <= at for plan in plans),
            "issues_fixed": sum(since < closed <= at for p in plans if not p.ends_unfixed for _, closed in p.openings),
            "time_spent_minutes": round(log_normal(25.0, 0.3, normal), 1),
            "triggered_by": _trigger(at, by_hand_u),
        }


def _trigger(at: datetime, by_hand_u: float) -> str:
    """Mondays the whole system is reviewed."""
    if at.weekday() == 0:
        return "/system-review"
    return "manual" if by_hand_u < MANUAL_SHARE else "/optimize"


def _cause(draws: np.ndarray) -> Cause:
    return CAUSE_ODDS.pick(draws[0])


def _files(cause: Cause, draws: np.ndarray) -> tuple[str, ...]:
    """One to three neighbours out of the cause's folder."""
    files = FILES[cause.folder]
    first = int(draws[1] * len(files))
    return tuple(files[(first + n) % len(files)] for n in range(1 + int(draws[2] * 3)))


def _plan(
    number: int, cause: Cause, files: tuple[str, ...], at: datetime, draws: np.ndarray, normals: np.ndarray
) -> IssuePlan:
    priority = PRIORITIES.pick(draws[3])
    takes = timedelta(days=log_normal(FIX_DAYS[priority], 0.6, normals[0]))
    ends_unfixed = bool(draws[9] < WONT_FIX_SHARE)
    openings = [(at, at + takes)]
    if draws[8] > 1 - REOPENED_SHARE and not ends_unfixed:
        again = at + takes + REOPENED_AFTER
        openings.append((again, again + takes))
    return IssuePlan(number, cause, files, priority, tuple(openings), ends_unfixed, draws, float(normals[1]))


def _record(world: World, plan: IssuePlan) -> Record:
    lines_u, copies_u, traced_u, by_u, again_u = plan.draws[4:9]
    lines = 20 + int(lines_u * 280) if plan.cause.oversized else None
    copies = 2 + int(copies_u * 4) if plan.cause.duplicated else None
    return {
        "id": f"OPT-{world.tag}-{plan.number + 1:03d}",
        "issue": plan.cause.sentence.format(file=plan.files[0], lines=lines, copies=copies),
        "category": plan.cause.folder,
        "subcategory": plan.cause.subcategory,
        "priority": plan.priority,
        "first_seen": plan.first_seen,
        "expected_minutes": float(_expected_minutes(plan)),
        "recurrence_count": int(again_u < RECURRING_SHARE),
        "root_cause_id": None if traced_u < UNTRACED_SHARE else plan.cause.id,
        "files_affected": list(plan.files),
        "lines_over_limit": lines,
        "duplicate_count": copies,
        "created_by": CREATED_BY.pick(by_u),
        "sprint": _sprint(plan.first_seen),
    }


def _sprint(at: datetime) -> str:
    """A sprint is a calendar week: ``2026-W03``."""
    week = at.isocalendar()
    return f"{week.year}-W{week.week:02d}"


def _expected_minutes(plan: IssuePlan) -> int:
    return 5 * (1 + len(plan.files))


def _ending(plan: IssuePlan, closed: datetime, odd: OddFixes | None) -> Record:
    """How an issue ended; work grows with files and lines, so that fix times can be learnt."""
    if plan.ends_unfixed:
        return {"status": "WONT_FIX", "resolution": "accepted as it is"}
    lines = plan.draws[4] if plan.cause.oversized else 0.0
    minutes = log_normal(_expected_minutes(plan) * (1 + lines), 0.35, plan.normal)
    minutes *= odd.ratio(plan.draws[10]) if odd else 1.0
    return {
        "status": "FIXED",
        "fixed_date": closed,
        "time_spent_minutes": round(minutes, 1),
        "resolution": RESOLUTIONS[plan.number % len(RESOLUTIONS)],
    }


def _health(world: World, plans: list[IssuePlan], part: str, at: datetime) -> float:
    open_now = [plan for plan in plans if plan.is_open(at) and part in ("overall", plan.cause.folder)]
    debt = sum(DEBT_WEIGHTS[plan.priority].value for plan in open_now)
    age = (at - world.window.start) / timedelta(days=BACKLOG_DAYS)
    debt_before = BACKLOG_DEBT[part] * float(np.exp(-age))
    return round(max(0.0, 100.0 * (1 - (debt + debt_before) / HEALTH_MAX_DEBT.value)), 1)
