"""Whether some categories, subcategories or root causes come back more often than others.

Chi-square of recurred against not, over the issues that were ever fixed: one that never was cannot come back. Where a
cell is expected below 5 its distribution is not chi-square, and the very same statistic is compared with permutations
of who came back. Its p-value says that the values differ, not that one of them does: which one is farthest above the
others is told beside it. Of 200 worlds of 300 fixed issues that come back alike, 6 have a significant variable. A
category that recurs twice as often (24 % against 12 %) is found in 77 of 200 worlds of 300 issues, 139 of 600 and 194
of 1,200, always by its name (``issue_patterns`` in benchmarks/RESULTS.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan, sqrt
from typing import TYPE_CHECKING, Any

from analytics_assets.issue_thresholds import LEVEL_MIN, PERMUTATIONS, RECURRENCE_MIN, VARIED_MIN
from analytics_assets.lib.issue_values import OTHER, levels, numbers, recurrences, words
from analytics_assets.lib.rates import wilson_interval
from analytics_assets.lib.significance import with_adjusted

if TYPE_CHECKING:
    import pandas as pd

    from analytics_assets.lib.issue_values import Numbers

VARIABLES = ("category", "root_cause_id", "subcategory")
CELL_MIN = 5.0
"""Expected issues in a cell from which on chi-square is taken: W. G. Cochran, Biometrics 10 (1954), 417-451."""
SEED = 0
UNTOLD = "nothing tells whether a fixed issue came back"
HIGHEST = ("highest_value", "highest_rate", "highest_low", "highest_high", "highest_n", "highest_residual")


def recurrence_tests(issues: pd.DataFrame) -> list[dict[str, Any]]:
    """One row per variable, also where nothing can be said: its ``reason`` then says why.

    Issues without a value of the variable are left out; values of fewer than five issues count as ``other``. The
    overall rate is of all issues ever fixed, with a value or without: it is the same in each row.

    Args:
        issues: rows of ``kpis.issue_features``.
    """
    rows = [_tested(issues, variable) for variable in VARIABLES]
    return with_adjusted(rows, [row["p_value"] for row in rows])


def _tested(issues: pd.DataFrame, variable: str) -> dict[str, Any]:
    # Of a value none of whose issues tells whether its fix lasted, no rate is known: it is in no comparison.
    values, is_known = words(issues, variable), numbers(issues, "is_recurrence_known") == 1
    back_times = recurrences(issues)
    ever_fixed = [times > 0 for times in back_times if not isnan(times)]
    telling = {value for value, known in zip(values, is_known, strict=True) if known}
    pairs = [
        (value, times > 0)
        for value, times in zip(values, back_times, strict=True)
        if value is not None and value in telling and not isnan(times)
    ]
    pooled = levels([value for value, _ in pairs])
    tested = [(value, back) for value, (_, back) in zip(pooled, pairs, strict=True) if value is not None]
    counts: dict[str, list[int]] = {}
    for value, back in tested:
        counts.setdefault(value, [0, 0])[0 if back else 1] += 1
    n, recurred = len(tested), sum(back for _, back in tested)
    row = {"variable": variable, "n": n, "values": len(counts), "p_value": None, **_highest(counts)}
    row |= {"overall_rate": sum(ever_fixed) / len(ever_fixed) if ever_fixed else None, "ever_fixed": len(ever_fixed)}
    row["reason"] = _unanswered(n, recurred, len(counts))
    if not pairs and (numbers(issues, "is_ever_fixed") == 1).any() and not is_known.any():
        row["reason"] = UNTOLD
    return row if row["reason"] else row | _figures(list(counts.values()))


def _unanswered(n: int, recurred: int, values: int) -> str | None:
    """Why nothing can be said, in words."""
    if n < RECURRENCE_MIN.value:
        return f"fewer than {RECURRENCE_MIN.value:.0f} issues that were ever fixed"
    if values < 2:  # noqa: PLR2004 - a comparison has two sides
        return f"fewer than two values of {LEVEL_MIN.value:.0f} issues or more"
    if recurred < VARIED_MIN.value:
        return f"fewer than {VARIED_MIN.value:.0f} came back"
    if n - recurred < VARIED_MIN.value:
        return f"fewer than {VARIED_MIN.value:.0f} did not come back"
    return None


def _highest(counts: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    """The value that comes back more often than the others do by the most standard errors, if any does.

    Not the highest rate: 3 of 5 is higher than 40 % of 500, and says less.
    """
    residuals = {value: found for value, found in adjusted_residuals(counts).items() if value != OTHER and found > 0}
    if not residuals:
        return dict.fromkeys(HIGHEST)
    value = max(sorted(residuals), key=lambda one: residuals[one])
    back, n = counts[value][0], sum(counts[value])
    interval = wilson_interval(back, n)
    assert interval is not None, "a value that came back has issues"
    return dict(zip(HIGHEST, (value, back / n, *interval, n, residuals[value]), strict=True))


def adjusted_residuals(counts: Mapping[str, Sequence[int]]) -> dict[str, float]:
    """How many standard errors more often each value came back than if all came back alike; 0 where none or all did.

    (observed - expected) / sqrt(expected (1 - share of the value) (1 - share that came back)): S. J. Haberman, "The
    analysis of residuals in cross-classified tables", Biometrics 29 (1973), 205-220.

    >>> found = adjusted_residuals({"a": (200, 300), "b": (50, 450), "c": (3, 2)})
    >>> [f"{value} {residual:.1f}" for value, residual in found.items()]
    ['a 10.8', 'b -11.0', 'c 1.8']
    """
    n, recurred = sum(map(sum, counts.values())), sum(back for back, _ in counts.values())
    residuals = {}
    for value, (back, not_back) in counts.items():
        size = back + not_back
        expected = size * recurred / n
        variance = expected * (1 - size / n) * (1 - recurred / n)
        residuals[value] = (back - expected) / sqrt(variance) if variance > 0 else 0.0
    return residuals


def _figures(counts: Sequence[Sequence[int]]) -> dict[str, Any]:
    import numpy as np
    from scipy.stats import chi2, fisher_exact

    table = np.array(counts, dtype=float)
    n, freedom = table.sum(), len(table) - 1
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / n
    chi_square = float(((table - expected) ** 2 / expected).sum())
    if expected.min() >= CELL_MIN:
        method, p_value = "chi-square", float(chi2.sf(chi_square, freedom))
    elif freedom == 1:
        method, p_value = "Fisher", float(fisher_exact(table.astype(int)).pvalue)
    else:
        method, p_value = "permutation", permutation_p_value(table, chi_square)
    return {
        "chi_square": chi_square,
        "degrees_of_freedom": freedom,
        "method": method,
        "p_value": min(1.0, p_value),
        "cramers_v": min(1.0, sqrt(chi_square / n)),
        "cramers_v_corrected": _corrected_v(chi_square, n, len(table)),
    }


def permutation_p_value(table: Numbers, chi_square: float) -> float:
    """How often chance alone sets the values as far apart, when the same issues come back in another order.

    The observed order counts as one of them, so that it is never 0: B. Phipson and G. K. Smyth, "Permutation P-values
    should never be zero", Statistical Applications in Genetics and Molecular Biology 9 (2010), article 39.
    """
    import numpy as np

    sizes, recurred = table.sum(axis=1), table[:, 0].sum()
    rng, times = np.random.default_rng(SEED), int(PERMUTATIONS.value)
    drawn = rng.multivariate_hypergeometric(sizes.astype(int), int(recurred), size=times)
    share = recurred / sizes.sum()
    # The cells of those that did not come back follow from these, so one column tells the whole statistic.
    every = ((drawn - sizes * share) ** 2 / (sizes * share * (1 - share))).sum(axis=1)
    return float((1 + np.sum(every >= chi_square * (1 - 1e-12))) / (1 + times))


def _corrected_v(chi_square: float, n: float, values: int) -> float:
    """Cramer's V without what chance adds to it: W. Bergsma, Journal of the Korean Statistical Society 42 (2013).

    Of a small table the plain one is far above 0 where nothing is.
    """
    freedom = values - 1
    excess = max(0.0, chi_square / n - freedom / (n - 1))
    smaller = min(values - freedom**2 / (n - 1) - 1, 1 - 1 / (n - 1))
    return min(1.0, sqrt(excess / smaller)) if smaller > 0 else 0.0
