"""The Data Insights of ``analytics optimize``: what the newest run found, where things are going, what to expect."""

from __future__ import annotations

from math import sqrt

from analytics_assets.issue_thresholds import ISSUES_LISTED, LONG_ESTIMATE
from analytics_assets.queries.answers import Answer, Row, rows
from analytics_assets.queries.issue_anomalies import anomalies_since
from analytics_assets.queries.issue_problems import issue_problems
from analytics_assets.queries.issues import (
    NO_ISSUES,
    get_optimization_kpis,
    health_source,
    is_any_issue,
    issue_window,
    learned,
    part,
    week_before,
)
from analytics_assets.queries.snapshot import Snapshot, reading
from analytics_assets.thresholds import WILSON_Z

MOST = int(ISSUES_LISTED.value)
WHOLE = "all"
"""The scope of a review that looked at every category; another is of its category alone."""
NO_ESTIMATE = "not enough data: no time can be estimated"

NEWEST_REVIEW = """
    select
        *,
        (
            select max(before.run_date)
            from kpis.review_trends as before
            where before.scope = review.scope and before.run_date < review.run_date
        ) as run_date_before
    from kpis.review_trends as review
    order by review.scope = 'all' desc, run_date desc, id desc
    limit 1
"""
COMPLEXITY = """
    select
        count(*) filter (where is_new) as issues,
        count(complexity_score) filter (where is_new) as n,
        avg(complexity_score) filter (where is_new) as complexity,
        count(complexity_score) filter (where not is_new) as usual_n,
        avg(complexity_score) filter (where not is_new) as usual_complexity,
        stddev_samp(complexity_score) filter (where not is_new) as usual_sd
    from (
        select complexity_score, first_seen > cast($since as timestamp) as is_new
        from kpis.issue_features
        where cast($category as varchar) is null or category = $category
    )
"""
ROI = f"""
    select id, issue, category, priority, root_cause_id, roi_score, impact_score, complexity_score, as_of, is_stale
    from kpis.issue_features
    where is_open and roi_score is not null and (cast($category as varchar) is null or category = $category)
    order by roi_score desc, priority, id
    limit {MOST}
"""
OPEN_ISSUES = """
    select
        count(*) filter (where is_open) as open_issues,
        count(*) filter (where is_open and roi_score is not null) as with_roi
    from kpis.issue_features
    where cast($category as varchar) is null or category = $category
"""
TOP_ROOT_CAUSE = """
    select
        root_cause_id,
        subcategory,
        issues,
        share_of_issues,
        sum(issues) over () as all_issues,
        as_of,
        is_stale
    from kpis.root_cause_progress
    qualify root_cause_id is not null and issues > 0
    order by issues desc, root_cause_id
    limit 1
"""
FILE_RISKS = f"""
    select file, risk, naive_risk, method, past_issues, changes_90d, lines_grown_90d, reason, rank, as_of, is_stale
    from predictions.file_risks
    order by rank, file
    limit {MOST}
"""
NEXT_CRITICAL = """
    select
        category,
        p0_issues,
        method,
        n,
        probability_next,
        probability_next_low,
        probability_next_high,
        reason,
        as_of,
        is_stale
    from predictions.critical_outlook
    order by probability_next desc nulls last, category
"""
MODELS = """
    select model, is_published, metric, score, naive_name, naive_score, reason, as_of, is_stale
    from predictions.issue_models
    order by model
"""
HEALTH_FORECAST = "select * from forecasts.health_forecast where scope = 'overall'"
LONGEST_ESTIMATES = f"""
    select
        id,
        issue,
        category,
        priority,
        p50_minutes,
        p90_minutes,
        (select median_fix_minutes from kpis.issue_statistics where breakdown = 'all') as usual_minutes,
        method,
        n,
        reason,
        as_of,
        is_stale
    from predictions.fix_time_estimates
    order by p50_minutes desc nulls last, id
    limit {MOST}
"""
PROPOSED_CAUSES = f"""
    select
        id,
        issue,
        predicted_root_cause_id,
        confidence,
        runner_up,
        runner_up_confidence,
        reason,
        as_of,
        is_stale
    from predictions.root_cause_predictions
    order by predicted_root_cause_id is null or predicted_root_cause_id = 'unknown', confidence desc nulls last, id
    limit {MOST}
"""


def get_data_insights(snapshot: Snapshot | None = None) -> Answer:
    """What 000 calls Data Insights: ``this_run``, ``trends`` and ``predictions``; and ``problems`` of the data.

    Every part has ``rows`` and ``reason`` (None, or why there are none: not enough data, or its job has not run yet),
    or is one object whose figures have their n and a reason. The run is the newest review of everything; where there is
    none, the newest of its scope with the issues of that category alone.

    Raises:
        NotAnsweredYetError: issues were never counted in what is published.
    """
    with reading(snapshot) as current:
        ends = issue_window(current)
        review = next(iter(rows(current, NEWEST_REVIEW)), None)
        return {
            "this_run": _this_run(current, review, ends["as_of"]),
            "trends": _trends(current, review),
            "predictions": _predictions(current),
            "problems": issue_problems(current),
            "version": current.version,
            **ends,
        }


def _this_run(snapshot: Snapshot, review: Row | None, as_of: str | None) -> Answer:
    no_roi = "no open issue has a known ROI" if is_any_issue(snapshot) else NO_ISSUES
    since = since_review = None if review is None else review["run_date_before"]
    if since is None and as_of is not None:
        since = week_before(as_of)
    category = None if review is None or review["scope"] == WHOLE else review["scope"]
    of_category = {"category": category}
    return {
        "review_id": review and review["id"],
        "run_date": review and review["run_date"],
        "category": category,
        "since": since,
        "is_since_review": since_review is not None,
        "complexity": _complexity(snapshot, since, category),
        "roi_priorities": part(snapshot, ROI, of_category, nothing=no_roi)
        | rows(snapshot, OPEN_ISSUES, of_category)[0],
        "anomalies": _anomalies(snapshot, since, category),
    }


def _anomalies(snapshot: Snapshot, since: str | None, category: str | None) -> Answer:
    """What was found or fixed since then and stands out; what did before it is only counted, as ``older``."""
    found = anomalies_since(snapshot, since, category)
    new = [row for row in found["rows"] if row["is_new"]]
    older = len(found["rows"]) - len(new)
    reason = None if new else found["reason"] or f"none since then, {older:,} before it"
    return found | {"rows": new[:MOST], "older": older, "reason": reason}


def _complexity(snapshot: Snapshot, since: str | None, category: str | None) -> Answer:
    """Mean complexity of the issues since then, against those before; above or below where chance hardly does it."""
    (found,) = rows(snapshot, COMPLEXITY, {"since": since, "category": category})
    if since is None:
        reason: str | None = NO_ISSUES
    elif not found["issues"]:
        reason = "no issue was first seen in this time"
    elif not found["n"]:
        reason = "not enough data: no files, lines or copies are recorded"
    else:
        reason = None
    return found | {"against_usual": _against_usual(found), "reason": reason}


def _against_usual(found: Row) -> str | None:
    if not found["n"] or not found["usual_n"]:
        return None
    difference = found["complexity"] - found["usual_complexity"]
    # One issue before it has no spread: then nothing says how far a mean strays by chance.
    if found["usual_sd"] is None or abs(difference) <= WILSON_Z.value * found["usual_sd"] / sqrt(found["n"]):
        return "average"
    return "above average" if difference > 0 else "below average"


def _trends(snapshot: Snapshot, review: Row | None) -> Answer:
    kpis = {row["kpi"]: row for row in get_optimization_kpis(snapshot=snapshot)["kpis"]}
    return {
        "health": kpis.get("health_score"),
        "debt": kpis.get("issue_debt"),
        "review": review,
        "burn": _burn(review),
        "top_root_cause": part(snapshot, TOP_ROOT_CAUSE, nothing="not enough data: no issue is traced to a root cause"),
    }


def _burn(review: Row | None) -> Answer:
    if review is None:
        return {"rate": None, "words": None, "reason": "not enough data: no review so far"}
    rate = review["burn_rate"]
    if rate is None:
        return {"rate": None, "words": None, "reason": f"not enough data: {review['burn_reason'] or 'it is not known'}"}
    pace = "fewer than" if rate < 1 else "more than" if rate > 1 else "as many as"
    return {"rate": rate, "words": f"fixing {pace} finding", "reason": None}


def _predictions(snapshot: Snapshot) -> Answer:
    none_open, none_untraced = "no issue is open", "every issue has a root cause"
    if not is_any_issue(snapshot):
        none_open = none_untraced = NO_ISSUES
    return {
        "risk_files": learned(snapshot, FILE_RISKS, nothing="not enough data: no issue names a file"),
        "next_critical": learned(snapshot, NEXT_CRITICAL),
        "expected_health": part(snapshot, HEALTH_FORECAST, nothing="not enough data: no week has a health score")
        | {"source": health_source(snapshot)},
        "longest_estimates": _long(learned(snapshot, LONGEST_ESTIMATES, nothing=none_open)),
        "models": learned(snapshot, MODELS),
        "proposed_root_causes": learned(snapshot, PROPOSED_CAUSES, nothing=none_untraced),
    }


def _long(found: Answer) -> Answer:
    """Of the longest estimates those that are long beside the usual fix, or why there is none."""
    known = [row for row in found["rows"] if row["p50_minutes"] is not None]
    if not known:
        # Where nothing can be estimated, all of them have the same reason.
        reason = next((row["reason"] for row in found["rows"] if row["reason"]), None)
        return found | {"rows": [], "reason": reason or found["reason"] or NO_ESTIMATE}
    usual = known[0]["usual_minutes"]
    long = [row for row in known if usual is None or row["p50_minutes"] >= LONG_ESTIMATE.value * usual]
    if long:
        return found | {"rows": long}
    return found | {"rows": [], "reason": f"no open issue stands out (the usual fix takes {usual:,.0f} min)"}
