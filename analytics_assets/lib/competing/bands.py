"""How far off a forecast may be: the band that four in five outcomes lie within."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analytics_assets.forecast_thresholds import CONTEST_BAND_LEVEL
from analytics_assets.thresholds import FORECAST_BAND_MIN, FORECAST_INTERVAL

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Band:
    """Half of its width ``lead`` steps ahead at a value is the root of (still + growing lead) max(|value|, least).

    So it is wider for larger values, as those of counts are, and further ahead where errors grew. ``least`` is in the
    unit of the series. NaN: too few errors to tell.
    """

    still: float = math.nan
    growing: float = math.nan
    least: float = math.nan

    def reach(self, values: Floats) -> Floats:
        """Half of the width at the values of the steps ahead, from the first."""
        leads = np.arange(1, values.shape[-1] + 1)
        width: Floats = np.sqrt((self.still + self.growing * leads) * np.maximum(np.abs(values), self.least))
        return width


def calibrated(answers: Floats, actual: Floats) -> Band:
    """The band that holds four in five of the errors in looks back, by split conformal prediction.

    Squared errors are still + growing lead, in these units the ceil((n + 1) 0.8) smallest of n errors lie within:
    V. Vovk, A. Gammerman, G. Shafer, "Algorithmic Learning in a Random World", 2005. Both tables have one row per look
    and one column per step ahead.
    """
    is_known = np.isfinite(actual) & np.isfinite(answers)
    if is_known.sum() < FORECAST_BAND_MIN.value:
        return Band()
    off = np.abs(answers - actual)[is_known]
    if not off.any():
        return Band(0.0, 0.0, 0.0)
    least = CONTEST_BAND_LEVEL.value * float(np.maximum(np.abs(actual), np.abs(answers))[is_known].mean())
    level = np.sqrt(np.maximum(np.abs(answers[is_known]), least))
    leads = np.broadcast_to(np.arange(1, actual.shape[1] + 1), actual.shape)[is_known].astype(float)
    still, growing = _growth(leads, (off / level) ** 2)
    spread = np.sqrt(still + growing * leads)
    place = min(len(off), math.ceil((len(off) + 1) * FORECAST_INTERVAL.value))
    width = float(np.sort(off / level / spread)[place - 1])
    return Band(width**2 * still, width**2 * growing, least)


def _growth(leads: Floats, squares: Floats) -> tuple[float, float]:
    from scipy.optimize import nnls

    (still, growing), _ = nnls(np.column_stack([np.ones_like(leads), leads]), squares)
    # Errors that fall to nothing with the lead are no reason for a band without a width at any of them.
    return (float(still), float(growing)) if still > 0 else (float(squares.mean()) / len(squares), float(growing))
