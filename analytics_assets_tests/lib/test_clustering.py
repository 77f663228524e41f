"""Groups of rows: none in a cloud, planted ones, ids that stay."""

from __future__ import annotations

import json

import numpy as np
import pytest

from analytics_assets.lib.cluster_structure import silhouettes
from analytics_assets.lib.clustering import Clustering, name_of, stable_clusters
from analytics_assets_tests.lib import mining_worlds

NAMES = ("a", "b", "c", "d")


def clustered(points, earlier=(), **options) -> Clustering:
    names = NAMES[: points.shape[1]]
    return stable_clusters(points, names, [f"run {n}" for n in range(len(points))], earlier=earlier, **options)


def noted(clustering, ids=lambda member: f"run {member}"):
    return [
        {
            "algorithm": cluster.algorithm,
            "cluster_id": cluster.cluster_id,
            "sample_ids": json.dumps([ids(member) for member in cluster.members[::3]]),
        }
        for cluster in clustering.clusters
    ]


@pytest.fixture(scope="module")
def three() -> Clustering:
    """Three groups of fifty points."""
    return clustered(mining_worlds.points(0, groups=3))


def test_three_planted_groups_are_found_by_both_methods_and_are_stable(three):
    groups = [set(range(start, 150, 3)) for start in range(3)]
    flat = [cluster for cluster in three.clusters if cluster.algorithm == "k_means"]
    assert sorted(map(sorted, (cluster.members for cluster in flat))) == sorted(map(sorted, groups))
    tree = {frozenset(cluster.members): cluster for cluster in three.clusters if cluster.algorithm == "hierarchical"}
    assert {frozenset(group) for group in groups} <= set(tree)
    assert all(cluster.is_stable for cluster in three.clusters)
    ids = {cluster.cluster_id: cluster for cluster in tree.values()}
    inner = [cluster for cluster in tree.values() if cluster.parent_cluster_id]
    assert len(inner) == 2
    assert all(set(c.members) < set(ids[c.parent_cluster_id].members) for c in inner)


def test_one_cloud_has_no_group_however_stretched():
    for seed in range(3):
        cloud = mining_worlds.points(seed, 120) @ np.diag([1.0, 1.0, 4.0, 1.0])
        found = clustered(cloud)
        assert found.clusters == ()
        assert found.reason == "no more grouped than one cloud of points"


@pytest.mark.parametrize("shape", mining_worlds.SHAPES)
def test_one_cloud_that_is_skewed_or_bounded_or_of_few_values_has_no_group(shape):
    for seed in range(2):
        assert clustered(mining_worlds.cloud(seed, shape)).clusters == ()


def of_runs(seed, **options):
    matrix = mining_worlds.kinds_of_runs(seed, 150, **options)
    names, ids = list("abcdefghijk"), [str(n) for n in range(len(matrix))]
    return stable_clusters(matrix, names, ids, logarithmic=names[: mining_worlds.RUN_AMOUNTS])


def test_runs_of_independent_figures_have_no_kinds_and_planted_kinds_are_found():
    assert of_runs(0).clusters == ()
    flat = [set(c.members) for c in of_runs(0, apart=4.0).clusters if c.algorithm == "k_means" and c.is_stable]
    planted = set(range(0, 150, 3))
    assert any(len(planted & members) > 0.9 * len(planted | members) for members in flat)


def test_values_missing_together_are_no_group():
    points = mining_worlds.cloud(1, "exponential")
    points[np.arange(150) % 3 == 0, :3] = np.nan
    assert clustered(points).clusters == ()


def test_a_group_is_named_by_what_sets_it_apart(three):
    names = {name_of(cluster, {"a": "cost"}) for cluster in three.clusters if cluster.algorithm == "k_means"}
    assert any(name.startswith(("high cost (8.", "high cost (9.")) for name in names)
    assert any(name.startswith("high b (") for name in names)


def test_the_same_points_have_the_same_groups(three):
    assert clustered(mining_worlds.points(0, groups=3)) == three


def test_a_group_keeps_its_id_while_most_of_its_members_stay(three):
    # The window moves on: the first thirty points leave, thirty others come.
    moved = np.vstack([mining_worlds.points(0, groups=3)[30:], mining_worlds.points(1, 30, groups=3)])
    ids = [f"run {n}" for n in range(30, 150)] + [f"new {n}" for n in range(30)]
    kept = stable_clusters(moved, NAMES, ids, earlier=noted(three))
    fresh = stable_clusters(moved, NAMES, ids)
    assert {c.cluster_id for c in kept.clusters} == {c.cluster_id for c in three.clusters}
    assert not {c.cluster_id for c in fresh.clusters} & {c.cluster_id for c in three.clusters}
    before = {c.cluster_id: set(c.members) for c in three.clusters}
    for cluster in kept.clusters:
        was = before[cluster.cluster_id]
        stayed = {member + 30 for member in cluster.members if member < 120}
        assert stayed <= was


def test_a_group_whose_members_left_gets_a_new_id(three):
    found = clustered(mining_worlds.points(0, groups=3), earlier=noted(three, ids=lambda member: f"gone {member}"))
    assert found == three


def test_silhouettes_are_those_of_the_textbook():
    from sklearn.metrics import silhouette_samples

    points, labels = mining_worlds.points(3, 40), np.arange(40) % 3
    assert silhouettes(points, labels) == pytest.approx(silhouette_samples(points, labels))
    assert silhouettes(points, np.zeros(40, dtype=int)).tolist() == [0.0] * 40


@pytest.mark.parametrize(
    ("points", "reason"),
    [
        (np.zeros((0, 4)), "fewer than 30 rows"),
        (np.zeros((1, 4)), "fewer than 30 rows"),
        (np.zeros((50, 4)), "no feature varies"),
        (np.full((50, 4), np.nan), "no feature varies"),
        (np.zeros((50, 0)), "no feature varies"),
        (np.where(np.arange(50)[:, None] < 30, np.nan, np.ones((50, 1)).cumsum(axis=0)), "no feature varies"),
    ],
    ids=["no row", "one row", "constant", "unknown", "no feature", "known of a few"],
)
def test_where_there_is_nothing_to_group_the_reason_is_said(points, reason):
    found = clustered(points)
    assert (found.clusters, found.reason) == ((), reason)


def test_missing_and_infinite_values_are_no_group():
    points = mining_worlds.points(2, 120)
    points[::5, 0] = np.nan
    points[1::7, 1] = np.inf
    assert clustered(points).clusters == ()


def test_amounts_are_compared_by_their_logarithm_and_told_in_their_unit():
    points = np.exp(mining_worlds.points(0, groups=2, features=2))
    found = clustered(points, logarithmic=("a", "b"))
    high = max(c.centroid["a"] for c in found.clusters)
    assert high == pytest.approx(np.exp(9), rel=0.5)


def test_of_many_rows_a_thousand_are_grouped_and_all_are_members():
    found = clustered(mining_worlds.points(0, 2_400, groups=2, features=2))
    flat = [cluster for cluster in found.clusters if cluster.algorithm == "k_means"]
    assert sorted(len(cluster.members) for cluster in flat) == [1_200, 1_200]


def test_a_matrix_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="has no 50 ids and 3 names"):
        stable_clusters(np.zeros((50, 4)), ["a", "b", "c"], [str(n) for n in range(50)])
