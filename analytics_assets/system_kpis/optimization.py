"""How much is recommended, how much of it is done, and what it brought: the KPIs of optimization."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import fmean
from typing import Any, NamedTuple

from analytics_assets.kpi_thresholds import MIN_DECIDED, OUTCOME_DAYS, PATTERN_DAYS
from analytics_assets.lib.words import plural
from analytics_assets.system_kpis.definitions import Measured, known

Row = Mapping[str, Any]
EFFECTS = "outcomes.recommendation_effectiveness"
MEASURING = "measuring"


class Decided(NamedTuple):
    """Advice that a person decided on: whether it was applied, else it was rejected."""

    at: datetime
    is_applied: bool


def recommendations_generated(number: int | None) -> Measured:
    """How many stand now; None where they were never made."""
    source = "suggestions.recommendations"
    if number is None:
        return Measured(None, 0, source, reason="recommendations are not made yet")
    return Measured(float(number), number, source)


def recommendations_implemented(decided: Iterable[Decided], as_of: datetime) -> Measured:
    """How many people applied in the last 30 days; compared with how many they decided on."""
    newest = [one for one in decided if as_of - timedelta(days=PATTERN_DAYS.value) < one.at <= as_of]
    applied = sum(one.is_applied for one in newest)
    few = f"{plural(len(newest), 'decision')}, {MIN_DECIDED.value:.0f} needed"
    return Measured(
        float(applied),
        len(newest),
        "suggestions.suggestions, suggestions.optimization_opportunities",
        usual=float(len(newest)) if newest else None,
        reason=None if len(newest) >= MIN_DECIDED.value else few,
    )


def judged(outcomes: Iterable[Row], as_of: datetime) -> list[Row]:
    """Changes of the last 90 days with a verdict."""
    start = as_of - timedelta(days=OUTCOME_DAYS.value)
    return [row for row in outcomes if row["verdict"] != MEASURING and start < row["implementation_date"] <= as_of]


def average_improvement(outcomes: Sequence[Row]) -> Measured:
    """Mean of what changes brought, compared with what the same changes promised.

    Where some promised nothing, only those that did are averaged, so that both means are of the same changes.
    """
    measured = [row for row in outcomes if row["measured_improvement"] is not None]
    promised = [row for row in measured if row["expected_improvement"] is not None]
    counted = promised or measured
    return known(
        fmean(row["measured_improvement"] for row in counted) if counted else None,
        len(counted),
        EFFECTS,
        usual=fmean(row["expected_improvement"] for row in promised) if promised else None,
        nothing="no change of the last 90 days is judged yet",
    )


def roi(outcomes: Iterable[Row]) -> Measured:
    """US dollars saved by all changes, of what their successes would have cost before; costs that are unknown are out.

    What the changes themselves cost nobody records: it is a share of the bill, and no return on an investment.
    """
    priced = [row for row in outcomes if row["saved_usd"] is not None and row["after_total_cost_usd"] is not None]
    saved = sum(row["saved_usd"] for row in priced)
    bill = saved + sum(row["after_total_cost_usd"] for row in priced)
    return known(
        saved / bill if bill > 0 else None,
        len(priced),
        EFFECTS,
        nothing="no judged change of the last 90 days has known costs on both sides",
    )
