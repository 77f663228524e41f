"""Runs as they were known when they started, with what came of them: what models learn from and are asked about.

Each row sees only what was known at its start: runs that had begun before it, and outcomes told by then.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from analytics_assets.predicting.contextual import contextual
from analytics_assets.predicting.features import NAMES
from analytics_assets.predicting.historical import historical
from analytics_assets.predicting.history import History
from analytics_assets.predicting.reading import read_runs, read_surroundings
from analytics_assets.predicting.runs import CATEGORIES, Run
from analytics_assets.predicting.surroundings import Surroundings
from analytics_assets.predicting.temporal import temporal

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

__all__ = [
    "CATEGORIES",
    "Examples",
    "Run",
    "Surroundings",
    "examples",
    "read_runs",
    "read_surroundings",
    "with_candidate",
    "with_candidates",
]


@dataclass(frozen=True)
class Examples:
    """One row per run, in the order of (started_at, run_id).

    Args:
        runs: the runs.
        features: float64 columns in the order of ``FEATURES``; NaN is not known.
        categories: object columns of ``CATEGORIES``; None is not known.
        past: runs that these may look back on, in the order of their places; by default they themselves. Some of the
            rows, as ``take`` gives them, still look back on all.
    """

    runs: tuple[Run, ...]
    features: pd.DataFrame
    categories: pd.DataFrame
    past: tuple[Run, ...] | None = None

    def __len__(self) -> int:
        return len(self.runs)

    @cached_property
    def started_at(self) -> NDArray[np.datetime64]:
        """When each began, datetime64[us], UTC."""
        return _moments(run.started_at for run in self.runs)

    @cached_property
    def known_at(self) -> NDArray[np.datetime64]:
        """When the outcome of each was known, never before its start; NaT: it was not told."""
        return _moments(run.told_at for run in self.runs)

    @cached_property
    def is_failed(self) -> NDArray[np.float64]:
        """1 failed, 0 succeeded, NaN without an outcome."""
        import numpy as np

        return np.array([math.nan if run.is_failed is None else float(run.is_failed) for run in self.runs], dtype=float)

    def known_before(self, moment: datetime) -> NDArray[np.bool_]:
        """Which outcomes were known before this moment (naive UTC): what may be learnt from then."""
        import numpy as np

        is_known: NDArray[np.bool_] = (self.known_at < np.datetime64(moment, "us")) & ~np.isnan(self.is_failed)
        return is_known

    def take(self, which: NDArray[Any] | Sequence[int] | Sequence[bool]) -> Examples:
        """Some of the rows: by a mask, or by their numbers."""
        import numpy as np

        chosen = np.asarray(which)
        numbers = np.flatnonzero(chosen) if chosen.dtype == bool else chosen.astype(int)
        return Examples(
            tuple(self.runs[number] for number in numbers),
            self.features.iloc[numbers].reset_index(drop=True),
            self.categories.iloc[numbers].reset_index(drop=True),
            self.runs if self.past is None else self.past,
        )


def examples(runs: Iterable[Run], around: Surroundings | None = None, *, of: Iterable[Run] | None = None) -> Examples:
    """Every run as it was known when it started.

    Args:
        runs: all that is known.
        around: what surrounds them.
        of: those of them that get a row, by default all; the others are looked back on.
    """
    ordered = _ordered(runs)
    return _examples(ordered, ordered if of is None else _ordered(of), around)


def with_candidates(runs: Iterable[Run], candidates: Iterable[Run], around: Surroundings | None = None) -> Examples:
    """Runs that are thought of, each as it would be known if it started at its ``started_at``.

    They know the runs before them, and nothing of one another.
    """
    return _examples(_ordered(runs), _ordered(candidates), around)


def with_candidate(runs: Iterable[Run], candidate: Run, around: Surroundings | None = None) -> Examples:
    """One row: the run that would start."""
    return with_candidates(runs, [candidate], around)


def _examples(past: Sequence[Run], asked: Sequence[Run], around: Surroundings | None) -> Examples:
    import pandas as pd

    rows = list(_sweep(past, asked, around or Surroundings()))
    return Examples(
        tuple(asked),
        pd.DataFrame(rows, columns=list(NAMES), dtype="float64"),
        pd.DataFrame({name: pd.Series([getattr(run, name) for run in asked], dtype="object") for name in CATEGORIES}),
        tuple(past),
    )


def _sweep(past: Sequence[Run], asked: Sequence[Run], around: Surroundings) -> Iterator[list[float]]:
    """The values of ``FEATURES`` for each run that is asked about; both are in the order of their places."""
    history = History(past)
    for run in asked:
        history.advance(run.started_at)
        of_past = historical(history, run)
        rate = of_past["failure_rate"]
        values = of_past | contextual(history, run, around, rate) | temporal(history, run, around, rate)
        yield [values[name] for name in NAMES]


def _ordered(runs: Iterable[Run]) -> list[Run]:
    return sorted(runs, key=lambda run: run.place)


def _moments(moments: Iterable[datetime | None]) -> NDArray[np.datetime64]:
    import numpy as np

    return np.array([np.datetime64("NaT") if at is None else at for at in moments], dtype="datetime64[us]")
