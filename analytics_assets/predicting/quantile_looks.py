"""What contestants answered to the runs after a moment, learnt from what was known before it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from analytics_assets.predicting.performance_inputs import Inputs
from analytics_assets.predicting.quantile_bands import QUANTILES, banded, offsets
from analytics_assets.predicting.quantile_regressors import PerformanceParameters, Regressor, fit_regressor
from analytics_assets.predicting_thresholds import BAND_LOOKS, BAND_MIN_RUNS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analytics_assets.predicting.examples import Examples
    from analytics_assets.predicting.splits import Split

    Array = NDArray[np.float64]
    Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Raw:
    """What one contestant learnt, before its quantiles are moved; ``span`` are the least and largest value it saw."""

    inputs: Inputs
    regressor: Regressor
    span: tuple[float, float]

    @classmethod
    def fit(cls, inputs: Inputs, table: Array, values: Array, parameters: PerformanceParameters) -> Self:
        """Learn ``values`` of the rows of ``table``, as ``Inputs.fit`` gave it."""
        return cls(inputs, fit_regressor(parameters, table, values), (float(values.min()), float(values.max())))


@dataclass(frozen=True)
class QuantileLook:
    """Raw answers by contestant to the tested runs: (all examples, 3), NaN for the rest. ``ms``: a prediction took."""

    split: Split
    span: tuple[float, float]
    raw: Mapping[str, Array]
    ms: Mapping[str, float]

    @classmethod
    def back(
        cls, examples: Examples, values: Array, split: Split, contestants: Mapping[str, PerformanceParameters]
    ) -> Self:
        """Learn from one side of the split and answer the other."""
        learnt = values[split.train]
        inputs, table = Inputs.fit(examples.take(split.train), learnt)
        tested = examples.take(split.test)
        began = time.perf_counter()
        asked = inputs.of(tested)
        preparing = time.perf_counter() - began
        answers, ms = {}, {}
        for name, parameters in contestants.items():
            regressor = fit_regressor(parameters, table, learnt)
            began = time.perf_counter()
            answer = regressor.raw(asked)
            ms[name] = 1_000 * (preparing + time.perf_counter() - began) / max(len(tested), 1)
            answers[name] = np.full((len(values), len(QUANTILES)), np.nan)
            answers[name][split.test] = answer
        return cls(split, (float(learnt.min()), float(learnt.max())), answers, ms)

    def moved(self, by: Array, name: str) -> Array:
        """The answers of one contestant with its quantiles moved."""
        return banded(self.raw[name], by, self.span)


class Off(NamedTuple):
    """What to move each quantile by, and how many runs told it."""

    by: Array
    n: int


def off_by(looks: Sequence[QuantileLook], values: Array, known: Mask, name: str) -> Off | None:
    """How far the last two looks' quantiles were off, see ``offsets``; None where too few runs tell.

    Older looks are of a model that knew less, and of runs as they were then.

    Args:
        looks: oldest first.
        values: of all examples.
        known: the examples whose value may be used.
        name: of the contestant.
    """
    pairs = [(look.raw[name], look.split.test & known) for look in looks[-int(BAND_LOOKS.value) :]]
    n = sum(int(rows.sum()) for _, rows in pairs)
    if n < BAND_MIN_RUNS.value:
        return None
    actual = np.concatenate([values[rows] for _, rows in pairs])
    return Off(offsets(actual, np.concatenate([raw[rows] for raw, rows in pairs])), n)
