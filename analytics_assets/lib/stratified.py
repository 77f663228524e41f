"""Comparing two sides within strata, so that a mix of easy and hard ones is not taken for a difference."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Stratum(NamedTuple):
    """Failures and runs of both sides, where they met the same task."""

    failures: int
    runs: int
    other_failures: int
    other_runs: int

    @property
    def weight(self) -> float:
        """n1 n2 / (n1 + n2): nothing where one of the sides did not run."""
        together = self.runs + self.other_runs
        return self.runs * self.other_runs / together if together else 0.0


def standardised(strata: Iterable[Stratum]) -> Stratum | None:
    """One stratum that says the same: both sides with the same mix of strata; None where no stratum has both.

    Both shares are means over the strata with the weights n1 n2 / (n1 + n2), so that their difference is that of Mantel
    and Haenszel (S. Greenland and J. M. Robins, "Estimation of a common effect parameter from sparse follow-up data",
    Biometrics 41 (1985), 55-68). The number of runs is the one that gives such a mean its variance at equal shares,
    (sum w)^2 / sum(w^2 / n): a few runs in the stratum that weighs most are few runs. Of one stratum it is itself.

    Simpson's reversal: 20 of 80 against 1 of 10 in the hard stratum, 0 of 10 against 2 of 80 in the easy one.

    >>> standardised([Stratum(20, 80, 1, 10), Stratum(0, 10, 2, 80)])
    Stratum(failures=4, runs=36, other_failures=2, other_runs=36)
    >>> standardised([Stratum(3, 12, 5, 40)])
    Stratum(failures=3, runs=12, other_failures=5, other_runs=40)
    >>> standardised([Stratum(1, 5, 0, 0)]) is None
    True
    """
    both = [stratum for stratum in strata if stratum.weight]
    if not both:
        return None
    total = sum(s.weight for s in both)
    share = sum(s.weight * s.failures / s.runs for s in both) / total
    other_share = sum(s.weight * s.other_failures / s.other_runs for s in both) / total
    runs = round(total**2 / sum(s.weight**2 / s.runs for s in both))
    other_runs = round(total**2 / sum(s.weight**2 / s.other_runs for s in both))
    return Stratum(round(share * runs), runs, round(other_share * other_runs), other_runs)
