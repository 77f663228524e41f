"""All features of a run in one order."""

from __future__ import annotations

from analytics_assets.predicting.contextual import CONTEXTUAL
from analytics_assets.predicting.feature import Feature, Group
from analytics_assets.predicting.historical import HISTORICAL
from analytics_assets.predicting.temporal import TEMPORAL

__all__ = ["BY_NAME", "FEATURES", "NAMES", "Feature", "Group"]

FEATURES: tuple[Feature, ...] = (*HISTORICAL, *CONTEXTUAL, *TEMPORAL)
NAMES = tuple(feature.name for feature in FEATURES)
BY_NAME = {feature.name: feature for feature in FEATURES}
