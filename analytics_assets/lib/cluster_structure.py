"""Is there any group among these points? And the two ways to cut them into groups.

Every method cuts one cloud of points into groups too, with a silhouette of 0.3 or more where it has few dimensions. So
the highest silhouette over all numbers of groups is compared with that of clouds that have no group but are otherwise
like the points (``lib.cluster_references``; the idea of a reference is R. Tibshirani's and others', "Estimating the
number of clusters in a data set via the gap statistic", JRSS B 63 (2001), 411-423).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics_assets.lib.cluster_references import References, Scale
from analytics_assets.lib.robust import scale_within
from analytics_assets.mining_thresholds import (
    CLUSTER_CLIP,
    CLUSTER_KNOWN,
    CLUSTER_REFERENCES,
    CLUSTER_STARTS,
    CLUSTER_TEST_ROWS,
    CLUSTERS_MOST,
)
from analytics_assets.thresholds import SIGNIFICANT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Labels = NDArray[np.int64]

SEED = 0


@dataclass(frozen=True)
class Scaled:
    """The features that tell rows apart: their values in the own unit, and in robust deviations from the median."""

    features: tuple[str, ...]
    raw: Numbers
    scales: tuple[Scale, ...]

    @property
    def points(self) -> Numbers:
        """What is grouped."""
        import numpy as np

        columns = [scale.of(column) for scale, column in zip(self.scales, self.raw.T, strict=True)]
        return points_of(np.column_stack(columns))

    def medians(self, rows: NDArray[np.int64]) -> dict[str, float]:
        """The median of each feature over the rows in which it is known; NaN where it is in none."""
        import numpy as np

        found = {}
        for name, column in zip(self.features, self.raw[rows].T, strict=True):
            known = column[~np.isnan(column)]
            found[name] = float(np.median(known)) if len(known) else float("nan")
        return found


@dataclass(frozen=True)
class Structure:
    """The number of groups with the highest silhouette, and how often a cloud without groups reaches it."""

    k: int
    silhouette: float
    p_value: float


def prepared(matrix: Numbers, names: Sequence[str], logarithmic: Collection[str]) -> Scaled:
    """The features that vary and are known of half of the rows, and the robust deviations they are compared in."""
    import numpy as np

    kept, raw, scales = [], [], []
    for name, column in zip(names, np.where(np.isfinite(matrix), matrix, np.nan).T, strict=True):
        is_known = ~np.isnan(column)
        if not is_known.any() or is_known.mean() < CLUSTER_KNOWN.value:
            continue
        compared = Scale(name in logarithmic).of(column[is_known])
        spread = scale_within(compared)
        if not spread:
            continue
        kept.append(name)
        raw.append(column)
        scales.append(Scale(name in logarithmic, float(np.median(compared)), spread))
    return Scaled(tuple(kept), np.column_stack(raw) if raw else np.zeros((len(matrix), 0)), tuple(scales))


def points_of(distances: Numbers) -> Numbers:
    """Points at these distances from the median, at most five either way; at the median where it is not known."""
    import numpy as np

    # One far value would be a group of its own.
    points: Numbers = np.clip(np.where(np.isnan(distances), 0.0, distances), -CLUSTER_CLIP.value, CLUSTER_CLIP.value)
    return points


def structure(scaled: Scaled) -> Structure:
    """The best number of groups and whether chance makes as good ones; of many points 400 at even spaces are asked.

    It stops at the first cloud that is as grouped: no other can make the p-value small any more.
    """
    import numpy as np

    asked = _spaced(len(scaled.raw), int(CLUSTER_TEST_ROWS.value))
    k, silhouette = _best(scaled.points[asked])
    references = References(scaled.raw[asked], scaled.scales)
    rng = np.random.default_rng(SEED)
    reached = tried = 0
    while tried < CLUSTER_REFERENCES.value and (1 + reached) / (1 + CLUSTER_REFERENCES.value) < SIGNIFICANT.value:
        reached += _best(points_of(references.cloud(rng)))[1] >= silhouette
        tried += 1
    return Structure(k, silhouette, (1 + reached) / (1 + tried))


def silhouettes(points: Numbers, labels: Labels) -> Numbers:
    """How much nearer each point is to its own group than to the next one, -1 to 1; 0 of one that is alone."""
    import numpy as np
    from scipy.spatial.distance import cdist

    return _silhouettes(cdist(points, points), labels) if len(points) else np.zeros(0)


def partition(points: Numbers, k: int, starts: int = int(CLUSTER_STARTS.value)) -> Labels:
    """The group of each point by k-means."""
    import numpy as np
    from sklearn.cluster import KMeans

    labels: Labels = KMeans(k, n_init=starts, random_state=SEED).fit_predict(points).astype(np.int64)
    return labels


def ward_cuts(points: Numbers, k: int) -> list[Labels]:
    """The hierarchy cut into 2, 3, ... k groups."""
    import numpy as np
    from scipy.cluster.hierarchy import fcluster, linkage

    tree = linkage(points, method="ward")
    return [fcluster(tree, count, criterion="maxclust").astype(np.int64) for count in range(2, k + 1)]


def _best(points: Numbers) -> tuple[int, float]:
    """The number of groups with the highest mean silhouette; 1, with -1, where all points are one."""
    import numpy as np
    from scipy.spatial.distance import cdist

    distances = cdist(points, points)
    most = min(int(CLUSTERS_MOST.value), len(np.unique(points, axis=0)), len(points) - 1)
    if most < 2:  # noqa: PLR2004 - one group is none
        return 1, -1.0
    found = [(float(_silhouettes(distances, partition(points, k, starts=1)).mean()), -k) for k in range(2, most + 1)]
    silhouette, k = max(found)
    return -k, silhouette


def _silhouettes(distances: Numbers, labels: Labels) -> Numbers:
    import numpy as np

    _, places = np.unique(labels, return_inverse=True)
    is_of = np.eye(places.max() + 1)[places]
    sizes = is_of.sum(axis=0)
    if len(sizes) == 1:
        return np.zeros(len(labels))
    sums = distances @ is_of
    rows = np.arange(len(labels))
    alone = sizes[places] == 1
    within = sums[rows, places] / np.maximum(sizes[places] - 1, 1)
    means = sums / sizes
    means[rows, places] = np.inf
    beyond = means.min(axis=1)
    larger = np.maximum(within, beyond)
    return np.where(alone | (larger == 0), 0.0, (beyond - within) / np.where(larger == 0, 1.0, larger))


def _spaced(count: int, most: int) -> Labels:
    import numpy as np

    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.int64))
