"""How surprising a rate is for the number of its samples: one failure of one call is no news."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analytics_assets.lib.chernoff import rate_nats

if TYPE_CHECKING:
    from analytics_assets.lib.detectors.series import Numbers, Series


@dataclass(frozen=True, eq=False)
class Sampling:
    """What samples alone make of each rate.

    Args:
        usual: the usual rate at each point, drawn towards a half by two samples: what never failed in five calls may
            well fail in the sixth.
        scale: standard deviation of a rate of so many samples.
        nats: how surprising the rate is, at least: Chernoff's bound n KL(rate || usual). Where 2 % is usual, one
            failure of one call has 3.9 nats, two of two have 7.8, and 12 of 27 have 24.
        deviations: the signed root of twice the nats; where that is nearer to 0, the distance in ``scale``.
    """

    usual: Numbers
    scale: Numbers
    nats: Numbers
    deviations: Numbers


def sampling(series: Series, expected: Numbers | None = None) -> Sampling | None:
    """The sampling of a rate; None of what is no rate, or has no samples.

    Args:
        series: what is judged.
        expected: the usual rate at each point; None, or NaN, takes that of all samples before it.
    """
    if not series.is_rate or series.samples is None:
        return None
    rate = np.nan_to_num(series.values)
    n = np.where(series.is_known, np.nan_to_num(series.samples), 0.0)
    before, hits = np.cumsum(n) - n, np.cumsum(n * rate) - n * rate
    if expected is not None:
        hits = np.where(np.isnan(expected), hits, expected * before)
    # Sums of many shares may be a rounding below 0 or above the whole.
    usual = (np.clip(hits, 0.0, before) + 1) / (before + 2)
    nats = rate_nats(rate, usual, n)
    scale = np.sqrt(usual * (1 - usual) / np.maximum(n, 1.0))
    distances = (series.values - usual) / scale
    return Sampling(usual, scale, nats, np.sign(distances) * np.minimum(np.abs(distances), np.sqrt(2 * nats)))
