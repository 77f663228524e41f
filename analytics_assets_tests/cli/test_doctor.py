"""The doctor names what is wrong, why and what to do; and says nothing is wrong when nothing is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from analytics_assets.cli import doctor
from analytics_assets.cli.doctor import data, examine, machine, runs
from analytics_assets.cli.doctor.finding import Level
from analytics_assets.settings import Settings
from analytics_assets.supervisor.home import prepare_home
from analytics_assets.supervisor.lock import the_only_one
from analytics_assets.warehouse.connection import connect, writer_lock
from analytics_assets.warehouse.touched import mark_intent
from analytics_assets_tests.cli.conftest import execution

NOW = datetime.now(UTC).replace(tzinfo=None)
GIT = shutil.which("git") or "git"


def problems(cli):
    return [finding for finding in examine(cli.settings) if finding.level is Level.PROBLEM]


@pytest.fixture
def healthy(cli):
    cli.land("executions/a.jsonl", [execution("a")])
    cli.publish()
    return cli


def test_nothing_is_wrong_with_a_published_inbox(healthy):
    assert "nothing is wrong" in healthy.run("doctor").output


def test_json_has_every_finding_and_the_same_exit_code(cli):
    findings = cli.json("doctor", "--json", exit_code=1)
    assert {"level", "topic", "message", "remedy", "details"} == set(findings[0])
    assert [f["message"] for f in findings if f["level"] == "problem"] == [
        "Nothing is published yet: run `analytics refresh`."
    ]


def test_lines_put_aside_are_grouped_by_kind_and_reason_with_examples(healthy):
    lines = [json.dumps(execution("x", started_at=wrong)) for wrong in ("noon", "dusk", "dawn", "late")]
    healthy.land("executions/bad.jsonl", "\n".join([lines[0], '{"broken', *lines[1:], ""]))
    healthy.publish()
    said = healthy.run("doctor", exit_code=1).output
    assert "4 lines of executions put aside in inbox/executions/bad.jsonl" in said
    assert "1 line of executions put aside" in said
    assert "inbox/executions/bad.jsonl:1: " in said
    assert "inbox/executions/bad.jsonl:4: " in said
    assert "inbox/executions/bad.jsonl:5: " not in said, "three examples are enough"
    assert said.count("→") >= 2


def test_the_reason_of_a_group_is_words_and_no_mask_of_a_moment(healthy):
    lines = [execution(str(year), started_at=f"{year}-01-01T00:00:00Z") for year in (2999, 3999)]
    healthy.land("executions/late.jsonl", lines)
    healthy.publish()
    (finding,) = problems(healthy)
    assert finding.message == "2 lines of executions put aside in inbox/executions/late.jsonl: … is in the future."
    assert "is in the future (2999-01-01T00:00:00Z)" in finding.details[0]


def test_a_line_is_settled_when_its_file_is_written_anew_or_removed(healthy):
    for name in ("anew", "removed"):
        healthy.land(f"executions/{name}.jsonl", f'{{"{name}\n')
    healthy.publish()
    assert "put aside in 2 files" in problems(healthy)[0].message
    healthy.land("executions/anew.jsonl", [execution("b")])
    (healthy.settings.inbox / "executions" / "removed.jsonl").unlink()
    healthy.publish()
    assert problems(healthy) == []


def test_a_file_of_an_unknown_kind_is_named_with_the_likely_folder(healthy):
    healthy.land("executoins/a.jsonl", [execution("a")])
    healthy.publish()
    (finding,) = problems(healthy)
    assert finding.message.startswith("1 file put aside in inbox/executoins/a.jsonl: unknown kind")
    assert "inbox/executions/" in (finding.remedy or "")


def test_a_file_that_has_just_landed_is_a_note_and_an_old_one_a_problem(healthy):
    healthy.land("executions/b.jsonl", [execution("b")])
    (young,) = data.waiting_files(healthy.settings, NOW)
    (old,) = data.waiting_files(healthy.settings, NOW + timedelta(hours=1))
    assert (young.level, old.level) == (Level.NOTE, Level.PROBLEM)
    assert young.details == ("inbox/executions/b.jsonl",)


def test_files_of_formats_that_are_not_read_yet_are_a_note(healthy):
    healthy.land("otlp/traces.json", "{}")
    levels = {finding.level for finding in data.waiting_files(healthy.settings, NOW)}
    assert Level.NOTE in levels
    assert Level.PROBLEM not in levels


def test_a_refresh_that_did_not_publish_is_a_problem_unless_one_runs_now(healthy):
    mark_intent(healthy.settings, ["executions"])
    (finding,) = data.unpublished(healthy.settings, NOW)
    assert finding.level is Level.PROBLEM
    with writer_lock(healthy.settings):
        assert data.unpublished(healthy.settings, NOW) == []


def test_a_silent_kind_is_a_note(healthy):
    with connect(healthy.settings) as con:
        con.execute("update staging.stg_as_of set is_stale = true")
    healthy.land("executions/b.jsonl", [execution("b")])
    from analytics_assets.warehouse.publish import publish

    with connect(healthy.settings) as con:
        publish(con, healthy.settings)
    finding = data.snapshot(healthy.settings, NOW)[1]
    assert finding.level is Level.NOTE
    assert finding.details == ("executions: nothing newer than 2026-01-05T10:20:30.500000Z",)


def test_a_snapshot_whose_file_is_gone_is_a_problem(healthy):
    for file in healthy.settings.published.glob("snapshot-*"):
        file.unlink()
    (finding,) = data.snapshot(healthy.settings, NOW)
    assert finding.level is Level.PROBLEM


def test_a_running_refresh_is_named_and_is_no_problem(healthy):
    with writer_lock(healthy.settings):
        (finding,) = machine.locks(healthy.settings, NOW)
    assert finding.level is Level.NOTE
    assert f"process {os.getpid()}" in finding.message


def test_another_program_in_the_warehouse_is_a_problem_with_its_process(healthy):
    code = "import duckdb, sys, time; c = duckdb.connect(sys.argv[1]); print('open', flush=True); time.sleep(600)"
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(healthy.settings.warehouse_file)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert other.stdout.readline() == "open\n"
        (finding,) = machine.locks(healthy.settings, NOW)
    finally:
        other.kill()
        other.communicate()
    assert finding.level is Level.PROBLEM
    assert f"open in process {other.pid}" in finding.message
    assert "import duckdb" in finding.message


@pytest.mark.parametrize(("free", "level"), [(2**29, Level.PROBLEM), (2**31, Level.NOTE), (2**36, Level.FINE)])
def test_little_room_on_the_disk_is_said_before_it_is_gone(cli, monkeypatch, free, level):
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    (finding,) = machine.disk(cli.settings, NOW)
    assert finding.level is level


def test_a_wrong_setting_is_named_with_its_variable(cli, monkeypatch):
    monkeypatch.setenv("ANALYTICS_UI_PORT", "0")
    said = cli.run("doctor", exit_code=1).output
    assert "ANALYTICS_UI_PORT=0: Input should be greater than or equal to 1" in said
    assert "ANALYTICS_UI_PORT=0" in cli.run("query", "select 1", exit_code=2).stderr


def test_two_settings_that_contradict_each_other_are_named_in_one_sentence(cli, monkeypatch):
    monkeypatch.setenv("ANALYTICS_EXECUTIONS_HOURS", "48")
    monkeypatch.setenv("ANALYTICS_SLIM_EXECUTIONS_DAYS", "1")
    (finding,) = cli.json("doctor", "--json", exit_code=1)
    assert finding["message"].startswith("ANALYTICS_EXECUTIONS_HOURS is longer than ANALYTICS_SLIM_EXECUTIONS_DAYS")


def test_a_mistyped_setting_is_noticed(cli, monkeypatch):
    monkeypatch.setenv("ANALYTICS_UI_PROT", "3001")
    (finding,) = machine.unknown_variables(cli.settings, NOW)
    assert finding.level is Level.NOTE
    assert finding.remedy == "Did you mean ANALYTICS_UI_PORT?"


@pytest.mark.parametrize(("made", "level"), [(None, Level.PROBLEM), ("empty", Level.PROBLEM), ("used", Level.FINE)])
def test_a_repository_that_git_cannot_read_is_a_problem(cli, monkeypatch, tmp_path, made, level):
    folder = tmp_path / "code"
    if made:
        subprocess.run([GIT, "init", "--quiet", folder], check=True)
    if made == "used":
        who = ("-c", "user.name=t", "-c", "user.email=t@example.org")
        subprocess.run([GIT, "-C", folder, *who, "commit", "--quiet", "--allow-empty", "-m", "first"], check=True)
    monkeypatch.setenv("ANALYTICS_REPOSITORY", str(folder))
    (finding,) = machine.repository(Settings(data_dir=cli.settings.data_dir), NOW)
    assert finding.level is level


def test_a_daemon_that_is_not_started_is_a_note(cli):
    (finding,) = runs.daemon(cli.settings, NOW)
    assert finding.level is Level.NOTE
    assert "make run" in (finding.remedy or "")


def test_a_daemon_that_does_not_beat_although_it_should_is_a_problem(cli):
    with the_only_one(cli.settings):
        (finding,) = runs.daemon(cli.settings, NOW)
    assert finding.level is Level.PROBLEM
    assert "has not beaten yet" in finding.message


def test_a_daemon_that_beats_is_fine_and_a_silent_one_is_not(cli):
    from dagster import DagsterInstance
    from dagster._daemon.types import DaemonHeartbeat

    with DagsterInstance.from_config(str(prepare_home(cli.settings))) as instance:
        instance.add_daemon_heartbeat(DaemonHeartbeat(NOW.replace(tzinfo=UTC).timestamp(), "SENSOR", "an-id", []))
    with the_only_one(cli.settings):
        assert runs.daemon(cli.settings, NOW)[0].level is Level.FINE
        (late,) = runs.daemon(cli.settings, NOW + timedelta(minutes=10))
    assert late.level is Level.PROBLEM
    assert "silent for 10 min" in late.message


def test_a_failed_last_run_is_a_problem_until_one_succeeds(cli):
    import dagster as dg

    broken = [True]

    @dg.op
    def load():
        if broken[0]:
            raise ValueError("the disk said no")

    @dg.job
    def refresh():
        load()

    with DagsterQuiet(), dg.DagsterInstance.from_config(str(prepare_home(cli.settings))) as instance:
        refresh.execute_in_process(instance=instance, raise_on_error=False)
        (finding,) = runs.last_runs(cli.settings, NOW)
        assert finding.level is Level.PROBLEM
        assert finding.message == "The last run of refresh failed."
        assert any("load: ValueError: the disk said no" in line for line in finding.details)
        broken[0] = False
        refresh.execute_in_process(instance=instance)
    assert [finding.level for finding in runs.last_runs(cli.settings, NOW)] == [Level.FINE]


class DagsterQuiet:
    """Keeps Dagster's log of a failing run out of the test's output."""

    def __enter__(self):
        import logging

        logging.disable(logging.CRITICAL)

    def __exit__(self, *_):
        import logging

        logging.disable(logging.NOTSET)


def test_an_examination_that_fails_is_told_and_the_others_go_on(cli, monkeypatch):
    def last_runs(*_: object) -> list[object]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(doctor, "EXAMINATIONS", (last_runs, *doctor.EXAMINATIONS))
    findings = examine(cli.settings)
    assert "No space left on device" in findings[0].message
    assert len(findings) > 2
