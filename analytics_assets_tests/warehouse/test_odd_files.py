"""Files that are odd by their name, their place, their times, or by what happens to them while they are taken."""

from __future__ import annotations

import json
import os
import time
from datetime import UTC, datetime, timedelta

import pytest

from analytics_assets.warehouse import inbox as inbox_module
from analytics_assets.warehouse import loading, repair, taking
from analytics_assets.warehouse.arrivals import plan


def ids(inbox):
    return [key for (key,) in inbox.rows("select execution_id from raw.executions order by 1")]


def test_a_name_that_is_not_utf8_is_named_and_the_others_are_taken(inbox, execution):
    inbox.land("executions/good.jsonl", [execution("good")])
    odd = os.fsencode(inbox.settings.inbox / "executions") + b"/caf\xe9.jsonl"
    with open(odd, "wb") as file:  # noqa: PTH123 -- a Path would not take the bytes
        file.write(json.dumps(execution("odd")).encode() + b"\n")
    os.utime(odd, (0, 0))
    inbox.ingest()
    assert ids(inbox) == ["good"]
    assert inbox.rows("select path, reason from raw.quarantined_lines") == [
        ("inbox/executions/caf\\xe9.jsonl", "its name is not UTF-8")
    ]


def test_links_that_lead_in_a_circle_or_nowhere_end_the_search(inbox, execution):
    good = inbox.land("executions/good.jsonl", [execution("good")])
    (good.parent / "circle").symlink_to(good.parent)
    (good.parent / "itself.jsonl").symlink_to(good.parent / "itself.jsonl")
    (good.parent / "nowhere.jsonl").symlink_to(good.parent / "gone.jsonl")
    inbox.ingest()
    assert ids(inbox) == ["good"]


def test_a_linked_folder_is_read(inbox, execution, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("logs")
    (elsewhere / "a.jsonl").write_text(json.dumps(execution("linked")) + "\n")
    inbox.settle(elsewhere / "a.jsonl")
    inbox.land("executions/good.jsonl", [execution("good")])
    (inbox.settings.inbox / "executions" / "agent").symlink_to(elsewhere)
    inbox.ingest()
    assert ids(inbox) == ["good", "linked"]


def test_a_folder_that_cannot_be_listed_is_named_until_it_can(inbox, execution, monkeypatch):
    inbox.land("executions/good.jsonl", [execution("good")])
    closed = inbox.land("runs/secret/a.jsonl", []).parent
    past = time.time() - 60
    os.utime(closed, (past, past))
    scandir = os.scandir

    def refusing(folder):
        if os.fspath(folder) == str(closed):
            raise PermissionError(13, "Permission denied")
        return scandir(folder)

    monkeypatch.setattr(inbox_module.os, "scandir", refusing)
    inbox.ingest()
    assert ids(inbox) == ["good"]
    assert inbox.rows("select path, reason, remedy from raw.quarantined_lines") == [
        ("inbox/runs/secret", "the folder cannot be listed", "allow reading it")
    ]
    assert plan(inbox.settings, {}).files, "it is looked at until it can be listed"


def test_an_apostrophe_in_the_data_folder_is_no_trouble(tmp_path, execution):
    from analytics_assets.settings import Settings
    from analytics_assets_tests.warehouse.conftest import Inbox

    inbox = Inbox(Settings(data_dir=tmp_path / "it's here"))
    inbox.land("executions/a.jsonl", [execution("lines")])
    inbox.land("executions/a.csv", "execution_id,tool_name,started_at,success\ncsv,grep,2026-01-05T10:00:00Z,true\n")
    import duckdb

    target = inbox.settings.inbox / "executions" / "a.parquet"
    row = "select 'parquet' as execution_id, 'grep' as tool_name, timestamp '2026-01-05' as started_at, true as success"
    duckdb.sql(row).write_parquet(str(target))
    inbox.settle(target)
    inbox.ingest()
    assert ids(inbox) == ["csv", "lines", "parquet"]


def test_a_table_with_a_time_of_the_future_is_taken_once_it_was_left_alone(inbox):
    path = inbox.land("executions/a.csv", "execution_id,tool_name,started_at,success\n", settled=False)
    tomorrow = time.time() + 86_400
    os.utime(path, (tomorrow, tomorrow))
    [file] = inbox_module.scan(inbox.settings)
    assert not file.is_settled(60)
    assert file.is_settled(0)


@pytest.mark.parametrize("moment", ["before it is loaded", "before it is committed"])
def test_of_two_files_with_one_content_the_second_is_taken_when_the_first_vanishes(
    inbox, execution, monkeypatch, moment
):
    first = inbox.land("executions/a.jsonl", [execution("a")])
    inbox.land("executions/b.jsonl", [execution("a")])
    original = loading._load if moment == "before it is loaded" else loading._refuse_changed

    def vanishing(*arguments, **options):
        first.unlink(missing_ok=True)
        return original(*arguments, **options)

    monkeypatch.setattr(loading, original.__name__, vanishing)
    report = inbox.ingest()
    assert sorted(report.left) == ["inbox/executions/a.jsonl", "inbox/executions/b.jsonl"]
    monkeypatch.undo()
    inbox.ingest()
    assert ids(inbox) == ["a"]


def test_of_two_files_with_one_content_the_second_is_noted_as_a_copy(inbox, execution):
    inbox.land("executions/a.jsonl", [execution("a")])
    inbox.land("executions/b.jsonl", [execution("a")])
    assert sorted(file.status for file in inbox.ingest().files) == ["duplicate", "taken"]
    assert ids(inbox) == ["a"]


def test_a_file_deleted_between_taking_and_loading_costs_nothing_else(inbox, execution, monkeypatch):
    inbox.land("executions/stays.jsonl", [execution("stays")])
    goes = inbox.land("executions/goes.jsonl", [execution("goes")])
    take = taking.take

    def deleting(file, *arguments):
        taken = take(file, *arguments)
        goes.unlink(missing_ok=True)
        return taken

    monkeypatch.setattr(taking, "take", deleting)
    report = inbox.ingest()
    assert ids(inbox) == ["stays"]
    assert report.left in (["inbox/executions/goes.jsonl"], [])


def test_a_file_changed_while_it_is_read_line_by_line_is_left_for_the_next_time(inbox, execution, monkeypatch):
    path = inbox.land("executions/log.jsonl", "not json\n")
    mended = json.dumps(execution("mended")) + "\n"
    original = repair.repair

    def changing(*arguments):
        path.write_text(mended)
        return original(*arguments)

    monkeypatch.setattr(repair, "repair", changing)
    assert inbox.ingest().left == ["inbox/executions/log.jsonl"]
    monkeypatch.undo()
    inbox.settle(path)
    inbox.ingest()
    assert ids(inbox) == ["mended"]
    assert inbox.reasons() == []


@pytest.mark.parametrize(("seconds_ahead", "moves"), [(40, True), (3600, False)])
def test_a_clock_seconds_ahead_counts_as_now_and_one_far_ahead_moves_nothing(inbox, execution, seconds_ahead, moves):
    ahead = datetime.now(UTC) + timedelta(seconds=seconds_ahead)
    inbox.land("executions/old.jsonl", [execution("old")])
    inbox.land("executions/ahead.jsonl", [execution("ahead", started_at=ahead.isoformat())])
    inbox.ingest()
    newest = inbox.value("select newest_event_at from raw.event_clock where kind = 'executions'").replace(tzinfo=UTC)
    assert newest <= datetime.now(UTC)
    assert (newest.year == 2026 and newest > datetime.now(UTC) - timedelta(minutes=1)) is moves


def test_a_batch_of_nothing_but_copies_moves_no_window(inbox, execution):
    inbox.land("executions/first.jsonl", [execution("a")])
    inbox.ingest()
    newest = inbox.value("select newest_event_at from raw.event_clock")
    inbox.land("executions/again.jsonl", [execution("a"), execution("a")])
    assert inbox.ingest().by_kind["executions"].duplicate_records == 2
    assert inbox.rows("select newest_event_at from raw.event_clock") == [(newest,)]


def test_a_document_that_returns_to_an_old_version_counts_in_that_version(inbox):
    def save(version):
        path = inbox.settings.specs / "a.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"id": "a", "version": version}))
        inbox.settle(path)
        inbox.ingest()

    for version in ("1", "2", "1"):
        save(version)
        assert inbox.value("select version from raw.specs where is_current") == version
    assert inbox.value("select count(*) from raw.specs") == 3


def test_events_that_differ_in_an_unknown_field_alone_keep_the_first_of_them(inbox, execution):
    lines = [execution(f"e{n % 500}", note=str(n // 500)) for n in range(2_000)]
    inbox.land("executions/a.jsonl", lines)
    inbox.ingest()
    assert inbox.rows("select distinct extra from raw.executions") == [('{"note":"0"}',)]


@pytest.mark.parametrize(
    "header", ["execution_id;tool_name;started_at;success", "e1,grep,2026-01-05T10:00:00Z,true", "Execution_ID,Tool"]
)
def test_a_table_without_a_header_of_its_kind_is_told_once_with_its_first_row(inbox, header):
    inbox.land("executions/a.csv", f"{header}\nx\ny\n")
    inbox.ingest()
    [(reason,)] = inbox.rows("select reason from raw.quarantined_lines")
    assert reason == f"its first row names no field of executions: {header}"


def test_an_unknown_field_is_the_same_in_a_table_as_in_lines(inbox):
    run = {"run_id": "r", "spec_id": "s", "status": "success", "started_at": "2026-01-05T10:00:00Z"}
    inbox.land("runs/a.jsonl", [run | {"score": 0.027, "is_dry": True, "batch": "007"}])
    inbox.ingest()
    inbox.land(
        "runs/a.csv",
        ",".join([*run, "score", "is_dry", "batch"]) + "\n" + ",".join([*run.values(), "0.027", "true", "007"]) + "\n",
    )
    [report] = inbox.ingest().files
    assert (report.new_records, report.duplicate_records) == (0, 1)
