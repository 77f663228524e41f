"""A table is written whole and comes back the same."""

from __future__ import annotations

import csv
import json

import duckdb
import pytest

from analytics_assets.cli.exporting import find_table
from analytics_assets.cli.problems import CommandError
from analytics_assets_tests.cli.conftest import execution


@pytest.fixture
def published(cli):
    awkward = execution("b", error_message='two\nlines, "quoted"', cost_usd=0.25)
    cli.land("executions/a.jsonl", [execution("a"), awkward])
    cli.publish()
    return cli


def test_csv_has_every_row_and_says_that_times_are_utc(published, tmp_path):
    said = published.run("export", "executions").output
    assert "2 rows of raw.executions (version 1)" in said
    with (tmp_path / "raw.executions.csv").open(newline="") as handle:
        rows = sorted(csv.DictReader(handle), key=lambda row: row["execution_id"])
    assert [row["execution_id"] for row in rows] == ["a", "b"]
    assert rows[0]["started_at"] == "2026-01-05T10:20:30.500000Z"
    assert rows[0]["cost_usd"] == ""
    assert rows[1]["error_message"] == 'two\nlines, "quoted"'


def test_jsonl_has_one_object_per_row(published, tmp_path):
    published.run("export", "raw.executions", "--format", "jsonl", "--out", tmp_path / "out.txt")
    rows = [json.loads(line) for line in (tmp_path / "out.txt").read_text().splitlines()]
    assert sorted((row["execution_id"], row["cost_usd"], row["success"]) for row in rows) == [
        ("a", None, True),
        ("b", 0.25, True),
    ]
    assert rows[0]["started_at"] == "2026-01-05T10:20:30.500000Z"


def test_parquet_keeps_the_types(published, tmp_path):
    published.run("export", "executions", "--out", tmp_path / "x.parquet")
    described = duckdb.sql(f"select column_name, column_type from (describe '{tmp_path / 'x.parquet'}')").fetchall()
    assert {("started_at", "TIMESTAMP"), ("success", "BOOLEAN"), ("cost_usd", "DOUBLE")} <= set(described)
    assert duckdb.sql(f"select count(*) from '{tmp_path / 'x.parquet'}'").fetchall() == [(2,)]


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_an_empty_table_gives_an_empty_file(published, tmp_path, form):
    out = tmp_path / f"empty.{form}"
    assert "0 rows of raw.runs" in published.run("export", "runs", "--out", out).output
    assert out.exists()


def test_a_view_is_exported_like_a_table(published, tmp_path):
    from analytics_assets.warehouse import publish
    from analytics_assets.warehouse.connection import connect

    with connect(published.settings) as con:
        con.execute("create view staging.stg_executions as select * from raw.executions")
        publish.publish(con, published.settings)
    assert "2 rows of staging.stg_executions" in published.run("export", "stg_executions").output


def test_an_unknown_table_brings_close_names(published):
    said = published.run("export", "raw.execution", exit_code=2).stderr
    assert "No published table is named 'raw.execution'" in said
    assert "Did you mean raw.executions" in said


def test_a_name_of_two_stages_must_be_told_apart():
    with pytest.raises(CommandError, match=r"several stages: kpis\.charts, publish\.charts"):
        find_table("charts", ["kpis.charts", "publish.charts"])


def test_a_name_cannot_smuggle_sql(published):
    published.run("export", 'raw.executions"; drop table x; --', exit_code=2)


def test_a_file_that_cannot_be_written_is_said_and_leaves_nothing(published, tmp_path):
    said = published.run("export", "executions", "--out", tmp_path / "nowhere" / "x.csv", exit_code=1).stderr
    assert "nowhere" in said
    (tmp_path / "folder.csv").mkdir()
    published.run("export", "executions", "--out", tmp_path / "folder.csv", exit_code=1)
    assert not list(tmp_path.glob(".folder*"))


def test_the_old_file_stays_until_the_new_one_is_whole(published, tmp_path, monkeypatch):
    from analytics_assets.cli import exporting

    out = tmp_path / "kept.csv"
    out.write_text("old")
    monkeypatch.setitem(exporting._READ_BACK, exporting.FileFormat.CSV, "(select 1 where ? is null)")
    said = published.run("export", "executions", "--out", out, exit_code=1).stderr
    assert "has 2 rows and the file 0" in said
    assert out.read_text() == "old"
