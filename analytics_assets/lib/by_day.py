"""Do days agree that there is more, or less, than nothing?

What comes in bursts is one coincidence, however many hours or events it has: days are the witnesses, not what is in
them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]


def days_p_value(sums: Numbers, *, both_ways: bool) -> float:
    """How often chance makes sums by day agree as much (Student's t); 1 where there are under two days, or all alike.

    Args:
        sums: by day, 0 where chance alone is at work.
        both_ways: whether sums below 0 are evidence as well.
    """
    import numpy as np
    from scipy.stats import t

    spread = float(np.std(sums, ddof=1)) * np.sqrt(len(sums)) if len(sums) > 1 else 0.0
    if spread <= 0:
        return 1.0
    ratio = float(sums.sum()) / spread
    return float(2 * t.sf(abs(ratio), len(sums) - 1) if both_ways else t.sf(ratio, len(sums) - 1))
