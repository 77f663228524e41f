"""Which figures of issues go together, and whether chance alone would make it so.

Pearson's correlation is what the framework asks for; whether it is chance is told by ranks, because times are skewed
and one issue of a week would decide the other. Of 200 worlds of 300 issues in which nothing goes with anything, 8 have
a significant pair; all three expected findings, where they are planted, are found in 158 of 200 (``issue_patterns`` in
benchmarks/RESULTS.md).
"""

from __future__ import annotations

from itertools import combinations
from math import atanh, sqrt, tanh
from typing import TYPE_CHECKING, Any

from analytics_assets.issue_thresholds import CORRELATION_MIN, VARIED_MIN
from analytics_assets.lib.issue_values import is_fixed, numbers, recurrences
from analytics_assets.lib.rates import Interval
from analytics_assets.lib.significance import with_adjusted
from analytics_assets.thresholds import WILSON_Z

if TYPE_CHECKING:
    import pandas as pd

    from analytics_assets.lib.issue_values import Numbers

VARIABLES = (
    "time_spent_minutes",
    "complexity_score",
    "files_affected_count",
    "lines_over_limit",
    "duplicate_count",
    "days_to_fix",
    "days_open",
    "recurrence_count",
    "priority_p0",
)
"""Under the framework's names; ``recurrence_count`` counts what came back, also where the tracker's counter says 0."""
COMPUTED = frozenset({"priority_p0", "recurrence_count"})
"""Of these, the ones that are no column of the features as they are meant here."""
EXPECTED = {
    ("time_spent_minutes", "complexity_score"): "positive",
    ("time_spent_minutes", "days_open"): "positive",
    ("time_spent_minutes", "priority_p0"): "negative",
}
"""The framework's expected findings: complex and stale issues take longer, and critical ones are fixed fast."""
DERIVED = {
    ("complexity_score", "files_affected_count"),
    ("complexity_score", "lines_over_limit"),
    ("complexity_score", "duplicate_count"),
    ("days_to_fix", "days_open"),
}
"""Pairs of which one is computed from the other: they go together whatever the issues are, and that is no finding."""


def correlations(issues: pd.DataFrame) -> list[dict[str, Any]]:
    """One row per pair of ``VARIABLES``, all 36 of them also where nothing is known.

    Args:
        issues: rows of ``kpis.issue_features``. Time spent and days open count where the issue is fixed: of others
            they are only what they came to so far.
    """
    columns = variables(issues)
    rows = [_pair(a, b, columns[a], columns[b]) for a, b in combinations(VARIABLES, 2)]
    compared = [None if (row["variable_a"], row["variable_b"]) in DERIVED else row["p_value"] for row in rows]
    adjusted = with_adjusted(rows, compared)
    return [row | {"agrees": _agrees(row)} for row in adjusted]


def variables(issues: pd.DataFrame) -> dict[str, Numbers]:
    """The columns by the names of ``VARIABLES``, NaN where a figure is not known."""
    import numpy as np

    fixed = is_fixed(issues)
    columns = {name: numbers(issues, name) for name in VARIABLES if name not in COMPUTED}
    for name in ("time_spent_minutes", "days_open"):
        columns[name] = np.where(fixed, columns[name], np.nan)
    priority = numbers(issues, "priority")
    return columns | {
        "recurrence_count": recurrences(issues),
        "priority_p0": np.where(np.isnan(priority), np.nan, (priority == 0).astype(float)),
    }


def fisher_interval(correlation: float, n: int) -> Interval | None:
    """The 95 % interval of Pearson's correlation by Fisher's z; None below four pairs.

    >>> low, high = fisher_interval(0.5, 50)
    >>> f"{low:.3f} to {high:.3f}"
    '0.257 to 0.683'
    """
    if n < 4:  # noqa: PLR2004 - z has a variance of 1 / (n - 3)
        return None
    if abs(correlation) >= 1:
        return Interval(correlation, correlation)
    half = WILSON_Z.value / sqrt(n - 3)
    return Interval(tanh(atanh(correlation) - half), tanh(atanh(correlation) + half))


def _pair(name_a: str, name_b: str, every_a: Numbers, every_b: Numbers) -> dict[str, Any]:
    import numpy as np
    from scipy.stats import spearmanr

    known = ~np.isnan(every_a) & ~np.isnan(every_b)
    a, b = every_a[known], every_b[known]
    row: dict[str, Any] = {
        "variable_a": name_a,
        "variable_b": name_b,
        "n": len(a),
        "p_value": None,
        "expected_sign": EXPECTED.get((name_a, name_b)),
        "reason": _unanswered(name_a, a) or _unanswered(name_b, b),
    }
    if row["reason"]:
        return row
    correlation = max(-1.0, min(1.0, float(np.corrcoef(a, b)[0, 1])))
    interval = fisher_interval(correlation, len(a))
    ranks = spearmanr(a, b)
    assert interval is not None, "there are more than three pairs"
    return row | {
        "correlation": correlation,
        "correlation_low": interval.low,
        "correlation_high": interval.high,
        "rank_correlation": float(ranks.statistic),
        "p_value": float(ranks.pvalue),
        "reason": "one is computed from the other" if (name_a, name_b) in DERIVED else None,
    }


def _unanswered(name: str, values: Numbers) -> str | None:
    """Why nothing can be said, in words."""
    import numpy as np

    if len(values) < CORRELATION_MIN.value:
        return f"fewer than {CORRELATION_MIN.value:.0f} pairs"
    counts = np.unique(values, return_counts=True)[1]
    if len(counts) == 1:
        return f"{name} never varies"
    if len(values) - counts.max() < VARIED_MIN.value:
        return f"{name} hardly varies: fewer than {VARIED_MIN.value:.0f} issues differ from the commonest value"
    return None


def _agrees(row: dict[str, Any]) -> bool | None:
    """Whether what was found has the expected sign; None where nothing was expected, or nothing is significant."""
    if row["expected_sign"] is None or not row["is_significant"]:
        return None
    return bool((row["rank_correlation"] > 0) == (row["expected_sign"] == "positive"))
