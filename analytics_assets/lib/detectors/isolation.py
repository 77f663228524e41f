"""A window that is easily set apart from the earlier ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics_assets.detector_thresholds import ISOLATED, ISOLATION_TREES, SECOND_SURPRISE
from analytics_assets.lib.detectors.series import Family, Judgement, Series
from analytics_assets.lib.detectors.tails import tail_limit
from analytics_assets.lib.detectors.windows import compressed_deviations, learned_spans, window_features
from analytics_assets.limits import Setting

SEED = 0
EVEN = 0.5
"""The isolation score of what is like all others (F. T. Liu, K. M. Ting and Z.-H. Zhou, ICDM 2008)."""


@dataclass(frozen=True)
class IsolationForestDetector:
    """Isolation Forest over figures of the last points, learned from the windows before.

    A window is anomalous whose isolation score is above 0.6, and above what one in 100 of the learned ones has. It
    tells no expected value: a second opinion of a point that another detector found.
    """

    name: str = "isolation_forest"
    family: Family = "isolation"
    unit: str = "isolation score"
    threshold: Setting = ISOLATED

    def judge(self, series: Series, first: int = 0) -> Judgement:
        """The judgement of the points from ``first`` on."""
        from sklearn.ensemble import IsolationForest

        judgement = Judgement.nothing(len(series))
        features = window_features(compressed_deviations(series))
        for learned, _, places in learned_spans(series, features, first):
            if not len(places):
                continue
            forest = IsolationForest(n_estimators=int(ISOLATION_TREES.value), random_state=SEED).fit(learned)
            # In one call: most of its time is spent on calling trees.
            scores = -forest.score_samples(np.concatenate([learned, features[places]]))
            limit = max(self.threshold.value, tail_limit(scores[: len(learned)], SECOND_SURPRISE.value))
            judgement.score[places] = np.maximum(0.0, scores[len(learned) :] - EVEN) / (limit - EVEN)
        return judgement
