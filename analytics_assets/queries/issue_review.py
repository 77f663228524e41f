"""A week of issues against the week before: what ``analytics review`` and the weekly review tell."""

from __future__ import annotations

from datetime import datetime

from analytics_assets.issue_thresholds import ISSUES_LISTED
from analytics_assets.lib.lags import health_leads
from analytics_assets.queries.answers import Answer
from analytics_assets.queries.consultation import consultation
from analytics_assets.queries.issue_problems import issue_problems
from analytics_assets.queries.issues import WEEK, get_optimization_kpis, health_source, learned, part, week_before
from analytics_assets.queries.snapshot import Snapshot, reading

SUMMARY = ("health_score", "fix_velocity", "fix_minutes", "recurrence_rate", "new_issues", "issue_debt")

ROOT_CAUSES = """
    select
        root_cause_id,
        subcategory,
        open_week_ago,
        open_issues,
        new_issues,
        reopened_issues,
        fixed_issues,
        wont_fix_issues,
        issues,
        share_of_issues,
        is_cleared,
        as_of,
        is_stale
    from kpis.root_cause_progress
    where
        open_week_ago > 0
        or open_issues > 0
        or new_issues > 0
        or reopened_issues > 0
        or fixed_issues > 0
        or wont_fix_issues > 0
    order by open_issues desc, open_week_ago desc nulls last, root_cause_id nulls last
"""
CATEGORIES = """
    select
        value as category,
        issues,
        open_issues,
        fixed_issues,
        dated_fixes,
        median_days_to_fix,
        ever_fixed_issues,
        recurred_issues,
        recurrence_rate,
        recurrence_rate_low,
        recurrence_rate_high,
        as_of,
        is_stale
    from kpis.issue_statistics
    where breakdown = 'category'
    order by issues desc, value
"""
UNEXPLAINED = f"""
    select
        id,
        fixed_date,
        count(*) over () as unexplained_fixes,
        as_of,
        is_stale
    from kpis.unexplained_fixes
    order by fixed_date desc nulls last, id
    limit {ISSUES_LISTED.value:.0f}
"""
ANSWERS = "select * from patterns.issue_answers order by question_number"
LAGS = """
    select lag_weeks, n, correlation, p_adjusted, is_significant, reason, as_of, is_stale
    from patterns.lag_correlations
    order by lag_weeks
"""
LEADING = "Does a drop in health precede new issues?"


def get_review(snapshot: Snapshot | None = None) -> Answer:
    """The last seven days of issues against the seven before.

    ``week`` (ISO week that most of the seven days lie in), ``start``, ``end``; ``summary`` and ``targets`` (KPIs as
    ``get_optimization_kpis`` has them), ``categories`` and ``unexplained_fixes`` (the newest, with how many there are),
    ``root_causes``, ``answers`` (000's four questions), ``leading`` (a fifth, with the lags behind it),
    ``consultation`` (five questions, each with ``answer`` or ``reason``), ``health_source`` (of the weekly health that
    charts and trends show: ``reviews`` or ``issues``) and ``problems`` of the data.

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
            "categories": part(current, CATEGORIES),
            "unexplained_fixes": part(current, UNEXPLAINED, nothing="every fix is traced to a root cause"),
            "root_causes": part(
                current, ROOT_CAUSES, nothing="no root cause had an open, new or fixed issue in these two weeks"
            ),
            "answers": learned(current, ANSWERS),
            "leading": _leading(current),
            "consultation": consultation(current, known),
            "health_source": health_source(current),
            "problems": issue_problems(current),
            "as_of": known["as_of"],
            "is_stale": known["is_stale"],
        }


def _leading(snapshot: Snapshot) -> Answer:
    """Whether health tells of new issues weeks later: ``question``, ``answer`` (or a ``reason``) and its ``rows``."""
    found = learned(snapshot, LAGS)
    return {"question": LEADING, "answer": None if found["reason"] else health_leads(found["rows"])} | found


def week_of(end: str) -> dict[str, str]:
    """The seven days up to ``end`` and the ISO week that most of them lie in.

    >>> week_of("2026-02-02T06:00:00Z")
    {'week': '2026-W05', 'start': '2026-01-26T06:00:00Z', 'end': '2026-02-02T06:00:00Z'}
    """
    moment = datetime.fromisoformat(end)
    year, week, _ = (moment - WEEK / 2).isocalendar()
    return {"week": f"{year}-W{week:02}", "start": week_before(end), "end": end}
