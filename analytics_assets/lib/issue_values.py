"""Columns of the issue features as the statistics need them: what is not known is NaN or None, and rare words are one.

NumPy and pandas are imported on first use.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from analytics_assets.issue_thresholds import LEVEL_MIN

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

OTHER = "other"
NOT_ENOUGH = "not enough data: "
"""How an answer begins that cannot be given."""


def numbers(issues: pd.DataFrame, column: str) -> Numbers:
    """A column as floats; NULL and what is not finite are NaN, and so is all of a column that is not there."""
    import numpy as np
    import pandas as pd

    if column not in issues:
        return np.full(len(issues), np.nan)
    values = pd.to_numeric(issues[column], errors="coerce").astype("Float64")
    found = values.to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isfinite(found), found, np.nan)


def words(issues: pd.DataFrame, column: str) -> list[str | None]:
    """A column as texts; NULL is None."""
    import pandas as pd

    return [None if pd.isna(value) else str(value) for value in issues[column]]


def is_fixed(issues: pd.DataFrame) -> NDArray[np.bool_]:
    """Which issues are fixed: only their time spent is all that they took."""
    import numpy as np

    return np.array([word == "FIXED" for word in words(issues, "status")], dtype=bool)


def recurrences(issues: pd.DataFrame) -> Numbers:
    """Times that each issue came back: by the tracker's counter, or by its own openings where those are more.

    NaN of one that was never fixed, which cannot come back, and of all where nothing tells whether a fix lasted.
    """
    import numpy as np

    can_be_known = (numbers(issues, "is_ever_fixed") == 1) & (numbers(issues, "is_recurrence_known") == 1).any()
    return np.where(can_be_known, numbers(issues, "recurrences"), np.nan)


def levels(values: Sequence[str], least: float = LEVEL_MIN.value) -> list[str | None]:
    """Values with the rare ones as ``other``; None where even all of those are too few together.

    >>> levels(["a", "a", "b", "c"], least=2), levels(["a", "a", "b"], least=2)
    (['a', 'a', 'other', 'other'], ['a', 'a', None])
    """
    counts = Counter(values)
    pooled = [value if counts[value] >= least else OTHER for value in values]
    has_others = pooled.count(OTHER) >= least
    return [None if value == OTHER and not has_others else value for value in pooled]
