"""Groups of rows that are alike, how far each group can be trusted, and an id that it keeps.

Rows are grouped by k-means and by Ward's hierarchy (J. H. Ward, JASA 58 (1963), 236-244), with the number of groups of
the highest silhouette (P. J. Rousseeuw, Journal of Computational and Applied Mathematics 20 (1987), 53-65). Both
methods cut any cloud of points into groups, so there are none unless ``lib.cluster_structure`` finds more structure
than clouds of one hump have that are as skewed, as discrete, as bounded and as correlated. Each group has its
stability: how much of it comes back when other rows are drawn, the mean Jaccard similarity over bootstrap samples (C.
Hennig, "Cluster-wise assessment of cluster stability", Computational Statistics & Data Analysis 52 (2007), 258-271):
above 0.75 a group is one, below 0.6 it is not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from analytics_assets.lib.cluster_identity import keep_ids, new_id
from analytics_assets.lib.cluster_structure import (
    SEED,
    Scaled,
    partition,
    prepared,
    silhouettes,
    structure,
    ward_cuts,
)
from analytics_assets.mining_thresholds import (
    CLUSTER_BOOTSTRAPS,
    CLUSTER_MIN_MEMBERS,
    CLUSTER_MIN_ROWS,
    CLUSTER_ROWS,
    CLUSTER_STABLE,
    CLUSTER_TRAIT,
)
from analytics_assets.thresholds import SIGNIFICANT

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]
    Flags = NDArray[np.bool_]

K_MEANS, HIERARCHICAL = "k_means", "hierarchical"
NAMED_TRAITS = 2
"""Traits in a name: with more it is read by nobody."""


@dataclass(frozen=True)
class Trait:
    """A feature of a group beside that of the other rows: medians in the feature's unit, and robust deviations."""

    feature: str
    inside: float
    others: float
    deviations: float


@dataclass(frozen=True)
class Cluster:
    """A group of rows: ``members`` are their places, ``traits`` what sets it apart, strongest first."""

    algorithm: str
    cluster_id: str
    members: tuple[int, ...]
    stability: float
    silhouette: float
    centroid: Mapping[str, float]
    traits: tuple[Trait, ...]
    parent_cluster_id: str | None = None

    @property
    def is_stable(self) -> bool:
        """Whether it comes back whichever rows are drawn."""
        return self.stability >= CLUSTER_STABLE.value


@dataclass(frozen=True)
class Clustering:
    """Groups of both algorithms, or the reason why there are none.

    ``silhouette`` is that of the best number of groups and ``p_value`` how often one cloud reaches it.
    """

    clusters: tuple[Cluster, ...] = ()
    silhouette: float | None = None
    p_value: float | None = None
    features: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True)
class _Group:
    """A group while it is made: which of the clustered rows it has, and the group that it is a part of."""

    algorithm: str
    is_member: Flags
    parent: int | None = None


def stable_clusters(
    matrix: Numbers,
    names: Sequence[str],
    ids: Sequence[str],
    *,
    logarithmic: Collection[str] = (),
    earlier: Sequence[Mapping[str, Any]] = (),
) -> Clustering:
    """Groups of rows by k-means and by hierarchy; the same rows always have the same.

    Of more than a thousand rows as many at even spaces are grouped, and the others join the nearest centre.

    Args:
        matrix: one row per thing, one column per feature; NaN where it was not measured. A feature that is known of
            less than half of the rows, or never varies, is left out; elsewhere its median stands for what is missing.
        names: the features.
        ids: the things, in order of time.
        logarithmic: features of 0 or more that are compared by their logarithm.
        earlier: groups of the last time with ``algorithm``, ``cluster_id`` and ``sample_ids``: a group that has over
            half of those of an earlier one, of the ones still there, keeps its id.

    Raises:
        ValueError: the matrix has another shape than its names and ids.
    """
    import sklearn.cluster  # noqa: F401 - a limit holds for the libraries that are loaded
    from threadpoolctl import threadpool_limits

    if matrix.shape != (len(ids), len(names)):
        raise ValueError(f"a matrix of {matrix.shape} has no {len(ids)} ids and {len(names)} names")
    if len(ids) < CLUSTER_MIN_ROWS.value:
        return Clustering(reason=f"fewer than {CLUSTER_MIN_ROWS.value} rows")
    scaled = prepared(matrix, names, logarithmic)
    if not scaled.features:
        return Clustering(reason="no feature varies")
    # Points are few: threads would only wait for one another, on a busy machine for minutes.
    with threadpool_limits(1):
        return _clustered(scaled, ids, earlier)


def _clustered(scaled: Scaled, ids: Sequence[str], earlier: Sequence[Mapping[str, Any]]) -> Clustering:
    import numpy as np

    found = structure(scaled)
    told = Clustering(silhouette=found.silhouette, p_value=found.p_value, features=scaled.features)
    if found.p_value >= SIGNIFICANT.value:
        return replace(told, reason="no more grouped than one cloud of points")
    chosen = np.unique(np.linspace(0, len(ids) - 1, min(len(ids), int(CLUSTER_ROWS.value))).round().astype(np.int64))
    clusters: list[Cluster] = []
    for method in (_flat, _branches):
        clusters.extend(_described(method(scaled.points[chosen], found.k), scaled, chosen, ids))
    return replace(told, clusters=keep_ids(clusters, ids, earlier))


def name_of(cluster: Cluster, words: Mapping[str, str] | None = None) -> str:
    """What sets a group apart, in words.

    Args:
        cluster: a group.
        words: what a feature is called, where not by its name.
    """
    named = []
    for trait in cluster.traits[:NAMED_TRAITS]:
        word = (words or {}).get(trait.feature, trait.feature)
        how = "high" if trait.deviations > 0 else "low"
        named.append(f"{how} {word} ({trait.inside:.3g}, others {trait.others:.3g})")
    return ", ".join(named) or "like the others"


def _flat(points: Numbers, k: int) -> list[_Group]:
    """The groups of k-means."""
    labels = partition(points, k)
    return [_Group(K_MEANS, labels == label) for label in range(k) if (labels == label).any()]


def _branches(points: Numbers, k: int) -> list[_Group]:
    """Every branch of the hierarchy down to k groups, each after the one it is a part of."""
    import numpy as np

    branches: list[_Group] = []
    for cut in ward_cuts(points, k):
        for label in np.unique(cut):
            is_member = cut == label
            if any(np.array_equal(is_member, branch.is_member) for branch in branches):
                continue
            # The newest branch that holds it is the smallest one: cuts go from coarse to fine.
            holds = [n for n, branch in enumerate(branches) if not (is_member & ~branch.is_member).any()]
            branches.append(_Group(HIERARCHICAL, is_member, holds[-1] if holds else None))
    return branches


def _described(groups: list[_Group], scaled: Scaled, chosen: NDArray[np.int64], ids: Sequence[str]) -> list[Cluster]:
    """Groups of the chosen rows as clusters of all; those of fewer than ten rows are none."""
    import numpy as np

    everywhere = scaled.points
    points = everywhere[chosen]
    stabilities = _stabilities(points, groups)
    is_leaf = [all(other.parent != place for other in groups) for place in range(len(groups))]
    leaves = [place for place, leaf in enumerate(is_leaf) if leaf]
    labels = np.zeros(len(points), dtype=np.int64)
    for number, place in enumerate(leaves):
        labels[groups[place].is_member] = number
    own = silhouettes(points, labels)
    centres = np.array([points[labels == number].mean(axis=0) for number in range(len(leaves))])
    nearest = ((everywhere[:, None, :] - centres[None]) ** 2).sum(axis=2).argmin(axis=1)
    nearest[chosen] = labels
    clusters: dict[int, Cluster] = {}
    for place, group in enumerate(groups):
        held = [n for n, leaf in enumerate(leaves) if not (groups[leaf].is_member & ~group.is_member).any()]
        members = np.flatnonzero(np.isin(nearest, held))
        parent = clusters.get(group.parent) if group.parent is not None else None
        if len(members) >= CLUSTER_MIN_MEMBERS.value:
            clusters[place] = Cluster(
                group.algorithm,
                new_id(group.algorithm, [ids[int(member)] for member in members]),
                tuple(int(member) for member in members),
                stabilities[place],
                float(own[group.is_member].mean()),
                scaled.medians(members),
                _traits(scaled, members),
                parent.cluster_id if parent else None,
            )
    return list(clusters.values())


def _traits(scaled: Scaled, members: NDArray[np.int64]) -> tuple[Trait, ...]:
    """Features whose median lies a deviation or more from that of the other rows."""
    import numpy as np

    is_member = np.isin(np.arange(len(scaled.raw)), members)
    if is_member.all():
        return ()
    inside, others = scaled.medians(np.flatnonzero(is_member)), scaled.medians(np.flatnonzero(~is_member))
    points = scaled.points
    apart = np.median(points[is_member], axis=0) - np.median(points[~is_member], axis=0)
    traits = [
        Trait(name, inside[name], others[name], float(deviations))
        for name, deviations in zip(scaled.features, apart, strict=True)
        if abs(deviations) >= CLUSTER_TRAIT.value
    ]
    return tuple(sorted(traits, key=lambda trait: -abs(trait.deviations)))


def _stabilities(points: Numbers, groups: list[_Group]) -> list[float]:
    """The mean Jaccard similarity of each group with the group most like it, over bootstrap samples of the rows."""
    import numpy as np

    rng = np.random.default_rng(SEED)
    k = len(set(range(len(groups))) - {group.parent for group in groups})
    method = _flat if groups[0].algorithm == K_MEANS else _branches
    totals = np.zeros(len(groups))
    for _ in range(int(CLUSTER_BOOTSTRAPS.value)):
        # A row that is drawn twice is one row: copies would make a group of themselves.
        drawn = np.unique(rng.integers(0, len(points), len(points)))
        again = np.array([group.is_member for group in method(points[drawn], k)])
        mine = np.array([group.is_member[drawn] for group in groups])
        both = mine.astype(np.float64) @ again.T.astype(np.float64)
        either = mine.sum(axis=1)[:, None] + again.sum(axis=1)[None] - both
        totals += (both / np.maximum(either, 1)).max(axis=1)
    return [float(total) for total in totals / CLUSTER_BOOTSTRAPS.value]
