"""What is mined of runs, tasks and procedures: tables, patterns and checks."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analytics_assets.defs.patterns.clusters import FEATURES, clusters, clusters_part_the_runs
from analytics_assets.defs.patterns.outcome_rules import (
    outcome_p_values_are_sound,
    outcome_rules,
    outcome_rules_recount,
)
from analytics_assets.defs.patterns.task_patterns import (
    significant_failures_are_patterns,
    task_patterns,
    task_patterns_have_identity,
)
from analytics_assets.defs.patterns.task_sequences import (
    sequence_p_values_are_sound,
    sequences_recount,
    task_sequences,
)
from analytics_assets.defs.platform.warehouse import WarehouseResource
from analytics_assets.pattern_store.observed import OBSERVED
from analytics_assets.settings import Settings
from analytics_assets.warehouse import frames
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.schema import create_schema
from analytics_assets_tests.defs.patterns.conftest import called
from analytics_assets_tests.lib import mining_worlds

AS_OF = mining_worlds.START + timedelta(days=28)
TABLES = f"""
    create table staging.stg_as_of (kind varchar, as_of timestamp, is_stale boolean);
    create table staging.stg_judged_runs (
        run_id varchar, spec_id varchar, spec_type varchar, task_count bigint, complexity double, project_id varchar,
        agent_id varchar, model varchar, memory_limit varchar, cpu_limit varchar, failure_reason varchar,
        error_type varchar, is_success boolean, started_at timestamp, experiment_id varchar, variant varchar
    );
    create table staging.stg_runs (run_id varchar, {", ".join(f"{name} double" for name in FEATURES)});
    create table staging.stg_run_tasks (
        run_id varchar, task_id varchar, task_type varchar, model varchar, status varchar, error_type varchar
    );
    create table staging.stg_executions (
        execution_id varchar, run_id varchar, task_id varchar, tool_name varchar, started_at timestamp
    );
    create table staging.stg_procedure_calls (
        call_id varchar, procedure_id varchar, agent_id varchar, task_type varchar, started_at timestamp, status varchar
    );
    create table staging.stg_task_executions (id varchar, task_id varchar, started_at timestamp, status varchar);
    create table staging.stg_tasks (
        id varchar, status varchar, priority bigint, created_at timestamp, updated_at timestamp, assigned_to varchar,
        project_id varchar, estimated_effort_minutes double, actual_effort_minutes double, tags varchar[]
    );
    create table staging.stg_task_dependencies (task_id varchar, depends_on_task_id varchar, dependency_type varchar)
"""
ASSETS = (outcome_rules, task_sequences, clusters, task_patterns)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder whose warehouse has the tables that are read, all empty."""
    folder = tmp_path_factory.mktemp("empty")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANALYTICS_DATA_DIR", str(folder))
        with connect(Settings()) as con:
            create_schema(con)
            con.execute(TABLES)
    return folder


def fill(con, table, rows):
    """Add rows; what they do not name is NULL."""
    frame = pd.DataFrame(rows)
    con.register("added", frame)
    con.execute(f"insert into staging.{table} by name select * from added")
    con.unregister("added")


def world(con):
    """Planted: a size that kills, a better model and arm, a procedure that fails, a loop, an overrun, a chain."""
    rng = np.random.default_rng(0)
    kinds = ("runs", "procedure_calls", "tasks", "task_executions")
    fill(con, "stg_as_of", [{"kind": kind, "as_of": AS_OF, "is_stale": False} for kind in kinds])
    runs, stuck = mining_worlds.runs(0, 1_000, planted=True), mining_worlds.tasks(0, 1_000, stuck=0.06)
    arms = [("trial", ("old", "new")[place % 2]) if place % 3 else (None, None) for place in range(len(runs))]
    succeeds = [
        not run["is_failed"] or (arm == "new" and rng.random() < 0.6) for run, (_, arm) in zip(runs, arms, strict=True)
    ]
    judged = [
        {name: run[name] for name in mining_worlds.FIELDS}
        | {"run_id": run["id"], "is_success": ok, "started_at": run["started_at"], "complexity": 2.0}
        | {"failure_reason": None if ok else run["reasons"][0], "experiment_id": trial, "variant": arm}
        for run, ok, (trial, arm) in zip(runs, succeeds, arms, strict=True)
    ]
    fill(con, "stg_judged_runs", judged)
    sizes = np.exp(mining_worlds.points(0, 1_000, groups=2, features=len(FEATURES)) / 4)
    fill(
        con,
        "stg_runs",
        [{"run_id": run["id"], **dict(zip(FEATURES, row, strict=True))} for run, row in zip(runs, sizes, strict=True)],
    )
    tasks, calls = [], []
    for run, task in zip(runs, stuck, strict=True):
        key = {"run_id": run["id"], "task_id": f"{run['id']}-t1"}
        tasks.append(key | {"task_type": "implement", "status": "failed" if task["is_failed"] else "success"})
        tasks.append({"run_id": run["id"], "task_id": f"{run['id']}-t2", "task_type": "review", "status": "skipped"})
        for place, tool in enumerate(task["items"]):
            at = run["started_at"] + timedelta(seconds=place)
            calls.append(key | {"execution_id": f"{run['id']}-{place:02d}", "tool_name": tool, "started_at": at})
    fill(con, "stg_run_tasks", tasks)
    fill(con, "stg_executions", calls)
    fill(
        con,
        "stg_procedure_calls",
        [
            {
                "call_id": str(n),
                "procedure_id": f"p/{n % 4}",
                "agent_id": f"agent-{n % 3}",
                "task_type": "review",
                "started_at": AS_OF - timedelta(hours=n),
                "status": "success" if rng.random() < (0.4 if n % 4 == 0 else 0.9) else "failure",
            }
            for n in range(600)
        ],
    )
    fill(
        con,
        "stg_tasks",
        [
            {
                "id": f"task-{n}",
                "status": "Done" if n >= 6 else "todo",
                "priority": n % 3,
                "created_at": AS_OF - timedelta(days=9),
                "updated_at": AS_OF + timedelta(hours=1),
                "project_id": "shop",
                "estimated_effort_minutes": 60.0 if n else None,
                "actual_effort_minutes": 90.0 + n % 7 if n >= 6 else None,
                "tags": ["debt", "ünï\n'x'"],
            }
            for n in range(80)
        ],
    )
    fill(
        con,
        "stg_task_dependencies",
        [
            {"task_id": f"task-{n + 1}", "depends_on_task_id": f"task-{n}", "dependency_type": kind}
            for n, kind in enumerate(("blocks", "blocks", "relates_to", "blocks", "blocks"))
        ]
        + [{"task_id": "task-3", "depends_on_task_id": "task-5", "dependency_type": "blocks"}],
    )
    fill(
        con,
        "stg_task_executions",
        [
            {
                "id": f"{n}-{attempt}",
                "task_id": f"task-{n}",
                "started_at": AS_OF - timedelta(hours=50 - attempt),
                "status": "success",
            }
            for n in range(6, 80)
            for attempt in range(12 if n == 7 else 1 + n % 2)
        ],
    )


def compute(warehouse):
    """The table of each asset, written as a refresh does."""
    found = {}
    for asset in ASSETS:
        given = dict(found) if asset is task_patterns else {}
        result = called(asset, warehouse=warehouse, **given)
        with warehouse.get_connection() as con:
            frames.write(con, *asset.key.path, frame=result.value)
            found[asset.key.path[-1]] = frames.read(con, *asset.key.path)
    return found


@pytest.fixture(scope="module")
def planted(empty, tmp_path_factory):
    """The warehouse of the planted world, and its tables."""
    folder = shutil.copytree(empty, tmp_path_factory.mktemp("planted"), dirs_exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANALYTICS_DATA_DIR", str(folder))
        with connect(Settings()) as con:
            world(con)
        warehouse = WarehouseResource()
        yield warehouse, compute(warehouse)


@pytest.fixture
def table(planted):
    """A copy of a table of that world."""
    return lambda name: planted[1][name].copy()


@pytest.mark.parametrize(
    ("pattern_type", "subject"),
    [
        ("outcome_rule", "runs: memory_limit=1Gi and spec_id=spec-1 -> oom"),
        ("outcome_rule", "runs: model=model-0 and spec_type=type-1 -> success"),
        ("experiment_arm", "trial/new"),
        ("outlying_procedure", "p/0 -> failed"),
        ("effort_overrun", "all tasks"),
        ("blocked_chain", "task-2"),
        ("blocked_chain", "circle: task-3, task-4, task-5"),
        ("repeated_attempts", "task-7"),
    ],
)
def test_what_is_planted_is_a_pattern(table, pattern_type, subject):
    frame = table("task_patterns")
    found = frame[(frame["pattern_type"] == pattern_type)]
    assert subject in set(found["subject"])


def test_the_loop_and_the_kinds_of_runs_are_patterns(table):
    frame = table("task_patterns").set_index("pattern_type")
    loop = frame.loc[["tool_sequence"]]
    assert loop["subject"].str.contains("c . times in a row", regex=True).all()
    assert len(frame.loc[["behaviour_cluster"]]) == 2


def test_rows_have_the_columns_of_patterns_and_json_that_parses(table):
    frame = table("task_patterns")
    assert list(frame.columns[: len(OBSERVED)]) == [column.name for column in OBSERVED]
    for name in ("components", "pattern_data", "task_ids", "impact_assessment"):
        assert frame[name].map(json.loads).notna().all()
    assert (frame["as_of"] == AS_OF).all()
    assert not frame["is_stale"].any()


def test_a_chain_says_what_is_left_and_what_is_not_estimated(table):
    frame = table("task_patterns").set_index("subject")
    assert frame.loc["task-2", "pattern_name"] == (
        "3 open tasks must be done one after another, 120 min left, 1 of them without an estimate"
    )
    assert json.loads(frame.loc["task-2", "task_ids"]) == ["task-0", "task-1", "task-2"]


def test_all_checks_pass(planted):
    warehouse, tables = planted
    rules, sequences = tables["outcome_rules"], tables["task_sequences"]
    assert called(outcome_rules_recount, outcome_rules=rules, warehouse=warehouse).passed
    assert called(sequences_recount, task_sequences=sequences, warehouse=warehouse).passed
    assert called(outcome_p_values_are_sound, outcome_rules=rules).passed
    assert called(sequence_p_values_are_sound, task_sequences=sequences).passed
    assert called(clusters_part_the_runs, clusters=tables["clusters"], warehouse=warehouse).passed
    assert called(task_patterns_have_identity, task_patterns=tables["task_patterns"]).passed
    told = called(significant_failures_are_patterns, task_patterns=tables["task_patterns"], outcome_rules=rules)
    assert told.passed


@pytest.mark.parametrize("column", ["both_count", "antecedent_count", "others_outcome_count", "outcome_count"])
def test_a_rule_with_another_count_fails(planted, table, column):
    frame = table("outcome_rules")
    frame.loc[0, column] += 1
    assert not called(outcome_rules_recount, outcome_rules=frame, warehouse=planted[0]).passed


def test_tables_that_contradict_themselves_fail(planted, table):
    sequences, patterns = table("task_sequences"), table("task_patterns")
    sequences.loc[0, "support_count"] += 1
    assert not called(sequences_recount, task_sequences=sequences, warehouse=planted[0]).passed
    twice = pd.concat([patterns, patterns.head(1)])
    assert not called(task_patterns_have_identity, task_patterns=twice).passed
    silent = patterns[patterns["pattern_type"] != "outlying_procedure"]
    told = called(significant_failures_are_patterns, task_patterns=silent, outcome_rules=table("outcome_rules"))
    assert not told.passed


def test_coverage_is_noted_once(planted):
    with planted[0].get_connection() as con:
        notes = con.execute("select source, subjects, examined, as_of from patterns.coverage_notes").fetchall()
    assert notes == [("patterns.task_patterns", 6, 6, AS_OF)]


def test_before_the_first_record_every_table_is_empty_and_every_check_passes(empty, tmp_path, monkeypatch):
    shutil.copytree(empty, tmp_path, dirs_exist_ok=True)
    monkeypatch.setenv("ANALYTICS_DATA_DIR", str(tmp_path))
    warehouse = WarehouseResource()
    tables = compute(warehouse)
    assert [len(frame) for frame in tables.values()] == [0, 0, 0, 0]
    test_all_checks_pass((warehouse, tables))
