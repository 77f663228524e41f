"""A week of issues against the week before: what ``analytics review`` and the weekly review tell."""

from __future__ import annotations

from datetime import datetime, timedelta

from analytics_assets.queries.answers import Answer
from analytics_assets.queries.consultation import consultation
from analytics_assets.queries.issues import NO_ISSUES, get_optimization_kpis, part
from analytics_assets.queries.snapshot import Snapshot, reading

SUMMARY = ("health_score", "fix_velocity", "fix_minutes", "recurrence_rate", "new_issues", "issue_debt")
WEEK = timedelta(days=7)

ROOT_CAUSES = """
    select
        root_cause_id,
        subcategory,
        open_week_ago,
        open_issues,
        new_issues,
        fixed_issues,
        issues,
        share_of_issues,
        is_cleared,
        as_of,
        is_stale
    from kpis.root_cause_progress
    where open_week_ago > 0 or open_issues > 0 or new_issues > 0 or fixed_issues > 0
    order by open_issues desc, open_week_ago desc, root_cause_id nulls last
"""
ANSWERS = "select * from patterns.issue_answers order by question_number"


def get_review(snapshot: Snapshot | None = None) -> Answer:
    """The last seven days of issues against the seven before.

    ``week`` (ISO week that most of the seven days lie in), ``start``, ``end``; ``summary`` and ``targets`` (KPIs as
    ``get_optimization_kpis`` has them), ``root_causes``, ``answers`` (000's four questions) and ``consultation``
    (five questions, each with ``answer`` or ``reason``).

    Raises:
        NotAnsweredYetError: issues were never counted in what is published.
    """
    with reading(snapshot) as current:
        known = get_optimization_kpis(snapshot=current)
        by_name = {row["kpi"]: row for row in known["kpis"]}
        # Before the first issue the only moment to name is that of publication.
        end = known["as_of"] or current.published_at
        return {
            **week_of(end),
            "version": current.version,
            "published_at": current.published_at,
            "summary": [by_name[name] for name in SUMMARY if name in by_name],
            "targets": [row for row in known["kpis"] if row["target"] is not None],
            "root_causes": part(
                current, ROOT_CAUSES, nothing="no root cause had an open, new or fixed issue in these two weeks"
            ),
            "answers": part(current, ANSWERS, nothing=NO_ISSUES),
            "consultation": consultation(current, known),
            "as_of": known["as_of"],
            "is_stale": known["is_stale"],
        }


def week_of(end: str) -> dict[str, str]:
    """The seven days up to ``end`` and the ISO week that most of them lie in.

    >>> week_of("2026-02-02T06:00:00Z")
    {'week': '2026-W05', 'start': '2026-01-26T06:00:00Z', 'end': '2026-02-02T06:00:00Z'}
    """
    moment = datetime.fromisoformat(end)
    year, week, _ = (moment - WEEK / 2).isocalendar()
    start = (moment - WEEK).isoformat().replace("+00:00", "Z")
    return {"week": f"{year}-W{week:02}", "start": start, "end": end}
