"""What a quantity of a run is predicted from: features as of its start, and names as the rank of their runs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from analytics_assets.predicting.encoding import ENCODED, Coded, TargetRates, cross_fitted
from analytics_assets.predicting_thresholds import QUANTITY_ENCODING_FOLDS, QUANTITY_ENCODING_WEIGHT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from analytics_assets.predicting.examples import Examples

    Array = NDArray[np.float64]


class Target(NamedTuple):
    """A quantity: its unit, and what people call it."""

    unit: str
    said: str


TARGETS = {"duration_seconds": Target("seconds", "duration"), "llm_cost_usd": Target("USD", "cost")}
"""By the field of a run."""


def logarithms(examples: Examples, target: str) -> Array:
    """Of each example's quantity; NaN where it does not count.

    All judged runs with a value above 0 count, failed ones too: a timeout took its time. A cost of 0 has no logarithm
    and mostly is a price that nobody knew.

    Raises:
        ValueError: there is no such target.
    """
    if target not in TARGETS:
        raise ValueError(f"no target {target!r}: {', '.join(TARGETS)}")
    return np.array([_logarithm(getattr(run, target), run.is_failed) for run in examples.runs], dtype=float)


def _logarithm(value: float | None, is_failed: bool | None) -> float:
    if is_failed is None or value is None or not math.isfinite(value) or value <= 0:
        return math.nan
    return math.log(value)


@dataclass(frozen=True)
class Inputs:
    """How examples become numbers: ``columns`` of features in this order, then ``ENCODED``.

    A name is told by the mean rank (0 to 1) of its runs' values in the training fold, which no single long run decides;
    ``rates`` holds them.
    """

    columns: tuple[str, ...]
    ranks: TargetRates

    @classmethod
    def fit(cls, examples: Examples, values: Array) -> tuple[Self, Array]:
        """The inputs of these examples for others, and (n, inputs) of themselves, where no run tells its own rank."""
        from scipy.stats import rankdata

        weight, folds = QUANTITY_ENCODING_WEIGHT.value, int(QUANTITY_ENCODING_FOLDS.value)
        ranks = (rankdata(values) - 0.5) / len(values)
        names = Coded.of(examples.categories)
        own = cls(tuple(examples.features.columns), TargetRates.fit(names, ranks, weight=weight))
        encoded = cross_fitted(names, ranks, weight=weight, folds=folds)
        return own, np.column_stack([own._features(examples), encoded])

    @property
    def names(self) -> tuple[str, ...]:
        """Of the columns of ``of``."""
        return (*self.columns, *ENCODED)

    def of(self, examples: Examples) -> Array:
        """(n, inputs); a feature that vanished is not known (NaN), one that is new is not read."""
        return np.column_stack([self._features(examples), self.ranks.encoded(examples.categories)])

    def _features(self, examples: Examples) -> Array:
        found: Array = examples.features.reindex(columns=list(self.columns)).to_numpy(dtype=float)
        return np.where(np.isfinite(found), found, np.nan)

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return {"columns": list(self.columns), "ranks": self.ranks.as_json()}

    @classmethod
    def from_json(cls, written: Mapping[str, Any]) -> Self:
        """What ``as_json`` gave."""
        return cls(tuple(written["columns"]), TargetRates.from_json(written["ranks"]))
