"""Which recommendation first? One order over those of every kind.

    rank_score = impact x feasibility x confidence x mean_factors

- impact: hours of work that 30 days would give back, as a share of all that are lost (what fails, and what is slower
  than it could be). Money counts only where a recommendation is made for money, by what an hour of runs costs.
- feasibility: by the effort, how likely it is that what should be done gets done.
- confidence: exactly as its source states it. Of suggestions, tools, plans and capacities it is the probability that
  the claim is true; of an opportunity that rests on a test it is 1 - adjusted p, how surely the effect is no chance,
  which is no probability of anything to come.
- mean_factors: how far such a claim can be relied on here, the mean of three: how often such advice has held, quality
  of the records, accuracy of the model. One that is not known counts as half: knowing it helps where it is better, and
  hurts where it is worse.

It is an expected share of lost work, so a product: what is impossible, untrue or worth nothing is worth nothing. The
framework takes the mean of these three and of the pattern's confidence for the confidence itself; here they stand
beside it, because a stated confidence is held against what came of it, and a mean of four things is the probability of
none. The confidence of a pattern is that of the opportunity which rests on it: it is shown, and counts once. Where the
impact is not known there is no score: such recommendations come after all others, the surest first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean
from typing import Any

from analytics_assets.lib.opportunities import FEASIBILITY
from analytics_assets.pattern_thresholds import STALE_QUALITY, UNKNOWN_FACTOR

CATEGORIES = ("performance", "resource", "workflow", "quality")


@dataclass(frozen=True, kw_only=True)
class Recommendation:
    """What a source says. ``hours`` is what 30 days would give back; None where nobody knows."""

    id: str
    source: str
    component: str
    recommendation_type: str
    category: str
    text: str
    effort: str
    confidence: float | None
    evidence_sql: str
    record_kinds: Sequence[str]
    as_of: datetime | None
    is_stale: bool
    hours: float | None = None
    is_about_failure: bool = False
    """Whether its hours are among those that fail."""
    pattern_confidence: float | None = None
    """Of the pattern behind an opportunity, whose confidence it is: shown, no factor."""
    historical_success: float | None = None
    model_accuracy: float | None = None

    def __post_init__(self) -> None:
        if self.category not in CATEGORIES:
            raise ValueError(f"{self.id}: {self.category} is none of {', '.join(CATEGORIES)}")


def ranked(
    recommendations: Iterable[Recommendation],
    *,
    failed_hours: float,
    quality: Mapping[str, float],
    most_per_component: int,
) -> list[dict[str, Any]]:
    """One row per recommendation, in order; of one id the first counts. Ties are broken by the id.

    Args:
        recommendations: of every source, those a person decided on left out.
        failed_hours: hours of work that fails in 30 days.
        quality: share of lines that could be taken, by kind of record.
        most_per_component: of a component, so many are shown.
    """
    known: dict[str, Recommendation] = {}
    for one in recommendations:
        known.setdefault(one.id, one)
    slow = sum(one.hours or 0.0 for one in known.values() if not one.is_about_failure)
    rows = [_scored(one, failed_hours + slow, quality) for one in known.values()]
    rows.sort(key=_order)
    seen: dict[str, int] = {}
    for rank, row in enumerate(rows, start=1):
        place = seen[row["component"]] = seen.get(row["component"], 0) + 1
        row |= {"rank": rank, "component_rank": place, "is_shown": place <= most_per_component}
    return rows


def _scored(one: Recommendation, lost_hours: float, quality: Mapping[str, float]) -> dict[str, Any]:
    factors = {
        "historical_success": one.historical_success,
        "data_quality": data_quality(one.record_kinds, quality, is_stale=one.is_stale),
        "model_accuracy": one.model_accuracy,
    }
    mean_factors = fmean(UNKNOWN_FACTOR.value if factor is None else factor for factor in factors.values())
    impact = None if one.hours is None or lost_hours <= 0 else min(1.0, max(0.0, one.hours / lost_hours))
    feasibility = FEASIBILITY[one.effort]
    return {
        "recommendation_id": one.id,
        "source": one.source,
        "component": one.component,
        "recommendation_type": one.recommendation_type,
        "category": one.category,
        "text": one.text,
        "expected_hours": one.hours,
        "impact": impact,
        "effort": one.effort,
        "feasibility": feasibility,
        "confidence": one.confidence,
        "pattern_confidence": one.pattern_confidence,
        **factors,
        "mean_factors": mean_factors,
        "rank_score": rank_score(impact, feasibility, one.confidence, mean_factors),
        "evidence_sql": one.evidence_sql,
        "as_of": one.as_of,
        "is_stale": one.is_stale,
    }


def rank_score(impact: float | None, feasibility: float, confidence: float | None, mean_factors: float) -> float | None:
    """The product; None where the impact or the confidence is not known.

    >>> round(rank_score(0.5, 0.7, 0.9, 0.8), 3), rank_score(None, 0.7, 0.9, 0.8)
    (0.252, None)
    """
    if impact is None or confidence is None:
        return None
    return impact * feasibility * confidence * mean_factors


def data_quality(kinds: Iterable[str], quality: Mapping[str, float], *, is_stale: bool) -> float | None:
    """The worst share of valid lines of the kinds it rests on, halved where it is stale; None where none is known."""
    known = [quality[kind] for kind in kinds if kind in quality]
    return min(known) * (STALE_QUALITY.value if is_stale else 1.0) if known else None


def smoothed(held: int, tried: int) -> float | None:
    """Share of advice that held, by Laplace's rule (Beta(1, 1)); None where none was tried.

    >>> smoothed(3, 4), smoothed(0, 0)
    (0.6666666666666666, None)
    """
    return (held + 1) / (tried + 2) if tried else None


def _order(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """By score; without one by how sure and easy it is."""
    score = row["rank_score"]
    sure = (row["confidence"] or 0.0) * row["feasibility"]
    return (score is None, -(score or 0.0), -sure, row["recommendation_id"])
