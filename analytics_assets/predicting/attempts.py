"""The last attempts at a run's spec, as they were known when it started: what a model of sequences reads."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from analytics_assets.predicting.runs import Run, at_least_zero
from analytics_assets.predicting_thresholds import SEQUENCE_ATTEMPTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

FIELDS = ("is_there", "is_failed", "is_same_model", "log_seconds", "log_hours_since")
"""What is told of an attempt; NaN where it is not known, all but ``is_there`` where there was no attempt."""


def attempts(past: Sequence[Run], runs: Sequence[Run]) -> NDArray[np.float64]:
    """Runs x the last attempts, the newest one last, x ``FIELDS``.

    An attempt counts where it had begun before the run and its outcome was told by the run's start.

    Args:
        past: all that may be looked back on.
        runs: those that are asked about.
    """
    told: defaultdict[str, list[tuple[datetime, Run]]] = defaultdict(list)
    for earlier in past:
        if earlier.is_failed is not None and earlier.told_at is not None:
            told[earlier.spec_id].append((earlier.told_at, earlier))
    for of_spec in told.values():
        of_spec.sort(key=lambda one: (one[0], *one[1].place))
    moments = {spec: [told_at for told_at, _ in of_spec] for spec, of_spec in told.items()}
    found = np.full((len(runs), int(SEQUENCE_ATTEMPTS.value), len(FIELDS)), np.nan)
    found[:, :, 0] = 0.0
    for row, run in enumerate(runs):
        known = told[run.spec_id][: bisect_right(moments.get(run.spec_id, []), run.started_at)]
        # One that began at the very moment of the run was no attempt before it.
        last = [one for one in known[-2 * found.shape[1] :] if one[1].started_at < run.started_at][-found.shape[1] :]
        for place, (told_at, one) in enumerate(reversed(last), start=1):
            found[row, -place] = _told_of(one, told_at, run)
    return found


def _told_of(attempt: Run, told_at: datetime, run: Run) -> tuple[float, ...]:
    hours = (run.started_at - told_at) / timedelta(hours=1)
    is_same = math.nan if attempt.model is None or run.model is None else float(attempt.model == run.model)
    return (
        1.0,
        float(attempt.is_failed or False),
        is_same,
        math.log1p(at_least_zero(attempt.duration_seconds)),
        math.log1p(hours),
    )
