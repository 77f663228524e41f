"""What holds of every model, read from the manifest."""

from __future__ import annotations

import pytest
import yaml

from analytics_assets.stages import depth
from analytics_assets.thresholds import dbt_vars
from analytics_assets.warehouse.columns import raw_tables
from analytics_assets.warehouse.retention import TIERS
from analytics_assets.warehouse.touched import HOURLY_KINDS
from analytics_assets_tests.dbt_project.conftest import PROJECT

NOT_STAGED = {"executions_slim", "ingested_files", "quarantined_lines"}
"""Raw tables without a staging view: one is part of stg_executions, two are about files, not records."""
DERIVED = {"pipelines": ["total_duration_seconds", "success_rate"]}
"""Columns that a staging view works out from others."""


@pytest.fixture
def models(manifest):
    return {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}


@pytest.fixture
def tests_of(manifest):
    """Model -> names of the generic tests on it."""
    found = {}
    for node in manifest["nodes"].values():
        if node["resource_type"] == "test" and node.get("attached_node"):
            name = node["attached_node"].rsplit(".", 1)[1]
            found.setdefault(name, []).append(node["test_metadata"]["name"])
    return found


def test_every_model_states_its_grain_and_describes_every_column(models):
    assert len(models) > 30
    assert not [name for name, model in models.items() if "One row per" not in model["description"].split(". ")[-1]]
    undescribed = [
        f"{name}.{column['name']}"
        for name, model in models.items()
        for column in model["columns"].values()
        if not column["description"] or not column["data_type"]
    ]
    assert not undescribed


def test_every_model_has_a_yml_of_its_own_beside_it(models):
    for name, model in models.items():
        assert model["patch_path"].endswith(f"/{model['schema']}/{name}.yml")
        assert model["original_file_path"] == f"models/{model['schema']}/{name}.sql"


def test_a_model_reads_only_from_its_own_stage_and_earlier_ones(manifest, models):
    for name, model in models.items():
        for parent in model["depends_on"]["nodes"]:
            read = (manifest["nodes"] | manifest["sources"])[parent]["schema"]
            assert depth(read) <= depth(model["schema"]), f"{name} reads {parent}"
            assert read != "raw" or model["schema"] == "staging", f"{name} reads {parent}"


def test_every_table_has_its_grain_tested(models, tests_of):
    tables = {name for name, model in models.items() if model["config"]["materialized"] != "view"}
    untested = [name for name in tables if not {"grain", "exactly_one_row"} & set(tests_of.get(name, ()))]
    assert not untested


def test_every_incremental_model_says_which_queue_it_empties(models):
    incremental = [model for model in models.values() if model["config"]["materialized"] == "incremental"]
    queues = sorted((m["config"]["meta"]["touched_kind"], m["config"]["meta"]["period"]) for m in incremental)
    # Of executions there are two tables: their use of the tools, and the errors of the tools.
    assert queues == sorted((kind, period) for kind in (*HOURLY_KINDS, "executions") for period in ("hour", "day"))
    assert all(model["config"]["incremental_strategy"] == "replace_touched" for model in incremental)
    for model in incremental:
        assert model["config"]["meta"]["period"] in model["columns"]


def test_every_incremental_model_is_sealed_before_its_records_go(models):
    incremental = {name for name, model in models.items() if model["config"]["materialized"] == "incremental"}
    kinds = {
        table: tier.kind for tier in TIERS for summary in tier.summaries for table in (summary.hourly, summary.daily)
    }
    assert kinds == {name: models[name]["config"]["meta"]["touched_kind"] for name in incremental}


def test_the_numbers_are_those_of_the_thresholds():
    project = yaml.safe_load((PROJECT / "dbt_project.yml").read_text(encoding="utf-8"))
    assert project["vars"] == dbt_vars()


def test_staging_columns_are_described_as_the_contracts_describe_them(models):
    for table, (_, columns) in raw_tables().items():
        if table in NOT_STAGED:
            continue
        described = [(c["name"], c["data_type"], c["description"]) for c in models[f"stg_{table}"]["columns"].values()]
        assert described[: len(columns)] == [(c.name, c.type.lower(), c.meaning) for c in columns], table
        assert [name for name, _, _ in described[len(columns) :]] == DERIVED.get(table, []), table


def test_every_raw_table_is_a_source_that_is_an_asset(manifest):
    sources = {source["name"]: source for source in manifest["sources"].values()}
    assert sources.keys() == raw_tables().keys()
    for table, (grain, _) in raw_tables().items():
        assert sources[table]["description"] == grain
        assert sources[table]["config"]["meta"] == {"dagster": {"asset_key": ["raw", table]}}


def test_every_macro_that_differs_by_engine_has_both_sides(manifest):
    ours = {m["name"] for m in manifest["macros"].values() if m["package_name"] == "analytics_assets"}
    for name in ours:
        if name.startswith("duckdb__"):
            assert name.replace("duckdb__", "spark__") in ours
