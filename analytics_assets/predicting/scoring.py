"""How good are probabilities of failing? Each figure of them, with the points of its curves.

A failing run is what is looked for: precision is the share of called failures that were failures, recall the share of
failures that were called.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from analytics_assets.lib.judged_models import log_losses
from analytics_assets.lib.rates import wilson_interval
from analytics_assets.predicting_thresholds import RELIABILITY_BINS, ROC_POINTS, RUN_FAILS

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Numbers = NDArray[np.float64]


class RocPoint(NamedTuple):
    """What share of successes and of failures is called a failure from a threshold on."""

    fpr: float
    tpr: float
    threshold: float


class Reliability(NamedTuple):
    """Runs whose probability lies in a bin, and how many of them failed; ``share_*`` is the 95 % Wilson interval."""

    low: float
    high: float
    n: int
    mean_predicted: float
    failed_share: float
    share_low: float
    share_high: float


class Confusion(NamedTuple):
    """Runs by what was called (positive: failing) and whether that was true."""

    tp: int
    fp: int
    tn: int
    fn: int


@dataclass(frozen=True)
class Scores:
    """Figures of one model on ``n`` runs. None where it has no meaning: no AUC of one class, no mean of nothing."""

    n: int
    failures: int
    accuracy: float | None
    precision: float | None
    recall: float | None
    f1: float | None
    auc: float | None
    brier: float | None
    log_loss: float | None
    calibration_error: float | None
    """Mean distance of the stated from the true share over the bins, by their runs (expected calibration error)."""
    confusion: Confusion
    roc: tuple[RocPoint, ...]
    reliability: tuple[Reliability, ...]

    def figures(self) -> dict[str, float | None]:
        """The single numbers by their names."""
        every = asdict(self)
        names = ("accuracy", "precision", "recall", "f1", "auc", "brier", "log_loss", "calibration_error")
        return {name: every[name] for name in names}

    def points(self) -> dict[str, Any]:
        """The confusion matrix and the curves, as JSON has them."""
        return {
            "confusion_matrix": self.confusion._asdict(),
            "roc": [point._asdict() for point in self.roc],
            "reliability": [part._asdict() for part in self.reliability],
        }


def scores(is_failed: ArrayLike, probability: ArrayLike, threshold: float = RUN_FAILS.value) -> Scores:
    """Score probabilities of failing.

    Args:
        is_failed: 1 where the run failed, 0 where it succeeded.
        probability: of failing, 0 to 1, of the same runs.
        threshold: from it on a run is called a failing one.

    Raises:
        ValueError: a probability is not in 0 to 1, or the two differ in length.
    """
    y, p = np.asarray(is_failed, dtype=float), np.asarray(probability, dtype=float)
    if len(y) != len(p):
        raise ValueError(f"{len(y)} outcomes and {len(p)} probabilities")
    if not ((p >= 0) & (p <= 1)).all():
        raise ValueError("a probability is not between 0 and 1")
    called, failed = p >= threshold, y == 1
    confusion = Confusion(
        tp=int((called & failed).sum()),
        fp=int((called & ~failed).sum()),
        tn=int((~called & ~failed).sum()),
        fn=int((~called & failed).sum()),
    )
    bins = reliability(y, p)
    return Scores(
        n=len(y),
        failures=int(failed.sum()),
        accuracy=_share(confusion.tp + confusion.tn, len(y)),
        precision=_share(confusion.tp, confusion.tp + confusion.fp),
        recall=_share(confusion.tp, confusion.tp + confusion.fn),
        f1=_share(2 * confusion.tp, 2 * confusion.tp + confusion.fp + confusion.fn),
        auc=area_under(y, p),
        brier=float(np.mean((p - y) ** 2)) if len(y) else None,
        log_loss=float(log_losses(np.where(failed, p, 1 - p)).mean()) if len(y) else None,
        calibration_error=_share(sum(part.n * abs(part.mean_predicted - part.failed_share) for part in bins), len(y)),
        confusion=confusion,
        roc=_roc(y, p),
        reliability=bins,
    )


def area_under(is_failed: Numbers, probability: Numbers) -> float | None:
    """How often a failing run has the higher probability than a succeeding one, ties by half; None of one class."""
    from scipy.stats import rankdata

    failures = int(is_failed.sum())
    successes = len(is_failed) - failures
    if not failures or not successes:
        return None
    ranks = rankdata(probability)[is_failed == 1].sum()
    return float((ranks - failures * (failures + 1) / 2) / (failures * successes))


def reliability(is_failed: Numbers, probability: Numbers) -> tuple[Reliability, ...]:
    """The bins that hold a run, in the order of their edges; a bin holds its lower edge, the last one 1.0 too."""
    edges = np.linspace(0, 1, int(RELIABILITY_BINS.value) + 1)
    places = np.clip(np.searchsorted(edges, probability, side="right") - 1, 0, len(edges) - 2)
    found = []
    for place, (low, high) in enumerate(pairwise(edges.tolist())):
        inside = places == place
        n, failures = int(inside.sum()), int(is_failed[inside].sum())
        interval = wilson_interval(failures, n)
        if interval is not None:
            mean = float(probability[inside].mean())
            found.append(Reliability(low, high, n, mean, failures / n, interval.low, interval.high))
    return tuple(found)


def _roc(is_failed: Numbers, probability: Numbers) -> tuple[RocPoint, ...]:
    """From nothing called to all called; bounded, evenly over the curve. Empty of one class."""
    failures = is_failed.sum()
    if not 0 < failures < len(is_failed):
        return ()
    order = np.argsort(-probability, kind="stable")
    thresholds, hits = probability[order], np.cumsum(is_failed[order])
    last_of_tie = np.append(np.diff(thresholds) != 0, True)
    called = np.arange(1, len(order) + 1)[last_of_tie]
    tpr = hits[last_of_tie] / failures
    fpr = (called - hits[last_of_tie]) / (len(is_failed) - failures)
    # Even steps along both axes: even steps of runs would leave the steep part with hardly a point.
    along = tpr + fpr
    wanted = np.linspace(0, 2, int(ROC_POINTS.value) - 1)[1:]
    kept = np.unique(np.minimum(np.searchsorted(along, wanted), len(along) - 1))
    points = zip(fpr[kept].tolist(), tpr[kept].tolist(), thresholds[last_of_tie][kept].tolist(), strict=True)
    return (RocPoint(0.0, 0.0, 1.0), *(RocPoint(*point) for point in points))


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None
