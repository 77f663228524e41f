"""A table is written whole and comes back the same."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import pty
import subprocess
import sys
from datetime import datetime

import duckdb
import pytest

from analytics_assets.cli.exporting import find_table
from analytics_assets.cli.problems import CommandError
from analytics_assets.cli.spans import Span
from analytics_assets_tests.cli.conftest import execution
from analytics_assets_tests.queries.published import publish


@pytest.fixture
def published(cli):
    awkward = execution("b", error_message='two\nlines, "quoted"', cost_usd=0.25)
    cli.land("executions/a.jsonl", [execution("a"), awkward])
    cli.publish()
    return cli


def test_csv_has_every_row_and_says_that_times_are_utc(published, tmp_path):
    said = published.run("export", "executions", "--out", tmp_path / "raw.executions.csv").output
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
    assert "2 rows of staging.stg_executions" in published.run("export", "stg_executions").stderr


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
    assert not list(tmp_path.glob("*.manifest.json"))


def test_the_old_file_stays_until_the_new_one_is_whole(published, tmp_path, monkeypatch):
    from analytics_assets.cli import exporting

    out = tmp_path / "kept.csv"
    out.write_text("old")
    monkeypatch.setitem(exporting._READ_BACK, exporting.FileFormat.CSV, "(select 1 where ? is null)")
    said = published.run("export", "executions", "--out", out, exit_code=1).stderr
    assert "has 2 rows and the file 0" in said
    assert out.read_text() == "old"


HOURS = [datetime(2026, 1, 1), datetime(2026, 1, 31, 23, 59), datetime(2026, 2, 1)]


@pytest.fixture
def runs(cli):
    rows = [{"run_id": f"r{n}", "spec_id": "s", "started_at": at} for n, at in enumerate(HOURS)]
    publish(cli.settings, {"staging.stg_runs": rows, "profiles.spec_quality": [{"spec_id": "s"}]})
    return cli


def exported(cli, *words):
    return [row["run_id"] for row in csv.DictReader(io.StringIO(cli.run("export", *words).stdout))]


def test_without_a_name_it_is_the_runs_and_a_pipe_gets_them_as_csv(runs):
    result = runs.run("export")
    assert [row["run_id"] for row in csv.DictReader(io.StringIO(result.stdout))] == ["r0", "r1", "r2"]
    assert result.stderr == "3 rows of staging.stg_runs (version 1)\n"


def test_a_range_has_its_start_and_not_its_end(runs):
    assert exported(runs, "--start", "2026-01-01", "--end", "2026-02-01") == ["r0", "r1"]
    assert exported(runs, "--start", "2026-02-01") == ["r2"]
    assert exported(runs, "--end", "2026-01-31T23:59:00Z") == ["r0"]
    assert exported(runs, "--end", "2026-02-01T00:59:00+01:00") == ["r0"]
    assert exported(runs, "--start", "2030-01-01") == []


def test_a_range_of_nothing_and_one_that_is_no_time_are_refused(runs):
    assert (
        "Nothing is between" in runs.run("export", "--start", "2026-02-01", "--end", "2026-02-01", exit_code=2).stderr
    )
    assert "2026-01-31" in runs.run("export", "--start", "yesterday", exit_code=2).stderr


def test_the_range_is_on_the_column_that_says_when(cli):
    event = {"event_type": "x", "source_system": "s", "status": "success"}
    old, new = (event | {"id": day, "occurred_at": f"2026-{day}T00:00:00Z"} for day in ("01-01", "02-01"))
    cli.land("events/a.jsonl", [old, new])
    cli.publish()
    said = cli.run("export", "events", "--start", "2026-01-15").stdout
    assert [row["id"] for row in csv.DictReader(io.StringIO(said))] == ["02-01"]


def test_a_table_without_a_time_has_no_range(runs):
    said = runs.run("export", "spec_quality", "--start", "2026-01-01", exit_code=2).stderr
    assert "profiles.spec_quality has no column that says when" in said


def test_without_runs_computed_it_is_said(published):
    assert "The runs are not computed yet" in published.run("export", exit_code=1).stderr


def test_other_formats_go_through_a_pipe_too(runs):
    said = runs.run("export", "--format", "jsonl").stdout
    assert [json.loads(line)["run_id"] for line in said.splitlines()] == ["r0", "r1", "r2"]


def test_on_a_terminal_without_a_name_a_file_is_written(runs, tmp_path):
    master, terminal = pty.openpty()
    command = [sys.executable, "-m", "analytics_assets.cli", "export"]
    done = subprocess.run(command, stdout=terminal, stderr=subprocess.PIPE, cwd=tmp_path, check=True)
    os.close(terminal)
    os.close(master)
    assert done.stderr == b""
    assert (tmp_path / "staging.stg_runs.csv").read_text().count("\n") == 4


def test_a_file_has_a_manifest_and_is_whole(runs, tmp_path):
    out = tmp_path / "january.csv"
    runs.run("export", "--start", "2026-01-01", "--end", "2026-02-01", "--out", out)
    assert json.loads((tmp_path / "january.csv.manifest.json").read_text()) == {
        "file": "january.csv",
        "table": "staging.stg_runs",
        "version": 1,
        "published_at": "2026-02-16T12:30:00Z",
        "format": "csv",
        "rows": 2,
        "bytes": out.stat().st_size,
        "sha256": hashlib.sha256(out.read_bytes()).hexdigest(),
        "time_column": "started_at",
        "start": "2026-01-01T00:00:00Z",
        "end": "2026-02-01T00:00:00Z",
    }
    assert "is whole: 2 rows of staging.stg_runs (version 1)" in runs.run("export", "--verify", out).stdout


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet"])
def test_a_truncated_export_is_an_error(runs, tmp_path, form):
    out = tmp_path / f"runs.{form}"
    runs.run("export", "--out", out)
    runs.run("export", "--verify", out)
    out.write_bytes(out.read_bytes()[:-20])
    said = runs.run("export", "--verify", out, exit_code=1).stderr
    assert "is truncated" in said
    assert "Export it again." in said


def test_a_file_that_was_changed_or_has_another_count_is_an_error(runs, tmp_path):
    out, manifest = tmp_path / "runs.csv", tmp_path / "runs.csv.manifest.json"
    runs.run("export", "--out", out)
    content = out.read_bytes()
    out.write_bytes(content.replace(b"r0", b"rX"))
    assert "was changed since" in runs.run("export", "--verify", out, exit_code=1).stderr
    out.write_bytes(content)
    manifest.write_text(manifest.read_text().replace('"rows": 3', '"rows": 4'))
    assert "has 3 rows and its manifest 4" in runs.run("export", "--verify", out, exit_code=1).stderr


def test_what_has_no_manifest_cannot_be_verified(runs, tmp_path):
    out = tmp_path / "runs.csv"
    assert "is not there" in runs.run("export", "--verify", out, exit_code=2).stderr
    out.write_text("a\n")
    assert "has no manifest" in runs.run("export", "--verify", out, exit_code=1).stderr
    for content in ("{", "[]", "{}"):
        (tmp_path / "runs.csv.manifest.json").write_text(content)
        runs.run("export", "--verify", out, exit_code=1)


def test_a_moment_with_a_zone_and_one_without_can_be_compared():
    assert Span(datetime.fromisoformat("2026-01-01T00:00:00+02:00"), datetime(2026, 1, 1)).record() == {
        "start": "2025-12-31T22:00:00Z",
        "end": "2026-01-01T00:00:00Z",
    }
