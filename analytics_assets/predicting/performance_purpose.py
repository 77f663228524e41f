"""The models of how long a run takes and what it costs, as training and registry see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from analytics_assets.predicting.performance import (
    BAR,
    PerformanceParameters,
    QuantileModel,
    judge_performance,
    logarithms,
    parameters_from,
)
from analytics_assets.predicting.purpose import Dataset, Judgement, Metric, Parameters, Purpose
from analytics_assets.predicting_thresholds import BAND

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from analytics_assets.predicting.examples import Examples
    from analytics_assets.predicting.performance import QuantileScores
    from analytics_assets.predicting.purpose import Model

    Array = NDArray[np.float64]

WORDS = {
    "elastic_net": "a straight line (elastic net), its quantiles moved to where they held",
    "svr": "support vector regression, its quantiles moved to where they held",
    "neural_network": "a small neural network, its quantiles moved to where they held",
    "gradient_boosting": "boosted trees by pinball loss (XGBoost), moved to where they held",
}


def fit(examples: Examples, parameters: Parameters) -> QuantileModel:
    """A model of these examples, of the algorithm that the parameters name."""
    return QuantileModel.fit(examples, parameters_from(parameters))


def losses(model: Model, examples: Examples) -> Array:
    """Pinball loss in logarithms of each example that counts."""
    assert isinstance(model, QuantileModel), "a model of a quantity is one of its quantiles"
    return model.losses(examples)


def judge(examples: Examples, parameters: Parameters) -> Judgement | str:
    """The best contestant against the simple answer; a sentence where there is not enough to judge by."""
    given = parameters_from(parameters)
    judged = judge_performance(examples, given.target, given)
    if judged.split_at is None or judged.winner is None:
        return judged.reason
    own = judged.scores[judged.winner]
    return Judgement(
        split_at=judged.split_at,
        algorithm=WORDS.get(judged.winner, judged.winner),
        parameters=asdict(replace(given, algorithm=judged.winner)),
        is_better=judged.is_published,
        verdict=judged.reason,
        scores={"pinball": own.pinball},
        metrics=(
            *_metrics("time_split", judged.scores, judged.winner),
            *_metrics("rolling_origin", judged.rolling, judged.winner),
        ),
        tested=judged.test_n,
        validated=judged.rolling[judged.winner].n if judged.rolling else 0,
    )


def _metrics(dataset: Dataset, judged: Mapping[str, QuantileScores], winner: str) -> Iterator[Metric]:
    """The winner's figures against those of each other contestant and of the simple answer."""
    if winner not in judged:
        return
    own = judged[winner]
    n: dict[str, Any] = {"n": own.n, "unit": "of the logarithm"}
    for name, other in judged.items():
        if name != winner:
            yield Metric(dataset, "pinball", own.pinball, "loss", n, name, other.pinball)
    bar = judged[BAR]
    yield Metric(dataset, "coverage", own.coverage, "share", {"n": own.n, "wanted": BAND.value}, BAR, bar.coverage)
    yield Metric(dataset, "width", own.width, "ratio", {"n": own.n}, BAR, bar.width)
    if own.ms is not None:
        yield Metric(dataset, "latency_ms", own.ms, "milliseconds", {"n": own.n})


def _purpose(name: str, target: str, purpose: str) -> Purpose:
    return Purpose(
        name=name,
        model_type="regression",
        purpose=purpose,
        target=target,
        loss="pinball",
        parameters=asdict(PerformanceParameters(target)),
        targets=partial(logarithms, target=target),
        fit=fit,
        judge=judge,
        losses=losses,
        load=QuantileModel.load,
    )


PURPOSES = (
    _purpose("run_duration", "duration_seconds", "How long a run takes, before it starts: three quantiles."),
    _purpose("run_cost", "llm_cost_usd", "What a run costs, before it starts: three quantiles."),
)
