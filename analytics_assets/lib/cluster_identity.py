"""The id of a group of rows: it stays while over half of the members that were noted are still together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from analytics_assets.mining_thresholds import CLUSTER_KEPT_MEMBERS, CLUSTER_KEPT_SHARE

if TYPE_CHECKING:
    from analytics_assets.lib.clustering import Cluster


def new_id(algorithm: str, members: Sequence[str]) -> str:
    """Twelve hexadecimal digits of a group's algorithm and members.

    >>> new_id("k_means", ["b", "a"]) == new_id("k_means", ["a", "b"])
    True
    """
    return hashlib.sha256("\0".join([algorithm, *sorted(members)]).encode()).hexdigest()[:12]


def keep_ids(
    clusters: Sequence[Cluster], ids: Sequence[str], earlier: Sequence[Mapping[str, Any]]
) -> tuple[Cluster, ...]:
    """The groups with the ids of the earlier ones that live on in them; each id goes to one group."""
    place = {name: number for number, name in enumerate(ids)}
    found: list[tuple[float, int, str, int]] = []
    for row in earlier:
        noted = {place[name] for name in _listed(row["sample_ids"]) if name in place}
        if len(noted) < CLUSTER_KEPT_MEMBERS.value:
            continue
        for number, cluster in enumerate(clusters):
            share = len(noted.intersection(cluster.members)) / len(noted)
            if cluster.algorithm == row["algorithm"] and share > CLUSTER_KEPT_SHARE.value:
                # Of a branch and the branches in it, the smallest one that has as many is the same group.
                found.append((-share, len(cluster.members), str(row["cluster_id"]), number))
    kept: dict[int, str] = {}
    for _, _, cluster_id, number in sorted(found):
        if number not in kept and cluster_id not in kept.values():
            kept[number] = cluster_id
    names = {cluster.cluster_id: kept.get(number, cluster.cluster_id) for number, cluster in enumerate(clusters)}
    return tuple(
        replace(
            cluster,
            cluster_id=names[cluster.cluster_id],
            parent_cluster_id=names[cluster.parent_cluster_id] if cluster.parent_cluster_id else None,
        )
        for cluster in clusters
    )


def _listed(noted: object) -> list[str]:
    listed = json.loads(noted) if isinstance(noted, str) else noted
    return [str(name) for name in listed] if isinstance(listed, Sequence) else []
