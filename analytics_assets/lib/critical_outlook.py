"""How often does each category have a critical issue, and from which will the next one come?

Critical issues of a category come as a Poisson process. Its weekly rate has a Gamma posterior and the share of the
category in all of them a Dirichlet one, both with Jeffreys' prior of half an issue (H. Jeffreys, "Theory of
Probability", 1961; A. Gelman et al., "Bayesian Data Analysis", 2013, sections 2.6 and 3.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analytics_assets.issue_thresholds import CRITICAL_MIN_ISSUES, CRITICAL_MIN_WEEKS

PRIOR = 0.5
ENDS = (0.025, 0.975)
"""A 95 % interval."""
FIGURES = ("p0_per_week", "p0_per_week_low", "p0_per_week_high")
SHARES = ("probability_next", "probability_next_low", "probability_next_high")


def critical_outlook(critical: Mapping[str, int], weeks: float) -> list[dict[str, Any]]:
    """One row per category, the likeliest source of the next critical issue first.

    Args:
        critical: category -> critical issues so far, also where there was none.
        weeks: how long they were watched.
    """
    total = sum(critical.values())
    rows = []
    for category, count in sorted(critical.items(), key=lambda one: (-one[1], one[0])):
        row: dict[str, Any] = {"category": category, "p0_issues": count, "weeks": weeks}
        reasons = [f"{count} of {total} critical issues of {weeks:.1f} weeks came from it"]
        if weeks < CRITICAL_MIN_WEEKS.value:
            reasons.append(f"not enough data for a rate: {CRITICAL_MIN_WEEKS.value:.0f} weeks needed")
        else:
            row |= dict(zip(FIGURES, _rate(count, weeks), strict=True))
        if total < CRITICAL_MIN_ISSUES.value:
            reasons.append(
                f"not enough data for where the next comes from: {CRITICAL_MIN_ISSUES.value:.0f} issues needed"
            )
        else:
            row |= dict(zip(SHARES, _share(count, total, len(critical)), strict=True))
        rows.append(row | {"reason": "; ".join(reasons)})
    return rows


def _rate(count: int, weeks: float) -> tuple[float, float, float]:
    """Mean and interval; the lower end of none is 0."""
    from scipy.stats import gamma

    shape = count + PRIOR
    low, high = gamma.ppf(ENDS, shape, scale=1 / weeks)
    return shape / weeks, float(low) if count else 0.0, float(high)


def _share(count: int, total: int, categories: int) -> tuple[float, float, float]:
    """Mean and interval of the category's part; of a single category it is all."""
    from scipy.stats import beta

    own, others = count + PRIOR, total - count + PRIOR * (categories - 1)
    if not others:
        return 1.0, 1.0, 1.0
    low, high = beta.ppf(ENDS, own, others)
    return own / (own + others), float(low) if count else 0.0, float(high) if count < total else 1.0
