"""How wrong a forecast was, in figures that can be compared between series."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PERCENT = 100.0


def naive_scale(values: Floats, season: int) -> float:
    """Mean absolute difference to the season before, in the unit of the series; NaN where none is known.

    What errors are divided by in MASE: R. J. Hyndman, A. B. Koehler, "Another look at measures of forecast accuracy",
    2006. It is of the values that a method learnt from, not of those that it forecasts.

    >>> naive_scale(np.array([1.0, 2.0, 4.0]), 1)
    1.5
    """
    off = np.abs(values[season:] - values[:-season])
    off = off[np.isfinite(off)]
    return float(off.mean()) if len(off) else math.nan


def mase(forecast: Floats, actual: Floats, scale: float) -> float:
    """Mean absolute error of the measured steps over the scale; NaN without a step or a scale above 0."""
    off = np.abs(forecast - actual)
    off = off[np.isfinite(off)]
    return float(off.mean() / scale) if len(off) and scale > 0 else math.nan


def smape(forecast: Floats, actual: Floats) -> float:
    """Mean of 200 |a - f| / (|a| + |f|) of the measured steps, percent from 0 to 200; both 0 is no error.

    As in the M4 competition: S. Makridakis, E. Spiliotis, V. Assimakopoulos, 2020.

    >>> smape(np.array([0.0, 3.0]), np.array([0.0, 1.0]))
    50.0
    """
    both = np.abs(forecast) + np.abs(actual)
    is_known = np.isfinite(both)
    both, off = both[is_known], np.abs(forecast - actual)[is_known]
    shares = np.divide(2 * PERCENT * off, both, out=np.zeros_like(off), where=both > 0)
    return float(shares.mean()) if len(shares) else math.nan


def coverage(lower: Floats, upper: Floats, actual: Floats) -> float:
    """Share of the measured steps within the band, its ends included; NaN without one."""
    is_told = np.isfinite(lower) & np.isfinite(upper) & np.isfinite(actual)
    inside = (actual >= lower) & (actual <= upper)
    return float(inside[is_told].mean()) if is_told.any() else math.nan
