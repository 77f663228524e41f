"""Does the past of one series help to foretell another one beyond its own past?

A second opinion by regression (C. W. J. Granger, "Investigating causal relations by econometric models and
cross-spectral methods", Econometrica 37 (1969), 424-438): no proof of a cause, as both may follow a third.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from analytics_assets.lib.leads import LAG
from analytics_assets.mining_thresholds import LEAD_MIN_HOURS
from analytics_assets.thresholds import SIGNIFICANT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]


def granger_p(leader: Numbers, follower: Numbers, lag: int) -> float | None:
    """How often chance makes the leader's last ``lag`` hours help as much (F-test); None where nothing can be said.

    Args:
        leader: by hour, without its season; NaN where not measured.
        follower: as the leader, at the same hours.
        lag: hours of both pasts, 1 to 24.

    Raises:
        ValueError: the lag is not within 1 to 24 hours.
    """
    import numpy as np
    from scipy.stats import f

    if not 1 <= lag <= LAG:
        raise ValueError(f"a lag of {lag} hours is not within 1 to {LAG}")
    if not (_is_stationary(leader) and _is_stationary(follower)):
        leader, follower = np.diff(leader), np.diff(follower)
    rows = [np.ones(len(follower) - lag)]
    rows += [series[lag - back : len(series) - back] for series in (follower, leader) for back in range(1, lag + 1)]
    table, wanted = np.array(rows).T, follower[lag:]
    known = ~np.isnan(table).any(axis=1) & ~np.isnan(wanted)
    table, wanted = table[known], wanted[known]
    freedom = len(wanted) - table.shape[1]
    if len(wanted) < LEAD_MIN_HOURS.value or freedom <= 0:
        return None
    own, both = _unexplained(table[:, : lag + 1], wanted), _unexplained(table, wanted)
    if both <= 0:
        return None
    return float(f.sf((own - both) / lag / (both / freedom), lag, freedom))


def _unexplained(table: Numbers, wanted: Numbers) -> float:
    import numpy as np

    weights, _, _, _ = np.linalg.lstsq(table, wanted, rcond=None)
    return float(np.sum((wanted - table @ weights) ** 2))


def _is_stationary(series: Numbers) -> bool:
    """Whether a unit root is refused (augmented Dickey and Fuller); a series that never varies has none."""
    import numpy as np
    from statsmodels.tsa.stattools import adfuller

    known = series[~np.isnan(series)]
    if len(known) < LEAD_MIN_HOURS.value or np.ptp(known) == 0:
        return True
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return bool(adfuller(known, maxlag=LAG, autolag=None)[1] < SIGNIFICANT.value)
