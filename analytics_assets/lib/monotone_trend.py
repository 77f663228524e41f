"""Whether a short series goes up or down, without a guess at its shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from analytics_assets.issue_thresholds import HEALTH_TREND_MIN_WEEKS, HEALTH_TREND_P


class MonotoneTrend(NamedTuple):
    """``slope`` per step (Theil-Sen: the median of all pairs' slopes) and the p-value of Kendall's test (two-sided)."""

    slope: float
    p_value: float
    n: int

    @property
    def is_clear(self) -> bool:
        """Whether chance makes such an order rarely enough."""
        return self.p_value < HEALTH_TREND_P.value


def monotone_trend(steps: Sequence[float], values: Sequence[float]) -> MonotoneTrend | None:
    """The trend of ``values`` over ``steps``; None with too few of them.

    >>> found = monotone_trend(range(6), [60, 62, 63, 66, 67, 70])
    >>> f"{found.slope:.2f} {found.p_value:.4f} {found.is_clear}"
    '2.00 0.0028 True'
    >>> monotone_trend(range(6), [5, 5, 5, 5, 5, 5]).is_clear
    False
    """
    from scipy.stats import kendalltau, theilslopes

    if len(values) < HEALTH_TREND_MIN_WEEKS.value:
        return None
    p_value = float(kendalltau(steps, values).pvalue)
    # Of a series that never varies no order can be told: Kendall's test has no value.
    return MonotoneTrend(float(theilslopes(values, steps)[0]), 1.0 if math.isnan(p_value) else p_value, len(values))
