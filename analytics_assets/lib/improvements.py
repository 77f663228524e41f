"""How good was an applied change, all in all? Four improvements, one effectiveness, and what it teaches.

The thirty days before a change and those after it are measured by ``lib.effectiveness``; here they are weighed as the
framework does: speed, reliability, cost and what people say. An improvement is the difference of both sides as a share
of the larger one, so that twice as good is 0.5 and half as good is -0.5.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from math import isfinite
from typing import Any, NamedTuple

from analytics_assets.kpi_thresholds import (
    IMPROVED_EFFICIENCY,
    IMPROVED_PERFORMANCE,
    IMPROVED_RELIABILITY,
    IMPROVED_SATISFACTION,
    IMPROVEMENT_MIN_RUNS,
    TRADED_OFF_FROM,
)
from analytics_assets.lib.json_text import json_text
from analytics_assets.lib.words import count_of, percent

Row = dict[str, Any]
WEIGHTS = {
    "performance": IMPROVED_PERFORMANCE.value,
    "reliability": IMPROVED_RELIABILITY.value,
    "efficiency": IMPROVED_EFFICIENCY.value,
    "user_satisfaction": IMPROVED_SATISFACTION.value,
}
SIDES = ("baseline", "after")
METRICS = (
    "runs",
    "success_rate",
    "median_duration_seconds",
    "cost_per_success_usd",
    "median_cost_usd",
    "total_cost_usd",
)
KEPT = (
    *("id", "recommendation_id", "recommendation_type", "rule", "spec_id", "spec_type", "implementation_status"),
    *("implementation_date", "measured_at", "verdict", "saved_usd", "roi", "is_final", "as_of", "is_stale"),
)
"""Columns that are those of ``outcomes.recommendation_effectiveness``."""
IN_WORDS = {
    "performance": ("a run takes less time", "a run takes more time"),
    "reliability": ("more runs succeed", "fewer runs succeed"),
    "efficiency": ("it costs less", "it costs more"),
    "user_satisfaction": ("people confirmed it", "people took it back"),
}


class Said(NamedTuple):
    """What a person decided on a suggestion, and when."""

    suggestion_id: str
    decision: str
    decided_at: datetime


def relative_change(before: float | None, after: float | None, *, is_less_better: bool) -> float | None:
    """By how much it became better, -1 to 1: the difference as a share of the larger one; None where one is unknown.

    >>> relative_change(60.0, 30.0, is_less_better=True), relative_change(0.5, 0.25, is_less_better=False)
    (0.5, -0.5)
    >>> relative_change(0.0, 0.0, is_less_better=True), relative_change(None, 1.0, is_less_better=True)
    (0.0, None)
    """
    if before is None or after is None or not (isfinite(before) and isfinite(after)):
        return None
    if before < 0 or after < 0:
        return None
    largest = max(before, after)
    gain = before - after if is_less_better else after - before
    return gain / largest if largest else 0.0


def improvement_rows(effects: Collection[Mapping[str, Any]], said: Collection[Said]) -> list[Row]:
    """One row per application, in the given order.

    Args:
        effects: rows of ``outcomes.recommendation_effectiveness``.
        said: decisions on suggestions.
    """
    return [_row(effect, said) for effect in effects]


def weighed(improvements: Mapping[str, float | None]) -> tuple[float | None, float]:
    """The weighted mean of the improvements that are known, -1 to 1, and the weight they have of the whole.

    >>> weighed({"performance": 0.5, "reliability": None, "efficiency": None, "user_satisfaction": -1.0})
    (0.2, 0.5)
    """
    known = {name: value for name, value in improvements.items() if value is not None}
    weight = sum(WEIGHTS[name] for name in known)
    if not known:
        return None, 0.0
    return sum(WEIGHTS[name] * value for name, value in known.items()) / weight, weight


def _row(effect: Mapping[str, Any], said: Collection[Said]) -> Row:
    is_enough = min(effect[f"{side}_runs"] for side in SIDES) >= IMPROVEMENT_MIN_RUNS.value
    measured = _measured(effect) if is_enough else dict.fromkeys(("performance", "reliability", "efficiency"))
    improvements = measured | {"user_satisfaction": _satisfaction(effect, said)}
    mean, weight = weighed(improvements)
    reasons = _unknown(effect, improvements, is_enough=is_enough)
    return {
        **{name: effect[name] for name in KEPT},
        **{f"{name}_improvement": value for name, value in improvements.items()},
        "weights": json_text(WEIGHTS),
        "known_weight": weight,
        "weighted_improvement": mean,
        "effectiveness_score": None if mean is None else min(1.0, max(0.0, mean)),
        "reason": "; ".join(reasons) or None,
        "baseline_metrics": _metrics(effect, "baseline"),
        "post_metrics": _metrics(effect, "after"),
        "lessons_learned": " ".join(_lessons(effect, improvements)),
    }


def _measured(effect: Mapping[str, Any]) -> dict[str, float | None]:
    durations = [effect[f"{side}_median_duration_seconds"] for side in SIDES]
    rates = [effect[f"{side}_success_rate"] for side in SIDES]
    return {
        "performance": relative_change(*durations, is_less_better=True),
        "reliability": relative_change(*rates, is_less_better=False),
        "efficiency": _efficiency(effect),
    }


def _efficiency(effect: Mapping[str, Any]) -> float | None:
    """By cost per success; of a smaller size by what memory and CPU cost, as its models cost the same."""
    if effect["metric"] == "infrastructure_cost_eur":
        fell: float | None = effect["measured_improvement"]
        # What is known is the share by which it fell; where it rose, the larger side is the one after.
        return fell if fell is None or fell >= 0 else fell / (1 - fell)
    costs = [effect[f"{side}_cost_per_success_usd"] for side in SIDES]
    return relative_change(*costs, is_less_better=True)


def _satisfaction(effect: Mapping[str, Any], said: Collection[Said]) -> float | None:
    """1 where somebody confirmed the suggestion after it was applied, -1 where it was taken back; else not known.

    Ratings are of procedures and reviews of all issues: neither says anything of one spec, so neither is taken for it.
    """
    if effect["implementation_status"] == "rolled_back":
        return -1.0
    is_confirmed = any(
        one.suggestion_id == effect["recommendation_id"]
        and one.decision == "confirmed"
        and one.decided_at > effect["implementation_date"]
        for one in said
    )
    return 1.0 if is_confirmed else None


def _unknown(effect: Mapping[str, Any], improvements: Mapping[str, float | None], *, is_enough: bool) -> list[str]:
    """Why what is not known is not."""
    why = []
    if not is_enough:
        before, after = (effect[f"{side}_runs"] for side in SIDES)
        why.append(f"{before} runs before and {after} after, {IMPROVEMENT_MIN_RUNS.value:.0f} needed on each side")
    else:
        blank = [name for name in ("performance", "reliability", "efficiency") if improvements[name] is None]
        why += [f"{name}: not recorded on both sides" for name in blank]
    if improvements["user_satisfaction"] is None:
        why.append("user_satisfaction: nobody confirmed it or took it back")
    return why


def _metrics(effect: Mapping[str, Any], side: str) -> str:
    """What is known of a side, as JSON."""
    found = {name: effect[f"{side}_{name}"] for name in METRICS}
    return json.dumps({name: value for name, value in sorted(found.items()) if value is not None})


def _lessons(effect: Mapping[str, Any], improvements: Mapping[str, float | None]) -> list[str]:
    """What it teaches: what came of it, whether chance does the same, what it was paid with, and what was promised."""
    of = effect["spec_id"] or effect["spec_type"] or "all specs"
    rates = " and ".join(
        f"{count_of(effect[f'{side}_successes'], effect[f'{side}_runs'])} {word}"
        for side, word in zip(SIDES, ("before", "after"), strict=True)
    )
    outcome = {
        "worked": "worked",
        "harmed": "did harm",
        "no effect": "made no difference that chance would not make",
        "measuring": "is still measured, and all figures may be chance",
    }[effect["verdict"]]
    lessons = [f"{effect['rule']} on {of} {outcome}: {rates} succeeded."]
    told = {name: value for name, value in improvements.items() if value is not None}
    better = [IN_WORDS[name][0] for name, value in told.items() if value >= TRADED_OFF_FROM.value]
    worse = [IN_WORDS[name][1] for name, value in told.items() if value <= -TRADED_OFF_FROM.value]
    if better and worse:
        lessons.append(f"It is a trade: {', '.join(better)}, but {', '.join(worse)}.")
    elif better or worse:
        lessons.append(f"{'Better' if better else 'Worse'}: {', '.join(better or worse)}.")
    expected, came = effect["expected_improvement"], effect["measured_improvement"]
    if expected is not None and came is not None:
        lessons.append(f"It promised {percent(expected)} and brought {percent(came)}.")
    if effect["other_changes"]:
        lessons.append(f"Other changes to it fell in the same days ({effect['other_changes']}): it may be theirs.")
    if effect["is_volume_shifted"]:
        lessons.append("It ran far more or less often than before: other work may have come or gone.")
    return lessons
