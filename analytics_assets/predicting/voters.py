"""Two voters on numbers: a random forest and boosted trees, both grown by XGBoost, which keeps them as plain JSON.

A forest of XGBoost is one round of many trees on 0 and 1: squared error on them is Gini's impurity, so the mean of the
trees is a probability. Both tell exactly how much each column moved an answer (TreeSHAP, S. Lundberg and others, "From
local explanations to global understanding with explainable AI for trees", 2020).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from analytics_assets.predicting.calibration import sigmoid
from analytics_assets.predicting_thresholds import (
    BOOSTED_COLUMNS,
    BOOSTED_DEPTH,
    BOOSTED_LEAF,
    BOOSTED_RATE,
    BOOSTED_RIDGE,
    BOOSTED_ROUNDS,
    BOOSTED_ROWS,
    CALIBRATION_FOLDS,
    ENCODING_FOLDS,
    ENCODING_WEIGHT,
    FOREST_COLUMNS,
    FOREST_DEPTH,
    FOREST_LEAF,
    FOREST_ROWS,
    FOREST_TREES,
    TREE_BINS,
    VOTERS_SEED,
)

if TYPE_CHECKING:
    import xgboost as xgb
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class FailureParameters:
    """How a model of failing runs is fitted. All are plain numbers, so that JSON keeps them.

    Args:
        forest_trees: trees of the forest.
        forest_depth: the most questions from root to leaf.
        forest_leaf: the fewest runs in a leaf.
        forest_columns: share of the columns that each question may choose from.
        boosted_rounds: trees of the boosted voter.
        boosted_depth: as of the forest; what boosts is shallow.
        boosted_rate: how much of each tree's answer is taken.
        boosted_leaf: the least weight of a leaf: a run counts p(1 - p).
        boosted_rows: share of the runs that each tree sees.
        boosted_columns: share of the columns that each tree sees.
        boosted_ridge: penalty on the answers of leaves.
        encoding_weight: runs that count as much as what is around a name.
        encoding_folds: parts of time that tell each other's rates.
        calibration_folds: looks back; the newest two tell whether the vote is calibrated, and how.
        seed: of what is drawn.
        threads: of XGBoost; the sums of floats depend on it in their last digits. On a busy machine of two cores two of
            them wait for each other: a judgement took twelve times as long as with one.
    """

    forest_trees: int = int(FOREST_TREES.value)
    forest_depth: int = int(FOREST_DEPTH.value)
    forest_leaf: int = int(FOREST_LEAF.value)
    forest_columns: float = FOREST_COLUMNS.value
    boosted_rounds: int = int(BOOSTED_ROUNDS.value)
    boosted_depth: int = int(BOOSTED_DEPTH.value)
    boosted_rate: float = BOOSTED_RATE.value
    boosted_leaf: float = BOOSTED_LEAF.value
    boosted_rows: float = BOOSTED_ROWS.value
    boosted_columns: float = BOOSTED_COLUMNS.value
    boosted_ridge: float = BOOSTED_RIDGE.value
    encoding_weight: float = ENCODING_WEIGHT.value
    encoding_folds: int = int(ENCODING_FOLDS.value)
    calibration_folds: int = int(CALIBRATION_FOLDS.value)
    seed: int = int(VOTERS_SEED.value)
    threads: int = 1


class Moved(NamedTuple):
    """How much each column moved each vote from the mean vote, in probability; a row sums to vote less ``mean``."""

    mean: float
    columns: Numbers


@dataclass(frozen=True)
class Voters:
    """A fitted forest and fitted boosted trees on the columns ``names``."""

    names: tuple[str, ...]
    forest: xgb.Booster
    boosted: xgb.Booster

    @classmethod
    def fit(cls, matrix: Numbers, is_failed: Numbers, names: Sequence[str], parameters: FailureParameters) -> Self:
        """Grow both.

        Args:
            matrix: one row per run, one column per name; NaN is not known.
            is_failed: 1 where the run failed, 0 where not; both occur.
            names: of the columns.
            parameters: sizes of both.
        """
        import xgboost as xgb

        given = _given(matrix, parameters.threads, is_failed)
        shared = {
            "tree_method": "hist",
            "max_bin": int(TREE_BINS.value),
            "seed": parameters.seed,
            "nthread": parameters.threads,
        }
        return cls(
            tuple(names),
            xgb.train(shared | _forest(parameters, float(is_failed.mean())), given, 1),
            xgb.train(shared | _boosted(parameters), given, parameters.boosted_rounds),
        )

    @classmethod
    def load(cls, forest: Path, boosted: Path, names: Sequence[str]) -> Self:
        """Read both from JSON; nothing in it is executed.

        Raises:
            OSError: a file cannot be read.
            ValueError: a file is not one of XGBoost, or was grown on another number of columns.
        """
        import xgboost as xgb

        grown = []
        for path in (forest, boosted):
            booster = xgb.Booster()
            booster.load_model(bytearray(path.read_bytes()))
            if booster.num_features() != len(names):
                raise ValueError(f"{path} was grown on {booster.num_features()} columns, not on {len(names)}")
            grown.append(booster)
        return cls(tuple(names), *grown)

    def votes(self, matrix: Numbers, threads: int) -> Numbers:
        """Probabilities by the forest and by the boosted trees: one row per run, two columns."""
        if not len(matrix):
            return np.empty((0, 2))
        given = _given(matrix, threads)
        # The mean of leaves is within 0 to 1 but for the rounding of 32 bits.
        forest = np.clip(self.forest.predict(given), 0, 1)
        return np.column_stack([forest, self.boosted.predict(given)]).astype(float)

    def moved(self, matrix: Numbers, threads: int) -> Moved:
        """Contributions to the mean of both votes, in probability.

        The boosted trees move log-odds; these parts are scaled so that they sum to what the probability moved by.
        """
        if not len(matrix):
            return Moved(0.5, np.empty((0, len(self.names))))
        given = _given(matrix, threads)
        forest = self.forest.predict(given, pred_contribs=True).astype(float)
        boosted = self.boosted.predict(given, pred_contribs=True).astype(float)
        base = float(sigmoid(boosted[0, -1]))
        parts, total = boosted[:, :-1], boosted[:, :-1].sum(axis=1)
        change = sigmoid(boosted.sum(axis=1)) - base
        near = np.abs(total) < NEAR
        scale = np.where(near, base * (1 - base), change / np.where(near, 1.0, total))
        mean = float(forest[0, -1]) / 2 + base / 2
        return Moved(mean, (forest[:, :-1] + parts * scale[:, None]) / 2)

    def gains(self) -> dict[str, float]:
        """Share of each column in what both voters gained by their questions; all 0 where none was asked."""
        shares = []
        for booster in (self.forest, self.boosted):
            asked: dict[str, Any] = booster.get_score(importance_type="total_gain")
            gains = np.array([float(asked.get(f"f{place}", 0.0)) for place in range(len(self.names))])
            shares.append(gains / gains.sum() if gains.sum() > 0 else gains)
        total = np.sum(shares, axis=0)
        return dict(zip(self.names, (total / max(total.sum(), NEAR)).tolist(), strict=True))


NEAR = 1e-9
"""Below it a quotient is taken at its limit."""


def _forest(parameters: FailureParameters, rate: float) -> dict[str, Any]:
    return {
        "objective": "reg:squarederror",
        "num_parallel_tree": parameters.forest_trees,
        "max_depth": parameters.forest_depth,
        "min_child_weight": parameters.forest_leaf,
        "colsample_bynode": parameters.forest_columns,
        "subsample": FOREST_ROWS.value,
        "learning_rate": 1.0,
        "reg_lambda": 0.0,
        "base_score": rate,
    }


def _boosted(parameters: FailureParameters) -> dict[str, Any]:
    return {
        "objective": "binary:logistic",
        "max_depth": parameters.boosted_depth,
        "learning_rate": parameters.boosted_rate,
        "min_child_weight": parameters.boosted_leaf,
        "subsample": parameters.boosted_rows,
        "colsample_bytree": parameters.boosted_columns,
        "reg_lambda": parameters.boosted_ridge,
    }


def _given(matrix: Numbers, threads: int, is_failed: Numbers | None = None) -> xgb.DMatrix:
    """As XGBoost takes it: what is infinite is not known, or it would refuse it.

    Columns have no names here: XGBoost reads all of them again in every round, a third of the time of a fit.
    """
    import xgboost as xgb

    finite = np.where(np.isfinite(matrix), matrix, np.nan)
    return xgb.DMatrix(finite, label=is_failed, nthread=threads)
