"""The simple answers that a model of failing runs must be better than."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from analytics_assets.predicting_thresholds import BASELINE_WEIGHT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analytics_assets.predicting.examples import Examples, Run

    Numbers = NDArray[np.float64]

Cell = tuple[str | None, str | None]


class _Tally:
    """Runs and failures of cells."""

    def __init__(self) -> None:
        self._counts: dict[Cell, list[float]] = defaultdict(lambda: [0.0, 0.0])

    def add(self, cell: Cell, failed: float) -> None:
        count = self._counts[cell]
        count[0] += 1
        count[1] += failed

    def rate(self, cell: Cell, around: float) -> float:
        """The share of failures, drawn to what is around the cell as by five runs."""
        runs, failures = self._counts.get(cell, (0.0, 0.0))
        weight = BASELINE_WEIGHT.value
        return (failures + weight * around) / (runs + weight)


def constant(train: Examples, test: Examples) -> Numbers:
    """The rate at which runs failed so far."""
    return np.full(len(test), _rate(train))


def model_x_spec_type(train: Examples, test: Examples) -> Numbers:
    """The rate of the run's model on its type of spec, as of the end of what was learnt from."""
    tally, rate = _Tally(), _rate(train)
    for run, failed in zip(train.runs, train.is_failed, strict=True):
        if not np.isnan(failed):
            tally.add(_cell(run), float(failed))
    return np.array([tally.rate(_cell(run), rate) for run in test.runs], dtype=float)


def model_x_spec_type_as_of(train: Examples, test: Examples) -> Numbers:
    """The same rate as of the start of each run, also of what became known since: it learns while it is judged.

    A cell is drawn to its model's rate, which is drawn to that of all runs.
    """
    models, cells, start = _Tally(), _Tally(), _rate(train)
    total, failures, found = 0, 0.0, []
    outcomes = sorted(
        (
            (run.known_at, run.run_id, run, float(failed))
            for examples in (train, test)
            for run, failed in zip(examples.runs, examples.is_failed, strict=True)
            if run.known_at is not None and not np.isnan(failed)
        ),
        key=itemgetter(0, 1),
    )
    place = 0
    for run in test.runs:
        while place < len(outcomes) and outcomes[place][0] <= run.started_at:
            _, _, ended, failed = outcomes[place]
            models.add((ended.model, None), failed)
            cells.add(_cell(ended), failed)
            total, failures, place = total + 1, failures + failed, place + 1
        rate = failures / total if total else start
        found.append(cells.rate(_cell(run), models.rate((run.model, None), rate)))
    return np.array(found, dtype=float)


def _rate(train: Examples) -> float:
    """Share of failures; one half of none."""
    known = np.asarray(train.is_failed, dtype=float)
    known = known[~np.isnan(known)]
    return float(known.mean()) if len(known) else 0.5


def _cell(run: Run) -> Cell:
    return run.model, run.spec_type


BASELINES: dict[str, Callable[[Examples, Examples], Numbers]] = {
    "constant": constant,
    "model_x_spec_type": model_x_spec_type,
    "model_x_spec_type_as_of": model_x_spec_type_as_of,
}
"""(what is learnt from, what is judged) -> probabilities of failing, by the baseline's name."""
TO_BEAT = ("constant", "model_x_spec_type")
"""Those that a model must beat to be published; the third one is told beside them."""
BASELINE_WORDS = {
    "constant": "the rate of all runs",
    "model_x_spec_type": "the rate of the model on the type of spec",
    "model_x_spec_type_as_of": "the same rate as of each start",
}
