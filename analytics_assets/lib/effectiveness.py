"""What became of applied suggestions: rows of ``outcomes.recommendation_effectiveness``.

An application is measured anew at each refresh until its window has been over for a week; then its row stands, since
its runs leave the warehouse. Its baseline stands from the first time it is seen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from analytics_assets.lib.applications import Application
from analytics_assets.lib.change_verdicts import Change, Judged, Metric, judge, runs_needed
from analytics_assets.lib.effects import median_difference, median_difference_interval
from analytics_assets.lib.periods import DAY, Period
from analytics_assets.thresholds import OUTCOME, OUTCOME_SETTLES, SUGGEST_TRIED_RUNS

Row = dict[str, Any]
WINDOW = timedelta(days=OUTCOME.value)
SETTLES = timedelta(days=OUTCOME_SETTLES.value)
FROZEN = (
    *("metric", "confidence", "level", "expected_improvement", "needed_runs"),
    *("baseline_from", "baseline_to", "baseline_days", "baseline_runs", "baseline_successes"),
    *("baseline_priced_runs", "baseline_priced_successes", "baseline_total_cost_usd", "baseline_values"),
)
"""What a row keeps from the first time its decision is seen."""


@dataclass(frozen=True)
class Measured:
    """An application with its suggestion and what its runs show.

    Args:
        application: the decision and its span.
        suggestion: the row of ``suggestions.suggestions``.
        frozen: the columns of ``FROZEN``.
        change: what is judged.
        other_changes: applications of other suggestions to the same spec within the window or its baseline.
    """

    application: Application
    suggestion: Mapping[str, Any]
    frozen: Mapping[str, Any]
    change: Change
    other_changes: int


def baseline_span(application: Application, as_of: datetime) -> tuple[datetime, datetime]:
    """The thirty days before the decision, and nothing of an earlier application of the same suggestion."""
    decided_at = application.decision.decided_at
    start = max(decided_at - WINDOW, application.free_since or decided_at - WINDOW)
    return start, max(start, min(decided_at, as_of))


def after_span(application: Application, as_of: datetime) -> tuple[datetime, datetime]:
    """From the decision to the end of its window, or to now where that comes first."""
    start = application.decision.decided_at
    return start, max(start, min(window_end(application), as_of))


def window_end(application: Application) -> datetime:
    """When no later run counts any more: thirty days after the decision, or when it was undone."""
    last = application.decision.decided_at + WINDOW
    return last if application.undone_at is None else min(last, application.undone_at)


def frozen_columns(
    application: Application, suggestion: Mapping[str, Any], metric: Metric, baseline: Period
) -> dict[str, Any]:
    """What is written down the first time a decision is seen, and never again."""
    said = application.decision
    expected = expected_improvement(suggestion, metric, baseline)
    columns = {
        "metric": metric.value,
        "confidence": suggestion["confidence"] if said.stated_confidence is None else said.stated_confidence,
        "level": said.stated_level or suggestion["level"],
        "expected_improvement": expected,
        "needed_runs": runs_needed(metric, baseline.success_rate, expected),
        **baseline.columns("baseline"),
    }
    return {name: columns[name] for name in FROZEN}


def expected_improvement(suggestion: Mapping[str, Any], metric: Metric, baseline: Period) -> float | None:
    """What the suggestion promised, as a share: of runs that no longer fail, or of the money; None where nothing was.

    Failures are shares of the suggestion's own runs. A saving is of its window, up to 30 days as the baseline is, so
    it is a share of what the baseline cost: neither is scaled by days, which a young spec has few of.
    """
    if metric is Metric.SUCCESS_RATE:
        return _fewer_failures(suggestion)
    saving, spent = suggestion["expected_saving_usd"], baseline.total_cost_usd
    return _positive(saving / spent) if metric is Metric.COST_USD and saving is not None and spent else None


def _fewer_failures(suggestion: Mapping[str, Any]) -> float | None:
    """The share of runs that would no longer fail. What hardly ran as suggested is said to end every such failure."""
    if suggestion["suggested_runs"] is None:
        fewer, runs = suggestion["expected_fewer_failures"], suggestion["current_runs"]
        return _positive(fewer / runs) if fewer is not None and runs else None
    is_tried = suggestion["suggested_runs"] >= SUGGEST_TRIED_RUNS.value
    gain = suggestion["current_rate"]
    if is_tried:
        gain = None if suggestion["difference"] is None else -suggestion["difference"]
    return None if gain is None else _positive(gain)


def _positive(share: float) -> float | None:
    """At most everything can improve; what was not expected to improve has no expected improvement."""
    return min(1.0, share) if share > 0 else None


def rows(measured: Sequence[Measured], as_of: datetime, *, is_stale: bool) -> list[Row]:
    """One row per application, judged together."""
    verdicts = judge(one.change for one in measured)
    return [
        _row(one, verdict, as_of) | {"as_of": as_of, "is_stale": is_stale}
        for one, verdict in zip(measured, verdicts, strict=True)
    ]


def implementation(application: Application) -> Row:
    """Whether the application is in force; what was measured of it stands either way."""
    return {
        "implementation_status": "implemented" if application.undone_at is None else "rolled_back",
        "implementation_date": application.decision.decided_at,
    }


def money_saved(before: Period, after: Period) -> tuple[float | None, float | None]:
    """US dollars saved, and the same as a share of what the time after would have cost; None where costs are unknown.

    Saved is (cost per success before - cost per success after) x successes after, of the runs whose cost is known:
    negative where a success became dearer. What the change itself cost nobody records, so ``roi`` is no return on an
    investment: it says how much of the bill is gone. A change after which nothing succeeds has no bill to compare.
    """
    if before.cost_per_success_usd is None or after.total_cost_usd is None:
        return None, None
    would_have_cost = before.cost_per_success_usd * after.priced_successes
    saved = would_have_cost - after.total_cost_usd
    return saved, saved / would_have_cost if would_have_cost else None


def measured_improvement(change: Change) -> float | None:
    """As ``expected_improvement``: points of the success rate, or the share by which the median cost fell."""
    if change.is_for_success:
        return change.difference
    before, after = change.baseline.median(change.metric), change.after.median(change.metric)
    return 1 - after / before if before and after is not None else None


def _row(one: Measured, verdict: Judged, as_of: datetime) -> Row:
    decision, change, suggestion = one.application.decision, one.change, one.suggestion
    improvement, expected = measured_improvement(change), one.frozen["expected_improvement"]
    interval = change.difference_interval
    # Model costs say nothing of a size: their difference would be chance.
    is_of_models = change.metric is not Metric.INFRASTRUCTURE_COST_EUR
    saved, share = money_saved(change.baseline, change.after) if is_of_models else (None, None)
    impact = {"saved_usd": saved, "roi": share, "expected_saving_usd_per_30_days": suggestion["expected_saving_usd"]}
    note = f" Other changes to it in the same days: {one.other_changes}." if one.other_changes else ""
    return {
        "id": decision.decision_id,
        "recommendation_id": decision.suggestion_id,
        "recommendation_type": suggestion["type"],
        "rule": suggestion["rule"],
        "spec_id": suggestion["spec_id"],
        "spec_type": suggestion["spec_type"],
        **implementation(one.application),
        "measured_improvement": improvement,
        "effectiveness_score": improvement / expected if improvement is not None and expected else None,
        "measurement_period_days": (change.after.end - change.after.start) / DAY,
        "measured_at": as_of,
        "feedback_notes": decision.notes,
        "business_impact": json.dumps(impact),
        **change.baseline.columns("baseline"),
        **change.after.columns("after"),
        **one.frozen,
        "difference": change.difference,
        "difference_low": interval.low if interval else None,
        "difference_high": interval.high if interval else None,
        "success_p_value": change.success_p_value,
        "success_p_adjusted": verdict.success_p_adjusted,
        "p_value": verdict.p_value,
        "p_adjusted": verdict.p_adjusted,
        **_of_medians(change, "duration_seconds"),
        **_of_medians(change, "cost_usd"),
        "volume_ratio": change.volume_ratio,
        "is_volume_shifted": change.is_volume_shifted,
        "other_changes": one.other_changes,
        "verdict": verdict.word.value,
        "verdict_reason": verdict.reason + note,
        "saved_usd": saved,
        "roi": share,
        "is_final": as_of >= window_end(one.application) + SETTLES,
    }


def _of_medians(change: Change, name: str) -> Row:
    """How the medians of a value differ, after less before, and whether chance alone would do it."""
    after, before = change.after.values[name], change.baseline.values[name]
    ranks, interval = change.ranks(name), median_difference_interval(after, before)
    return {
        f"{name}_p_value": ranks.p_value if ranks else None,
        f"{name}_difference": median_difference(after, before),
        f"{name}_difference_low": interval.low if interval else None,
        f"{name}_difference_high": interval.high if interval else None,
    }
