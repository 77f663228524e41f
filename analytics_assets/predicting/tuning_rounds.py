"""Which models are tuned now, over which parameters, and what is kept of it."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from analytics_assets.lib.json_text import json_text
from analytics_assets.predicting.purposes import PURPOSES, Parameters, Purpose
from analytics_assets.predicting.splits import luck_shared, rolling_origins, time_split
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
        current = {**purpose.parameters, **accepted_last(own).get(name, {})}
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
    """Search over rolling origins and decide by what came later; a sentence where there is not enough.

    Neither sees the newest 30 % of time, by which the next version is judged: of what came before, the first 70 % are
    searched over and the rest decides.
    """
    known = examples.take(taught(examples, purpose.targets(examples)))
    judging = time_split(known)
    if isinstance(judging, str):
        return judging
    earlier = known.take(judging.train)
    split = time_split(earlier)
    if isinstance(split, str):
        return f"{split}; those that versions are judged by are left out"
    searched = earlier.take(split.train)
    folds = [_parts(searched, fold) for fold in rolling_origins(searched, int(TUNING_FOLDS.value))]
    if not folds:
        return "not enough runs to search over: none of the looks back has enough before it"
    held_back = _parts(earlier, split)
    parts = [*folds, held_back]

    def losses(parameters: Parameters, fold: int) -> NDArray[np.float64]:
        learnt, judged = parts[fold]
        return purpose.losses(purpose.fit(learnt, parameters), judged)

    task = Task(SPACES[purpose.name], losses, range(len(folds)), len(folds), luck_shared(held_back[1]))
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


def accepted_last(rows: Iterable[Mapping[str, Any]]) -> dict[str, Parameters]:
    """The parameters that were accepted last, by model; rows of ``predictions.parameter_tuning``."""
    accepted = sorted((row for row in rows if row["is_accepted"]), key=lambda row: row["tuned_at"])
    return {row["model_name"]: json.loads(row["tuned_parameters"]) for row in accepted}


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
