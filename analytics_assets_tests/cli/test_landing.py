"""Files land under their kind, whole, once, and what does not is named with its reason."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from analytics_assets.cli import landing as module
from analytics_assets.cli.landing import kind_of, land
from analytics_assets.warehouse.arrivals import plan
from analytics_assets_tests.cli.conftest import execution, write


def landed(cli):
    return sorted(str(p.relative_to(cli.settings.data_dir)) for p in cli.settings.data_dir.rglob("*") if p.is_file())


@pytest.mark.parametrize(
    ("file", "root", "kind"),
    [
        ("in/executions/2026/a.jsonl", "in", "executions"),
        ("in/runs/tasks/a.jsonl", "in", "tasks"),
        ("runs/a.jsonl", "runs", "runs"),
        ("runs/a.jsonl", "runs/a.jsonl", "runs"),
        ("executions-2026.jsonl.gz", "executions-2026.jsonl.gz", "executions"),
        ("in/task_executions_old.csv", "in", "task_executions"),
        ("Runs.jsonl", "Runs.jsonl", "runs"),
        ("in/otlp/traces.json", "in", "otlp"),
        ("runs/in/a.jsonl", "runs/in", None),
        ("runsheet.jsonl", "runsheet.jsonl", None),
        ("in/truth.json", "in", None),
    ],
)
def test_the_kind_is_told_by_the_nearest_folder_else_by_the_name(file, root, kind):
    assert kind_of(Path(file), Path(root)) == kind


def test_a_folder_is_walked_and_strangers_are_left_out_with_a_reason(cli, tmp_path):
    source = tmp_path / "in"
    write(source / "executions" / "a.jsonl", [execution("a")])
    write(source / "specs" / "s.json", '{"id": "s"}')
    write(source / "truth.json", "[]")
    write(source / "runs" / "notes.md", "hello")
    write(source / "runs" / "half.jsonl.part", "{")
    said = cli.run("ingest", source).output
    assert landed(cli) == ["inbox/executions/a.jsonl", "specs/s.json"]
    assert "truth.json: neither its folder nor its name tells a kind" in said
    assert "notes.md: its name tells no format that is read: .jsonl" in said
    assert "half.jsonl.part: its name says that it is not finished" in said
    assert "analytics refresh" in said
    assert (source / "executions" / "a.jsonl").exists(), "the source stays"


def test_the_kind_can_be_said(cli, tmp_path):
    source = write(tmp_path / "export.jsonl", [execution("a")])
    said = cli.run("ingest", source, exit_code=2).output
    assert "No kind is known for" in said
    assert "Kinds: runs, executions" in said
    cli.run("ingest", source, "--kind", "executions")
    assert landed(cli) == ["inbox/executions/export.jsonl"]


def test_a_mistyped_kind_is_corrected(cli, tmp_path):
    source = write(tmp_path / "export.jsonl", "{}\n")
    assert "Did you mean --kind executions?" in cli.run("ingest", source, "--kind", "exections", exit_code=2).output


def test_the_same_content_lands_once_and_that_is_no_error(cli, tmp_path):
    source = write(tmp_path / "executions.jsonl", [execution("a")])
    cli.run("ingest", source)
    again = write(tmp_path / "executions-copy.jsonl", [execution("a")])
    assert "already there" in cli.run("ingest", again).output
    assert landed(cli) == ["inbox/executions/executions.jsonl"]


def test_other_content_of_the_same_name_gets_a_name_of_its_own(cli, tmp_path):
    for day in ("monday", "tuesday", "wednesday"):
        cli.run("ingest", write(tmp_path / day / "executions" / "log.jsonl", [execution(day)]).parent)
    assert landed(cli) == [f"inbox/executions/log{suffix}.jsonl" for suffix in ("-2", "-3", "")]


def test_a_landed_file_need_not_settle(cli, tmp_path):
    patient = cli.settings.model_copy(update={"settle_seconds": 3600.0})
    source = write(tmp_path / "runs.csv", "run_id\n1\n")
    land(patient, source)
    assert [file.name for file in plan(patient).files] == ["inbox/runs/runs.csv"]


def test_the_order_of_the_sources_is_kept(cli, tmp_path):
    old = write(tmp_path / "executions" / "z.jsonl", [execution("z")])
    os.utime(old, (time.time() - 3600,) * 2)
    write(tmp_path / "executions" / "a.jsonl", [execution("a")])
    cli.run("ingest", tmp_path / "executions")
    assert [Path(file.name).name for file in plan(cli.settings).files] == ["z.jsonl", "a.jsonl"]


def test_a_copy_that_fails_leaves_nothing_behind(cli, tmp_path, monkeypatch):
    source = write(tmp_path / "executions.jsonl", [execution("a")])

    def full(_source, target):
        Path(target).write_text("half")
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(module.shutil, "copyfile", full)
    said = cli.run("ingest", source, exit_code=1).output
    assert "The inbox cannot be written: No space left on device" in said
    assert landed(cli) == []


def test_a_file_that_cannot_be_read_is_left_out_and_the_others_land(cli, tmp_path, monkeypatch):
    secret = write(tmp_path / "in" / "executions" / "secret.jsonl", [execution("a")])
    write(tmp_path / "in" / "executions" / "open.jsonl", [execution("b")])
    copy = module.shutil.copyfile

    def refuse(source, target):
        if source == secret:
            raise PermissionError(13, "Permission denied", str(source))
        return copy(source, target)

    monkeypatch.setattr(module.shutil, "copyfile", refuse)
    assert "secret.jsonl: it cannot be read: Permission denied" in cli.run("ingest", tmp_path / "in").output
    assert landed(cli) == ["inbox/executions/open.jsonl"]


def test_a_path_that_is_not_there_is_said(cli):
    assert "nowhere is not there" in cli.run("ingest", "nowhere", exit_code=2).output


def test_a_folder_without_anything_to_land_is_an_error(cli, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "has no file for the inbox" in cli.run("ingest", tmp_path / "empty", exit_code=2).output


def test_a_foreign_format_lands_in_its_folder_and_waits(cli, tmp_path):
    said = cli.run("ingest", write(tmp_path / "otlp" / "traces.json", "{}")).output
    assert "does not read that format yet" in said
    assert landed(cli) == ["inbox/otlp/traces.json"]


def test_a_name_in_an_error_does_not_act_on_the_terminal(cli):
    said = cli.run("ingest", "gone\x1b[2J\u202e.jsonl", exit_code=2).output
    said += cli.run("ingest", write(cli.settings.data_dir.parent / "odd\x1b.txt", "x"), exit_code=2).output
    assert r"gone\x1b[2J\u202e.jsonl is not there." in said
    assert r"odd\x1b.txt" in said
    assert not {"\x1b", "\u202e"} & set(said)
