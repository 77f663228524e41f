"""The contestants that predict a quantity: three that guess its middle, and trees that guess three quantiles.

Each is fitted to logarithms. What is kept is data: XGBoost's JSON, and skops for scikit-learn, which builds only the
types it is told to.
"""

from __future__ import annotations

import json
import warnings
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from analytics_assets.predicting.parameters import typed
from analytics_assets.predicting.quantile_bands import QUANTILES
from analytics_assets.predicting.trusted_pipelines import read_pipeline, write_pipeline
from analytics_assets.predicting_thresholds import (
    BOOSTED_QUANTILES_DEPTH,
    BOOSTED_QUANTILES_LEAF,
    BOOSTED_QUANTILES_RATE,
    BOOSTED_QUANTILES_ROUNDS,
    BOOSTED_QUANTILES_SHARE,
    LINEAR_MIX,
    LINEAR_PENALTY,
    LINEAR_STEPS,
    NETWORK_PENALTY,
    NETWORK_ROWS,
    NETWORK_STEPS,
    NETWORK_UNITS,
    PERFORMANCE_SEED,
    SVR_COST,
    SVR_ROWS,
    SVR_TUBE,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

PIPELINE, TREES, LEVELS = "pipeline.skops", "trees.json", "levels.json"


@dataclass(frozen=True)
class PerformanceParameters:
    """How a quantity is learnt; every field is a plain value, so ``dataclasses.asdict`` is JSON.

    Only the fields of the named algorithm have an effect. The same parameters and examples give the same model.
    """

    target: str
    algorithm: str = "gradient_boosting"
    boosted_rounds: int = int(BOOSTED_QUANTILES_ROUNDS.value)
    boosted_depth: int = int(BOOSTED_QUANTILES_DEPTH.value)
    boosted_rate: float = BOOSTED_QUANTILES_RATE.value
    boosted_leaf: int = int(BOOSTED_QUANTILES_LEAF.value)
    linear_penalty: float = LINEAR_PENALTY.value
    linear_mix: float = LINEAR_MIX.value
    svr_cost: float = SVR_COST.value
    svr_tube: float = SVR_TUBE.value
    network_units: int = int(NETWORK_UNITS.value)
    network_penalty: float = NETWORK_PENALTY.value
    seed: int = int(PERFORMANCE_SEED.value)
    threads: int = 1

    def __post_init__(self) -> None:
        if self.algorithm not in ALGORITHMS:
            raise ValueError(f"no algorithm {self.algorithm!r}: {', '.join(ALGORITHMS)}")


def parameters_from(stored: Mapping[str, Any]) -> PerformanceParameters:
    """Parameters as JSON keeps them; all but the target may be left out, and are the usual ones then.

    Raises:
        ValueError: there is no parameter of that name, no target, or no such algorithm.
    """
    given = typed(stored, asdict(PerformanceParameters("")))
    if "target" not in given:
        raise ValueError("a target is needed")
    return PerformanceParameters(**given)


class Regressor(Protocol):
    """What was fitted: raw quantiles of the logarithm."""

    def raw(self, inputs: Array) -> Array:
        """(n, 3); the same number three times where it guesses only the middle."""

    def save(self, folder: Path) -> None:
        """Write one file of data."""


@dataclass(frozen=True)
class Middle:
    """A scikit-learn pipeline: what is not known is the median, and nothing is beyond the range of the training."""

    pipeline: Any

    def raw(self, inputs: Array) -> Array:
        """The guess, three times."""
        guess: Array = self.pipeline.predict(inputs)
        return np.repeat(guess[:, None], len(QUANTILES), axis=1)

    def save(self, folder: Path) -> None:
        """Write the pipeline."""
        write_pipeline(self.pipeline, folder / PIPELINE)


@dataclass(frozen=True)
class Trees:
    """Boosted trees on what a straight line leaves over, fitted to the pinball loss of each quantile.

    Trees alone copy what they saw, where a new spec or model is often a bit more of the same: on metr-runs their loss
    is 0.438 with 150 rounds, and 0.410 with 30 rounds that begin at the line.
    ``levels`` are the quantiles of what is left over, where the trees begin.
    """

    line: Middle
    levels: Array
    booster: Any

    def raw(self, inputs: Array) -> Array:
        """The three quantiles, which may cross."""
        import xgboost

        begin = self.line.raw(inputs) + self.levels
        found: Array = self.booster.predict(xgboost.DMatrix(inputs, base_margin=begin, nthread=1)).astype(float)
        return found.reshape(len(inputs), len(QUANTILES))

    def save(self, folder: Path) -> None:
        """Write the line, where the trees begin, and the trees."""
        self.line.save(folder)
        self.booster.save_model(folder / TREES)
        (folder / LEVELS).write_text(json.dumps(self.levels.tolist()), encoding="utf-8")


def fit_regressor(parameters: PerformanceParameters, inputs: Array, values: Array) -> Regressor:
    """Learn the logarithms ``values`` of (n, features) ``inputs``, in the order of time; NaN is not known."""
    return ALGORITHMS[parameters.algorithm](parameters, inputs, values)


def load_regressor(algorithm: str, folder: Path) -> Regressor:
    """What ``save`` wrote; nothing is executed.

    Raises:
        ValueError: the file holds a type that such a model does not have.
        OSError: it cannot be read.
    """
    line = Middle(read_pipeline(folder / PIPELINE))
    if algorithm != "gradient_boosting":
        return line
    import xgboost

    levels = np.array(json.loads((folder / LEVELS).read_text(encoding="utf-8")), dtype=float)
    return Trees(line, levels, xgboost.Booster({"nthread": 1}, model_file=folder / TREES))


def _elastic_net(parameters: PerformanceParameters, inputs: Array, values: Array) -> Middle:
    from sklearn.linear_model import ElasticNet

    net = ElasticNet(alpha=parameters.linear_penalty, l1_ratio=parameters.linear_mix, max_iter=int(LINEAR_STEPS.value))
    return _middle(net, inputs, values)


def _svr(parameters: PerformanceParameters, inputs: Array, values: Array) -> Middle:
    """Of the newest runs only: its time grows with their square."""
    from sklearn.svm import SVR

    newest = slice(-int(SVR_ROWS.value), None)
    return _middle(SVR(C=parameters.svr_cost, epsilon=parameters.svr_tube), inputs[newest], values[newest])


def _neural_network(parameters: PerformanceParameters, inputs: Array, values: Array) -> Middle:
    from sklearn.neural_network import MLPRegressor

    network = MLPRegressor(
        hidden_layer_sizes=(parameters.network_units,),
        alpha=parameters.network_penalty,
        max_iter=int(NETWORK_STEPS.value),
        solver="lbfgs",
        random_state=parameters.seed,
    )
    newest = slice(-int(NETWORK_ROWS.value), None)
    return _middle(network, inputs[newest], values[newest])


def _middle(regressor: Any, inputs: Array, values: Array) -> Middle:
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    imputer = SimpleImputer(strategy="median", keep_empty_features=True)
    scaled = TransformedTargetRegressor(regressor, transformer=StandardScaler())
    pipeline = make_pipeline(imputer, MinMaxScaler(clip=True), StandardScaler(), scaled)
    with warnings.catch_warnings():
        # The steps are bounded on purpose: what they reach is judged like everything else.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return Middle(pipeline.fit(inputs, values))


def _gradient_boosting(parameters: PerformanceParameters, inputs: Array, values: Array) -> Trees:
    import xgboost

    settings = {
        "objective": "reg:quantileerror",
        "quantile_alpha": list(QUANTILES),
        "max_depth": parameters.boosted_depth,
        "learning_rate": parameters.boosted_rate,
        "min_child_weight": parameters.boosted_leaf,
        "subsample": BOOSTED_QUANTILES_SHARE.value,
        "colsample_bytree": BOOSTED_QUANTILES_SHARE.value,
        "base_score": 0,
        "nthread": parameters.threads,
        "seed": parameters.seed,
    }
    line = _elastic_net(parameters, inputs, values)
    begin = line.raw(inputs)
    levels = np.quantile(values - begin[:, 0], QUANTILES)
    table = xgboost.DMatrix(inputs, values, base_margin=begin + levels, nthread=parameters.threads)
    return Trees(line, levels, xgboost.train(settings, table, num_boost_round=parameters.boosted_rounds))


ALGORITHMS: dict[str, Callable[[PerformanceParameters, Array, Array], Regressor]] = {
    "elastic_net": _elastic_net,
    "svr": _svr,
    "neural_network": _neural_network,
    "gradient_boosting": _gradient_boosting,
}
