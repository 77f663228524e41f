"""Which runs are learnt from and which are judged, by time: as it would have been on the day."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from analytics_assets.lib.words import plural
from analytics_assets.predicting_thresholds import (
    ROLLING_FIRST,
    ROLLING_FOLDS,
    SPLIT_MIN_TEST,
    SPLIT_MIN_TRAIN,
    SPLIT_SHARE,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analytics_assets.predicting.examples import Examples

    Mask = NDArray[np.bool_]


class Split(NamedTuple):
    """A moment, the runs whose outcome was known before it, and those that started from it on."""

    at: datetime
    train: Mask
    test: Mask


def time_split(examples: Examples, share: float = SPLIT_SHARE.value) -> Split | str:
    """The last part of time is judged, by what was known when it began; a sentence where that is not enough.

    A run that started before the split and ended after it is on neither side.

    Args:
        examples: in the order of their starts; those without an outcome are on neither side.
        share: of the runs with an outcome that start before the split.
    """
    needed = int(SPLIT_MIN_TRAIN.value + SPLIT_MIN_TEST.value)
    judged = _judged(examples)
    if judged.sum() < needed:
        return f"not enough runs to judge a model: {plural(int(judged.sum()), 'run')} with an outcome, {needed} needed"
    starts = _starts(examples)
    split = _split(examples, starts[judged][int(judged.sum() * share)], None)
    learnt, tested = int(split.train.sum()), int(split.test.sum())
    if learnt < SPLIT_MIN_TRAIN.value or tested < SPLIT_MIN_TEST.value:
        return (
            f"not enough runs to judge a model: {learnt:,} were known before {split.at:%Y-%m-%d %H:%M} and {tested:,} "
            f"came after it; {SPLIT_MIN_TRAIN.value:.0f} and {SPLIT_MIN_TEST.value:.0f} are needed"
        )
    return split


def rolling_origins(examples: Examples, folds: int = int(ROLLING_FOLDS.value)) -> list[Split]:
    """Looks back from several moments, each judging the runs up to the next one.

    The first moment is after 40 % of the runs; those with too little to learn from, or nothing to judge, are left out.
    """
    judged, starts = _judged(examples), _starts(examples)
    if not judged.any():
        return []
    ordered = starts[judged]
    shares = np.linspace(ROLLING_FIRST.value, 1, folds, endpoint=False)
    moments = [*dict.fromkeys(ordered[(shares * len(ordered)).astype(int)].tolist())]
    ends: list[datetime | None] = [*moments[1:], None]
    splits = [_split(examples, np.datetime64(at, "us"), end) for at, end in zip(moments, ends, strict=True)]
    return [split for split in splits if split.train.sum() >= SPLIT_MIN_TRAIN.value and split.test.any()]


def luck_shared(examples: Examples) -> list[str]:
    """The day of each run: runs of a day share their luck, so two days say little and one day says nothing."""
    return [str(day) for day in np.asarray(examples.started_at, dtype="datetime64[D]")]


def moment(at: np.datetime64) -> datetime:
    """A moment of numpy as Python's, naive UTC."""
    plain: datetime = at.astype("datetime64[us]").item()
    return plain


def _split(examples: Examples, at: np.datetime64, end: datetime | None) -> Split:
    starts, judged = _starts(examples), _judged(examples)
    known = np.asarray(examples.known_at, dtype="datetime64[us]")
    # A comparison with NaT is false: an outcome of which nobody knows since when teaches nothing of the past.
    test = judged & (starts >= at)
    if end is not None:
        test &= starts < np.datetime64(end, "us")
    return Split(moment(at), judged & (known < at), test)


def _judged(examples: Examples) -> Mask:
    judged: Mask = ~np.isnan(np.asarray(examples.is_failed, dtype=float))
    return judged


def _starts(examples: Examples) -> NDArray[np.datetime64]:
    return np.asarray(examples.started_at, dtype="datetime64[us]")
