"""Which models are tuned now, over which parameters, and what is kept of it."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from analytics_assets.lib.json_text import json_text
from analytics_assets.predicting.purposes import PURPOSES, Parameters, Purpose
from analytics_assets.predicting.splits import rolling_origins, time_split
from analytics_assets.predicting.teaching import taught
from analytics_assets.predicting.tuning import Range, Task, Tuned, tune
from analytics_assets.predicting_thresholds import TUNING_DAYS, TUNING_FOLDS, TUNING_SEED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analytics_assets.predicting.examples import Examples
    from analytics_assets.predicting.splits import Split

Row = dict[str, Any]
SPACES: Mapping[str, Mapping[str, Range]] = {
    "failure_risk": {
        "forest_depth": Range(3, 10),
        "forest_leaf": Range(3, 40, is_log=True),
        "boosted_depth": Range(2, 6),
        "boosted_rounds": Range(50, 300, is_log=True),
        "boosted_rate": Range(0.02, 0.2, is_log=True),
        "encoding_weight": Range(2.0, 50.0, is_log=True),
    },
}
"""What may change, by model. The others compete over forms of model already and are left as they are."""


@dataclass(frozen=True)
class Round:
    """A look at all models: ``rows`` are new ones of ``predictions.parameter_tuning``, ``said`` is why or why not."""

    rows: list[Row]
    said: dict[str, str]


def tuning_round(
    examples: Examples,
    earlier: Sequence[Mapping[str, Any]],
    champions: Mapping[str, Mapping[str, Any]],
    *,
    now: datetime,
    asked: Collection[str] = (),
    trials: int,
    seconds: float,
) -> Round:
    """Tune each model that has a champion, a space to search, and was not looked at for a week; or what is asked for.

    Args:
        examples: all there are.
        earlier: rows of the rounds before.
        champions: rows of the versions that answer, by model.
        now: naive UTC.
        asked: names of models to tune now; empty: those that are due.
        trials: the most of them for a model.
        seconds: no trial begins after these.

    Raises:
        ValueError: a model is asked for that has nothing to search over.
    """
    strangers = sorted(set(asked) - set(SPACES))
    if strangers:
        raise ValueError(f"nothing can be tuned of {', '.join(strangers)}: there is {', '.join(SPACES)}")
    rows, said = [], {}
    for name in SPACES:
        own = [row for row in earlier if row["model_name"] == name]
        waits = _waits(name, own, champions, now, asked)
        if waits is not None:
            said[name] = waits
            continue
        purpose = PURPOSES[name]
        current = {**purpose.parameters, **_current(own)}
        began = time.perf_counter()
        found = tune_model(purpose, examples, current, trials=trials, seconds=seconds)
        if isinstance(found, str):
            said[name] = found
            continue
        rows.append(_row(name, found, now, time.perf_counter() - began))
        said[name] = found.reason
    return Round(rows, said)


def tune_model(
    purpose: Purpose, examples: Examples, current: Parameters, *, trials: int, seconds: float
) -> Tuned | str:
    """Search over rolling origins within the first 70 % of time, and judge by the rest; a sentence without enough."""
    known = examples.take(taught(examples, purpose.targets(examples)))
    split = time_split(known)
    if isinstance(split, str):
        return split
    searched = known.take(split.train)
    folds = [_parts(searched, fold) for fold in rolling_origins(searched, int(TUNING_FOLDS.value))]
    if not folds:
        return "not enough runs to search over: none of the looks back has enough before it"
    parts = [*folds, _parts(known, split)]

    def losses(parameters: Parameters, fold: int) -> NDArray[np.float64]:
        learnt, judged = parts[fold]
        return purpose.losses(purpose.fit(learnt, parameters), judged)

    task = Task(SPACES[purpose.name], losses, range(len(folds)), held_back=len(folds))
    return tune(task, current, trials=trials, seconds=seconds)


def _parts(examples: Examples, split: Split) -> tuple[Examples, Examples]:
    return examples.take(split.train), examples.take(split.test)


def _waits(
    name: str,
    own: Sequence[Mapping[str, Any]],
    champions: Mapping[str, Mapping[str, Any]],
    now: datetime,
    asked: Collection[str],
) -> str | None:
    """Why this model is not tuned now; None: it is."""
    if asked:
        return None if name in asked else f"only {', '.join(sorted(asked))} was asked for"
    if name not in champions:
        return "no version answers yet: there is nothing to improve on"
    last = max((row["tuned_at"] for row in own), default=champions[name]["trained_at"])
    next_at = last + timedelta(days=TUNING_DAYS.value)
    return f"not before {next_at:%Y-%m-%d %H:%M} UTC: a week lies between two searches" if now < next_at else None


def _current(own: Sequence[Mapping[str, Any]]) -> Parameters:
    """The parameters that were accepted last; none before."""
    accepted = sorted((row for row in own if row["is_accepted"]), key=lambda row: row["tuned_at"])
    return dict(json.loads(accepted[-1]["tuned_parameters"])) if accepted else {}


def _row(name: str, tuned: Tuned, now: datetime, seconds: float) -> Row:
    return {
        "id": f"{name}/{now:%Y-%m-%dT%H:%M:%S}",
        "model_name": name,
        "tuned_at": now,
        "trials": tuned.trials,
        "seconds": seconds,
        "previous_parameters": json_text(tuned.previous),
        "tuned_parameters": json_text(tuned.proposed),
        "previous_score": tuned.previous_score,
        "tuned_score": tuned.proposed_score,
        "held_back_previous": tuned.held_back_previous,
        "held_back_tuned": tuned.held_back_proposed,
        "improvement_achieved": tuned.improvement,
        "is_accepted": tuned.is_accepted,
        "reason": tuned.reason,
        "seed": int(TUNING_SEED.value),
    }


def champions_of(versions: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Of each model, the version that answers."""
    return ((row["model_name"], row) for row in versions if row["stage"] == "champion")
