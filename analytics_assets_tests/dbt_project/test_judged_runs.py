"""What is judged, and what follows when the record of a run changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from analytics_assets.lib.sizes import cpu_mcores, memory_mb
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.publish import publish
from analytics_assets.warehouse.sizes import LAST_TIER, table_sizes
from analytics_assets_tests.dbt_project.run_history import NOON

MODELS = ("--select", "+task_effectiveness", "+failure_patterns", "+spec_quality", "+resource_usage_profiles")
MODELS = (*MODELS, "+model_effectiveness", "+resource_needs")
OF_RUNS = ("--select", "@stg_runs", "--indirect-selection", "cautious", "--exclude-resource-type", "unit_test")
MEMORY = {
    "4Gi": 4096.0,
    "512Mi": 512.0,
    "2048Ki": 2.0,
    "1.5Gi": 1536.0,
    ".5Gi": 512.0,
    "1Ti": 1048576.0,
    "1G": 1e9 / 2**20,
    "1500M": 1.5e9 / 2**20,
    "1024k": 1.024e6 / 2**20,
    "1048576": 1.0,
    " 2Gi ": 2048.0,
}
CPU = {"500m": 500.0, "2": 2000.0, "1.5": 1500.0, "0.25": 250.0, "1500m": 1500.0}
UNREADABLE = ["", "large", "4 GB", "4gi", "-1Gi", "1e9", "1.2.3Gi", "Gi", "4Gi per node", "2 2"]


def _run(name, hours=1, **fields):
    """A run of one spec that began so many hours before noon."""
    started_at = (NOON - timedelta(hours=hours)).isoformat() + "Z"
    return {"run_id": name, "spec_id": "s", "spec_type": "x", "status": "success", "started_at": started_at} | fields


def test_sizes_are_read_as_kubernetes_writes_them(refresh):
    memory = [*MEMORY, *CPU, *UNREADABLE]
    refresh.take("runs", [_run(f"r{n}", memory_limit=size, cpu_limit=size) for n, size in enumerate(memory)])
    refresh.build("--select", "+stg_judged_runs")
    rows = {row["memory_limit"]: row for row in refresh.rows("select * from staging.stg_judged_runs")}
    assert {size: rows[size]["memory_limit_mb"] for size in MEMORY} == pytest.approx(MEMORY)
    assert {size: rows[size]["cpu_limit_mcores"] for size in CPU} == pytest.approx(CPU)
    assert rows["500m"]["memory_limit_mb"] is None
    assert rows["4Gi"]["cpu_limit_mcores"] is None
    for size in UNREADABLE:
        if size in rows:
            assert (rows[size]["memory_limit_mb"], rows[size]["cpu_limit_mcores"]) == (None, None), size


def test_sizes_are_read_in_sql_as_the_rules_read_them():
    assert {size: memory_mb(size) for size in MEMORY} == pytest.approx(MEMORY)
    assert {size: cpu_mcores(size) for size in CPU} == pytest.approx(CPU)
    for size in UNREADABLE:
        with pytest.raises(ValueError, match="no size of"):
            memory_mb(size)


def test_running_cancelled_and_skipped_runs_count_nowhere(refresh):
    unjudged = [
        _run(status, hours, spec_id=f"only {status}", status=status, llm_cost_usd=9.0, memory_peak_mb=9999.0)
        for hours, status in enumerate(("running", "cancelled", "skipped"))
    ]
    tasks = [{"task_id": "t", "task_type": "review", "status": "failed", "error_type": "test_fail"}]
    refresh.take("runs", [_run("good", 5, llm_cost_usd=1.0), *({**run, "tasks": tasks} for run in unjudged)])
    refresh.build(*MODELS)
    assert refresh.row("select run_id from staging.stg_judged_runs") == {"run_id": "good"}
    for table in ("task_effectiveness", "failure_patterns"):
        assert refresh.rows(f"select * from profiles.{table}") == []
    for table in ("spec_quality", "resource_usage_profiles"):
        assert refresh.row(f"select spec_id from profiles.{table}") == {"spec_id": "s"}
    assert refresh.row("select runs, lifetime_runs, total_cost_usd from profiles.model_effectiveness") == {
        "runs": 1,
        "lifetime_runs": 1,
        "total_cost_usd": 1.0,
    }


def test_a_run_that_was_running_and_later_fails_is_counted_then(refresh):
    refresh.take("runs", [_run("a"), _run("b", 2, status="running", updated_at=NOON.isoformat() + "Z")])
    refresh.build(*MODELS)
    counts = "select runs_count, success_count, needs_review, top_error_type from profiles.spec_quality"
    before = {"runs_count": 1, "success_count": 1, "needs_review": False, "top_error_type": None}
    assert refresh.row(counts) == before
    later = (NOON + timedelta(hours=1)).isoformat() + "Z"
    refresh.take("runs", [_run("b", 2, status="failed", failure_reason="OOM", updated_at=later)])
    refresh.build(*MODELS)
    after = {"runs_count": 2, "success_count": 1, "needs_review": True, "top_error_type": "oom"}
    assert refresh.row(counts) == after
    assert refresh.row("select lifetime_runs, lifetime_success_rate from profiles.model_effectiveness") == {
        "lifetime_runs": 2,
        "lifetime_success_rate": 0.5,
    }


def test_the_peak_of_a_killed_run_is_in_no_percentile_and_its_limit_stands_beside(refresh):
    killed = [
        _run(f"k{n}", n, status="failed", failure_reason="oom", memory_limit="2Gi", memory_peak_mb=2048.0)
        for n in range(9)
    ]
    refresh.take("runs", [*killed, _run("fits", memory_limit="2Gi", memory_peak_mb=700.0)])
    refresh.build(*MODELS)
    assert refresh.row(
        "select runs, oom_runs, memory_censored_runs, memory_p50_mb, memory_p99_mb, memory_max_mb, memory_limit_mb "
        "from profiles.resource_usage_profiles"
    ) == {
        "runs": 10,
        "oom_runs": 9,
        "memory_censored_runs": 9,
        "memory_p50_mb": 700.0,
        "memory_p99_mb": 700.0,
        "memory_max_mb": 700.0,
        "memory_limit_mb": 2048.0,
    }
    assert refresh.row(
        "select memory_measured_runs, memory_uncensored_runs, memory_p95_mb, largest_oom_limit_mb "
        "from profiles.resource_needs where scope = 'spec'"
    ) == {
        "memory_measured_runs": 10,
        "memory_uncensored_runs": 1,
        "memory_p95_mb": 700.0,
        "largest_oom_limit_mb": 2048.0,
    }


def test_a_credit_among_the_costs_stops_nothing(refresh):
    # Booked as a negative cost, it would make shares of quality that are none.
    costs = {"a": -5.0, "b": 0.0, "c": 4.0, "d": -1.0}
    refresh.take("runs", [_run(name, spec_id=name, llm_cost_usd=cost, iterations=0) for name, cost in costs.items()])
    refresh.build(*OF_RUNS, command="build")
    scores = {row["spec_id"]: row["quality_score"] for row in refresh.rows("select * from profiles.spec_quality")}
    assert scores == {"a": 100.0, "b": 100.0, "c": 80.0, "d": 100.0}


def test_judged_runs_are_published_as_a_table_with_its_size(refresh):
    refresh.take("runs", [_run(f"r{n}", n % 700, failure_reason=f"reason {n}") for n in range(3000)])
    refresh.build(*MODELS)
    with connect(refresh.settings) as con:
        sizes = table_sizes(con).set_index("table_name")
        published = publish(con, refresh.settings)
    # No record of its own: tier 1 is what was told.
    assert sizes.loc["staging.stg_judged_runs", ["tier", "records"]].tolist() == [LAST_TIER, 3000]
    assert sizes.loc["staging.stg_judged_runs", "bytes"] > 0
    assert "staging.stg_runs" not in sizes.index
    assert published.tables["staging.stg_judged_runs"] == 3000
    with duckdb.connect(str(refresh.settings.published / published.file), read_only=True) as con:
        assert con.execute("select count(*) from staging.stg_judged_runs").fetchall() == [(3000,)]


def test_purged_runs_are_judged_no_more_and_a_model_keeps_its_lifetime(refresh):
    refresh.take("runs", [_run("a"), _run("b", 2, status="failed")])
    refresh.build(*MODELS)
    refresh.purge(datetime.now(UTC).replace(tzinfo=None) + timedelta(days=100))
    refresh.build(*MODELS)
    assert refresh.rows("select * from staging.stg_judged_runs") == []
    assert refresh.rows("select * from profiles.spec_quality") == []
    assert refresh.row(
        "select runs, success_rate, lifetime_runs, has_enough_runs from profiles.model_effectiveness"
    ) == {
        "runs": 0,
        "success_rate": None,
        "lifetime_runs": 2,
        "has_enough_runs": False,
    }
