"""What sums would be if other days had been drawn: a bootstrap of days, as executions of a day have much in common.

A. C. Davison and D. V. Hinkley, "Bootstrap Methods and their Application" (1997), section 3.8 on resampling clusters.
The seed is fixed: the same records have the same draws.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analytics_assets.mining_thresholds import STEP_BOOTSTRAPS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SEED = 0


def drawn_sums(times: NDArray[Any], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sums of columns over as many days as there are, drawn with replacement: draws by columns.

    Args:
        times: when each row was, as datetime64.
        values: rows by columns, none of them NaN.
    """
    import numpy as np

    days, place = np.unique(times.astype("datetime64[D]"), return_inverse=True)
    per_day = np.zeros((len(days), values.shape[1]))
    np.add.at(per_day, place, values)
    if not len(days):
        return np.zeros((int(STEP_BOOTSTRAPS.value), values.shape[1]))
    rng = np.random.default_rng(SEED)
    weights = rng.multinomial(len(days), np.full(len(days), 1 / len(days)), size=int(STEP_BOOTSTRAPS.value))
    sums: NDArray[np.float64] = weights @ per_day
    return sums
