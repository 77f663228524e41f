"""What there is to predict of a run before it starts, and what training, registry and tuning treat alike of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from analytics_assets.predicting.examples import Examples

    Array = NDArray[np.float64]

Parameters = Mapping[str, Any]
Dataset = Literal["time_split", "rolling_origin", "same_split"]


class Model(Protocol):
    """A fitted model, whatever it predicts."""

    def predict(self, examples: Examples) -> Array:
        """One answer per example: a probability, or the 10 %, 50 % and 90 % quantiles."""

    def importance(self) -> dict[str, float]:
        """Share of what it knows that each feature brings, by the name of the feature or category."""

    def with_shuffled(self, encoding: str, order: NDArray[np.int64]) -> Model:
        """The same model, which takes one of ``ENCODED`` of each example from another: what that costs, it is worth.

        Args:
            encoding: its name.
            order: numbers of the examples that will be asked about, each once.
        """

    def lacking(self, examples: Examples) -> list[str]:
        """Features that it learnt from and that these examples do not have: to it they are not known."""

    def save(self, folder: Path) -> None:
        """Write its files into a folder that is there: plain data, nothing that runs code when it is read."""


@dataclass(frozen=True)
class Metric:
    """One figure of a judgement.

    Args:
        dataset: what it was judged on.
        name: as ``brier``; of a curve or matrix its points are in ``context``.
        value: the figure; of a curve or matrix a figure of it.
        kind: ``loss`` (less is better), ``score`` (more is better), ``share``, ``ratio``, ``milliseconds``, ``curve``
            or ``matrix``.
        context: what belongs to it.
        baseline: name of what it is held against.
        against: that one's figure.
    """

    dataset: Dataset
    name: str
    value: float | None
    kind: str
    context: Mapping[str, Any] = field(default_factory=dict)
    baseline: str | None = None
    against: float | None = None


@dataclass(frozen=True)
class Judgement:
    """How a model of one purpose does on what it had not seen.

    Args:
        split_at: learnt from before, tested from then on, naive UTC.
        algorithm: what is published where it is better, in words.
        parameters: what that is fitted with: of several contestants the winner's.
        is_better: than every baseline.
        verdict: why or why not, in a sentence.
        scores: the main figures of the time split: ``brier``, ``auc`` and ``accuracy``, or ``pinball``.
        metrics: all of them.
        tested: examples of the test part.
        validated: examples that the rolling origins predicted; those of the test part are among them.
        model: as it was fitted on what was known before ``split_at``; None where judging keeps none.
    """

    split_at: datetime
    algorithm: str
    parameters: Parameters
    is_better: bool
    verdict: str
    scores: Mapping[str, float | None]
    metrics: tuple[Metric, ...]
    tested: int
    validated: int
    model: Model | None = None


@dataclass(frozen=True)
class Purpose:
    """One thing to predict.

    Args:
        name: of the model.
        model_type: ``classification`` or ``regression``.
        purpose: what its answer says, in a sentence.
        target: column of ``predictions.run_features`` that it predicts.
        loss: name of the mean loss: less is better.
        parameters: those to begin with.
        targets: of each example; NaN where it is not known.
        fit: on examples whose target is known.
        judge: the same parameters on the past; a sentence where there is not enough to judge by.
        losses: of each example with a known target, of a fitted model.
        load: what ``Model.save`` wrote.
    """

    name: str
    model_type: Literal["classification", "regression"]
    purpose: str
    target: str
    loss: Literal["brier", "pinball"]
    parameters: Parameters
    targets: Callable[[Examples], Array]
    fit: Callable[[Examples, Parameters], Model]
    judge: Callable[[Examples, Parameters], Judgement | str]
    losses: Callable[[Model, Examples], Array]
    load: Callable[[Path], Model]
