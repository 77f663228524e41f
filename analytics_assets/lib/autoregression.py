"""How a series remembers, and what is new in each value of it: autoregressions by Yule and Walker.

In a gap the last known value goes on. NumPy and SciPy are imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

LEAST_VARIANCE = 1e-12


def autoregression(row: Numbers, most: int) -> Numbers:
    """Weights of the values 1, 2, ... steps before, as many as Akaike's criterion wants; NaN is not measured.

    Args:
        row: around any mean.
        most: steps of the longest memory; a tenth of the known values at most.
    """
    import numpy as np
    from scipy.linalg import solve_toeplitz

    known = ~np.isnan(row)
    n = int(known.sum())
    if not n:
        return np.empty(0)
    covariances = _autocovariances(_carried(row, known), min(most, n // 10))
    if covariances[0] <= LEAST_VARIANCE:
        return np.empty(0)
    variances = _prediction_variances(covariances)
    order = int(np.argmin([n * np.log(max(v, LEAST_VARIANCE)) + 2 * p for p, v in enumerate(variances)]))
    if not order:
        return np.empty(0)
    weights: Numbers = solve_toeplitz(covariances[:order], covariances[1 : order + 1])
    return weights


def innovations(row: Numbers, weights: Numbers) -> Numbers:
    """What each value is beyond what the ones before it tell; NaN where not measured, and where none is before it."""
    import numpy as np

    known = ~np.isnan(row)
    if not known.any():
        return row
    carried = _carried(row, known)
    left = carried.copy()
    for back, weight in enumerate(weights, start=1):
        left[back:] -= weight * carried[:-back]
    # The first ones have no past: they would stand out.
    known[: len(weights)] = False
    return np.where(known, left, np.nan)


def _carried(row: Numbers, known: NDArray[np.bool_]) -> Numbers:
    """The row around 0; in a gap a series that wanders stays where it was, and before the first value it is 0."""
    import numpy as np

    centred = np.where(known, row - np.mean(row[known]), 0.0)
    carried: Numbers = centred[np.maximum.accumulate(np.where(known, np.arange(len(row)), 0))]
    return carried


def _autocovariances(values: Numbers, most: int) -> Numbers:
    """Autocovariances of lags 0 to ``most``, all by the whole length: only so are they of a series that can be."""
    import numpy as np

    n = len(values)
    return np.array([values[: n - lag] @ values[lag:] / n for lag in range(most + 1)])


def _prediction_variances(covariances: Numbers) -> list[float]:
    """Variance of what autoregressions of order 0, 1, ... leave (Levinson and Durbin); it ends where one is no more."""
    import numpy as np

    variances, weights = [float(covariances[0])], np.empty(0)
    for order in range(1, len(covariances)):
        reflected = (covariances[order] - weights @ covariances[order - 1 : 0 : -1]) / variances[-1]
        if abs(reflected) >= 1:
            break
        weights = np.append(weights - reflected * weights[::-1], reflected)
        variances.append(variances[-1] * (1 - reflected**2))
    return variances
