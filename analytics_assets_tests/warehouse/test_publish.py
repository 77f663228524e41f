"""Readers see the old version or the new one, whole."""

from __future__ import annotations

import json

import duckdb
import pytest

from analytics_assets.warehouse import publish as publishing
from analytics_assets.warehouse import touched
from analytics_assets.warehouse.arrivals import plan
from analytics_assets.warehouse.connection import WarehouseBusyError, connect, writer_lock


def _publish(inbox):
    with connect(inbox.settings) as con:
        return publishing.publish(con, inbox.settings)


def _current(inbox):
    return inbox.settings.published / json.loads(inbox.settings.pointer.read_text())["file"]


def test_a_reader_that_is_open_keeps_its_version_and_the_next_one_sees_the_new(inbox, execution):
    inbox.land("executions/a.jsonl", [execution("a")])
    inbox.ingest()
    _publish(inbox)
    with duckdb.connect(str(_current(inbox)), read_only=True) as reader:
        inbox.land("executions/b.jsonl", [execution("b")])
        inbox.ingest()
        _publish(inbox)
        publishing.clean_up(inbox.settings)
        assert reader.sql("select count(*) from raw.executions").fetchall() == [(1,)]
        with duckdb.connect(str(_current(inbox)), read_only=True) as fresh:
            assert fresh.sql("select count(*) from raw.executions").fetchall() == [(2,)]


def test_a_publication_that_fails_leaves_the_old_version(inbox, execution, monkeypatch):
    inbox.land("executions/a.jsonl", [execution("a")])
    inbox.ingest()
    first = _publish(inbox)

    def full_disk(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publishing.shutil, "copyfile", full_disk)
    with pytest.raises(OSError, match="No space"):
        _publish(inbox)
    assert _current(inbox).name == first.file


def test_clean_up_keeps_the_newest_and_removes_what_a_kill_left(inbox, execution):
    inbox.land("executions/a.jsonl", [execution("a")])
    inbox.ingest()
    for _ in range(5):
        _publish(inbox)
    (inbox.settings.published / "snapshot-6.tmp").write_bytes(b"half")
    publishing.clean_up(inbox.settings)
    assert sorted(p.name for p in inbox.settings.published.glob("snapshot*")) == [
        "snapshot-3.duckdb",
        "snapshot-4.duckdb",
        "snapshot-5.duckdb",
    ]


def test_a_kind_stays_unpublished_until_its_hours_are_summarised(inbox, execution):
    inbox.land("executions/a.jsonl", [execution("a")])
    inbox.ingest()
    assert plan(inbox.settings).unpublished == {"executions"}
    _publish(inbox)
    assert plan(inbox.settings).unpublished == {"executions"}
    with connect(inbox.settings) as con:
        touched.clear(con, touched.newest_batch(con))
    _publish(inbox)
    assert plan(inbox.settings).is_empty
    assert plan(inbox.settings).reason == "nothing new in the inbox"


def test_the_plan_names_what_is_new_and_what_is_too_young(inbox, execution):
    inbox.land("executions/a.jsonl", [execution("a")])
    young = inbox.land("runs/b.csv", b"run_id\n", settled=False)
    seen = plan(inbox.settings)
    assert seen.kinds == {"executions"}
    assert [f.path for f in seen.waiting] == [young]
    assert "inbox/executions/a.jsonl" in seen.reason


def test_the_rows_of_every_table_are_counted(inbox, execution):
    inbox.land("executions/a.jsonl", [execution("a"), execution("b"), execution("a")])
    inbox.ingest()
    published = _publish(inbox)
    assert published.tables["raw.executions"] == 2
    assert published.bytes == _current(inbox).stat().st_size


def test_one_process_writes_at_a_time_and_says_who_holds_the_lock(inbox):
    import subprocess
    import sys

    impatient = inbox.settings.model_copy(update={"lock_wait_seconds": 0.1})
    with writer_lock(impatient), writer_lock(impatient):
        code = (
            "import sys; from pathlib import Path; from analytics_assets.settings import Settings\n"
            "from analytics_assets.warehouse.connection import writer_lock, WarehouseBusyError\n"
            "try:\n    writer_lock(Settings(data_dir=Path(sys.argv[1]), lock_wait_seconds=0.1)).__enter__()\n"
            "except WarehouseBusyError as error:\n    print(error)\n"
        )
        said = subprocess.run(
            [sys.executable, "-c", code, str(inbox.settings.data_dir)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    import os

    assert f"process {os.getpid()}" in said
    with connect(impatient):
        code = (
            "import sys; from pathlib import Path; from analytics_assets.settings import Settings\n"
            "from analytics_assets.warehouse.connection import connect, WarehouseBusyError\n"
            "try:\n    connect(Settings(data_dir=Path(sys.argv[1]), lock_wait_seconds=0.1)).__enter__()\n"
            "except WarehouseBusyError as error:\n    print(error)\n"
        )
        said = subprocess.run(
            [sys.executable, "-c", code, str(inbox.settings.data_dir)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    assert "is open in another process" in said
    assert WarehouseBusyError.__doc__


def test_the_snapshot_that_readers_are_pointed_to_is_never_removed(inbox, execution):
    inbox.land("executions/a.jsonl", [execution("a")])
    inbox.ingest()
    first = _publish(inbox)
    for number in range(2, 7):
        # Refreshes that were killed between their copy and the flip.
        (inbox.settings.published / f"snapshot-{number}.duckdb").write_bytes(b"never pointed to")
    publishing.clean_up(inbox.settings)
    assert _current(inbox).name == first.file
    assert _current(inbox).exists()


def test_row_counts_are_exact_after_a_deletion(inbox, execution):
    inbox.land("executions/a.jsonl", [execution(f"e{n}") for n in range(3_000)])
    inbox.ingest()
    inbox.rows("delete from raw.executions where execution_id like '%1'")
    assert _publish(inbox).tables["raw.executions"] == 2_700
