"""The commands as a person types them."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from contextlib import suppress

import pytest

from analytics_assets.contracts import CONTRACTS, json_schema
from analytics_assets.refresh import RefreshEvent, RefreshSummary
from analytics_assets.warehouse.connection import WarehouseBusyError
from analytics_assets.warehouse.ingest import KindReport
from analytics_assets_tests.cli.conftest import execution


def test_without_a_command_the_commands_are_listed(cli):
    listed = cli.run(exit_code=2).output
    issues = ("optimize", "review", "import-issues", "export-issues")
    base = ("up", "refresh", "sample", "ingest", "schema", "query", "doctor", "export")
    for command in (*base, "suggest", "runs", "models", "resources", "config", "report", "learn", "tui", *issues):
        assert command in listed


@pytest.mark.parametrize("kind", CONTRACTS)
def test_the_schema_of_a_kind_is_printed_as_json(cli, kind):
    assert cli.json("schema", kind) == json_schema(CONTRACTS[kind])


def test_the_kinds_are_listed_and_a_wrong_one_is_refused(cli):
    assert all(kind in cli.run("schema").stdout for kind in CONTRACTS)
    assert "Kinds: runs" in cli.run("schema", "run", exit_code=2).stderr


def test_python_dash_m_is_the_same_command():
    said = subprocess.run(
        [sys.executable, "-m", "analytics_assets.cli", "schema", "runs"], capture_output=True, text=True, check=True
    )
    assert json.loads(said.stdout)["title"] == "runs"


def test_commands_that_do_not_need_them_import_nothing_heavy():
    code = (
        "import sys; from analytics_assets.cli.app import app\n"
        "heavy = {'dagster', 'dbt', 'pandas', 'prophet', 'great_expectations', 'altair',\n"
        "         'scipy', 'textual', 'jinja2'} & set(sys.modules)\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_reader_that_has_seen_enough_ends_the_command_quietly(cli):
    cli.land("executions/a.jsonl", [execution(f"e{number:05}", task_id="t" * 50) for number in range(20_000)])
    cli.publish()
    asked = f"{sys.executable} -m analytics_assets.cli query 'from raw.executions' --json | head -1"
    done = subprocess.run(["/bin/sh", "-c", asked], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("[\n", "", 0)


def test_a_sample_is_written_and_can_be_ingested(cli, tmp_path):
    out = tmp_path / "sample"
    assert "records of" in cli.run("sample", "--out", out, "--days", "1", "--effects", "none").output
    assert json.loads((out / "truth.json").read_text()) == []
    cli.run("ingest", out)
    assert len(list((cli.settings.inbox / "executions").iterdir())) >= 1
    assert list(cli.settings.specs.glob("*.json"))


def test_an_unknown_effect_is_refused_with_the_known_ones(cli, tmp_path):
    said = cli.run("sample", "--out", tmp_path / "s", "--effects", "nonsense", exit_code=2).stderr
    assert "tool_degrades" in said


@pytest.fixture
def refreshed(monkeypatch):
    """Replaces the refresh by one that ends as the test says; gives the list of the jobs that were asked for."""
    asked = []

    def replace(outcome):
        def run(_settings, *, on_event, job_name, config=None):
            asked.append(job_name)
            on_event(RefreshEvent("step_done", "raw/runs", "", 1, 2))
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        monkeypatch.setattr("analytics_assets.refresh.run_refresh", run)
        return asked

    return replace


def test_a_refresh_says_what_came_in_and_where_it_is(cli, refreshed):
    by_kind = {
        "runs": KindReport(new_records=1200, duplicate_records=3, quarantined_lines=2),
        "events": KindReport(0, 0, 0),
    }
    refreshed(RefreshSummary(success=True, run_id="r", seconds=4.21, by_kind=by_kind, version=7))
    said = cli.run("refresh").output
    assert [word for word in said.splitlines()[2].split() if word not in "┃│"] == ["runs", "1,200", "3", "2"]
    assert "events" not in said
    assert "published as version 7 in 4.2 s" in said
    assert "2 lines were quarantined; `analytics doctor` says why" in said


def test_a_refresh_with_nothing_new_says_so(cli, refreshed):
    refreshed(RefreshSummary(success=True, run_id="r", seconds=1, version=7))
    assert "nothing new in the inbox" in cli.run("refresh").output


def test_a_failed_refresh_names_its_first_error_and_its_log(cli, refreshed):
    refreshed(RefreshSummary(success=False, run_id="r1", seconds=1, error="model x: no such column\n  at line 3"))
    said = cli.run("refresh", exit_code=1).stderr
    assert "The refresh failed: model x: no such column\n  at line 3\n" in said
    assert "still in place" not in said, "nothing was ever published"
    log = (cli.settings.logs / "refresh.log").read_text()
    assert "run r1\nmodel x: no such column\n  at line 3" in log


def test_an_unforeseen_error_keeps_its_traceback_for_the_log(cli, refreshed):
    refreshed(OSError(28, "No space left on device"))
    said = cli.run("refresh", exit_code=1).stderr
    assert "OSError: [Errno 28] No space left on device" in said
    assert "Traceback" not in said
    assert "Traceback" in (cli.settings.logs / "refresh.log").read_text()


def test_a_refresh_that_must_wait_too_long_says_for_whom(cli, refreshed):
    refreshed(WarehouseBusyError("Another refresh (process 42) has been writing for over 120 s."))
    assert "process 42" in cli.run("refresh", exit_code=1).stderr


STEPS_WHILE_STDOUT_IS_TAKEN = """
import os
from rich.console import Console
from analytics_assets.cli.refreshing import _steps
from analytics_assets.refresh import RefreshEvent
with _steps(Console()) as on_event:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    on_event(RefreshEvent("progress", "dbt_models", "tool_profiles", 1, 10))
"""


def test_the_steps_are_shown_although_dagster_takes_the_standard_output():
    master, terminal = pty.openpty()
    shown = subprocess.Popen(
        [sys.executable, "-c", STEPS_WHILE_STDOUT_IS_TAKEN], stdout=terminal, env=os.environ | {"TERM": "xterm"}
    )
    os.close(terminal)
    text = b""
    # Linux ends a terminal that nobody writes to any more with an error, macOS with nothing.
    with suppress(OSError):
        while part := os.read(master, 65_536):
            text += part
    os.close(master)
    assert shown.wait() == 0
    assert b"dbt_models: tool_profiles" in text


def test_an_interrupted_refresh_says_that_nothing_is_broken(cli, monkeypatch):
    def interrupted(_settings, **_):
        raise KeyboardInterrupt

    monkeypatch.setattr("analytics_assets.refresh.run_refresh", interrupted)
    assert "The last published version is in place" in cli.run("refresh", exit_code=130).stderr


def test_learning_runs_the_daily_job_and_says_where_it_is_published(cli, refreshed):
    jobs = refreshed(RefreshSummary(success=True, run_id="r", seconds=3, version=8))
    assert cli.run("learn").output == "published as version 8 in 3.0 s\n"
    assert jobs == ["daily_learning"]


def test_a_failed_learning_is_called_that(cli, refreshed):
    refreshed(RefreshSummary(success=False, run_id="r", seconds=1, error="suggestions: no such table"))
    assert "The daily learning failed: suggestions: no such table" in cli.run("learn", exit_code=1).stderr
