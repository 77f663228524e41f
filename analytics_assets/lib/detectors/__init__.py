"""Detectors of what is unusual in a signal: pure functions behind one small protocol.

``FAST`` ones judge every signal in every refresh; ``SECOND`` ones learn models, two of them with scikit-learn, and are
asked of the few signals in which a fast one found something.
"""

from __future__ import annotations

from analytics_assets.lib.detectors.consensus import HIGH, LEVELS, LOW, MEDIUM, NONE, Consensus, consensus
from analytics_assets.lib.detectors.cusum import Cusum
from analytics_assets.lib.detectors.density import DensityDetector
from analytics_assets.lib.detectors.ensemble import Ensemble, ensemble_scores
from analytics_assets.lib.detectors.isolation import IsolationForestDetector
from analytics_assets.lib.detectors.limit import ThresholdMonitor
from analytics_assets.lib.detectors.season import SeasonalDeviation
from analytics_assets.lib.detectors.series import Detector, Judgement, Series
from analytics_assets.lib.detectors.shift import Shift, level_shift
from analytics_assets.lib.detectors.trend import Trend, trend

FAST: tuple[Detector, ...] = (SeasonalDeviation(), ThresholdMonitor(), Cusum())
SECOND: tuple[Detector, ...] = (IsolationForestDetector(), DensityDetector(), Ensemble())
EVERY = (*FAST, *SECOND)

__all__ = [
    "EVERY",
    "FAST",
    "HIGH",
    "LEVELS",
    "LOW",
    "MEDIUM",
    "NONE",
    "SECOND",
    "Consensus",
    "Cusum",
    "DensityDetector",
    "Detector",
    "Ensemble",
    "IsolationForestDetector",
    "Judgement",
    "SeasonalDeviation",
    "Series",
    "Shift",
    "ThresholdMonitor",
    "Trend",
    "consensus",
    "ensemble_scores",
    "level_shift",
    "trend",
]
