"""dbt in process: the manifest follows the models, the environment comes back, every connection is closed."""

from __future__ import annotations

import json
import os
import shutil

import pytest

from analytics_assets import dbt_runs
from analytics_assets.settings import Settings
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.schema import create_schema

MODEL = "select 1 as one\n"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project of one model, with the profile of the real one."""
    folder = tmp_path / "dbt_project"
    (folder / "models" / "staging").mkdir(parents=True)
    shutil.copy(dbt_runs.PROJECT / "profiles.yml", folder)
    shutil.copytree(dbt_runs.PROJECT / "macros", folder / "macros")
    (folder / "dbt_project.yml").write_text(
        "name: analytics_assets\nprofile: analytics\nmodels:\n  analytics_assets:\n    staging: {+schema: staging}\n"
    )
    (folder / "models" / "staging" / "stg_one.sql").write_text(MODEL)
    monkeypatch.setattr(dbt_runs, "PROJECT", folder)
    monkeypatch.setattr(dbt_runs, "_TARGET", folder / "target")
    return folder


@pytest.fixture
def settings(tmp_path):
    made = Settings(data_dir=tmp_path / "data")
    with connect(made) as con:
        create_schema(con)
    return made


def test_the_manifest_is_parsed_once_and_again_when_a_model_is_newer(project):
    manifest = dbt_runs.current_manifest()
    first = manifest.stat().st_mtime_ns
    assert dbt_runs.current_manifest().stat().st_mtime_ns == first
    (project / "models" / "staging" / "stg_two.sql").write_text("select * from {{ ref('stg_one') }}\n")
    assert "model.analytics_assets.stg_two" in json.loads(dbt_runs.current_manifest().read_text())["nodes"]
    assert dbt_runs.last_models() == [("staging", "stg_two")]


def test_a_build_leaves_neither_a_variable_nor_a_connection(project, settings, monkeypatch):
    monkeypatch.setenv("ANALYTICS_AS_OF_UTC", "before")
    monkeypatch.delenv("ANALYTICS_WAREHOUSE_FILE", raising=False)
    (run,) = dbt_runs.build(settings)
    assert run.is_done
    assert not run.is_trouble
    assert os.environ["ANALYTICS_AS_OF_UTC"] == "before"
    assert "ANALYTICS_WAREHOUSE_FILE" not in os.environ
    # Another configuration than dbt's: refused while any connection of dbt is open.
    with connect(settings, read_only=True) as con:
        assert con.execute("select one from staging.stg_one").fetchall() == [(1,)]


def test_a_model_that_fails_is_trouble_and_so_is_what_waited_for_it(project, settings):
    (project / "models" / "staging" / "stg_one.sql").write_text("select no_such_column\n")
    (project / "models" / "staging" / "stg_two.sql").write_text("select * from {{ ref('stg_one') }}\n")
    runs = {run.unique_id.split(".")[-1]: run for run in dbt_runs.build(settings)}
    assert runs["stg_one"].is_trouble
    assert "no_such_column" in runs["stg_one"].message
    assert (runs["stg_two"].status, runs["stg_two"].is_trouble) == ("skipped", True)


def test_a_project_that_does_not_parse_is_an_error_that_says_where(project, settings):
    (project / "models" / "staging" / "stg_one.sql").write_text("select * from {{ ref('no_such_model') }}\n")
    with pytest.raises(dbt_runs.DbtError, match="no_such_model"):
        dbt_runs.build(settings)


def test_only_the_named_models_are_built(project, settings):
    (project / "models" / "staging" / "stg_two.sql").write_text(MODEL)
    seen: list[str] = []
    runs = dbt_runs.build(settings, ["stg_two"], on_done=seen.append)
    assert [run.unique_id.split(".")[-1] for run in runs] == seen == ["stg_two"]
