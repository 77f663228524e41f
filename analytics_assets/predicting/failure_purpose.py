"""The model of failing runs as training, registry and tuning see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from analytics_assets.predicting.failure import DEFAULTS, FailureModel, parameters_from
from analytics_assets.predicting.judging import ENSEMBLE, judge_failure
from analytics_assets.predicting.purpose import Dataset, Judgement, Metric, Parameters, Purpose

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analytics_assets.predicting.examples import Examples
    from analytics_assets.predicting.purpose import Model
    from analytics_assets.predicting.scoring import Scores

    Array = NDArray[np.float64]

ALGORITHM = "mean of a random forest and boosted trees (XGBoost), calibrated by Platt scaling"
LOSSES = ("brier", "log_loss", "calibration_error")
PARAMETERS: Parameters = asdict(DEFAULTS)
CURVES = {"confusion_matrix": ("matrix", "n"), "roc": ("curve", "auc"), "reliability": ("curve", "calibration_error")}
"""Kind of what has points, and the figure that stands for it."""


def targets(examples: Examples) -> Array:
    """1 failed, 0 succeeded, NaN not known."""
    return examples.is_failed


def fit(examples: Examples, parameters: Parameters) -> FailureModel:
    """A model of these examples."""
    return FailureModel.fit(examples, parameters_from(parameters))


def losses(model: Model, examples: Examples) -> Array:
    """Squared error of the probability of each run: the mean is the Brier score."""
    squared: Array = (model.predict(examples) - examples.is_failed) ** 2
    return squared


def judge(examples: Examples, parameters: Parameters) -> Judgement | str:
    """How such a model does; a sentence where there is not enough to judge by."""
    judged = judge_failure(examples, parameters_from(parameters))
    if judged.split_at is None or judged.scores is None:
        return judged.reason
    own, rolling = judged.scores[ENSEMBLE], judged.rolling or {}
    return Judgement(
        split_at=judged.split_at,
        algorithm=ALGORITHM,
        parameters=parameters,
        is_better=judged.is_published,
        verdict=judged.reason,
        scores={"brier": own.brier, "auc": own.auc, "accuracy": own.accuracy},
        metrics=(*_metrics("time_split", judged.scores), *_metrics("rolling_origin", rolling)),
        tested=judged.test_n,
        validated=rolling[ENSEMBLE].n if rolling else 0,
        model=judged.model,
    )


def _metrics(dataset: Dataset, judged: Mapping[str, Scores]) -> Iterator[Metric]:
    """Each figure against that of each voter and baseline; then the curves, with those of the others beside them."""
    if not judged:
        return
    own = judged[ENSEMBLE]
    n: dict[str, Any] = {"n": own.n, "failures": own.failures}
    others = {name: one for name, one in judged.items() if name != ENSEMBLE}
    for name, value in own.figures().items():
        kind = "loss" if name in LOSSES else "score"
        for baseline, other in others.items():
            yield Metric(dataset, name, value, kind, n, baseline, other.figures()[name])
    for name, points in own.points().items():
        kind, stands_for = CURVES[name]
        value = float(own.n) if stands_for == "n" else own.figures()[stands_for]
        beside = {baseline: other.points()[name] for baseline, other in others.items()}
        yield Metric(dataset, name, value, kind, n | {"points": points, "baselines": beside})


PURPOSE = Purpose(
    name="failure_risk",
    model_type="classification",
    purpose="The probability that a run fails, before it starts.",
    target="is_failed",
    loss="brier",
    parameters=PARAMETERS,
    targets=targets,
    fit=fit,
    judge=judge,
    losses=losses,
    load=FailureModel.load,
)
