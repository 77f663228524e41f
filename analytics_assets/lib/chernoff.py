"""How surprising a rate or a count is, at least: Chernoff's bounds of the binomial's and of Poisson's tails, in nats.

exp(-nats) is how often at most chance shows as much. Numbers or arrays of them. NumPy is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray


def rate_nats(rate: ArrayLike, usual: ArrayLike, n: ArrayLike) -> NDArray[np.float64]:
    """Nats of a rate of n samples where another is usual: n KL(rate || usual), either way; inf where it cannot be.

    >>> [round(float(rate_nats(*given)), 1) for given in ((1.0, 0.02, 1), (1.0, 0.02, 2), (0.5, 0.5, 9))]
    [3.9, 7.8, 0.0]
    >>> float(rate_nats(0.1, 0.0, 10)), float(rate_nats(1.0, 1.0, 10))
    (inf, 0.0)
    """
    import numpy as np

    seen, known = np.asarray(rate, dtype=float), np.asarray(usual, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        hits = np.where(seen > 0, seen * np.log(seen / known), 0.0)
        misses = np.where(seen < 1, (1 - seen) * np.log((1 - seen) / (1 - known)), 0.0)
        return np.asarray(np.maximum(0.0, np.asarray(n) * (hits + misses)))


def count_nats(count: ArrayLike, usual: ArrayLike) -> NDArray[np.float64]:
    """Nats of a count of events that come one by one, where ``usual`` (above 0) are expected.

    >>> round(float(count_nats(10, 1)), 2), float(count_nats(0, 2)), float(count_nats(3, 3))
    (14.03, 2.0, 0.0)
    """
    import numpy as np

    seen, known = np.asarray(count, dtype=float), np.asarray(usual, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.where(seen > 0, seen * np.log(seen / known), 0.0)
    return np.asarray(logs - seen + known)
