"""Which signal moves first, and which one follows hours later?

Hourly series share their season and remember, so plain correlations find leads everywhere. Here what is usual at the
hour is taken out, large values are clipped, and each series is whitened by an autoregression of its own (L. D. Haugh,
"Checking the independence of two covariance-stationary time series", Journal of the American Statistical Association
71 (1976), 378-385). The correlations at all lags come from one Fourier transform. How far chance takes them is read
from the same two series shifted against each other by more than a day: their spread there, never below that of
independent hours, sets the p-value, which counts that the best of 49 lags was chosen.

Chosen by measurement (``leads_and_events`` in benchmarks/RESULTS.md). Of 100 worlds of 8 signals without a lead, none
or one has a significant one, be they white noise, autoregressions of 0.9, random walks, counts, bursts or full of gaps.
The share of all circular shifts of the plain series that reach as high finds one in 19 of 20: shifts overlap, and of a
month there are only about 14 that do not, too few to tell what is rare among thousands of pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analytics_assets.lib.autoregression import autoregression, innovations
from analytics_assets.lib.by_day import days_p_value
from analytics_assets.lib.signal_grid import Grid, evened, free_share, without_season
from analytics_assets.mining_thresholds import (
    LEAD_CLIP,
    LEAD_LAG,
    LEAD_MEMORY,
    LEAD_MIN_HOURS,
    LEAD_SEASON_WEEKS,
    LEAD_VARYING,
)
from analytics_assets.thresholds import SIGNIFICANT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

LAG = int(LEAD_LAG.value)
NOTHING = 1e-9


@dataclass(frozen=True)
class Lead:
    """Two signals compared: ``leader`` is the earlier one, ``lag_hours`` 0 where they move together.

    Args:
        n: hours in which both are known, at that lag.
        correlation: of ``plain``, at that lag.
        p_value: how often chance makes the best of all lags as large: the normal tail of its height over the spread
            at lags of more than a day, or that of Student's t over days where this is larger.
    """

    leader: str
    follower: str
    lag_hours: int
    n: int
    correlation: float
    p_value: float


def comparable(grid: Grid) -> list[int]:
    """Places of the signals that can be compared: two weeks of hours, and not flat."""
    import numpy as np

    left = without_season(grid, LEAD_SEASON_WEEKS.value)
    found = []
    for place, (row, values) in enumerate(zip(left, grid.values, strict=True)):
        known = ~np.isnan(values)
        varied = np.mean(np.abs(values[known] - np.median(values[known])) > 0) if known.any() else 0.0
        moves = np.abs(row[known]).max(initial=0.0) > NOTHING * max(1.0, np.abs(values[known]).max(initial=0.0))
        if known.sum() >= LEAD_MIN_HOURS.value and varied >= LEAD_VARYING.value and moves:
            found.append(place)
    return found


def leads(grid: Grid, tied: Sequence[str | None] | None = None) -> list[Lead]:
    """Every pair of the grid's signals at its surest lag, the surest pair first.

    Args:
        grid: ``comparable`` signals by hour.
        tied: by signal, the thing that it is a figure of: two figures of one thing are made of the same records and
            are not compared. None where a signal is of nothing else.
    """
    left = without_season(grid, LEAD_SEASON_WEEKS.value)
    shown = plain(grid)
    white = whitened(grid, left)
    spectra = _Spectra.of(white, free_share(grid, LEAD_SEASON_WEEKS.value))
    found = []
    for first in range(len(grid.names) - 1):
        others = [
            other
            for other in range(first + 1, len(grid.names))
            if tied is None or tied[first] is None or tied[first] != tied[other]
        ]
        for other, (lag, n, by_hour) in zip(others, spectra.best(first, others), strict=True):
            if n < LEAD_MIN_HOURS.value:
                continue
            by_day = _p_by_day(white[first], white[other], lag) if by_hour < SIGNIFICANT.value else 0.0
            found.append(_lead(grid, shown, first, other, lag, n, max(by_hour, by_day)))
    return sorted(found, key=lambda lead: (lead.p_value, -abs(lead.correlation), lead.leader, lead.follower))


def plain(grid: Grid) -> Numbers:
    """The grid without its season, in standard deviations of the hour, large values clipped; NaN where not measured."""
    import numpy as np

    even = evened(grid, without_season(grid, LEAD_SEASON_WEEKS.value))
    found: Numbers = np.clip(even, -LEAD_CLIP.value, LEAD_CLIP.value)
    return found


def whitened(grid: Grid, left: Numbers) -> Numbers:
    """What each series is beyond what its own past and the hour tell, in standard deviations; NaN where not measured.

    Args:
        grid: the signals.
        left: what is left of them without their season.
    """
    import numpy as np

    if not left.size:
        return left
    new = replace(
        grid, values=np.array([innovations(row, autoregression(row, int(LEAD_MEMORY.value))) for row in left])
    )
    # The season of a wandering series is known badly: what is wrong with it repeats weekly, and goes here.
    even = evened(new, without_season(new, LEAD_SEASON_WEEKS.value))
    limits = np.clip(even, -LEAD_CLIP.value, LEAD_CLIP.value)
    centred: Numbers = limits - np.nanmean(limits, axis=1, keepdims=True)
    return centred


def correlations_at(leader: Numbers, follower: Numbers, lags: Sequence[int]) -> list[float]:
    """Pearson's correlation of two series at each lag, of the hours that both know; NaN where it has none.

    A lag above 0 compares the follower with the leader so many hours before.
    """
    import numpy as np

    found = []
    for lag in lags:
        x, y = (leader, follower) if lag >= 0 else (follower, leader)
        steps = abs(lag)
        x, y = x[: len(x) - steps], y[steps:]
        known = ~np.isnan(x) & ~np.isnan(y)
        x, y = x[known], y[known]
        is_told = len(x) > 2 and np.ptp(x) > 0 and np.ptp(y) > 0  # noqa: PLR2004 - two points are always on a line
        found.append(float(np.corrcoef(x, y)[0, 1]) if is_told else float("nan"))
    return found


def _lead(grid: Grid, shown: Numbers, first: int, other: int, lag: int, n: int, p_value: float) -> Lead:
    if lag < 0:
        first, other, lag = other, first, -lag
    (correlation,) = correlations_at(shown[first], shown[other], [lag])
    return Lead(grid.names[first], grid.names[other], lag, n, correlation, p_value)


def _p_by_day(first: Numbers, other: Numbers, lag: int) -> float:
    """How often chance makes days agree as much on how the two go together, all lags counted."""
    import numpy as np

    x, y = (first, other) if lag >= 0 else (other, first)
    products = np.nan_to_num(x[: len(x) - abs(lag)] * y[abs(lag) :])
    days = np.add.reduceat(products, np.arange(0, len(products), 24))
    return _of_all_lags(days_p_value(days, both_ways=True), 2 * LAG + 1)


def _of_all_lags(p_value: float, lags: int) -> float:
    """The p-value of the best of so many lags (Sidak)."""
    from math import expm1, log1p

    return -expm1(lags * log1p(-min(p_value, 1 - 1e-12)))


@dataclass(frozen=True)
class _Spectra:
    """Fourier transforms of whitened series, their squares and where they are known."""

    hours: int
    size: int
    values: NDArray[np.complex128]
    squares: NDArray[np.complex128]
    known: NDArray[np.complex128]
    free: Numbers
    """By series: share of its hours that the season has left free."""

    @classmethod
    def of(cls, white: Numbers, free: Numbers) -> _Spectra:
        import numpy as np
        from scipy.fft import next_fast_len, rfft

        hours = white.shape[1] if white.size else 0
        size = next_fast_len(max(1, 2 * hours), real=True)
        filled, known = np.nan_to_num(white), (~np.isnan(white)).astype(float)
        transformed = [rfft(each, size, axis=1) for each in (filled, filled**2, known)]
        return cls(hours, size, transformed[0], transformed[1], transformed[2], free)

    def best(self, first: int, others: Sequence[int]) -> list[tuple[int, int, float]]:
        """By other series: the lag at which it goes most with the first one, hours in common, p-value."""
        import numpy as np
        from scipy.stats import norm

        if not others:
            return []
        lags = np.arange(-(self.hours // 2), self.hours // 2 + 1)
        n = np.maximum(np.round(self._at(lags, self.known[first], self.known, others)), 0)
        power = self._at(lags, self.squares[first], self.known, others) * self._at(
            lags, self.known[first], self.squares, others
        )
        sums = self._at(lags, self.values[first], self.values, others)
        with np.errstate(divide="ignore", invalid="ignore"):
            scores = np.where(power > NOTHING, sums / np.sqrt(power) * np.sqrt(n), 0.0)
        # Where the season took the median of few values, as many hours as it has slots are no longer their own.
        scores *= np.sqrt(np.sqrt(self.free[first] * self.free[list(others)]))[:, None]
        near = np.abs(lags) <= LAG
        # Chance is what is seen where nothing can lead: beyond a day, both ways.
        spread = np.maximum(1.0, np.sqrt(np.mean(scores[:, ~near] ** 2, axis=1))) if (~near).any() else 1.0
        heights = np.abs(scores[:, near]) / np.reshape(spread, (-1, 1))
        place = np.argmax(heights, axis=1)
        alone = 2 * norm.sf(heights[np.arange(len(others)), place])
        p_values = [_of_all_lags(p, int(near.sum())) for p in alone.tolist()]
        counts = n[:, near][np.arange(len(others)), place]
        return list(zip(lags[near][place].tolist(), counts.astype(int).tolist(), p_values, strict=True))

    def _at(
        self,
        lags: NDArray[np.int64],
        one: NDArray[np.complex128],
        many: NDArray[np.complex128],
        others: Sequence[int],
    ) -> Numbers:
        """Sums of one(t) x many(t + lag) over t, by other series and lag."""
        from scipy.fft import irfft

        found: Numbers = irfft(one.conj() * many[list(others)], self.size, axis=1)[:, lags]
        return found
