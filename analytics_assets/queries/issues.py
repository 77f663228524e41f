"""The figures of issues: where they stand, against a week before and their targets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from analytics_assets.queries.answers import Answer, Row, freshness, rows, without_window
from analytics_assets.queries.errors import NotAnsweredYetError
from analytics_assets.queries.snapshot import Snapshot, json_ready, reading

WEEK = timedelta(days=7)
NOT_COMPUTED = "not computed yet: analytics refresh"
NOT_LEARNED = "not computed yet: analytics learn"
"""Of what is learned once a day: no refresh makes it."""
NO_ISSUES = "not enough data: no issue is known"
HEALTH_SOURCES = {"reviews": "of what reviews say", "issues": "from open issues"}
"""Two scales: a reviewer's score, and what the debt of open issues leaves of 100."""
SHOWN_DECIMALS = 1
"""Figures are told to one decimal: what is the same to the eye has not moved."""
KPIS = (
    *("health_score", "issue_debt", "open_issues", "new_issues", "fix_velocity", "fix_minutes"),
    *("recurrence_rate", "time_to_fix_p0", "time_to_fix_p1", "time_to_fix_p2", "time_to_fix_p3"),
)
"""In the order in which they are read."""

PUBLISHED = """
    select kpi, value
    from kpis.optimization_kpis
    where
        scope = 'all'
        and not is_week_ago
        and day = (select max(day) from kpis.optimization_kpis where scope = 'all' and not is_week_ago)
"""
HEALTH_SOURCE = "select source from kpis.weekly_health where scope = 'overall' and source is not null limit 1"
CLOCK = "select as_of, is_stale from staging.stg_issue_clock"
TWO_WEEKS = """
    with asked as (
        select
            max(day) as newest,
            max(day) filter (where cast($day as date) is null or day = cast($day as date)) as day
        from kpis.optimization_kpis
        where scope = $scope and not is_week_ago
    )

    select
        now.day,
        now.kpi,
        now.value,
        now.unit,
        now.target,
        now.is_higher_better,
        now.status,
        now.n,
        now.reason,
        before.day as day_before,
        before.value as value_before,
        before.n as n_before,
        before.reason as reason_before
    from kpis.optimization_kpis as now
    inner join asked on now.day = asked.day
    left join kpis.optimization_kpis as before
        on
            before.scope = now.scope
            and before.kpi = now.kpi
            and before.day = now.day - 7
            -- The newest day ends at as_of, any other at midnight, as the one seven days before it.
            and before.is_week_ago = (asked.day = asked.newest)
    where now.scope = $scope and not now.is_week_ago
"""


def get_optimization_kpis(day: date | None = None, scope: str = "all", snapshot: Snapshot | None = None) -> Answer:
    """The KPIs of issues on a day (the newest without one) and seven days before: ``day``, ``scope``, ``kpis``.

    Each KPI has value, unit, n (issues it rests on) and, where it is not known, reason; target and status; the same of
    ``day_before``, as of the moment seven days before; change (value - value_before), direction (``up`` ``down``
    ``same``) and verdict (``better`` ``worse`` ``same``), all three None where one of the values is.

    Args:
        day: a day of the last 90; the answer has no KPI on another.
        scope: ``all`` or a category.
        snapshot: a version that is held open.
    """
    with reading(snapshot) as current:
        found = rows(current, TWO_WEEKS, {"day": day, "scope": scope})
        ends = issue_window(current)
    found.sort(key=lambda row: (KPIS.index(row["kpi"]) if row["kpi"] in KPIS else len(KPIS), row["kpi"]))
    kpis = [{name: value for name, value in row.items() if name != "day"} | _moved(row) for row in found]
    return {"day": found[0]["day"] if found else None, "scope": scope, "kpis": kpis, **ends}


def _moved(row: Row) -> Row:
    if row["value"] is None or row["value_before"] is None:
        return {"change": None, "direction": None, "verdict": None}
    change = row["value"] - row["value_before"]
    shown = round(row["value"], SHOWN_DECIMALS) - round(row["value_before"], SHOWN_DECIMALS)
    if not shown:
        return {"change": change, "direction": "same", "verdict": "same"}
    verdict = "better" if (shown > 0) == row["is_higher_better"] else "worse"
    return {"change": change, "direction": "up" if shown > 0 else "down", "verdict": verdict}


def get_published_kpis(snapshot: Snapshot) -> dict[str, float | None]:
    """The newest value of each KPI, by itself: what a report is held against."""
    return {row["kpi"]: row["value"] for row in rows(snapshot, PUBLISHED)}


def week_before(moment: str) -> str:
    """Seven days before a time, as answers have times.

    >>> week_before("2026-02-02T06:00:00Z")
    '2026-01-26T06:00:00Z'
    """
    return str(json_ready(datetime.fromisoformat(moment) - WEEK))


def issue_window(snapshot: Snapshot) -> Row:
    """``as_of`` and ``is_stale`` of issues; both None before the first issue or review."""
    clock = rows(snapshot, CLOCK)
    return freshness(snapshot, clock) if clock else {"as_of": None, "is_stale": None}


def health_source(snapshot: Snapshot) -> str | None:
    """Where the weekly health of everything comes from: ``reviews`` or ``issues``; None before the first week."""
    found = rows(snapshot, HEALTH_SOURCE)
    return found[0]["source"] if found else None


def is_any_issue(snapshot: Snapshot) -> bool:
    """Whether an issue is known: without one, nothing was found because nothing was there to look at."""
    return bool(rows(snapshot, "select 1 from kpis.issue_features limit 1"))


def part(
    snapshot: Snapshot,
    sql: str,
    parameters: Mapping[str, object] | None = None,
    *,
    nothing: str = NO_ISSUES,
    not_there: str = NOT_COMPUTED,
) -> Answer:
    """A part of an answer that may be missing: ``rows``, ``reason`` (why there are none) and ``as_of``.

    ``nothing`` is the reason where the table has no row, ``not_there`` where there is no table yet.
    """
    try:
        found = rows(snapshot, sql, parameters)
    except NotAnsweredYetError:
        return {"rows": [], "reason": not_there, "as_of": None}
    as_of = max((row["as_of"] for row in found if row.get("as_of")), default=None)
    return {"rows": without_window(found), "reason": None if found else nothing, "as_of": as_of}


def learned(
    snapshot: Snapshot, sql: str, parameters: Mapping[str, object] | None = None, *, nothing: str = NO_ISSUES
) -> Answer:
    """The same of what is learned once a day: it has an end of its own, and is not there before its first day."""
    return part(snapshot, sql, parameters, nothing=nothing, not_there=NOT_LEARNED)
