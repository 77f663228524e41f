"""Whether a short series goes up or down, without a guess at its shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from analytics_assets.issue_thresholds import HEALTH_TREND_MIN_WEEKS, HEALTH_TREND_P

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


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
    import numpy as np
    from scipy.stats import kendalltau

    if len(values) < HEALTH_TREND_MIN_WEEKS.value:
        return None
    p_value = float(kendalltau(steps, values).pvalue)
    # Of a series that never varies no order can be told: Kendall's test has no value.
    slope = float(np.median(pair_slopes(np.asarray(steps, dtype=float), np.asarray(values, dtype=float))))
    return MonotoneTrend(slope, 1.0 if math.isnan(p_value) else p_value, len(values))


def may_have_order(values: Sequence[float]) -> bool:
    """Whether Kendall's test can find an order; where not, it is not asked: to import SciPy takes most of a second.

    >>> may_have_order([60, 62, 63, 66, 67, 70]), may_have_order([70, 71, 69, 70.5, 70, 69.5])
    (True, False)
    """
    n = len(values)
    ordered = sum((b > a) - (b < a) for i, a in enumerate(values) for b in values[i + 1 :])
    # One standard deviation of that sum under chance; at 0.05 two are needed.
    return ordered**2 > n * (n - 1) * (2 * n + 5) / 18


def pair_slopes(steps: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The slope of each pair, ascending; their median is that of Theil and Sen. Steps differ.

    >>> import numpy as np
    >>> pair_slopes(np.array([0.0, 1.0, 3.0]), np.array([5.0, 6.0, 2.0])).tolist()
    [-2.0, -1.0, 1.0]
    """
    import numpy as np

    later, earlier = np.triu_indices(len(values), 1)[::-1]
    return np.sort((values[later] - values[earlier]) / (steps[later] - steps[earlier]))
