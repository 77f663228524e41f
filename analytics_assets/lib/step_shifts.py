"""Since when does a step take longer, or less long, than before?

The best split of a step's executions into earlier and later ones is the one that sets the ranks of durations farthest
apart. Chance finds a best split too: its distribution is that of whole days in a random order (shorter stretches where
there are few days), so what the executions of a day have in common counts once. Days that remember the days before
would still pass for a change; so the variance beside the split counts (1 + r) / (1 - r) fold, with r the correlation of
a day with the next (the long-run variance of an autoregression).

``lib.detectors.shift`` asks the same of signals by another null, the bridge of a long series of hours. It does not do
here: a step has one duration per execution, at uneven times, often three a day or none, with a tail of slow ones. Ranks
need no shape of them, an order of days holds with 8 of them, and no hour without an execution has to be made up.

Measured on 400 series of noise at p < 0.05: 3.8 % change, also of 3 executions a day or of days that differ. What days
remember is corrected in part: of days that differ and remember (r = 0.3, 0.5, 0.7) 8, 12 and 18 % change falsely. A
step that takes twice as long from the middle of 28 days on is found in 100 of 100 at p < 0.002, at the median an hour
off; one of the last three days in 96 (``pipeline_patterns`` in benchmarks/RESULTS.md has whole pipelines).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from analytics_assets.mining_thresholds import (
    CONFIGURATION_NEAR,
    SHIFT_ASK_AGAIN,
    SHIFT_BLOCKS,
    SHIFT_MIN_BLOCKS,
    SHIFT_MIN_SIDE,
    SHIFT_PERMUTATIONS,
    SHIFT_SURE_PERMUTATIONS,
    STEP_MOST_MEMORY,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

SEED = 0
DAY_SECONDS = 86_400.0
HALVINGS = 4
"""Stretches are a day, 12, 6, 3 or 1.5 hours."""


class DurationShift(NamedTuple):
    """The best split of a step's durations, in seconds since 1970 and seconds.

    Args:
        changed_at: start of the first execution after it.
        last_before: start of the last one before it.
        before: median before; ``after``: median after.
        p_value: how often chance splits as well.
    """

    changed_at: float
    last_before: float
    before: float
    after: float
    n_before: int
    n_after: int
    p_value: float

    @property
    def ratio(self) -> float | None:
        """Median after, by the one before; None where that is 0."""
        return self.after / self.before if self.before > 0 else None


def duration_shift(times: Numbers, seconds: Numbers) -> DurationShift | None:
    """The best split of durations; None of fewer than 10 executions on either side, or too few days, or no change.

    Args:
        times: starts in seconds since 1970, increasing.
        seconds: durations; NaN where not measured.
    """
    import numpy as np
    from scipy.stats import rankdata

    known = ~np.isnan(seconds)
    times, seconds = times[known], seconds[known]
    side = int(SHIFT_MIN_SIDE.value)
    if len(seconds) < 2 * side or np.ptp(seconds) == 0:
        return None
    ranks = rankdata(seconds) - (len(seconds) + 1) / 2
    sums, counts = _blocks(times, ranks)
    if len(sums) < SHIFT_MIN_BLOCKS.value:
        return None
    statistic = float(_statistics(sums[None, :], counts[None, :]).max())
    p_value = _p_value(sums, counts, _lowered(sums, counts, statistic))
    place = int(np.arange(1, len(ranks))[_apart(ranks[None, :], np.ones((1, len(ranks))))[0].argmax()])
    return DurationShift(
        changed_at=float(times[place]),
        last_before=float(times[place - 1]),
        before=float(np.median(seconds[:place])),
        after=float(np.median(seconds[place:])),
        n_before=place,
        n_after=len(seconds) - place,
        p_value=p_value,
    )


def version_near(shift: DurationShift, versions: Iterable[tuple[str, datetime]]) -> str | None:
    """The configuration version first seen when the durations changed; None where there is none, or only the first.

    Args:
        shift: the change.
        versions: each with the start of the first execution with it.
    """
    seen = sorted(versions, key=lambda version: version[1])[1:]
    near = timedelta(hours=CONFIGURATION_NEAR.value)
    changed, last = (datetime(1970, 1, 1) + timedelta(seconds=at) for at in (shift.changed_at, shift.last_before))
    close = [(abs(at - changed), name) for name, at in seen if last - near <= at <= changed + near]
    return min(close)[1] if close else None


def _blocks(times: Numbers, ranks: Numbers) -> tuple[Numbers, Numbers]:
    """Sums of ranks and executions by stretches of time: days, or halves of them while there are fewer than 20."""
    import numpy as np

    for halving in range(HALVINGS + 1):
        stretches = np.floor(times / (DAY_SECONDS / 2**halving))
        _, place = np.unique(stretches, return_inverse=True)
        if place.max() + 1 >= SHIFT_BLOCKS.value:
            break
    sums: Numbers = np.bincount(place, weights=ranks).astype(float)
    counts: Numbers = np.bincount(place).astype(float)
    return sums, counts


def _apart(sums: Numbers, counts: Numbers) -> Numbers:
    """How far both sides of each split are apart, rows by splits; -1 where one side has too few executions."""
    import numpy as np

    before = counts.cumsum(axis=1)[:, :-1]
    total = counts.sum(axis=1)[:, None]
    share = before / total
    apart = np.abs(sums.cumsum(axis=1)[:, :-1]) / np.sqrt(share * (1 - share))
    side = SHIFT_MIN_SIDE.value
    return np.where((before >= side) & (total - before >= side), apart, -1.0)


def _statistics(sums: Numbers, counts: Numbers) -> Numbers:
    largest: Numbers = _apart(sums, counts).max(axis=1)
    return largest


def _lowered(sums: Numbers, counts: Numbers, statistic: float) -> float:
    """The statistic with the spread beside the split as wide as its memory makes it; as it is without a memory."""
    import numpy as np

    means, size = sums / counts, counts.sum()
    split = int(_apart(sums[None, :], counts[None, :])[0].argmax()) + 1
    # The change falls within a stretch, which is then of neither side.
    rest = np.concatenate([side - side.mean() for side in (means[: split - 1], means[split + 1 :]) if len(side)])
    variance = float(rest @ rest)
    if not variance:
        return statistic
    measured = float(rest[:-1] @ rest[1:]) / variance
    # Taking a mean away on either side makes a series seem to forget: by about (1 + 3 r) / n for each.
    memory = min(STEP_MOST_MEMORY.value, measured + 2 * (1 + 3 * measured) / len(rest))
    if memory <= 0:
        return statistic
    between, total = statistic**2 / size, float(counts @ means**2)
    spread = max(0.0, total - between) * (1 + memory) / (1 - memory)
    return float(np.sqrt(size * total * between / (between + spread)))


def _p_value(sums: Numbers, counts: Numbers, statistic: float) -> float:
    """The share of random orders of the stretches that split as well; few orders first, more where it is small."""
    import numpy as np

    rng = np.random.default_rng(SEED)
    p_value = 1.0
    for number in (int(SHIFT_PERMUTATIONS.value), int(SHIFT_SURE_PERMUTATIONS.value)):
        order = rng.random((number, len(sums))).argsort(axis=1)
        reached = int((_statistics(sums[order], counts[order]) >= statistic - 1e-9).sum())
        p_value = (1 + reached) / (1 + number)
        if p_value > SHIFT_ASK_AGAIN.value:
            break
    return p_value
