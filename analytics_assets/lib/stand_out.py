"""Does a step meet something on more commits than the other steps of its pipeline do?

If all steps were alike, what is met would fall on each by how often it was tried: a step that was tried n times on a
commit meets it there with a chance of 1 - (1 - q)^n, q being the share of all tries that fail. Given how many commits
met it over all steps, those of one step are then binomial. Bad days of all steps make that distribution narrower, so
they make none stand out. Steps are not compared within a commit: an execution ends at the step that fails, so where a
commit is tried once or twice, the last step tried is always the one that failed (measured: of noise, 3 of 12 pipelines
had such a step).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]


class StandsOut(NamedTuple):
    """How one step compares with the others.

    Args:
        expected: on how many commits it would be met if all steps were alike.
        p_value: how often chance meets it on as many or more; None where there is no other step.
    """

    expected: float | None
    p_value: float | None


def stand_outs(is_met: NDArray[np.bool_], tries: Numbers, failures: float) -> list[StandsOut]:
    """Each step against all.

    Args:
        is_met: whether it was met, commits by steps.
        tries: how often each step was tried, commits by steps.
        failures: how many of all tries failed.
    """
    import numpy as np
    from scipy.stats import binom

    total = float(tries.sum())
    if not total or np.count_nonzero(tries.sum(axis=0)) <= 1:
        return [StandsOut(None, None)] * is_met.shape[1]
    # With no failure at all, tries count as they are: the limit for q towards 0.
    share = failures / total
    exposed = (1 - (1 - share) ** tries if 0 < share < 1 else np.minimum(tries, 1.0) if share else tries).sum(axis=0)
    met = is_met.sum(axis=0)
    found = []
    for count, chance in zip(met, exposed / exposed.sum(), strict=True):
        p_value = float(binom.sf(count - 1, met.sum(), chance)) if chance else None
        found.append(StandsOut(float(met.sum() * chance), None if p_value is None else min(1.0, p_value)))
    return found
