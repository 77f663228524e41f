"""The simple answer to "how long, how much": quantiles of what the spec took with the model so far."""

from __future__ import annotations

from bisect import insort
from typing import TYPE_CHECKING

import numpy as np

from analytics_assets.predicting.quantile_bands import QUANTILES
from analytics_assets.predicting_thresholds import NAIVE_QUANTILES_PRIOR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from analytics_assets.predicting.examples import Examples

NAIVE = "running quantiles of spec and model"

Quantiles = tuple[float, ...]


def running_quantiles(examples: Examples, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Quantiles of the values that were known when each run started: (n, 3); NaN where none was.

    Those of a spec with a model are drawn to the spec's, and these to those of all runs, by ``NAIVE_QUANTILES_PRIOR``
    runs' worth. A run whose end is not known is nobody's history.

    Args:
        examples: in the order of their start.
        values: of each example, NaN where it has none.
    """
    known_at, started_at = examples.known_at, examples.started_at
    usable = np.flatnonzero(~np.isnat(known_at) & ~np.isnan(values))
    ends = usable[np.argsort(known_at[usable], kind="stable")]
    names = [(run.spec_id, run.model) for run in examples.runs]
    everything: list[float] = []
    specs: dict[str, list[float]] = {}
    pairs: dict[tuple[str, str | None], list[float]] = {}
    answers = np.full((len(names), len(QUANTILES)), np.nan)
    done = 0
    for row, (spec, model) in enumerate(names):
        while done < len(ends) and known_at[ends[done]] <= started_at[row]:
            of, value = names[ends[done]], float(values[ends[done]])
            insort(everything, value)
            insort(specs.setdefault(of[0], []), value)
            insort(pairs.setdefault(of, []), value)
            done += 1
        if everything:
            of_spec = _drawn(specs.get(spec, ()), _quantiles(everything))
            answers[row] = _drawn(pairs.get((spec, model), ()), of_spec)
    return answers


def _drawn(values: Sequence[float], parent: Quantiles) -> Quantiles:
    if not values:
        return parent
    own = len(values) / (len(values) + NAIVE_QUANTILES_PRIOR.value)
    return tuple(own * mine + (1 - own) * theirs for mine, theirs in zip(_quantiles(values), parent, strict=True))


def _quantiles(ordered: Sequence[float]) -> Quantiles:
    """As ``numpy.quantile``, which takes twenty times as long for a few values."""
    found = []
    for level in QUANTILES:
        place = level * (len(ordered) - 1)
        below = int(place)
        above = min(below + 1, len(ordered) - 1)
        found.append(ordered[below] + (place - below) * (ordered[above] - ordered[below]))
    return tuple(found)
