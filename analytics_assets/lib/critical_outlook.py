"""How often does each category have a critical issue, and from which will the next one come?

Critical issues of a category come as a Poisson process. Its weekly rate has a Gamma posterior and the share of the
category in all of them a Dirichlet one, both with Jeffreys' prior of half an issue (H. Jeffreys, "Theory of
Probability", 1961; A. Gelman et al., "Bayesian Data Analysis", 2013, sections 2.6 and 3.4).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from analytics_assets.issue_thresholds import CRITICAL_MIN_ISSUES, CRITICAL_MIN_WEEKS
from analytics_assets.lib.judged_models import Judged, log_losses, split_by_time

PRIOR = 0.5
QUANTILES = (0.025, 0.975)
"""Of a 95 % interval."""
FIGURES = ("p0_per_week", "p0_per_week_low", "p0_per_week_high")
SHARES = ("probability_next", "probability_next_low", "probability_next_high")
CRITICAL, ALL, UNIFORM = "critical_issues", "all_issues", "uniform"
NAIVES = {ALL: "the shares of all issues", UNIFORM: "every category alike"}
"""The best of them is what the shares of the critical issues have to beat."""
WEEK = timedelta(weeks=1)


class Seen(NamedTuple):
    """An issue of a category when it was first seen."""

    category: str
    is_critical: bool
    first_seen: datetime


@dataclass(frozen=True)
class CriticalOutlook:
    """``rows``: one per category, the likeliest source of the next critical issue first."""

    judged: Judged
    rows: Sequence[Mapping[str, Any]]


def critical_outlook(seen: Sequence[Seen], as_of: datetime) -> CriticalOutlook:
    """Judge the shares of the critical issues by the newest 30 % of these, and answer with them or a simple answer.

    Each judged issue is foretold from what was first seen before it, and from nothing else.

    Args:
        seen: every issue with a category, up to as_of.
        as_of: end of what is known.
    """
    judged, method = _judged(seen)
    issues = Counter(one.category for one in seen)
    critical = Counter(one.category for one in seen if one.is_critical)
    weeks = (as_of - min((one.first_seen for one in seen), default=as_of)) / WEEK
    rows = [_rates(category, critical, weeks) | _shares(category, critical, issues, method) for category in issues]
    for row in rows:
        row["reason"] = f"{row['reason']}; {judged.reason}"
    rows.sort(key=lambda row: (-(row.get("probability_next") or 0), -row["p0_issues"], row["category"]))
    return CriticalOutlook(judged, rows)


def _judged(seen: Sequence[Seen]) -> tuple[Judged, str]:
    """What the shares are worth, and the method that answers."""
    foretold = list(_foretold(seen))
    moments = [moment for moment, _ in foretold]
    split = split_by_time(moments)
    if isinstance(split, str):
        return _model(len(foretold), 0, split), ALL
    given = {
        name: [shares[name] for _, shares in foretold[int(split.is_train.sum()) :]] for name in (CRITICAL, *NAIVES)
    }
    losses = {name: log_losses(shares) for name, shares in given.items()}
    naive = min(NAIVES, key=lambda name: float(losses[name].mean()))
    judged = _model(int(split.is_train.sum()), len(losses[naive])).against(
        NAIVES[naive], losses[naive], losses[CRITICAL], split_at=split.at, examples="critical issues"
    )
    return judged, CRITICAL if judged.is_published else naive


def _model(train_n: int, test_n: int, reason: str = "") -> Judged:
    return Judged(
        model="critical_category",
        target="category of the next critical issue",
        features=("critical issues of the category so far",),
        metric="log loss",
        train_n=train_n,
        test_n=test_n,
        reason=reason,
    )


def _foretold(seen: Sequence[Seen]) -> Iterator[tuple[datetime, dict[str, float]]]:
    """Each critical issue in the order of time: what each answer gave to its category just before."""
    issues: Counter[str] = Counter()
    critical: Counter[str] = Counter()
    for moment, group in groupby(sorted(seen, key=lambda one: one.first_seen), key=lambda one: one.first_seen):
        # What was seen at one moment tells nothing of each other.
        together = list(group)
        for one in together:
            if one.is_critical:
                yield moment, _given(one.category, critical, issues)
        issues.update(one.category for one in together)
        critical.update(one.category for one in together if one.is_critical)


def _given(category: str, critical: Counter[str], issues: Counter[str]) -> dict[str, float]:
    if category not in issues:
        return dict.fromkeys((CRITICAL, *NAIVES), 0.0)
    return {
        CRITICAL: _share(critical[category], critical.total(), len(issues)),
        ALL: _share(issues[category], issues.total(), len(issues)),
        UNIFORM: 1 / len(issues),
    }


def _rates(category: str, critical: Counter[str], weeks: float) -> dict[str, Any]:
    count = critical[category]
    row: dict[str, Any] = {"category": category, "p0_issues": count, "weeks": weeks}
    row["reason"] = "no critical issue so far"
    if critical:
        row["reason"] = f"{count} of {critical.total()} critical issues of {weeks:.1f} weeks came from it"
    if weeks >= CRITICAL_MIN_WEEKS.value:
        return row | dict(zip(FIGURES, _rate(count, weeks), strict=True))
    row["reason"] += f"; not enough data for a rate: {CRITICAL_MIN_WEEKS.value:.0f} weeks needed"
    return row


def _shares(category: str, critical: Counter[str], issues: Counter[str], method: str) -> dict[str, Any]:
    if critical.total() < CRITICAL_MIN_ISSUES.value:
        # Then nothing tells whether critical issues come as others do.
        return {"method": "insufficient_history", "n": critical.total()}
    if method == UNIFORM:
        return {"method": method, "n": issues.total(), "probability_next": 1 / len(issues)}
    counts = critical if method == CRITICAL else issues
    figures = _interval(counts[category], counts.total(), len(issues))
    return {"method": method, "n": counts.total()} | dict(zip(SHARES, figures, strict=True))


def _rate(count: int, weeks: float) -> tuple[float, float, float]:
    """Mean and interval; the lower end of none is 0."""
    from scipy.stats import gamma

    shape = count + PRIOR
    low, high = gamma.ppf(QUANTILES, shape, scale=1 / weeks)
    return shape / weeks, float(low) if count else 0.0, float(high)


def _share(count: int, total: int, categories: int) -> float:
    return (count + PRIOR) / (total + PRIOR * categories)


def _interval(count: int, total: int, categories: int) -> tuple[float, float, float]:
    """Mean and interval of the category's part; of a single category it is all."""
    from scipy.stats import beta

    own, others = count + PRIOR, total - count + PRIOR * (categories - 1)
    if not others:
        return 1.0, 1.0, 1.0
    low, high = beta.ppf(QUANTILES, own, others)
    return _share(count, total, categories), float(low) if count else 0.0, float(high) if count < total else 1.0
