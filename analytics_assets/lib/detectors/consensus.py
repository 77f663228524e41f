"""What several detectors say of a point together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from analytics_assets.detector_thresholds import AGREE_POINTS, MEDIUM_SCORE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from analytics_assets.lib.detectors.series import Detector, Judgement, Numbers

LEVELS = ("NONE", "LOW", "MEDIUM", "HIGH")
NONE, LOW, MEDIUM, HIGH = range(4)
WITNESSES = frozenset({"isolation", "density", "novelty"})
"""Families that tell no expected value: they confirm what another found, and find nothing alone."""


@dataclass(frozen=True, eq=False)
class Consensus:
    """The level of each point, and who agrees on it.

    Args:
        level: 0 to 3, the places of ``LEVELS``. HIGH: two families agree; to stay so an anomaly of a signal must
            be rare as well (``lib.signal_anomalies.weighed``). MEDIUM: one alone, half as far again beyond its
            threshold. LOW: one alone, just beyond.
        agrees: a row per detector: whether it calls the point anomalous, or called one of the few before it so.
        score: the largest score of the detectors that call the point itself anomalous; of others 0.
        names: detectors, in the order of the rows.
    """

    level: NDArray[np.int8]
    agrees: NDArray[np.bool_]
    score: Numbers
    names: tuple[str, ...]

    def agreed(self, place: int) -> list[str]:
        """The detectors that agree on a point; none of a point that is not anomalous."""
        if not self.level[place]:
            return []
        return [name for name, agrees in zip(self.names, self.agrees[:, place], strict=True) if agrees]


def consensus(detectors: Sequence[Detector], judgements: Sequence[Judgement]) -> Consensus:
    """What detectors say together of one series.

    A detector of changes is later than one of limits, so one that called one of the last few points anomalous still
    agrees. A point is anomalous only if a detector with a band says so of the point itself.

    Args:
        detectors: at least one.
        judgements: what each says, in the same order; a detector that was not asked is not among them.

    Raises:
        ValueError: there is no detector, or not one judgement for each.
    """
    if not detectors or len(detectors) != len(judgements):
        raise ValueError(f"{len(judgements)} judgements of {len(detectors)} detectors")
    families = [detector.family for detector in detectors]
    calls = np.array([judgement.is_anomalous for judgement in judgements])
    finds = np.array([family not in WITNESSES for family in families])
    scores = np.array([np.nan_to_num(judgement.score, nan=0.0) for judgement in judgements])
    found = (calls & finds[:, None]).any(axis=0)
    agrees = np.array([_still(row) for row in calls])
    of_family = np.array(
        [agrees[[other == family for other in families]].any(axis=0) for family in dict.fromkeys(families)]
    )
    score = np.where(found, np.where(calls & finds[:, None], scores, 0.0).max(axis=0), 0.0)
    level = np.where(score >= MEDIUM_SCORE.value, MEDIUM, LOW)
    level = np.where(of_family.sum(axis=0) > 1, HIGH, level)
    return Consensus(
        level=np.where(found, level, NONE).astype(np.int8),
        agrees=agrees,
        score=score,
        names=tuple(detector.name for detector in detectors),
    )


def _still(calls: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether each point or one of the few before it was called."""
    counts = np.concatenate([[0], np.cumsum(calls)])
    starts = np.maximum(0, np.arange(len(calls)) - int(AGREE_POINTS.value))
    return np.asarray(counts[1:] > counts[starts])
