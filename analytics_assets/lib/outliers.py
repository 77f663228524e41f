"""Fixes that are unlike the others, each with the figure that deviates most.

Two tests must agree. An Isolation Forest (F. T. Liu, K. M. Ting and Z.-H. Zhou, ICDM 2008) finds the tenth that is
easiest to set apart, as the framework asks; of pure noise it would call a tenth anomalous too. So one figure must also
lie 3.5 robust deviations from what is usual (B. Iglewicz and D. C. Hoaglin, "How to Detect and Handle Outliers", 1993).
What is usual for a time is the median of all, and that of the 30 issues of nearest complexity. A time may be far above
it or below; of complexity and of files only many are odd: a fix of nothing but a line is the simplest there is.

Measured in 50 worlds of 300 fixes of which 10 took 8 times as long as their complexity says: precision 98 %, recall
98 % (at 4 times 96 % and 62 %). Of pure noise a world of 300 has 0.46 anomalies and one of 10,000 has 8.4
(``issue_patterns`` in benchmarks/RESULTS.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from typing import TYPE_CHECKING, Any

from analytics_assets.issue_thresholds import (
    ANOMALY_DEVIATIONS,
    ANOMALY_MIN,
    ANOMALY_NEIGHBOURS,
    ANOMALY_SHARE,
)
from analytics_assets.lib.issue_values import is_fixed, numbers
from analytics_assets.lib.plain_rows import plain_rows
from analytics_assets.lib.robust import scale_of
from analytics_assets.lib.words import plural

if TYPE_CHECKING:
    import pandas as pd

    from analytics_assets.lib.issue_values import Numbers

SEED = 0
TIME, FOR_COMPLEXITY = "time_spent_minutes", "minutes_for_complexity"
"""The time of a fix against that of all, and against that of fixes of its complexity."""
AMOUNTS = ("complexity_score", "files_affected_count")
CARRIED = ("id", "issue", "category", "priority", TIME, *AMOUNTS)


@dataclass(frozen=True)
class Figure:
    """One figure of all examined issues: its value, what is usual, and the robust deviations between them."""

    feature: str
    values: Numbers
    usual: Numbers
    deviations: Numbers


def examined_issues(issues: pd.DataFrame) -> pd.DataFrame:
    """The issues that can be judged: fixed, with a time above 0."""
    chosen: pd.DataFrame = issues[is_fixed(issues) & (numbers(issues, "time_spent_minutes") > 0)]
    return chosen.reset_index(drop=True)


def issue_anomalies(issues: pd.DataFrame) -> list[dict[str, Any]]:
    """One row per anomalous issue, the farthest deviation first; none of fewer than 30 fixed issues with a time.

    Args:
        issues: rows of ``kpis.issue_features``. A figure that is not known deviates from nothing.
    """
    import numpy as np

    examined = examined_issues(issues)
    if len(examined) < ANOMALY_MIN.value:
        return []
    figures = _figures(examined)
    sizes = np.abs(np.array([figure.deviations for figure in figures]))
    sizes = np.where(np.isnan(sizes), 0.0, sizes)
    farthest, largest = sizes.argmax(axis=0), sizes.max(axis=0)
    scores, is_isolated = isolation(examined, figures)
    anomalous = np.flatnonzero(is_isolated & (largest > ANOMALY_DEVIATIONS.value))
    rows = []
    for place, carried in zip(anomalous, plain_rows(examined.iloc[anomalous][list(CARRIED)]), strict=True):
        figure = figures[farthest[place]]
        value, usual = float(figure.values[place]), float(figure.usual[place])
        deviation = float(figure.deviations[place])
        rows.append(
            carried
            | {
                "isolation_score": float(scores[place]),
                "feature": figure.feature,
                "value": value,
                "usual_value": usual,
                "deviation": deviation,
                "reason": reason(figure.feature, value, usual, deviation),
                "examined": len(examined),
            }
        )
    return sorted(rows, key=lambda row: (-abs(row["deviation"]), str(row["id"])))


def isolation(examined: pd.DataFrame, figures: list[Figure]) -> tuple[Numbers, Numbers]:
    """How easily each issue is set apart, 0 to 1, and which are of the tenth that is set apart first."""
    import numpy as np
    from sklearn.ensemble import IsolationForest

    logs = [np.log1p(np.maximum(0.0, numbers(examined, name))) for name in (TIME, *AMOUNTS)]
    columns = [np.where(np.isnan(column), _median(column), column) for column in logs]
    (for_complexity,) = (figure.deviations for figure in figures if figure.feature == FOR_COMPLEXITY)
    columns.append(np.where(np.isnan(for_complexity), 0.0, for_complexity))
    matrix = np.column_stack(columns)
    forest = IsolationForest(contamination=ANOMALY_SHARE.value, random_state=SEED).fit(matrix)
    return -forest.score_samples(matrix), forest.predict(matrix) == -1


def usual_times(logs: Numbers, complexity: Numbers) -> Numbers:
    """The median of the times of the 30 issues of nearest complexity; NaN where complexity is not known, or of so few.

    Issues of one complexity have one usual time, however many they are.
    """
    import numpy as np

    usual = np.full(len(logs), np.nan)
    known = np.flatnonzero(~np.isnan(complexity))
    half = int(ANOMALY_NEIGHBOURS.value) // 2
    if len(known) < 2 * half:
        return usual
    order = known[np.argsort(complexity[known], kind="stable")]
    ordered = complexity[order]
    for value in np.unique(ordered):
        low = int(np.searchsorted(ordered, value, side="left"))
        high = int(np.searchsorted(ordered, value, side="right"))
        # Towards an end there are fewer neighbours on one side, and more are taken on the other.
        first = max(0, min(low - half, len(order) - 2 * half))
        last = min(len(order), max(high + half, 2 * half))
        usual[order[low:high]] = np.median(logs[order[first:last]])
    return usual


def robust_deviations(values: Numbers, usual: Numbers) -> Numbers:
    """Distances from what is usual in robust standard deviations; NaN where a value is not known.

    0 everywhere where no value differs from what is usual.
    """
    import numpy as np

    distances = values - usual
    spread = scale_of(distances[~np.isnan(distances)])
    return distances / spread if spread else np.where(np.isnan(distances), np.nan, 0.0)


def reason(feature: str, value: float, usual: float, deviation: float) -> str:
    """Why an issue is unlike the others, in words.

    >>> reason("time_spent_minutes", 0.5, 9.0, -4.13)
    'took 0.5 min; issues usually take 9 min (4.1 robust deviations below)'
    >>> reason("minutes_for_complexity", 30.0, 9.0, 4.13)
    'took 30 min; issues of its complexity take 9 min (4.1 robust deviations above)'
    >>> reason("files_affected_count", 40.0, 2.0, 5.2)
    'touches 40 files; issues usually touch 2 (5.2 robust deviations above)'
    """
    how_far = f"({abs(deviation):.1f} robust deviations {'above' if deviation > 0 else 'below'})"
    if feature in {TIME, FOR_COMPLEXITY}:
        others = "issues usually take" if feature == TIME else "issues of its complexity take"
        return f"took {value:.3g} min; {others} {usual:.3g} min {how_far}"
    if feature == "files_affected_count":
        return f"touches {plural(round(value), 'file')}; issues usually touch {usual:.3g} {how_far}"
    return f"has a complexity of {value:.3g}; issues usually have {usual:.3g} {how_far}"


def _figures(examined: pd.DataFrame) -> list[Figure]:
    """Times in both directions, complexity and files above. Deviations are of logarithms: all are skewed."""
    import numpy as np

    minutes = numbers(examined, TIME)
    logs = np.log(minutes)
    of_all = np.full(len(logs), np.median(logs))
    of_alike = usual_times(logs, numbers(examined, "complexity_score"))
    figures = [
        Figure(name, minutes, np.exp(usual), robust_deviations(logs, usual))
        for name, usual in ((FOR_COMPLEXITY, of_alike), (TIME, of_all))
    ]
    for name in AMOUNTS:
        values = numbers(examined, name)
        logs = np.log1p(np.maximum(0.0, values))
        middle = np.full(len(logs), _median(logs))
        above = np.maximum(0.0, robust_deviations(logs, middle))
        figures.append(Figure(name, values, np.full(len(logs), exp(middle[0]) - 1), above))
    return figures


def _median(values: Numbers) -> float:
    """The median of what is known; 0 where nothing is."""
    import numpy as np

    known = values[~np.isnan(values)]
    return float(np.median(known)) if len(known) else 0.0
