"""What is told of a feature, so that people and models speak of the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Group = Literal["historical", "contextual", "temporal"]


@dataclass(frozen=True, slots=True)
class Feature:
    """One number that is known of a run when it starts.

    Args:
        name: its column.
        group: historical (what came of runs before), contextual (what is run where) or temporal (when).
        meaning: a sentence.
        unit: of its values.
        logic: how it is computed from what was known at the start.
        rising: what is said where a high value speaks for failure.
        falling: what is said where a low one does.
    """

    name: str
    group: Group
    meaning: str
    unit: str
    logic: str
    rising: str
    falling: str
