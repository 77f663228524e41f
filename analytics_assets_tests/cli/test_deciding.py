"""`analytics apply`, `reject` and `undo`: shown first, done on request, and refused in a sentence."""

from __future__ import annotations

import getpass
import json
from datetime import UTC, datetime

import pytest

from analytics_assets.feedback import deciding, journal
from analytics_assets.feedback.spec_files import find
from analytics_assets_tests.cli.suggested import APPLIED, ID, publish, write_document
from analytics_assets_tests.feedback.conftest import DOCUMENT, row


@pytest.fixture
def document(cli):
    path = write_document(cli.settings)
    publish(cli.settings)
    return path


def decisions(cli):
    files = (cli.settings.inbox / "decisions").glob("*.jsonl")
    lines = [json.loads(file.read_text()) for file in files]
    return [line["decision"] for line in sorted(lines, key=lambda line: line["decided_at"])]


def test_apply_shows_the_change_and_does_nothing_until_it_is_told_to(cli, document):
    said = cli.run("apply", ID).stdout
    (added,) = [line for line in said.splitlines() if line.startswith("+ ")]
    assert added.endswith('"resources": {"memory": "4Gi", "cpu": 2},')
    assert "HIGH, 99 % sure, 47 runs. 33 of 44 runs were killed" in said
    assert f"Nothing was changed. To do it: analytics apply {ID} --yes" in said
    assert document.read_bytes() == DOCUMENT
    assert decisions(cli) == []
    said = cli.run("apply", ID, "--yes", "--notes", "tired").stdout
    assert f"applied: {document} is changed" in said
    assert f"analytics undo {ID} --yes" in said
    assert document.read_bytes() == APPLIED
    assert decisions(cli) == ["applied"]


def test_the_same_decision_twice_is_refused_with_the_time_of_the_first_before_and_after_a_refresh(cli, document):
    cli.run("apply", ID, "--yes")
    first = journal.entries(cli.settings)[0]
    said = cli.run("apply", ID, "--yes", exit_code=1).stderr
    assert f"{ID} was applied at {first.decided_at:%Y-%m-%d %H:%M:%S} UTC by {getpass.getuser()}" in said
    decided = row(status="applied", decided_at=first.decided_at.replace(tzinfo=None))
    publish(cli.settings, decided)
    said = cli.run("apply", ID, "--yes", exit_code=1).stderr
    assert f"it is applied since {first.decided_at:%Y-%m-%dT%H:%M:%S}" in said
    assert document.read_bytes() == APPLIED


def test_undo_gives_the_bytes_back_and_a_refresh_sees_both_decisions(cli, document):
    cli.run("apply", ID, "--yes")
    assert "Nothing was changed" in cli.run("undo", ID).stdout
    assert document.read_bytes() == APPLIED
    cli.run("undo", ID, "--yes", "--notes", "too dear")
    assert document.read_bytes() == DOCUMENT
    assert decisions(cli) == ["applied", "undone"]
    publish(cli.settings)
    published = "select decision, decided_by, notes from staging.stg_decisions order by decided_at"
    me = getpass.getuser()
    assert cli.json("query", published, "--json") == [
        {"decision": "applied", "decided_by": me, "notes": None},
        {"decision": "undone", "decided_by": me, "notes": "too dear"},
    ]
    cli.run("apply", ID, "--yes")
    assert document.read_bytes() == APPLIED


def test_undo_of_a_document_that_was_changed_since_shows_the_change_and_leaves_it(cli, document):
    cli.run("apply", ID, "--yes")
    changed = APPLIED.replace(b'"1.0.0"', b'"2.0.0"')
    document.write_bytes(changed)
    said = cli.run("undo", ID, "--yes", exit_code=1).stderr
    assert [line for line in said.splitlines() if line.startswith("+ ") and '"version": "2.0.0",' in line]
    assert "set resources.memory to '2Gi'" in said
    assert document.read_bytes() == changed


def test_undo_of_a_value_that_was_set_back_by_hand_takes_the_decision_back(cli, document):
    cli.run("apply", ID, "--yes")
    document.write_bytes(DOCUMENT)
    assert "has its old value already" in cli.run("undo", ID, "--yes").stdout
    assert (document.read_bytes(), decisions(cli)) == (DOCUMENT, ["applied", "undone"])


def test_reject_needs_a_reason_and_can_be_taken_back(cli, document):
    assert "--reason" in cli.run("reject", ID, exit_code=2).stderr
    assert "needs a reason" in cli.run("reject", ID, "--reason", " ", exit_code=1).stderr
    said = cli.run("reject", ID, "--reason", "seasonal").stdout
    assert f"rejected: {ID}  api-impl: memory: 2Gi -> memory: 4Gi" in said
    assert "was rejected at" in cli.run("apply", ID, exit_code=1).stderr
    assert "was rejected: seasonal. No document is changed." in cli.run("undo", ID).stdout
    cli.run("undo", ID, "--yes")
    assert decisions(cli) == ["rejected", "undone"]
    assert document.read_bytes() == DOCUMENT


@pytest.mark.usefixtures("document")
@pytest.mark.parametrize("command", [("apply",), ("reject", "--reason", "x"), ("undo",)])
def test_an_unknown_suggestion_is_said_with_those_that_are_close(cli, command):
    said = cli.run(*command, "sg-0123456789ff", exit_code=1).stderr
    assert "sg-0123456789ff" in said
    if command != ("undo",):
        assert f"Did you mean {ID}?" in said


@pytest.mark.parametrize("command", [("apply", ID), ("reject", ID, "--reason", "x")])
def test_before_the_first_refresh_and_before_suggestions_are_computed_it_is_said_what_to_do(cli, command):
    assert "analytics refresh" in cli.run(*command, exit_code=1).stderr
    cli.publish()
    assert "analytics refresh" in cli.run(*command, exit_code=1).stderr


def test_a_document_that_is_not_json_or_stands_twice_is_said_and_nothing_is_decided(cli, document):
    copy = document.with_name("copy.json")
    copy.write_bytes(DOCUMENT)
    said = cli.run("apply", ID, "--yes", exit_code=1).stderr
    assert str(document) in said
    assert str(copy) in said
    copy.unlink()
    document.write_text("{")
    assert "No document" in cli.run("apply", ID, "--yes", exit_code=1).stderr
    assert decisions(cli) == []


def test_a_read_only_document_is_said_with_the_remedy_and_nothing_is_decided(cli, document):
    document.chmod(0o444)
    said = cli.run("apply", ID, "--yes", exit_code=1).stderr
    assert f"The file {document} is read-only (-r--r--r--)" in said
    assert f"chmod u+w {document}" in said
    assert document.read_bytes() == DOCUMENT
    assert decisions(cli) == []


@pytest.mark.usefixtures("document")
def test_what_a_kill_left_behind_is_finished_and_told_by_the_next_command(cli, monkeypatch):
    class Killed(BaseException):
        pass

    def dies(*_, **__):
        raise Killed

    planned = deciding.plan_application(cli.settings, row(), find(cli.settings, "api-impl").fingerprint)
    with monkeypatch.context() as patched:
        patched.setattr(journal, "announce", dies)
        with pytest.raises(Killed):
            deciding.apply(cli.settings, planned, by=None, notes=None, now=datetime.now(UTC))
    result = cli.run("apply", ID, exit_code=1)
    assert "was interrupted. It is finished now." in result.stdout
    assert "was applied at" in result.stderr
    assert decisions(cli) == ["applied"]


def test_a_disk_that_is_full_is_said_and_the_same_command_finishes_it(cli, document, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device", str(cli.settings.inbox))

    with monkeypatch.context() as patched:
        patched.setattr(journal, "announce", full)
        said = cli.run("apply", ID, "--yes", exit_code=1).stderr
    assert "No space left on device" in said
    assert "it finishes what was begun" in said
    assert "It is finished now" in cli.run("apply", ID, "--yes", exit_code=1).stdout
    assert (document.read_bytes(), decisions(cli)) == (APPLIED, ["applied"])


def test_words_of_a_document_never_act_on_the_terminal(cli, document):
    odd = DOCUMENT.replace(b'"1.0.0"', '"\x9b31m"'.encode())
    document.write_bytes(odd)
    publish(cli.settings)
    said = cli.run("apply", ID).stdout
    assert "\x9b" not in said
    assert "\\x9b" in said
