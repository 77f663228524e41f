"""Does health of one week tell how many issues come weeks later?

Weekly series remember: two that wander on their own correlate. So a correlation counts for fewer weeks than there
are, by the autocorrelation of both series: 1/n_effective = 1/n + 2/n * sum over j of (n - j)/n * r_x(j) * r_y(j), up to
a quarter of the weeks (B. J. Pyper and R. M. Peterman, "Comparison of methods to account for autocorrelation in
correlation analyses of fish data", Canadian Journal of Fisheries and Aquatic Sciences 55 (1998), 2127-2140).

Chosen by measurement (``issue_patterns`` in benchmarks/RESULTS.md). Of 600 worlds of two independent series of 60
weeks, this many have a significant lag among eight: white noise 15, autoregression of 0.8 11, random walks 25 (of 104
weeks 31, 20 and 42); without the correction 23, 271 and 447. Where issues do follow a drop after three weeks, the
surest lag is that one in 455 of 493 worlds or more. The lags beside it are often significant too, as health remembers:
of health without a memory they are 28 of 628, and 38 of 545 where the effect is small. Circular shifts cannot tell
eight lags apart: their least p-value is 1/60.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import TYPE_CHECKING, Any

from analytics_assets.issue_thresholds import LAG_MIN_WEEKS, LAG_WEEKS
from analytics_assets.lib.issue_values import NOT_ENOUGH, numbers
from analytics_assets.lib.significance import p_in_words, with_adjusted
from analytics_assets.lib.words import plural

if TYPE_CHECKING:
    import pandas as pd

    from analytics_assets.lib.issue_values import Numbers

LEADER, FOLLOWER = "health_score", "new_issues"
LEAST_EFFECTIVE = 3.0
"""Weeks: of fewer a correlation has no distribution."""


def lag_correlations(weeks: pd.DataFrame) -> list[dict[str, Any]]:
    """One row per lag of 1 to 8 weeks, also where nothing can be said: its ``reason`` then says why.

    Args:
        weeks: ``health_score`` and ``new_issues`` by week in order, without a gap; NULL where not measured. The last
            one is over.
    """
    leader, follower = numbers(weeks, LEADER), numbers(weeks, FOLLOWER)
    rows = [_lagged(leader, follower, lag) for lag in range(1, int(LAG_WEEKS.value) + 1)]
    return with_adjusted(rows, [row["p_value"] for row in rows])


def health_leads(rows: Sequence[Mapping[Any, Any]]) -> str:
    """Whether new issues follow a drop in health, in a sentence with its figures.

    Args:
        rows: those of ``lag_correlations``, in any order; none where the table is not there.
    """
    judged = [row for row in rows if row["p_adjusted"] is not None]
    if not judged:
        reasons = [row["reason"] for row in rows if row["reason"]]
        n = max((row["n"] for row in rows), default=0)
        return f"{NOT_ENOUGH}{reasons[0] if reasons else 'no weekly health'} (n = {plural(n, 'week')})."
    surest = min(judged, key=lambda row: (row["p_adjusted"], -abs(row["correlation"])))
    p = p_in_words(surest["p_adjusted"])
    if not surest["is_significant"]:
        lags = [row["lag_weeks"] for row in judged]
        return (
            f"Nothing significant: how many new issues come {min(lags)} to {max(lags)} weeks later does not go with "
            f"health (least adjusted p {p}, n = {plural(surest['n'], 'week')})."
        )
    figures = f"(r = {surest['correlation']:.2f}, adjusted p {p}, n = {plural(surest['n'], 'week')})"
    number = "more" if surest["correlation"] < 0 else "fewer"
    text = f"A drop in health is followed by {number} new issues {plural(surest['lag_weeks'], 'week')} later {figures}"
    also = sorted(row["lag_weeks"] for row in judged if row["is_significant"] and row is not surest)
    if not also:
        return f"{text}."
    # Health of one week is much like that of the week before: what follows after three weeks seems to after two too.
    return f"{text}; significant too: {', '.join(map(str, also))} (health remembers, so these need not be others)."


def _lagged(leader: Numbers, follower: Numbers, lag: int) -> dict[str, Any]:
    import numpy as np

    earlier, later = leader[:-lag], follower[lag:]
    known = ~np.isnan(earlier) & ~np.isnan(later)
    x, y = earlier[known], later[known]
    row: dict[str, Any] = {"lag_weeks": lag, "leader": LEADER, "follower": FOLLOWER, "n": len(x), "p_value": None}
    row["reason"] = _unanswered(x, y)
    if row["reason"]:
        return row
    correlation = max(-1.0, min(1.0, float(np.corrcoef(x, y)[0, 1])))
    effective = effective_weeks(leader, follower, len(x))
    return row | {
        "correlation": correlation,
        "n_effective": effective,
        "p_value": p_value_of(correlation, effective),
    }


def _unanswered(x: Numbers, y: Numbers) -> str | None:
    """Why nothing can be said, in words."""
    import numpy as np

    if len(x) < LAG_MIN_WEEKS.value:
        return f"fewer than {LAG_MIN_WEEKS.value:.0f} pairs of weeks"
    for name, values in ((LEADER, x), (FOLLOWER, y)):
        if np.ptp(values) == 0:
            return f"{name} never varies"
    return None


def effective_weeks(leader: Numbers, follower: Numbers, n: int) -> float:
    """How many independent weeks ``n`` pairs of two series are worth: 3 to n."""
    import numpy as np

    lags = np.arange(1, n // 4 + 1)
    together = autocorrelations(leader, len(lags)) * autocorrelations(follower, len(lags))
    inverse = 1 / n + 2 / n * float(np.sum((n - lags) / n * together))
    # Series of opposite memory would be worth more weeks than there are: that is not claimed.
    return float(n) if inverse <= 1 / n else max(LEAST_EFFECTIVE, 1 / inverse)


def autocorrelations(values: Numbers, lags: int) -> Numbers:
    """Correlation of a series with itself 1 to ``lags`` weeks before, over the weeks that are known."""
    import numpy as np

    deviations = values - np.nanmean(values)
    filled = np.where(np.isnan(deviations), 0.0, deviations)
    variance = float(filled @ filled)
    return np.array([filled[:-lag] @ filled[lag:] / variance for lag in range(1, lags + 1)])


def p_value_of(correlation: float, effective: float) -> float:
    """How often two series of so many independent weeks correlate as much by chance (Student's t, two-sided)."""
    from scipy.stats import t

    if abs(correlation) >= 1:
        return 0.0 if effective > LEAST_EFFECTIVE else 1.0
    freedom = effective - 2
    statistic = abs(correlation) * sqrt(freedom / (1 - correlation**2))
    return float(min(1.0, 2 * t.sf(statistic, freedom)))
