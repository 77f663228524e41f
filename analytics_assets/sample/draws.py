"""Turning the draws of a random generator into what they stand for."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import Generic, Self, TypeVar

ItemT = TypeVar("ItemT")


class Odds(Generic[ItemT]):
    """Items with weights.

    >>> Odds(("common", 3.0), ("rare", 1.0)).pick(0.8)
    'rare'
    """

    def __init__(self, *chances: tuple[ItemT, float]) -> None:
        self.items = tuple(item for item, _ in chances)
        self._sums = tuple(accumulate(weight for _, weight in chances))

    @classmethod
    def even(cls, items: Iterable[ItemT]) -> Self:
        """Every item as likely as any other."""
        return cls(*((item, 1.0) for item in items))

    def pick(self, share: float) -> ItemT:
        """The item at which the running sum of the weights passes ``share`` (0 to below 1) of their total."""
        return self.items[bisect_right(self._sums, share * self._sums[-1], hi=len(self.items) - 1)]


def log_normal(median: float, sigma: float, normal: float) -> float:
    """A log-normal value out of a standard normal one: half of them are above the median.

    >>> log_normal(10.0, 0.5, 0.0)
    10.0
    """
    return median * math.exp(sigma * float(normal))
