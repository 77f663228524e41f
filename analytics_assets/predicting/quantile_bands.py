"""Three quantiles of a quantity: their loss, how often they hold, and how far they are moved so that they do.

A band is moved by what was seen where it was not fitted (split conformal prediction: J. Lei and others, JASA 2018; of
quantiles: Y. Romano and others, NeurIPS 2019), here on the runs after each of several moments, as time has one way.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

QUANTILES = (0.1, 0.5, 0.9)
"""Of each answer, rising: the middle is the guess, the outer two hold 80 % of what comes."""


def pinball_losses(actual: NDArray[np.float64], quantiles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean pinball loss of the three quantiles, for each of ``n`` values; least in the mean where they are true.

    Args:
        actual: (n,), NaN gives NaN.
        quantiles: (n, 3) in the order of ``QUANTILES``, in the unit of ``actual``.
    """
    above = actual[:, None] - quantiles
    levels = np.asarray(QUANTILES)
    losses: NDArray[np.float64] = np.maximum(levels * above, (levels - 1) * above).mean(axis=1)
    return losses


def coverage(actual: NDArray[np.float64], quantiles: NDArray[np.float64]) -> float:
    """Share of values within the outer two quantiles, ends included; 0.8 is right. NaN of no value."""
    inside = (quantiles[:, 0] <= actual) & (actual <= quantiles[:, -1])
    return float(inside.mean()) if len(inside) else math.nan


def offsets(actual: NDArray[np.float64], raw: NDArray[np.float64]) -> NDArray[np.float64]:
    """What to add to each of three raw quantiles so that its share of these values lies under it: (3,).

    Outer ends are taken one value further out than the sample's own quantile, as one more value may fall anywhere.

    Args:
        actual: (n,) values that ``raw`` was not fitted to; n > 0.
        raw: (n, 3); a model that guesses one number gives it three times.
    """
    residuals = np.sort(actual[:, None] - raw, axis=0)
    n = len(residuals)
    low = max(math.floor(QUANTILES[0] * (n + 1)), 1) - 1
    high = min(math.ceil(QUANTILES[-1] * (n + 1)), n) - 1
    return np.array([residuals[low, 0], np.median(residuals[:, 1]), residuals[high, 2]])


def banded(raw: NDArray[np.float64], moved: NDArray[np.float64], span: tuple[float, float]) -> NDArray[np.float64]:
    """The raw quantiles moved by ``offsets``, in rising order and within what was ever seen: (n, 3).

    Quantiles that cross are sorted, which never errs more (V. Chernozhukov and others, Econometrica 2010).
    """
    ordered: NDArray[Any] = np.sort(raw + moved, axis=1)
    return ordered.clip(*span)
