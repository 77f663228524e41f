"""What predicts long fix times: a regression of the logarithm of minutes on category, complexity and priority.

On the logarithm an effect is a ratio, which fits times that differ many fold. Errors are HC3 (J. G. MacKinnon and H.
White, "Some heteroskedasticity-consistent covariance matrix estimators with improved finite sample properties",
Journal of Econometrics 29 (1985), 305-325): long fixes vary more than short ones, and it errs on the safe side in
small samples. Of 200 worlds of 300 issues in which nothing predicts anything, 11 have a significant term; where a point
of complexity takes 1.07 times as long, the interval holds that ratio, and not 1, in 191 (``issue_patterns`` in
benchmarks/RESULTS.md).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import exp, isfinite
from typing import TYPE_CHECKING, Any

from analytics_assets.issue_thresholds import REGRESSION_MIN, REGRESSION_MIN_PER_TERM
from analytics_assets.lib.issue_values import is_fixed, levels, numbers, words
from analytics_assets.lib.significance import with_adjusted

if TYPE_CHECKING:
    import pandas as pd

    from analytics_assets.lib.issue_values import Numbers

COMPLEXITY = "complexity_score"


@dataclass(frozen=True)
class Term:
    """One predictor: its name, the level that it is compared with, and its values."""

    name: str
    reference: str | None
    values: Numbers


def fix_time_regression(issues: pd.DataFrame) -> list[dict[str, Any]]:
    """One row per term; complexity's also where nothing can be said. Without figures a row has its ``reason``.

    A category or priority of fewer than five fixed issues counts among ``other``. The reference is the most frequent
    level. ``ratio`` is how many times as long a fix takes with one more point of complexity, or compared with the
    reference.

    Args:
        issues: rows of ``kpis.issue_features``; those that are fixed, with a time above 0 and a complexity, count.
    """
    import numpy as np

    minutes, complexity = numbers(issues, "time_spent_minutes"), numbers(issues, COMPLEXITY)
    used = is_fixed(issues) & (minutes > 0) & ~np.isnan(complexity) & ~np.isnan(numbers(issues, "priority"))
    chosen = issues[used]
    groups = {
        "category": levels([word or "none" for word in words(chosen, "category")]),
        "priority": levels([f"P{priority:.0f}" for priority in numbers(chosen, "priority")]),
    }
    kept = np.array([None not in both for both in zip(*groups.values(), strict=True)], dtype=bool)
    logs = np.log(minutes[used][kept])
    terms = [Term(COMPLEXITY, None, complexity[used][kept])]
    for name, values in groups.items():
        terms += _dummies(name, [value for value, is_kept in zip(values, kept, strict=True) if value and is_kept])
    rows = _fitted(logs, terms)
    return with_adjusted(rows, [row["p_value"] for row in rows])


def _dummies(name: str, values: list[str]) -> list[Term]:
    import numpy as np

    if not values:
        return []
    counts = Counter(values)
    reference = min(counts, key=lambda value: (-counts[value], value))
    return [
        Term(f"{name} {level}", reference, np.array([value == level for value in values], dtype=float))
        for level in sorted(counts)
        if level != reference
    ]


def _fitted(logs: Numbers, terms: list[Term]) -> list[dict[str, Any]]:
    import numpy as np

    n = len(logs)
    rows: list[dict[str, Any]] = [
        {"term": term.name, "reference": term.reference, "n": n, "p_value": None} for term in terms
    ]
    needed = max(REGRESSION_MIN.value, REGRESSION_MIN_PER_TERM.value * (len(terms) + 1))
    if n < needed:
        return [row | {"reason": f"fewer than {needed:.0f} fixed issues with a time and a complexity"} for row in rows]
    if np.ptp(logs) == 0:
        return [row | {"reason": "time_spent_minutes never varies"} for row in rows]
    independent, reasons = _independent(terms, n)
    if not independent:
        return [row | {"reason": reasons[row["term"]]} for row in rows]
    figures, r_squared = _estimates(logs, independent)
    return [
        row | figures.get(row["term"], {"reason": reasons.get(row["term"])}) | {"r_squared": r_squared} for row in rows
    ]


def _independent(terms: list[Term], n: int) -> tuple[list[Term], dict[str, str]]:
    """The terms that those before them do not determine, and why the others are left out."""
    import numpy as np

    matrix, kept, reasons = np.ones((n, 1)), list[Term](), dict[str, str]()
    for term in terms:
        spread = term.values.std()
        if spread == 0:
            reasons[term.name] = f"{term.name} never varies"
            continue
        wider = np.column_stack([matrix, (term.values - term.values.mean()) / spread])
        if np.linalg.matrix_rank(wider) == wider.shape[1]:
            matrix = wider
            kept.append(term)
        else:
            reasons[term.name] = "collinear: the terms before it determine it"
    return kept, reasons


def _estimates(logs: Numbers, terms: list[Term]) -> tuple[dict[str, dict[str, Any]], float]:
    """The figures of each term by its name, and the share of the variance that all of them explain."""
    import numpy as np
    from statsmodels.regression.linear_model import OLS

    matrix = np.column_stack([np.ones(len(logs)), *(term.values for term in terms)])
    with np.errstate(divide="ignore", invalid="ignore"):
        fit = OLS(logs, matrix).fit(cov_type="HC3", use_t=True)
        limits = fit.conf_int()
    found: dict[str, dict[str, Any]] = {}
    for place, term in enumerate(terms, start=1):
        coefficient, p_value = float(fit.params[place]), float(fit.pvalues[place])
        if not isfinite(p_value):
            found[term.name] = {"reason": "a single issue decides it"}
            continue
        found[term.name] = {
            "coefficient": coefficient,
            "ratio": exp(coefficient),
            "ratio_low": exp(float(limits[place][0])),
            "ratio_high": exp(float(limits[place][1])),
            "p_value": min(1.0, p_value),
        }
    return found, float(fit.rsquared)
