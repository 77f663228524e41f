"""Is there any group among these points? And the two ways to cut them into groups.

Every method cuts one cloud of points into groups too, with a silhouette of 0.3 or more where it has few dimensions. So
the highest silhouette over all numbers of groups is compared with that of clouds that have no group: Gaussian ones with
the same covariance, as stretched as the points are (the idea of Y. Liu and others, "Statistical significance of
clustering for high-dimension, low-sample size data", JASA 103 (2008), 1281-1293).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics_assets.mining_thresholds import (
    CLUSTER_CLIP,
    CLUSTER_KNOWN,
    CLUSTER_REFERENCES,
    CLUSTER_TEST_ROWS,
    CLUSTERS_MOST,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Labels = NDArray[np.int64]

SEED = 0
NORMAL_MAD, NORMAL_MEAN_DEVIATION, NORMAL_QUARTER = 1.4826, 1.2533, 0.6373
"""What makes the median, and the mean, absolute deviation of a normal distribution its standard deviation; and how many
of these the middle quarter of its values is wide."""
STARTS = 3
"""Times that k-means begins anew: one start in some ends in a poor cut."""
CLOSE = 2
"""Clouds that are as grouped: with so many the points are settled as one cloud."""


@dataclass(frozen=True)
class Scaled:
    """The features that tell rows apart: their values in the own unit, and in robust deviations from the median."""

    features: tuple[str, ...]
    raw: Numbers
    values: Numbers

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
    """The features that vary and are known of half of the rows, in robust deviations, at most five either way."""
    import numpy as np

    kept, raw, scaled = [], [], []
    for name, column in zip(names, np.where(np.isfinite(matrix), matrix, np.nan).T, strict=True):
        is_known = ~np.isnan(column)
        if not is_known.any() or is_known.mean() < CLUSTER_KNOWN.value:
            continue
        compared = np.log1p(np.maximum(0.0, column)) if name in logarithmic else column
        distances = compared - np.median(compared[is_known])
        spread = _spread(distances[is_known])
        if not spread:
            continue
        kept.append(name)
        raw.append(column)
        # One far value would be a group of its own.
        scaled.append(np.clip(np.where(is_known, distances / spread, 0.0), -CLUSTER_CLIP.value, CLUSTER_CLIP.value))
    empty = np.zeros((len(matrix), 0))
    return Scaled(tuple(kept), np.column_stack(raw) if raw else empty, np.column_stack(scaled) if scaled else empty)


def structure(points: Numbers) -> Structure:
    """The best number of groups and whether chance makes as good ones; of many points 400 at even spaces are asked.

    It stops at the second cloud that is as grouped: then p is 2 / clouds (J. Besag and P. Clifford, Biometrika 78
    (1991), 301-304).
    """
    import numpy as np

    asked = points[_spaced(len(points), int(CLUSTER_TEST_ROWS.value))]
    k, silhouette = _best(asked)
    rng = np.random.default_rng(SEED)
    covariance = np.atleast_2d(np.cov(asked, rowvar=False))
    reached = 0
    for tried in range(1, int(CLUSTER_REFERENCES.value) + 1):
        cloud = rng.multivariate_normal(np.zeros(asked.shape[1]), covariance, size=len(asked), method="eigh")
        reached += _best(cloud)[1] >= silhouette
        if reached == CLOSE:
            return Structure(k, silhouette, reached / tried)
    return Structure(k, silhouette, (1 + reached) / (1 + CLUSTER_REFERENCES.value))


def silhouettes(points: Numbers, labels: Labels) -> Numbers:
    """How much nearer each point is to its own group than to the next one, -1 to 1; 0 of one that is alone."""
    import numpy as np
    from scipy.spatial.distance import cdist

    return _silhouettes(cdist(points, points), labels) if len(points) else np.zeros(0)


def partition(points: Numbers, k: int, starts: int = STARTS) -> Labels:
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


def _spread(distances: Numbers) -> float:
    """The standard deviation within a group: by the shortest interval that holds a quarter of the values.

    The deviation from the median of all would be half the distance of two groups of one size, and hide them. Where a
    quarter has one value, that deviation is all there is.
    """
    import numpy as np

    ordered = np.sort(distances)
    width = max(1, len(ordered) // 4)
    shortest = float((ordered[width:] - ordered[:-width]).min()) if len(ordered) > width else 0.0
    sizes = np.abs(distances)
    return shortest / NORMAL_QUARTER or NORMAL_MAD * float(np.median(sizes)) or NORMAL_MEAN_DEVIATION * sizes.mean()


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
