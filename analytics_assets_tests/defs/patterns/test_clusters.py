"""The check of clusters: what the database counts, and no run in two of them."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from analytics_assets.defs.patterns.clusters import FEATURES, clusters_part_the_runs
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.settings import Settings
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.schema import create_schema
from analytics_assets_tests.defs.patterns.conftest import called

RUNS, FAILURES = 40, 8
"""The first eight runs fail."""


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANALYTICS_DATA_DIR", str(Path(tmp_path_factory.mktemp("clusters"))))
        with connect(Settings()) as con:
            create_schema(con)
            con.execute(f"""
                create table staging.stg_judged_runs as
                select 'r' || n as run_id, n >= {FAILURES} as is_success, timestamp '2026-01-01' as started_at
                from range({RUNS}) as numbers (n);
                create table staging.stg_runs as
                select run_id, {", ".join(f"1.0 as {name}" for name in FEATURES)} from staging.stg_judged_runs
            """)
        yield WarehouseResource()


def row(algorithm, cluster_id, runs, parent=None):
    members, others = list(runs), sorted(set(range(RUNS)) - set(runs))
    return {
        "algorithm": algorithm,
        "cluster_id": cluster_id,
        "parent_cluster_id": parent,
        "members": len(members),
        "share": len(members) / RUNS,
        "failure_rate": sum(run < FAILURES for run in members) / len(members),
        "failure_rate_others": sum(run < FAILURES for run in others) / len(others) if others else None,
        "sample_ids": json.dumps([f"r{run}" for run in members[::2]]),
    }


@pytest.fixture
def groups() -> pd.DataFrame:
    return pd.DataFrame(
        [
            row("k_means", "k1", range(15)),
            row("k_means", "k2", range(15, RUNS)),
            row("hierarchical", "h0", range(RUNS)),
            row("hierarchical", "h1", range(12), "h0"),
            row("hierarchical", "h2", range(12, 30), "h0"),
        ]
    )


def test_groups_side_by_side_and_branches_within_branches_pass(warehouse, groups):
    assert called(clusters_part_the_runs, clusters=groups, warehouse=warehouse).passed
    assert called(clusters_part_the_runs, clusters=groups.head(0), warehouse=warehouse).passed


def one_more_member(groups):
    groups.loc[0, "members"] += 1


def another_share(groups):
    groups.loc[0, "share"] *= 1.1


def a_failure_more(groups):
    groups.loc[0, "failure_rate"] += 1 / 15


def failures_of_the_others(groups):
    groups.loc[0, ["failure_rate", "failure_rate_others"]] = groups.loc[1, ["failure_rate", "failure_rate_others"]]


def a_run_in_two_groups(groups):
    groups.loc[1, "sample_ids"] = json.dumps(["r0", "r16"])


def a_run_in_two_branches(groups):
    groups.loc[4, "sample_ids"] = json.dumps(["r0", "r16"])


def a_run_that_is_none(groups):
    groups.loc[0, "sample_ids"] = '["no run"]'


def one_id_twice(groups):
    groups.loc[1, "cluster_id"] = "k1"


def more_members_than_runs(groups):
    groups.loc[1] = pd.Series(row("k_means", "k2", range(RUNS)))
    groups.loc[1, "sample_ids"] = "[]"


@pytest.mark.parametrize(
    "spoil",
    [
        *(one_more_member, another_share, a_failure_more, failures_of_the_others, a_run_in_two_groups),
        *(a_run_in_two_branches, a_run_that_is_none, one_id_twice, more_members_than_runs),
    ],
    ids=lambda spoil: spoil.__name__,
)
def test_clusters_that_do_not_part_the_runs_fail(warehouse, groups, spoil):
    spoil(groups)
    assert not called(clusters_part_the_runs, clusters=groups, warehouse=warehouse).passed
