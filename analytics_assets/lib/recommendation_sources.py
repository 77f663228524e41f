"""Recommendations out of each source's rows: what each is worth in hours, how much work it is, and how sure it is.

A source's confidence is taken as it is. ``suggestions.tool_recommendations`` states none: what it claims is that a tool
succeeds less often than 80 %, so it is P(success rate < 80 %), by the Beta(1, 1) posterior of its counts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from analytics_assets.lib.lost_work import Gain, Work
from analytics_assets.lib.opportunities import Status
from analytics_assets.lib.posterior import probability_below
from analytics_assets.lib.ranking import Recommendation, smoothed
from analytics_assets.pattern_store.observed import pattern_id
from analytics_assets.pattern_thresholds import CAPACITY_LIMIT
from analytics_assets.suggesting.claim import literal
from analytics_assets.thresholds import CONFIDENCE_LOW_MAX_RATE

Row = Mapping[str, Any]
SUGGESTIONS, TOOLS = "suggestions.suggestions", "suggestions.tool_recommendations"
OPPORTUNITIES, PLANS = "suggestions.optimization_opportunities", "suggestions.pipeline_optimization_plans"
CAPACITY = "forecasts.capacity_planning"
OF_SUGGESTION = {
    "resource": "resource",
    "model": "performance",
    "spec_rewrite": "quality",
    "warning": "quality",
    "retry": "workflow",
    "iterations": "workflow",
}
"""Category of each type of suggestion."""
OF_PLAN = {
    "parallelization": ("workflow", "medium"),
    "caching": ("performance", "medium"),
    "resource_optimization": ("resource", "low"),
    "flaky_step": ("quality", "medium"),
    "split_step": ("workflow", "high"),
}
"""Category and effort of each type of a plan's items."""


def of_suggestions(rows: Iterable[Row], work: Work, success: Mapping[str, float]) -> list[Recommendation]:
    """Pending suggestions on runs.

    Args:
        rows: of ``suggestions.suggestions``.
        work: tells how long a run takes and what an hour costs.
        success: share of each rule's suggestions that held, smoothed.
    """
    return [_suggestion(row, work, success) for row in rows if row["status"] == "pending"]


def _suggestion(row: Row, work: Work, success: Mapping[str, float]) -> Recommendation:
    part = work.part("runs", row["spec_type"] or "(none)")
    fewer, saving = row["expected_fewer_failures"], row["expected_saving_usd"]
    mean = part.mean_seconds or work.all_of("runs").mean_seconds
    spared = fewer * mean / 3600 if fewer and mean else None
    bought = work.in_hours(Gain(usd=saving)) if saving is not None and saving > 0 else None
    # Failures that do not come cost no money either: a suggestion counts for what it is made for. What a cheaper way
    # costs in failures is taken off.
    is_about_failure = spared is not None and spared > (bought or 0.0)
    hours = spared if is_about_failure else None if bought is None else bought + min(spared or 0.0, 0.0)
    return Recommendation(
        id=row["id"],
        source=SUGGESTIONS,
        component=row["spec_id"] or f"specs of type {row['spec_type']}",
        recommendation_type=row["type"],
        category=OF_SUGGESTION.get(row["type"], "quality"),
        text=f"{row['current_value']} -> {row['suggested_value']}: {row['reasoning']}",
        effort="medium" if row["target"] is None else "low",
        confidence=row["confidence"],
        evidence_sql=row["evidence_sql"],
        record_kinds=("runs", "specs"),
        as_of=row["as_of"],
        is_stale=bool(row["is_stale"]),
        hours=hours,
        is_about_failure=is_about_failure,
        historical_success=success.get(row["rule"]),
    )


def of_tools(rows: Iterable[Row]) -> list[Recommendation]:
    """Tools of LOW confidence: a fallback gives back what their failures take, at most."""
    return [
        Recommendation(
            id=row["recommendation_id"],
            source=TOOLS,
            component=row["tool_name"],
            recommendation_type="fallback",
            category="quality",
            text=f"{row['recommendation'].rstrip('.')}: {row['reason']}",
            effort="medium",
            confidence=probability_below(
                row["total_executions"] - row["failed_executions"],
                row["total_executions"],
                CONFIDENCE_LOW_MAX_RATE.value,
            ),
            evidence_sql=row["evidence_sql"],
            record_kinds=("executions",),
            as_of=row["as_of"],
            is_stale=bool(row["is_stale"]),
            hours=None if row["wasted_seconds"] is None else row["wasted_seconds"] / 3600,
            is_about_failure=True,
        )
        for row in rows
    ]


def of_opportunities(
    rows: Iterable[Row], work: Work, patterns: Mapping[str, float], accuracy: Mapping[str, float]
) -> list[Recommendation]:
    """Opportunities that nobody has decided on.

    Args:
        rows: of ``suggestions.optimization_opportunities``.
        work: tells what an hour costs.
        patterns: confidence of each pattern that holds.
        accuracy: share of points within their band, of the patterns that have one.
    """
    return [
        Recommendation(
            id=row["id"],
            source=OPPORTUNITIES,
            component=row["component_affected"],
            recommendation_type=row["opportunity_type"],
            category=row["category"],
            text=row["recommendation_text"],
            effort=row["effort_estimate"],
            confidence=row["confidence"],
            evidence_sql=row["evidence_sql"],
            record_kinds=json.loads(row["record_kinds"]),
            as_of=row["as_of"],
            is_stale=bool(row["is_stale"]),
            hours=work.in_hours(Gain(row["expected_hours"], row["expected_saving_usd"])),
            is_about_failure=row["opportunity_type"] == "reliability",
            pattern_confidence=patterns.get(row["pattern_id"]),
            model_accuracy=accuracy.get(row["pattern_id"]),
        )
        for row in rows
        if row["status"] == Status.IDENTIFIED
    ]


def of_plans(rows: Iterable[Row], work: Work) -> list[Recommendation]:
    """Each item of the pipelines' optimization plans: its seconds, as often as the pipeline succeeds in 30 days.

    A plan's seconds are those of a successful execution.
    """
    found = []
    for plan in rows:
        successes = work.part("pipeline", plan["pipeline_name"]).successes
        found += [_plan_item(plan, item, successes) for item in json.loads(plan["recommendations"] or "[]")]
    return found


def _plan_item(plan: Row, item: Row, successes: float) -> Recommendation:
    category, effort = OF_PLAN.get(item["type"], ("workflow", "medium"))
    pipeline, seconds = str(plan["pipeline_name"]), item.get("seconds")
    subject = [pipeline, *(str(step) for step in item.get("steps") or ()), str(item.get("resource") or "")]
    # A plan of nothing but sizes is not timed: then it is its own evidence.
    shown = f"select * from {PLANS} where pipeline_name = {literal(pipeline)}"
    return Recommendation(
        id=f"pl-{pattern_id(item['type'], '/'.join(subject))}",
        source=PLANS,
        component=pipeline,
        recommendation_type=item["type"],
        category=category,
        text=f"{pipeline}: {item['text']}",
        effort=effort,
        confidence=item["confidence"],
        evidence_sql=plan["evidence_sql"] or shown,
        record_kinds=("pipelines",),
        as_of=plan["as_of"],
        is_stale=bool(plan["is_stale"]),
        hours=seconds * successes / 3600 if seconds and successes else None,
        is_about_failure=item["type"] == "flaky_step",
    )


def of_capacity(rows: Iterable[Row]) -> list[Recommendation]:
    """Capacities that will be too small, for the hours at risk."""
    return [
        Recommendation(
            id=f"cp-{pattern_id('capacity', '/'.join([row['component'], row['resource_type']]))}",
            source=CAPACITY,
            component=row["component"],
            recommendation_type=f"{row['resource_type']}_capacity",
            category="resource",
            text=row["recommendation"],
            effort="low",
            confidence=row["confidence"],
            evidence_sql=(
                f"select projected_usage, breach_date, recommended_capacity, hours_at_risk from {CAPACITY} "
                f"where component = {literal(row['component'])} and resource_type = {literal(row['resource_type'])}"
            ),
            record_kinds=("metrics",),
            as_of=row["as_of"],
            is_stale=bool(row["is_stale"]),
            hours=row["hours_at_risk"],
            model_accuracy=_accuracy(row),
        )
        for row in rows
        if row["recommendation"] is not None
    ]


def _accuracy(row: Row) -> float | None:
    """1 less the mean absolute error by the distance from the limit to full; None where it was never tested.

    The same of every method, so the more accurate forecast has more: who is off by as much as there is between 80 % and
    100 % cannot tell whether a capacity holds.
    """
    return None if row["mae"] is None else max(0.0, 1 - float(row["mae"]) / (100 - CAPACITY_LIMIT.value))


def historical_success(scores: Iterable[Row], verdicts: Iterable[Row]) -> dict[str, float]:
    """How often a rule's suggestions held, in the back-test and when they were applied, smoothed.

    Args:
        scores: of ``outcomes.rule_scores``.
        verdicts: of ``outcomes.recommendation_effectiveness``; what is still measured counts nothing.
    """
    held: dict[str, int] = {}
    tried: dict[str, int] = {}
    for row in scores:
        held[row["rule"]] = held.get(row["rule"], 0) + int(row["held"])
        tried[row["rule"]] = tried.get(row["rule"], 0) + int(row["testable"])
    for row in verdicts:
        if row["verdict"] != "measuring":
            held[row["rule"]] = held.get(row["rule"], 0) + int(row["verdict"] == "worked")
            tried[row["rule"]] = tried.get(row["rule"], 0) + 1
    shares = {rule: smoothed(held[rule], tried[rule]) for rule in tried}
    return {rule: share for rule, share in shares.items() if share is not None}
