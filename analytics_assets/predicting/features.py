"""All features of a run in one order, and frames brought into it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analytics_assets.lib.words import plural
from analytics_assets.predicting.contextual import CONTEXTUAL
from analytics_assets.predicting.feature import Feature, Group
from analytics_assets.predicting.historical import HISTORICAL
from analytics_assets.predicting.temporal import TEMPORAL

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BY_NAME", "FEATURES", "NAMES", "Feature", "Group", "aligned"]

FEATURES: tuple[Feature, ...] = (*HISTORICAL, *CONTEXTUAL, *TEMPORAL)
NAMES = tuple(feature.name for feature in FEATURES)
BY_NAME = {feature.name: feature for feature in FEATURES}


def aligned(frame: pd.DataFrame, names: Sequence[str] = NAMES) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The frame with exactly these columns, in this order, as float64; and what was not as it should be.

    A column that is missing is not known (NaN); one that nobody asked for is left out. Both are said.
    """
    kept = frame.reindex(columns=list(names)).astype("float64")
    missing = [name for name in names if name not in frame.columns]
    unasked = sorted({str(name) for name in frame.columns} - set(names))
    notes = []
    if missing:
        notes.append(f"{plural(len(missing), 'feature')} missing, taken as not known: {', '.join(missing)}.")
    if unasked:
        notes.append(f"{plural(len(unasked), 'column')} that the model does not know, left out: {', '.join(unasked)}.")
    return kept, tuple(notes)
