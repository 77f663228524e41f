"""Lines of JSON and the files they are appended to."""

import json
import os
import threading
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum
from pathlib import PurePosixPath

import numpy as np
import pandas as pd
import pytest

from analytics_assets import line_files
from analytics_assets.line_files import LineFiles, json_line


class Effort(Enum):
    LOW = "LOW"
    HIGH = 3


class Priority(IntEnum):
    FIRST = 1


def plain(value):
    return json.loads(json_line({"v": value}))["v"]


class TestJsonLine:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (None, None),
            (True, True),
            (7, 7),
            (0.25, 0.25),
            (float("nan"), None),
            (float("-inf"), None),
            (datetime(2026, 1, 31, 12, tzinfo=UTC), "2026-01-31T12:00:00.000000Z"),
            (datetime(2026, 1, 31, 12, tzinfo=timezone(timedelta(hours=2))), "2026-01-31T10:00:00.000000Z"),
            (date(2026, 1, 31), "2026-01-31"),
            (timedelta(minutes=2), 120.0),
            (Effort.LOW, "LOW"),
            (Effort.HIGH, "HIGH"),
            (Priority.FIRST, 1),
            (Decimal("0.5"), 0.5),
            (np.float64(0.5), 0.5),
            (np.int64(5), 5),
            (np.bool_(True), True),
            (np.array([1, 2]), [1, 2]),
            (np.str_("x"), "x"),
            (pd.Timestamp("2026-01-31 12:00", tz="UTC"), "2026-01-31T12:00:00.000000Z"),
            (pd.NaT, None),
            (b"ab\xff", "ab\ufffd"),
            ({3, 1, 2}, [1, 2, 3]),
            ((1, "a"), [1, "a"]),
            ({"a": {1: float("nan")}}, {"a": {"1": None}}),
            (PurePosixPath("a/b"), "a/b"),
            (ValueError("bad"), "bad"),
        ],
        ids=repr,
    )
    def test_values_become_what_json_has(self, value, expected):
        assert plain(value) == expected

    def test_a_naive_datetime_is_local_time(self):
        naive = datetime(2026, 1, 31, 12)
        assert plain(naive) == naive.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z")

    def test_a_line_is_one_line_of_utf8(self):
        line = json_line({"text": "two\nlines, ünïcode and \ud800"})
        assert line.endswith(b"\n")
        assert line.count(b"\n") == 1
        assert json.loads(line.decode("utf-8"))["text"] == "two\nlines, ünïcode and ?"

    def test_an_error_is_kept_to_its_head(self):
        assert len(plain(RuntimeError("x" * 10_000))) == line_files.KEPT_ERROR_CHARACTERS


def lines_of(folder):
    return [line for file in sorted(folder.rglob("*.jsonl")) for line in file.read_bytes().splitlines(keepends=True)]


class TestLineFiles:
    def test_each_kind_has_its_folder_and_each_process_its_file(self, tmp_path):
        files = LineFiles(tmp_path, 10_000)
        for _ in range(3):
            files.append("runs", b"{}\n")
        files.append("events", b"{}\n")
        (run_file,) = (tmp_path / "runs").iterdir()
        assert str(os.getpid()) in run_file.name
        assert run_file.read_bytes() == b"{}\n" * 3
        assert len(list((tmp_path / "events").iterdir())) == 1

    def test_a_line_is_there_when_the_call_returns(self, tmp_path):
        files = LineFiles(tmp_path, 10_000)
        for count in range(1, 4):
            files.append("runs", b"{}\n")
            assert len(lines_of(tmp_path)) == count

    def test_a_full_file_is_followed_by_a_new_one(self, tmp_path):
        files = LineFiles(tmp_path, 10)
        for _ in range(5):
            files.append("runs", b"123456\n")
        assert len(list((tmp_path / "runs").iterdir())) == 5
        files.append("runs", b"a line that is longer than a file may be\n")
        assert len(lines_of(tmp_path)) == 6

    def test_a_new_day_begins_a_new_file(self, tmp_path, monkeypatch):
        files = LineFiles(tmp_path, 10_000)
        files.append("runs", b"{}\n")
        monkeypatch.setattr(line_files, "_today", lambda: date(2031, 1, 1))
        files.append("runs", b"{}\n")
        files.append("runs", b"{}\n")
        assert sorted(len(file.read_bytes()) for file in (tmp_path / "runs").iterdir()) == [3, 6]

    def test_a_deleted_file_is_not_written_to(self, tmp_path):
        files = LineFiles(tmp_path, 10_000)
        files.append("runs", b"1\n")
        (file,) = (tmp_path / "runs").iterdir()
        file.unlink()
        files.append("runs", b"2\n")
        assert lines_of(tmp_path) == [b"2\n"]

    def test_a_write_that_takes_only_part_is_completed(self, tmp_path, monkeypatch):
        real = os.write
        monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, data[:4]))
        LineFiles(tmp_path, 10_000).append("runs", b"0123456789\n")
        assert lines_of(tmp_path) == [b"0123456789\n"]

    @pytest.mark.parametrize("can_be_cut", [True, False], ids=["the part is cut off", "a new file is begun"])
    def test_a_full_disk_leaves_no_torn_line_for_the_next_one_to_continue(self, tmp_path, monkeypatch, can_be_cut):
        files = LineFiles(tmp_path, 10_000)
        files.append("runs", b"first\n")
        real, calls = os.write, []

        def full(descriptor, data):
            calls.append(data)
            if len(calls) > 1:
                raise OSError(28, "No space left on device")
            return real(descriptor, data[:3])

        def refuse(*_):
            raise OSError(5, "Input/output error")

        with monkeypatch.context() as patch:
            patch.setattr(os, "write", full)
            if not can_be_cut:
                patch.setattr(os, "ftruncate", refuse)
            with pytest.raises(OSError, match="No space"):
                files.append("runs", b"second\n")
        files.append("runs", b"third\n")
        complete = sorted(line for line in lines_of(tmp_path) if line.endswith(b"\n"))
        assert complete == [b"first\n", b"third\n"]

    def test_a_closed_one_begins_again(self, tmp_path):
        files = LineFiles(tmp_path, 10_000)
        files.append("runs", b"1\n")
        files.close()
        files.append("runs", b"2\n")
        assert sorted(lines_of(tmp_path)) == [b"1\n", b"2\n"]

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
    @pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
    def test_a_child_forked_while_a_thread_writes_can_write(self, tmp_path):
        files = LineFiles(tmp_path, 10_000)
        files.append("runs", b"parent\n")
        held, forked = threading.Event(), threading.Event()

        def hold_the_lock():
            with files._lock:
                held.set()
                forked.wait(10)

        holder = threading.Thread(target=hold_the_lock)
        holder.start()
        held.wait(10)
        child = os.fork()
        if child == 0:
            # _exit: the child must not run pytest's own end.
            files.append("runs", b"child\n")
            os._exit(0)
        forked.set()
        holder.join()
        _, status = os.waitpid(child, 0)
        assert status == 0
        files.append("runs", b"parent\n")
        contents = sorted(file.read_bytes() for file in (tmp_path / "runs").iterdir())
        assert contents == [b"child\n", b"parent\nparent\n"]
