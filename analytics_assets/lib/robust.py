"""Spreads that a few far values do not move, in standard deviations of normal values.

The median absolute deviation is 0 where more than half of the values are one value; what stands for it then depends on
what is asked, so each function says it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

NORMAL_MAD, NORMAL_MEAN_DEVIATION, NORMAL_QUARTER = 1.4826, 1.2533, 0.6373
"""What makes the median, and the mean, absolute deviation of a normal distribution its standard deviation; and how many
of these the middle quarter of its values is wide."""


def median_and_scale(values: Numbers) -> tuple[float, float]:
    """Median and robust standard deviation of the values that are not NaN; 0 and 0 where there is none.

    Where the median absolute deviation is 0 the plain standard deviation stands for it: 0 only where nothing varies.
    """
    import numpy as np

    known = values[~np.isnan(values)]
    if not len(known):
        return 0.0, 0.0
    middle = float(np.median(known))
    return middle, NORMAL_MAD * float(np.median(np.abs(known - middle))) or float(np.std(known))


def scale_of(distances: Numbers) -> float:
    """Robust standard deviation by distances from what is usual, none of them NaN; 0 where all are 0, or none is given.

    Where their median is 0 the mean stands for it: far values move it less than their squares would.
    """
    import numpy as np

    if not len(distances):
        return 0.0
    sizes = np.abs(distances)
    return NORMAL_MAD * float(np.median(sizes)) or NORMAL_MEAN_DEVIATION * float(sizes.mean())


def scale_within(values: Numbers) -> float:
    """Standard deviation within a group of normal values, by the shortest interval that holds a quarter of all.

    The deviation from the median of all would be half the distance of two groups of one size, and hide them. Where a
    quarter is one value, ``scale_of`` the distances from the median is all there is.
    """
    import numpy as np

    ordered = np.sort(values)
    width = max(1, len(ordered) // 4)
    shortest = float((ordered[width:] - ordered[:-width]).min()) if len(ordered) > width else 0.0
    return shortest / NORMAL_QUARTER or scale_of(values - np.median(values))
