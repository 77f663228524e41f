"""What every detector takes and gives: a series of measurements, and a judgement of each of its points.

A detector is causal: what it says of a point rests on that point and on what came before it, so a judgement once given
never changes. A gap is not a zero: a point that was not measured is not judged, and tells nothing of its neighbours.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from analytics_assets.detector_thresholds import JUDGED_MIN_POINTS
from analytics_assets.limits import Setting

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Times = NDArray[np.datetime64]

Family = Literal["limit", "season", "change", "isolation", "density", "novelty"]
"""What a detector compares a point with; detectors of one family are no witnesses for each other."""
Worse = Literal["up", "down"]
LARGEST = 1e100
"""No measurement is beyond, and the squares of larger numbers are infinite: a record of 1e308 counts as this."""


@dataclass(frozen=True, eq=False)
class Series:
    """One signal: values at increasing times, of any step; points that are missing are gaps.

    Args:
        name: key of the signal.
        times: naive UTC, strictly increasing.
        values: NaN where not measured; what is not finite counts as that, and beyond 1e100 as 1e100.
        samples: records behind each value; None where it is not known. A rate of few samples is a coarse one.
        is_rate: whether a value is a share of its samples, within 0 to 1.
        worse: direction of trouble; None where neither is.

    Raises:
        ValueError: the arrays are not as long as each other, times do not increase, or a rate is not within 0 to 1.
    """

    name: str
    times: Times
    values: Numbers
    samples: Numbers | None = None
    is_rate: bool = False
    worse: Worse | None = None

    def __post_init__(self) -> None:
        values = np.asarray(self.values, dtype=np.float64)
        made = {"times": np.asarray(self.times, dtype="datetime64[s]"), "values": values}
        made["values"] = np.where(np.isfinite(values), np.clip(values, -LARGEST, LARGEST), np.nan)
        if self.samples is not None:
            made["samples"] = np.asarray(self.samples, dtype=np.float64)
        for name, array in made.items():
            object.__setattr__(self, name, array)  # it is frozen
            if array.shape != values.shape or array.ndim != 1:
                raise ValueError(f"{self.name}: {array.shape} {name} for {values.shape} values")
        if np.isnat(self.times).any() or (np.diff(self.seconds) <= 0).any():
            raise ValueError(f"{self.name}: times do not increase")
        known = self.values[self.is_known]
        if self.is_rate and ((known < 0) | (known > 1)).any():
            raise ValueError(f"{self.name}: a rate is not within 0 to 1")

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def seconds(self) -> NDArray[np.int64]:
        """Times as seconds since 1970."""
        return self.times.astype(np.int64)

    @cached_property
    def step_seconds(self) -> float:
        """Median distance of the first points, so that no later one changes it; 0 of fewer than two points."""
        first = self.seconds[: int(JUDGED_MIN_POINTS.value)]
        return float(np.median(np.diff(first))) if len(first) > 1 else 0.0

    @cached_property
    def is_known(self) -> NDArray[np.bool_]:
        """Which points were measured."""
        return ~np.isnan(self.values)

    def until(self, end: int) -> Series:
        """The first ``end`` points."""
        samples = None if self.samples is None else self.samples[:end]
        return Series(self.name, self.times[:end], self.values[:end], samples, self.is_rate, self.worse)


@dataclass(frozen=True, eq=False)
class Judgement:
    """What a detector says of each point of a series; NaN where it says nothing.

    Args:
        score: how far beyond the usual, in multiples of the detector's threshold: from 1 on the point is anomalous.
        expected: the value that would be usual.
        lower: least value that is still usual; NaN where the detector has no band.
        upper: largest value that is still usual; likewise.
        scale: robust standard deviation of what is usual around what is expected; None of a detector without one.
    """

    score: Numbers
    expected: Numbers
    lower: Numbers
    upper: Numbers
    scale: Numbers | None = None

    def band(self, coverage: float, *, is_rate: bool = False) -> tuple[Numbers, Numbers]:
        """Ends of the band that holds so large a share of usual values, normal ones around what is expected.

        It says what is usual; ``lower`` and ``upper`` say from where on a value is an alarm, are wider, and bound it.
        A detector without a scale has but these.
        """
        if self.scale is None:
            return self.lower, self.upper
        reach = NormalDist().inv_cdf((1 + coverage) / 2) * self.scale
        lower, upper = np.fmax(self.expected - reach, self.lower), np.fmin(self.expected + reach, self.upper)
        return (np.maximum(lower, 0.0), np.minimum(upper, 1.0)) if is_rate else (lower, upper)

    @property
    def is_anomalous(self) -> NDArray[np.bool_]:
        """Which points are beyond the threshold; what is not judged is not."""
        return np.nan_to_num(self.score, nan=0.0) >= 1

    @property
    def is_judged(self) -> NDArray[np.bool_]:
        """Which points anything is said of."""
        return ~np.isnan(self.score)

    @classmethod
    def nothing(cls, n: int) -> Judgement:
        """The judgement of a detector that can say nothing of ``n`` points."""
        return cls(*(np.full(n, np.nan) for _ in range(4)))


class Detector(Protocol):
    """Judges each point of a series by what came before it."""

    @property
    def name(self) -> str:
        """As the tables show it, in snake case."""

    @property
    def family(self) -> Family:
        """What it compares a point with."""

    @property
    def unit(self) -> str:
        """Unit of what is compared with the threshold."""

    @property
    def threshold(self) -> Setting:
        """From where on a point is anomalous."""

    def judge(self, series: Series, first: int = 0) -> Judgement:
        """The judgement of the points from ``first`` on; the ones before it are history and NaN."""
