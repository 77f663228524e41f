"""How often is as much counted by chance, where counts vary as Poisson's do, or more?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    Numbers = NDArray[np.float64]


def as_many_or_more(counts: ArrayLike, means: ArrayLike, variances: ArrayLike) -> Numbers:
    """How often each count, or a larger one, comes by chance: 0 to 1, in the shape of the counts.

    The negative binomial distribution with this mean and variance; Poisson's where the variance is not above the mean.

    >>> as_many_or_more([2, 2], [1.0, 1.0], [1.0, 4.0]).round(4).tolist()
    [0.2642, 0.2125]
    """
    import numpy as np
    from scipy.stats import nbinom, poisson

    counted, mean, variance = (np.asarray(each, dtype=np.float64) for each in (counts, means, variances))
    is_wider = (variance > mean) & (mean > 0)
    beyond = np.where(is_wider, variance - mean, 1.0)
    # Where it is not wider these parameters only have to be valid: that tail is not taken.
    size = np.where(is_wider, mean**2 / beyond, 1.0)
    chance = np.where(is_wider, mean / np.where(is_wider, variance, 1.0), 0.5)
    tails: Numbers = np.where(is_wider, nbinom.sf(counted - 1, size, chance), poisson.sf(counted - 1, mean))
    return tails
