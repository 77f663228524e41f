"""Comparing two sides within strata, so that a mix of easy and hard ones is not taken for a difference."""

from __future__ import annotations

from collections.abc import Iterable

Stratum = tuple[int, int, int, int]
"""Failures and runs of the one side, failures and runs of the other."""


def mantel_haenszel_difference(strata: Iterable[Stratum]) -> float | None:
    """Share of failures of the first side minus that of the other, within strata; None where none has both sides.

    The weighted mean of the strata's differences, with weights n1 * n0 / (n1 + n0): S. Greenland and J. M. Robins,
    "Estimation of a common effect parameter from sparse follow-up data", Biometrics 41 (1985), 55-68.

    Simpson's reversal: 20 of 80 against 1 of 10 in the hard stratum, 0 of 10 against 2 of 80 in the easy one.

    >>> round(mantel_haenszel_difference([(20, 80, 1, 10), (0, 10, 2, 80)]), 4)
    0.0625
    >>> mantel_haenszel_difference([(1, 5, 0, 0)]) is None
    True
    """
    total = weights = 0.0
    for failures, runs, other_failures, other_runs in strata:
        if runs and other_runs:
            weight = runs * other_runs / (runs + other_runs)
            total += weight * (failures / runs - other_failures / other_runs)
            weights += weight
    return total / weights if weights else None
