"""Whether features that were kept are those that come out of what was known at the start of the run."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from analytics_assets.predicting.examples import Run, Surroundings, with_candidate
from analytics_assets.predicting.features import NAMES

CLOSE = 1e-9
"""Of a value: sums differ by less with the order in which they are taken."""


def known_otherwise(
    kept: Iterable[Mapping[str, Any]], runs: Sequence[Run], around: Surroundings
) -> list[tuple[str, str, float | None, float | None]]:
    """Features that differ from what was known: run, feature, the value kept, and the one that was known then.

    Args:
        kept: rows of ``run_features``.
        runs: all runs, as they are told now. What is kept of a run that is not among them is not looked at.
        around: what surrounds them, as it is told now.
    """
    by_id = {run.run_id: run for run in runs}
    wrong = []
    for row in kept:
        run = by_id.get(row["run_id"])
        if run is None:
            continue
        at = run.started_at
        past = [other.as_known_at(at) for other in runs if other.started_at < at]
        known = with_candidate(past, run.as_known_at(at), around.as_known_at(at)).features.iloc[0]
        for name in NAMES:
            before, then = row.get(name), float(known[name])
            if not _is_same(math.nan if before is None else float(before), then):
                wrong.append((run.run_id, name, before, None if math.isnan(then) else then))
    return wrong


def _is_same(one: float, other: float) -> bool:
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return math.isclose(one, other, rel_tol=CLOSE, abs_tol=CLOSE)
