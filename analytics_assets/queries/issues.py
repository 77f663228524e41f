"""The figures of issues: where they stand, against a week before and their targets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from analytics_assets.queries.answers import Answer, Row, freshness, rows, without_window
from analytics_assets.queries.errors import NotAnsweredYetError
from analytics_assets.queries.snapshot import Snapshot, reading

NOT_COMPUTED = "not computed yet: analytics learn"
NO_ISSUES = "not enough data: no issue is known"
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
    where scope = 'all' and day = (select max(day) from kpis.optimization_kpis where scope = 'all')
"""
CLOCK = "select as_of, is_stale from staging.stg_issue_clock"
TWO_WEEKS = """
    with asked as (
        select max(day) as day, max(as_of) as as_of
        from kpis.optimization_kpis
        where scope = $scope and (cast($day as date) is null or day = cast($day as date))
    ),

    -- Days end at midnight and as_of at any time: the week before ends with the day whose end is nearest to it.
    compared as (
        select
            day,
            cast(least(as_of, day + interval 1 day) - interval 7 day + interval 12 hour as date) - 1 as day_before
        from asked
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
    inner join compared on now.day = compared.day
    left join kpis.optimization_kpis as before
        on before.scope = now.scope and before.kpi = now.kpi and before.day = compared.day_before
    where now.scope = $scope
"""


def get_optimization_kpis(day: date | None = None, scope: str = "all", snapshot: Snapshot | None = None) -> Answer:
    """The KPIs of issues on a day (the newest without one) and a week before: ``day``, ``scope``, ``kpis``.

    Each KPI has value, unit, n (issues it rests on) and, where it is not known, reason; target and status; the same of
    ``day_before``, the day whose end is nearest to seven days before; change (value - value_before), direction (``up``
    ``down`` ``same``) and verdict (``better`` ``worse`` ``same``), all three None where one of the values is.

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


def issue_window(snapshot: Snapshot) -> Row:
    """``as_of`` and ``is_stale`` of issues; both None before the first issue or review."""
    clock = rows(snapshot, CLOCK)
    return freshness(snapshot, clock) if clock else {"as_of": None, "is_stale": None}


def is_any_issue(snapshot: Snapshot) -> bool:
    """Whether an issue is known: without one, nothing was found because nothing was there to look at."""
    return bool(rows(snapshot, "select 1 from kpis.issue_features limit 1"))


def part(
    snapshot: Snapshot, sql: str, parameters: Mapping[str, object] | None = None, *, nothing: str = NO_ISSUES
) -> Answer:
    """A part of an answer that may be missing: ``rows``, ``reason`` (why there are none) and ``as_of``.

    What is learned once a day has an end of its own, and is not there before its first day.
    """
    try:
        found = rows(snapshot, sql, parameters)
    except NotAnsweredYetError:
        return {"rows": [], "reason": NOT_COMPUTED, "as_of": None}
    as_of = max((row["as_of"] for row in found if row.get("as_of")), default=None)
    return {"rows": without_window(found), "reason": None if found else nothing, "as_of": as_of}
