"""How likely one share is below another, or beyond a limit, given counts.

Shares have Beta(1, 1) posteriors: before any run, every share is as likely as any other. Only whole counts go in, and
probabilities of 0 to 1 come out. SciPy is imported on first use.
"""

from __future__ import annotations

from math import exp

NODES = 400
"""Points of the quadrature: doubling them changes no probability by 1e-5, up to 10,000 runs a side."""


def probability_lower(failures: int, runs: int, other_failures: int, other_runs: int, margin: float = 0.0) -> float:
    """P(other share < share + margin): the other side fails less often, or not more than ``margin`` more often.

    The integral of P(other < x + margin) over the posterior of x, at the mid-points of ``NODES`` quantiles of x.

    >>> round(probability_lower(35, 47, 0, 3), 2), round(probability_lower(2, 8, 0, 5), 2)
    (0.99, 0.82)
    >>> round(probability_lower(5, 10, 5, 10), 3)
    0.5
    """
    import numpy as np
    from scipy.special import betainc, betaincinv

    _refuse_impossible(failures, runs)
    _refuse_impossible(other_failures, other_runs)
    quantiles = (np.arange(NODES) + 0.5) / NODES
    shares = betaincinv(1 + failures, 1 + runs - failures, quantiles)
    reached = np.clip(shares + margin, 0.0, 1.0)
    return float(betainc(1 + other_failures, 1 + other_runs - other_failures, reached).mean())


def probability_below(failures: int, runs: int, bound: float) -> float:
    """P(share < bound).

    >>> round(probability_below(0, 58, 0.05), 2)
    0.95
    """
    from scipy.special import betainc

    _refuse_impossible(failures, runs)
    return float(betainc(1 + failures, 1 + runs - failures, bound))


def probability_of_a_difference(
    failures: int, runs: int, other_failures: int, other_runs: int, alternatives: int
) -> float:
    """P(the two shares differ at all), when the other side is one of ``alternatives`` that were looked at.

    Beforehand the chance is one half that any of the alternatives differs, shared among them: who looks at many finds
    one that looks better. The counts move it by the Bayes factor of two Beta-binomial shares against a common one (Kass
    and Raftery, "Bayes factors", JASA 90 (1995), 773-795): B(a1, b1) B(a2, b2) / B(a1 + a2 - 1, b1 + b2 - 1).

    >>> round(probability_of_a_difference(64, 160, 11, 160, alternatives=3), 4)
    1.0
    >>> round(probability_of_a_difference(48, 160, 45, 160, alternatives=3), 2)
    0.03
    """
    from scipy.special import betaln

    _refuse_impossible(failures, runs)
    _refuse_impossible(other_failures, other_runs)
    if alternatives < 1:
        raise ValueError(f"at least one alternative was looked at, not {alternatives}")
    both, all_runs = failures + other_failures, runs + other_runs
    log_factor = (
        betaln(1 + failures, 1 + runs - failures)
        + betaln(1 + other_failures, 1 + other_runs - other_failures)
        - betaln(1 + both, 1 + all_runs - both)
    )
    before = 0.5 / alternatives
    # As 1 / (1 + odds against), which stays finite where the factor itself does not.
    return 1.0 / (1.0 + (1.0 - before) / before * exp(min(-float(log_factor), 700.0)))


def _refuse_impossible(failures: int, runs: int) -> None:
    if not 0 <= failures <= runs:
        raise ValueError(f"{failures} failures of {runs} runs")
