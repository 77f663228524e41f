"""Shares of successes, with how far they can be trusted.

A rate over nothing is None: no execution is not a failing one, and not a succeeding one either.
"""

from __future__ import annotations

from math import sqrt
from typing import NamedTuple

from analytics_assets.thresholds import WILSON_Z


class Interval(NamedTuple):
    """Both ends of a confidence interval, in the unit of what it is about."""

    low: float
    high: float


def success_rate(successes: int, executions: int) -> float | None:
    """Share of executions that succeeded, 0 to 1; None when there was none.

    >>> success_rate(3, 4)
    0.75
    >>> success_rate(0, 0) is None
    True
    """
    _refuse_impossible(successes, executions)
    return successes / executions if executions else None


def wilson_interval(successes: int, executions: int, z: float = WILSON_Z.value) -> Interval | None:
    """The Wilson score interval of a rate, shares of 0 to 1; None when there was no execution.

    With p = successes / n it is (p + z^2/2n +- z * sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n): E. B. Wilson,
    "Probable inference, the law of succession, and statistical inference", JASA 22 (1927), 209-212. Unlike p
    +- z * sqrt(p(1-p)/n) it has a width where all succeeded, and never leaves 0 to 1.

    >>> low, high = wilson_interval(2, 2)
    >>> f"{low:.2f} to {high:.2f}"
    '0.34 to 1.00'
    """
    _refuse_impossible(successes, executions)
    if not executions:
        return None
    rate = successes / executions
    scale = 1 + z * z / executions
    centre = rate + z * z / (2 * executions)
    reach = z * sqrt(rate * (1 - rate) / executions + z * z / (4 * executions * executions))
    low, high = (centre - reach) / scale, (centre + reach) / scale
    # The interval holds the rate and is within 0 to 1; rounding puts an end that is exact a hair off.
    return Interval(max(0.0, min(rate, low)), min(1.0, max(rate, high)))


def _refuse_impossible(successes: int, executions: int) -> None:
    if not 0 <= successes <= executions:
        raise ValueError(f"{successes} successes of {executions} executions")
