"""Would other parameters do better? A bounded search over the past, believed only where later data agrees.

The search (Optuna's tree-structured Parzen estimator, J. Bergstra and others, "Algorithms for Hyper-Parameter
Optimization", 2011) minimises the mean loss over rolling origins. A later part of time takes no part in it and decides
alone: the best of many trials looks better than it is on what it was picked by.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from analytics_assets.lib.judged_models import gained
from analytics_assets.lib.words import percent, plural
from analytics_assets.predicting_thresholds import TUNING_IMPROVEMENT, TUNING_SECONDS, TUNING_SEED, TUNING_TRIALS

if TYPE_CHECKING:
    import optuna
    from numpy.typing import NDArray

Parameters = Mapping[str, Any]


class Range(NamedTuple):
    """Values that a parameter may have, both ends included; ``is_log``: steps are factors."""

    low: float
    high: float
    is_log: bool = False

    def suggest(self, trial: optuna.Trial, name: str) -> float:
        """A value for this trial; a whole number where both ends are."""
        if isinstance(self.low, int) and isinstance(self.high, int):
            return trial.suggest_int(name, self.low, self.high, log=self.is_log)
        return trial.suggest_float(name, self.low, self.high, log=self.is_log)


@dataclass(frozen=True)
class Task:
    """What is tuned.

    Args:
        space: the parameters that may change, and between what.
        losses: loss of each judged example, of a model with these parameters; ``fold`` names the origin. Less is
            better. Several origins are searched over, and ``held_back`` is none of them.
        folds: names of the origins.
        held_back: what only the verdict sees.
        luck: of the examples held back, which of them share theirs; see ``gained``. By default none does.
    """

    space: Mapping[str, Range]
    losses: Callable[[Parameters, int], NDArray[np.float64]]
    folds: Sequence[int]
    held_back: int
    luck: Sequence[str] | None = None


@dataclass(frozen=True)
class Tuned:
    """What came of it: mean losses over the origins (``score``) and on what was held back; ``improvement`` is a share.

    ``parameters`` are those to go on with: the previous ones unless the change is accepted.
    """

    previous: Parameters
    proposed: Parameters
    trials: int
    previous_score: float
    proposed_score: float
    held_back_previous: float
    held_back_proposed: float
    improvement: float
    is_accepted: bool
    reason: str

    @property
    def parameters(self) -> Parameters:
        """Those to go on with."""
        return self.proposed if self.is_accepted else self.previous


def tune(
    task: Task,
    previous: Parameters,
    *,
    trials: int = int(TUNING_TRIALS.value),
    seconds: float = TUNING_SECONDS.value,
    seed: int = int(TUNING_SEED.value),
) -> Tuned:
    """Search from the previous parameters on; the same seed and number of trials find the same.

    No trial begins after ``seconds``, so a slow machine may get fewer.

    Raises:
        ValueError: nothing may change, or there is no origin to search over.
    """
    if not task.space or not task.folds:
        raise ValueError("a parameter to change and an origin to judge it by are needed")
    study = _search(task, previous, trials, seconds, seed)
    proposed = {**previous, **study.best_params}
    before, after = task.losses(previous, task.held_back), task.losses(proposed, task.held_back)
    held_back_previous, held_back_proposed = float(before.mean()), float(after.mean())
    improvement = 1 - held_back_proposed / held_back_previous if held_back_previous > 0 else 0.0
    is_sure = gained(before, after, task.luck).low > 0
    is_accepted = improvement >= TUNING_IMPROVEMENT.value and is_sure
    return Tuned(
        previous=dict(previous),
        proposed=proposed,
        trials=len(study.trials),
        previous_score=_value(study.trials[0]),
        proposed_score=study.best_value,
        held_back_previous=held_back_previous,
        held_back_proposed=held_back_proposed,
        improvement=improvement,
        is_accepted=is_accepted,
        reason=_reason(improvement, len(study.trials), is_accepted=is_accepted, is_new=proposed != dict(previous)),
    )


def _search(task: Task, previous: Parameters, trials: int, seconds: float, seed: int) -> optuna.Study:
    import optuna

    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        study = optuna.create_study(direction="minimize", sampler=optuna.samplers.TPESampler(seed=seed))
        study.enqueue_trial({name: _within(previous[name], span) for name, span in task.space.items()})
        study.optimize(lambda trial: _score(task, previous, trial), n_trials=trials, timeout=seconds)
    finally:
        optuna.logging.set_verbosity(verbosity)
    return study


def _score(task: Task, previous: Parameters, trial: optuna.Trial) -> float:
    """Mean over the origins of the mean loss; a model that cannot be judged is worse than any."""
    tried = {**previous, **{name: span.suggest(trial, name) for name, span in task.space.items()}}
    score = float(np.mean([task.losses(tried, fold).mean() for fold in task.folds]))
    return score if math.isfinite(score) else math.inf


def _within(value: float, span: Range) -> float:
    return min(max(value, span.low), span.high)


def _value(trial: optuna.trial.FrozenTrial) -> float:
    return math.inf if trial.value is None else trial.value


def _reason(improvement: float, trials: int, *, is_accepted: bool, is_new: bool) -> str:
    tried = f"the best of {plural(trials, 'trial')}"
    if not is_new:
        return f"{tried} is what is in use"
    if improvement <= 0:
        return f"{tried} does no better on later data that took no part in the search"
    errs = f"{tried} errs {percent(improvement)} less on later data that took no part in the search"
    if is_accepted:
        return f"{errs}: taken over"
    if improvement < TUNING_IMPROVEMENT.value:
        return f"{errs}, and {percent(TUNING_IMPROVEMENT.value)} is asked for"
    return f"{errs}, which may be chance"
