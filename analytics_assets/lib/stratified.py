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
    Biometrics 41 (1985), 55-68). The number of runs is the one at which a single share would vary as much as that mean
    does, and never more than ran: a few runs in the stratum that weighs most are few runs. Of one stratum it is itself.

    Simpson's reversal: 20 of 80 against 1 of 10 in the hard stratum, 0 of 10 against 2 of 80 in the easy one.

    >>> standardised([Stratum(20, 80, 1, 10), Stratum(0, 10, 2, 80)])
    Stratum(failures=7, runs=56, other_failures=2, other_runs=25)
    >>> standardised([Stratum(3, 12, 5, 40)])
    Stratum(failures=3, runs=12, other_failures=5, other_runs=40)
    >>> standardised([Stratum(1, 5, 0, 0)]) is None
    True
    """
    both = [stratum for stratum in strata if stratum.weight]
    if not both:
        return None
    weights = [stratum.weight for stratum in both]
    one = _side([(s.failures, s.runs) for s in both], weights)
    return Stratum(*one, *_side([(s.other_failures, s.other_runs) for s in both], weights))


def _side(counts: list[tuple[int, int]], weights: list[float]) -> tuple[int, int]:
    """Failures and runs of one side: its weighted share, and the runs that this is worth."""
    total = sum(weights)
    share = sum(w * k / n for w, (k, n) in zip(weights, counts, strict=True)) / total
    # With one more of either outcome, so that a stratum without a failure is not taken to have no variance.
    likely = [(k + 1) / (n + 2) for k, n in counts]
    mean = sum(w * p for w, p in zip(weights, likely, strict=True)) / total
    spread = sum(w**2 * p * (1 - p) / n for w, p, (_, n) in zip(weights, likely, counts, strict=True)) / total**2
    runs = min(round(mean * (1 - mean) / spread), sum(n for _, n in counts))
    return round(share * runs), runs
