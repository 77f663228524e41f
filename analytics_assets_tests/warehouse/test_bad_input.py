"""Whatever lands in the inbox, the good records beside it are kept and each bad line has its reason."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest

from analytics_assets.settings import Settings
from analytics_assets.warehouse import loading, repair, taking, unpacking
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.ingest import ingest
from analytics_assets_tests.warehouse.conftest import Inbox


@pytest.fixture
def good(execution):
    """Two valid lines that stand around each bad one."""
    return [json.dumps(execution("good-1")).encode(), json.dumps(execution("good-2")).encode()]


def _line(execution, **fields):
    return json.dumps(execution("bad", **fields)).encode()


BAD_LINES = {
    "not JSON": (lambda _: b"hello world", None, "not JSON"),
    "truncated": (lambda _: b'{"execution_id": "bad", "tool_na', None, "ends in the middle of a record"),
    "two objects": (lambda e: _line(e) + b" " + _line(e), None, "not JSON"),
    "a number": (lambda _: b"42", None, "expected an object, found a number"),
    "a list": (lambda e: b"[" + _line(e) + b"]", None, "expected an object, found a list"),
    "null": (lambda _: b"null", None, "expected an object, found null"),
    "missing key": (lambda e: _line(e, execution_id=None), "execution_id", "null, but it is required"),
    "empty key": (lambda e: _line(e, execution_id=""), "execution_id", "empty, but it is required"),
    "blank key": (lambda e: _line(e, execution_id=" \u3000\t"), "execution_id", "blank, but it is required"),
    "blank text": (lambda e: _line(e, tool_name="\xa0\n"), "tool_name", "blank, but it is required"),
    "missing field": (lambda _: b'{"execution_id": "bad", "success": true}', "tool_name", "missing"),
    "object as text": (lambda e: _line(e, tool_name={"a": 1}), "tool_name", "expected text, found an object"),
    "word as number": (
        lambda e: _line(e, duration_seconds="fast"),
        "duration_seconds",
        "'fast' is not a number",
    ),
    "word as bool": (lambda e: _line(e, success="maybe"), "success", "'maybe' is neither true nor false"),
    "fraction as int": (lambda e: _line(e, tokens_used=12.5), "tokens_used", "not a whole number"),
    "negative tokens": (lambda e: _line(e, tokens_used=-1), "tokens_used", "outside 0 to"),
    "huge number": (
        lambda e: _line(e).replace(b"true", b'true, "cost_usd": 1e999'),
        "cost_usd",
        "not a number",
    ),
    "NaN": (lambda e: _line(e, cost_usd=float("nan")), None, "NaN is not JSON"),
    "word as time": (lambda e: _line(e, started_at="yesterday"), "started_at", "is not a time"),
    "no time zone": (lambda e: _line(e, started_at="2026-01-05T10:20:30"), "started_at", "has no time zone"),
    "no such day": (lambda e: _line(e, started_at="2026-02-30T10:20:30Z"), "started_at", "is not a time"),
    "before 1970": (lambda e: _line(e, started_at="1969-12-31T23:59:59Z"), "started_at", "before 1970"),
    "far future": (lambda e: _line(e, started_at="2999-01-01T00:00:00Z"), "started_at", "in the future"),
    "seconds as ms": (lambda e: _line(e, started_at=99_999_999_999), "started_at", "in the future"),
    "unknown word": (
        lambda e: _line(e, human_effort_level="EXTREME"),
        "human_effort_level",
        "is not one of LOW",
    ),
    "field twice": (lambda e: _line(e)[:-1] + b', "success": false}', "success", "stands twice"),
    "invalid UTF-8": (lambda e: _line(e, tool_name="XX").replace(b"XX", b"\xff\xfe"), None, "invalid UTF-8"),
    "half a surrogate": (lambda e: _line(e, tool_name="\ud800"), None, "surrogate"),
    "too long": (lambda e: _line(e, error_message="x" * 200_000), None, "longer than 100000 bytes"),
    "deep nesting": (
        lambda e: _line(e)[:-1] + b', "deep": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        None,
        "nested deeper",
    ),
}


@pytest.mark.parametrize("case", BAD_LINES)
def test_a_bad_line_is_put_aside_with_its_reason_and_its_neighbours_are_kept(inbox, execution, good, case):
    make, field, reason = BAD_LINES[case]
    inbox.land("executions/log.jsonl", good[0] + b"\n" + make(execution) + b"\n" + good[1] + b"\n")
    inbox.ingest()
    assert inbox.rows("select execution_id from raw.executions order by 1") == [("good-1",), ("good-2",)]
    [(line, found_field, found_reason)] = inbox.reasons()
    assert (line, found_field) == (2, field)
    assert reason in found_reason
    assert inbox.value("select lines = new_records + duplicate_records + quarantined_lines from raw.ingested_files")


@pytest.mark.parametrize("text", ["[hotfix] login", "{draft}", "[1, 2]", '{"a": 1}', "["])
def test_a_text_that_looks_like_json_is_taken_as_it_is_beside_a_bad_line(inbox, execution, good, text):
    odd = _line(execution, execution_id=text, tool_name=text, error_message=text)
    inbox.land("executions/log.jsonl", good[0] + b"\n" + odd + b"\n" + _line(execution, tool_name={"a": 1}) + b"\n")
    inbox.ingest()
    taken = inbox.rows(
        "select execution_id, tool_name, error_message from raw.executions where execution_id <> 'good-1'"
    )
    assert taken == [(text, text, text)]
    [(line, field, _)] = inbox.reasons()
    assert (line, field) == (3, "tool_name")


def test_texts_of_a_list_inside_a_record_and_open_words_may_look_like_json_too(inbox):
    task = {"task_id": "[a] plan", "status": "success", "error_message": "{}", "task_type": "[1]"}
    run = {"run_id": "r", "spec_id": "[hotfix] login", "status": "success", "started_at": "2026-01-05T10:20:30Z"}
    inbox.land("runs/log.jsonl", [run | {"tasks": [task]}])
    inbox.ingest()
    assert inbox.reasons() == []
    assert inbox.rows("select spec_id from raw.runs") == [("[hotfix] login",)]
    assert inbox.rows("select task_id, task_type, error_message from raw.run_tasks") == [("[a] plan", "[1]", "{}")]


def test_a_bad_file_does_not_cost_the_others_of_its_batch(inbox, execution):
    for n in range(7):
        inbox.land(f"executions/{n}.jsonl", [execution(f"e{n}")])
    inbox.land("executions/bad.jsonl", b"\x00\x01\x02\n{")
    inbox.ingest()
    assert inbox.value("select count(*) from raw.executions") == 7
    assert len(inbox.reasons()) == 2


def test_only_the_bad_file_goes_line_by_line(inbox, execution, monkeypatch):
    repaired = []
    original = repair.repair

    def noted(contract, taken, *rest):
        repaired.append(taken.file.name)
        return original(contract, taken, *rest)

    monkeypatch.setattr(repair, "repair", noted)
    for n in range(5):
        inbox.land(f"executions/{n}.jsonl", [execution(f"e{n}")])
    inbox.land("executions/bad.jsonl", b"{\n")
    inbox.ingest()
    assert repaired == ["inbox/executions/bad.jsonl"]


def test_a_line_of_ten_megabytes_is_put_aside_and_only_its_beginning_is_kept(inbox, execution, good):
    huge = _line(execution, error_message="x" * 10_000_000)
    inbox.land("executions/log.jsonl", good[0] + b"\n" + huge + b"\n" + good[1] + b"\n")
    inbox.ingest()
    assert inbox.value("select count(*) from raw.executions") == 2
    assert inbox.value("select length(line) from raw.quarantined_lines") == inbox.settings.kept_line_characters


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("executions/empty.jsonl", b"", "the file is empty"),
        ("executions/plain.jsonl.gz", b"this is no archive", "is not a .gz file"),
        ("executions/plain.jsonl.zst", b"this is no archive", "is not a .zst file"),
        ("executions/table.parquet", b"PAR1 nothing", "is not a readable Parquet file"),
        ("executions/notes.txt", b"hello", "its name does not tell a format"),
        ("executons/log.jsonl", b"{}\n", "unknown kind 'executons'"),
        ("stray.jsonl", b"{}\n", "outside the folders of the kinds"),
        ("executions/twice.csv", b"tool_name,tool_name\na,b\n", "names 'tool_name' twice"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_reason(inbox, execution, name, content, reason):
    inbox.land("executions/good.jsonl", [execution("good")])
    inbox.land(name, content)
    inbox.ingest()
    assert inbox.value("select count(*) from raw.executions") == 1
    [(path, found)] = inbox.rows("select path, reason from raw.quarantined_lines")
    assert path == f"inbox/{name}"
    assert reason in found
    assert inbox.ingest().files == [], "it is not looked at again until it changes"


def test_an_unknown_folder_is_told_the_name_it_probably_meant(inbox):
    inbox.land("executons/log.jsonl", b"{}\n")
    inbox.ingest()
    assert inbox.value("select remedy from raw.quarantined_lines") == "move it to inbox/executions/"


def test_a_damaged_archive_yields_its_readable_part(inbox, execution):
    lines = b"".join(json.dumps(execution(f"e{n}", error_message="x" * 50)).encode() + b"\n" for n in range(50_000))
    inbox.land("executions/cut.jsonl.gz", gzip.compress(lines)[:-40_000])
    inbox.ingest()
    kept = inbox.value("select count(*) from raw.executions")
    assert 0 < kept < 50_000
    assert any("damaged" in reason for _, _, reason in inbox.reasons())


def test_a_decompression_bomb_is_refused_before_it_fills_the_disk(inbox, execution, monkeypatch):
    inbox.land("executions/good.jsonl", [execution("good")])
    monkeypatch.setattr(unpacking, "_BOMB_FROM", 2**20)
    inbox.land("executions/bomb.jsonl.gz", gzip.compress(b" " * (64 * 2**20)))
    inbox.ingest()
    assert inbox.value("select count(*) from raw.executions") == 1
    assert "decompression bomb" in inbox.value("select reason from raw.quarantined_lines")
    assert not inbox.settings.spool.exists()


def test_a_file_deleted_while_it_is_read_costs_nothing_else(inbox, execution, monkeypatch):
    inbox.land("executions/stays.jsonl", [execution("stays")])
    goes = inbox.land("executions/goes.jsonl", [execution("goes")])
    original = loading._refuse_changed
    monkeypatch.setattr(loading, "_refuse_changed", lambda parts: (goes.unlink(missing_ok=True), original(parts))[1])
    report = inbox.ingest()
    assert report.left == ["inbox/executions/goes.jsonl"]
    assert inbox.rows("select execution_id from raw.executions") == [("stays",)]


def test_a_file_changed_while_it_is_read_is_taken_by_the_next_refresh(inbox, execution, monkeypatch):
    path = inbox.land("executions/log.jsonl", [execution("a")])
    original = loading._refuse_changed
    changes = iter([lambda: path.write_text(json.dumps(execution("b")) + "\n")])
    monkeypatch.setattr(loading, "_refuse_changed", lambda parts: (next(changes, lambda: None)(), original(parts))[1])
    assert inbox.ingest().left == ["inbox/executions/log.jsonl"]
    assert inbox.value("select count(*) from raw.executions") == 0
    inbox.settle(path)
    inbox.ingest()
    assert inbox.rows("select execution_id from raw.executions") == [("b",)]


def test_an_unreadable_file_is_named_and_taken_once_it_can_be_read(inbox, execution, monkeypatch):
    path = inbox.land("executions/log.jsonl", [execution("a")])
    original = taking._take_lines

    def denied(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(taking, "_take_lines", denied)
    inbox.ingest()
    assert "Permission denied" in inbox.value("select reason from raw.quarantined_lines")
    monkeypatch.setattr(taking, "_take_lines", original)
    path.chmod(0o600)  # changes the status time, as mending the permissions does
    inbox.ingest()
    assert inbox.value("select count(*) from raw.executions") == 1
    assert inbox.reasons() == []


def test_a_time_slightly_ahead_of_the_clock_is_kept_but_moves_no_window(inbox, execution):
    ahead = datetime.now(UTC) + timedelta(hours=2)
    inbox.land("executions/log.jsonl", [execution("now"), execution("ahead", started_at=ahead.isoformat())])
    inbox.ingest()
    assert inbox.value("select count(*) from raw.executions") == 2
    assert inbox.value("select newest_event_at from raw.event_clock") == datetime(2026, 1, 5, 10, 20, 30)


def test_a_name_with_glob_characters_is_one_file(inbox, execution):
    inbox.land("executions/log[1]*.jsonl", [execution("a")])
    inbox.land("executions/log1.jsonl", [execution("b")])
    inbox.ingest()
    assert inbox.value("select count(*) from raw.executions") == 2


class Counting:
    """A connection that counts what it is asked to run."""

    def __init__(self, con):
        self._con = con
        self.statements = 0

    def __getattr__(self, name):
        self.statements += name in ("execute", "executemany")
        return getattr(self._con, name)


def test_each_of_ten_thousand_bad_lines_has_a_row_and_costs_no_statement_of_its_own(tmp_path, execution):
    statements = []
    for lines in (10, 10_000):
        inbox = Inbox(Settings(data_dir=tmp_path / str(lines)))
        inbox.land("executions/log.jsonl", b"oops\n" * lines + json.dumps(execution("a")).encode() + b"\n")
        with connect(inbox.settings) as con:
            counting = Counting(con)
            ingest(counting, inbox.settings)
        statements.append(counting.statements)
        assert inbox.value("select count(distinct line_number) from raw.quarantined_lines") == lines
        assert inbox.value("select count(*) from raw.executions") == 1
    assert statements[0] == statements[1]
