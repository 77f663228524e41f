"""A refresh of everything, with the tests that run in it and the unit tests that do not."""

from __future__ import annotations

import shutil

import duckdb


def test_a_build_passes_its_own_tests(built):
    result = built.dbt("test", "--exclude-resource-type", "unit_test")
    assert result.success, [f"{r.node.name}: {r.message}" for r in result.result if r.status != "pass"]
    assert len(result.result.results) > 20


def test_the_unit_tests_of_the_models_pass(built):
    result = built.dbt("test", "--select", "test_type:unit")
    assert result.success, [f"{r.node.name}: {r.message}" for r in result.result if r.status != "pass"]
    assert {r.node.unique_id.split(".")[2] for r in result.result} == {
        "agent_status",
        "cost_anomalies",
        "failure_patterns",
        "hourly_executions",
        "issue_features",
        "long_fixes",
        "performance_baselines",
        "review_trends",
        "risk_patterns",
        "spec_quality",
        "spec_versions",
        "stg_issue_clock",
        "stg_issue_openings",
        "stg_judged_runs",
        "tool_errors",
        "tool_profiles",
        "tool_recommendations",
        "weekly_health",
        "weekly_issues",
    }


def test_declared_columns_are_those_of_the_warehouse_in_their_order(built, manifest):
    for node in manifest["nodes"].values():
        if node["resource_type"] != "model":
            continue
        found = built.rows(f"describe {node['schema']}.{node['name']}")
        declared = [(column["name"], column["data_type"]) for column in node["columns"].values()]
        assert declared == [(row["column_name"], row["column_type"].lower()) for row in found], node["name"]


def test_views_work_in_a_copy_of_the_warehouse_under_another_name(built, tmp_path):
    copy = tmp_path / "snapshot-7.duckdb"
    shutil.copyfile(built.settings.warehouse_file, copy)
    with duckdb.connect(str(copy), read_only=True) as con:
        views = con.execute("select schema_name || '.' || view_name from duckdb_views() where not internal").fetchall()
        assert len(views) > 15
        for (view,) in views:
            con.execute(f"select * from {view} limit 1").fetchall()


def test_the_grain_test_finds_a_repeated_key_and_a_missing_part(built):
    with_copy = "insert into summaries.hourly_tool_usage select * from summaries.hourly_tool_usage limit 1"
    for damage in (with_copy, "update summaries.daily_tool_usage set tool_name = null"):
        built.rows(damage)
    result = built.dbt("test", "--select", "hourly_tool_usage", "daily_tool_usage")
    failed = {r.node.name for r in result.result if r.status == "fail"}
    built.build("--select", "hourly_tool_usage", "daily_tool_usage", "--full-refresh")
    assert failed == {"rows_unique", "hours_add_up", "failures_add_up"}


def test_the_tests_of_the_newest_batch_find_a_copy_and_a_step_without_its_pipeline(built):
    lost = "'lost', 'build', 1, 'success', 999, 999, true"
    columns = "pipeline_id, step_name, step_order, status, batch_id, version_number, is_current"
    built.rows(f"insert into raw.steps ({columns}) select {lost}")
    built.rows("insert into raw.executions by name select * replace (999 as batch_id) from raw.executions limit 1")
    built.rows("insert into raw.executions select * from raw.executions where batch_id = 999")
    result = built.dbt("test", "--select", "stg_executions", "stg_steps")
    for table in ("steps", "executions"):
        built.rows(f"delete from raw.{table} where batch_id = 999")
    assert {r.node.name for r in result.result if r.status == "fail"} == {
        "newest_batch_unique",
        "newest_batch_has_its_records",
    }
