"""Which batches are due for judgement: the decision behind the quality sensor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Due:
    """The kinds to judge, for their batches later than ``after``; without it, the newest of each alone."""

    kinds: tuple[str, ...]
    after: int | None
    newest: int


def due(newest: Mapping[str, int], judged: int | None) -> Due | None:
    """What is to be judged; None when every batch was.

    Args:
        newest: kind -> the newest batch that brought records of it.
        judged: the last batch that was judged; None before the first one.

    >>> due({"runs": 4, "executions": 7}, judged=5)
    Due(kinds=('executions',), after=5, newest=7)
    >>> due({"runs": 4, "executions": 7}, judged=7) is None
    True
    """
    if not newest:
        return None
    last = max(newest.values())
    if judged is not None and last < judged:
        # Batches count from 1 again: the warehouse was made anew.
        judged = None
    kinds = tuple(sorted(kind for kind, batch in newest.items() if judged is None or batch > judged))
    return Due(kinds, judged, last) if kinds else None
