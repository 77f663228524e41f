"""The models of runs, and what a version of each must be better than."""

from __future__ import annotations

from analytics_assets.predicting import failure_purpose, performance_purpose
from analytics_assets.predicting.purpose import Parameters, Purpose

__all__ = ["BARS", "PURPOSES", "Parameters", "Purpose"]

PURPOSES: dict[str, Purpose] = {one.name: one for one in (failure_purpose.PURPOSE, *performance_purpose.PURPOSES)}
"""By the name of the model, in the order in which they are trained."""
BARS = frozenset({"constant", "model_x_spec_type", "naive"})
"""Names of the baselines that a version must beat to answer."""
