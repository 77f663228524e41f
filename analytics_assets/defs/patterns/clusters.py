"""Which kinds of runs are there, by what they take and cost?

Reads the runs; feeds ``task_patterns``.
"""

import json
from typing import TYPE_CHECKING, Any

import dagster as dg

from analytics_assets.defs.patterns.mined import AS_OF, LAST_OBSERVED, RUNS, SAMPLE_IDS, ends
from analytics_assets.defs.patterns.tables import shown
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.frame import Frame
from analytics_assets.metadata import column_schema
from analytics_assets.mining_thresholds import MINED_TRANSACTIONS, RULE_SAMPLES
from analytics_assets.pictures import drawn
from analytics_assets.warehouse.columns import RECORDS_END, Column

if TYPE_CHECKING:
    from analytics_assets.lib.clustering import Cluster

KEY = ["patterns", "clusters"]
STG_RUNS = ["staging", "stg_runs"]
READ = [RUNS, STG_RUNS, AS_OF]
CLUSTERS = (
    Column("population", "VARCHAR", "What is grouped: runs.", required=True),
    Column("algorithm", "VARCHAR", "k_means, or hierarchical for the branches of a tree.", required=True),
    Column("cluster_id", "VARCHAR", "Key: kept while over half of the noted members stay together.", required=True),
    Column("name", "VARCHAR", "What sets it apart, medians in their units.", required=True),
    Column("members", "BIGINT", "Runs in it: 10 or more.", required=True),
    Column("share", "DOUBLE", "Of all runs, 0 to 1.", required=True),
    Column(
        "stability_score",
        "DOUBLE",
        "Mean Jaccard similarity over bootstraps, 0 to 1.",
        required=True,
    ),
    Column("is_stable", "BOOLEAN", "Whether stability_score is 0.75 or more.", required=True),
    Column("silhouette", "DOUBLE", "How much nearer its runs are to it than to the next one, -1 to 1.", required=True),
    Column("centroid", "VARCHAR", "Medians by feature in its unit, as a JSON object.", required=True),
    Column("parent_cluster_id", "VARCHAR", "Branch it is a part of; NULL at the top, and of k_means."),
    Column("failure_rate", "DOUBLE", "Share of its runs that did not succeed, 0 to 1.", required=True),
    Column("failure_rate_others", "DOUBLE", "The same of the other runs; NULL where there are none."),
    Column("median_cost_usd", "DOUBLE", "Of the models, US dollars; NULL where no cost is known."),
    Column("median_duration_seconds", "DOUBLE", "NULL where no duration is known."),
    SAMPLE_IDS,
    LAST_OBSERVED,
    *RECORDS_END,
)
AMOUNTS = (
    *("duration_seconds", "llm_cost_usd", "iterations", "attempts", "tasks_total"),
    *("memory_peak_mb", "cpu_peak_mcores", "output_tokens", "latency_p95_ms"),
)
"""Compared by their logarithm: twice as much is as far at any size."""
FEATURES = (*AMOUNTS, "complexity", "error_rate")
WORDS = {name: name.replace("_", " ").replace(" usd", ", USD").replace(" seconds", ", s") for name in FEATURES}
STATEMENT = f"""
    select run_id, is_success, judged.started_at, {", ".join(f"runs.{name}" for name in FEATURES)}
    from staging.stg_judged_runs as judged
    inner join staging.stg_runs as runs using (run_id)
    order by judged.started_at desc, run_id
    limit {int(MINED_TRANSACTIONS.value)}
"""
COUNTED = f"select run_id, is_success from ({STATEMENT})"
ROUNDING = 1e-6
"""Runs: a share times its whole is a count but for the last digits."""
SHOWN = ("algorithm", "name", "members", "stability_score", "silhouette", "failure_rate")


@dg.asset(
    key=KEY,
    deps=READ,
    kinds={"scikit-learn"},
    pool="warehouse",
    metadata={"dagster/column_schema": column_schema(CLUSTERS)},
)
def clusters(warehouse: WarehouseResource) -> dg.MaterializeResult[Frame]:
    """Kinds of runs by what they take and cost, by k-means and as a tree. One row per algorithm and cluster.

    None where the runs are no more grouped than one cloud of points: the metadata says so.
    """
    from analytics_assets.lib.clustering import stable_clusters
    from analytics_assets.lib.issue_values import numbers
    from analytics_assets.warehouse.frames import earlier_rows, frame_of

    with warehouse.get_connection() as con:
        runs, window = con.execute(STATEMENT).df().iloc[::-1].reset_index(drop=True), ends(con, "runs")
        earlier = earlier_rows(con, *KEY)
    import numpy as np

    matrix = np.column_stack([numbers(runs, name) for name in FEATURES])
    found = stable_clusters(matrix, FEATURES, list(runs["run_id"]), logarithmic=AMOUNTS, earlier=earlier)
    frame = frame_of(CLUSTERS, [_row(runs, cluster) | window for cluster in found.clusters])
    return dg.MaterializeResult(
        value=frame,
        metadata={
            "runs": len(runs),
            "why none": found.reason or "there are some",
            "clusters": shown(frame, SHOWN),
            **drawn("patterns.clusters", frame),
        },
    )


def _row(runs: Frame, cluster: "Cluster") -> dict[str, Any]:
    import numpy as np

    from analytics_assets.lib.clustering import name_of

    members = np.array(cluster.members)
    has_failed = 1 - runs["is_success"].to_numpy(dtype=float)
    others = np.delete(has_failed, members)
    # At even spaces over its time: of the newest alone, a window that moves on would know none any more.
    noted = members[np.linspace(0, len(members) - 1, min(len(members), int(RULE_SAMPLES.value))).round().astype(int)]
    known = {name: value for name, value in cluster.centroid.items() if not np.isnan(value)}
    return {
        "population": "runs",
        "algorithm": cluster.algorithm,
        "cluster_id": cluster.cluster_id,
        "name": name_of(cluster, WORDS),
        "members": len(members),
        "share": len(members) / len(runs),
        "stability_score": cluster.stability,
        "is_stable": cluster.is_stable,
        "silhouette": cluster.silhouette,
        "centroid": json.dumps(known, sort_keys=True),
        "parent_cluster_id": cluster.parent_cluster_id,
        "failure_rate": float(has_failed[members].mean()),
        "failure_rate_others": float(others.mean()) if len(others) else None,
        "median_cost_usd": known.get("llm_cost_usd"),
        "median_duration_seconds": known.get("duration_seconds"),
        "sample_ids": json.dumps([str(runs["run_id"][place]) for place in noted[::-1]]),
        "last_observed_at": runs["started_at"][members[-1]],
    }


@dg.asset_check(
    asset=KEY, additional_deps=READ, description="Counts and failures are those of the runs; no run is in two clusters."
)
def clusters_part_the_runs(clusters: Frame, warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """A run that is counted twice, or the failures of other runs, would be told as what a kind of runs does.

    The table has no list of all members. So each cluster and the other runs must together have the failures that the
    database counts, and the noted members of clusters side by side must be runs, none of them noted twice.
    """
    from analytics_assets.lib.plain_rows import plain_rows

    with warehouse.get_connection() as con:
        runs = {str(run): bool(is_success) for run, is_success in con.execute(COUNTED).fetchall()}
    wrong = [
        row["cluster_id"]
        for row in plain_rows(clusters)
        if not _is_counted(row, len(runs), len(runs) - sum(runs.values()))
    ]
    is_leaf = ~clusters["cluster_id"].isin(clusters["parent_cluster_id"].dropna())
    twice, too_many = 0, 0
    for _, side_by_side in clusters[is_leaf].groupby("algorithm"):
        noted = [run for ids in side_by_side["sample_ids"] for run in json.loads(ids)]
        twice += len(noted) - len(runs.keys() & noted)
        too_many += max(0, int(side_by_side["members"].sum()) - len(runs))
    is_unique = not clusters["cluster_id"].duplicated().any()
    return dg.AssetCheckResult(
        passed=is_unique and not (wrong or twice or too_many),
        metadata={"runs": len(runs), "miscounted": wrong, "noted twice or no run": twice, "too many": too_many},
    )


def _is_counted(row: dict[str, Any], runs: int, failures: int) -> bool:
    """Whether a cluster and the others are all runs, and have all failures, to the rounding of a share."""
    members = row["members"]
    own, others = row["failure_rate"] * members, (row["failure_rate_others"] or 0.0) * (runs - members)
    is_whole = abs(own - round(own)) < ROUNDING and abs(own + others - failures) < ROUNDING
    return bool(is_whole and members <= runs and round(row["share"] * runs) == members)
