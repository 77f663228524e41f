"""`_learned` reaches the documents, nothing else in them moves, and no refresh chases its own writing."""

from __future__ import annotations

import json

import pytest

from analytics_assets.feedback import spec_files
from analytics_assets.feedback.json_edit import set_value
from analytics_assets.feedback.learned import with_hash
from analytics_assets.feedback.learning import differing, tell_ledger, write_learned
from analytics_assets.warehouse import ledger
from analytics_assets.warehouse.accounting import account
from analytics_assets.warehouse.arrivals import plan
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.ingest import ingest
from analytics_assets.warehouse.schema import create_schema
from analytics_assets_tests.feedback.conftest import DOCUMENT, NOW

FIELDS = with_hash({"runs_count": 3, "success_rate": 1.0, "optimal_model": None})
NAIVE = NOW.replace(tzinfo=None)


def write(settings, learned=None):
    return write_learned(settings, {"api-impl": FIELDS} if learned is None else learned, NOW)


def take(settings):
    """One refresh's look at the inbox: what it would take, and what became of it."""
    with connect(settings) as con:
        create_schema(con)
        arrived = [file.name for file in plan(settings, ledger.known_files(con)).files]
        report = ingest(con, settings)
        versions = con.execute("select count(*) from raw.specs").fetchall()[0][0]
    return arrived, [(file.path, file.status, file.new_records) for file in report.files], versions


def test_what_was_learned_is_added_and_every_other_byte_stays(spec, settings):
    (outcome,) = write(settings)
    content = spec.path.read_bytes()
    assert content == set_value(DOCUMENT, ("_learned",), json.loads(content)["_learned"])
    assert content.startswith(DOCUMENT.rstrip(b"}\r\n"))
    assert (outcome.path, outcome.spec_id, outcome.problem) == ("team/api.json", "api-impl", None)
    assert outcome.written_at == NAIVE


def test_without_news_a_document_is_not_touched(spec, settings):
    write(settings)
    before = spec.path.stat()
    (outcome,) = write(settings)
    assert (outcome.change, outcome.written_at) == (None, NAIVE)
    assert spec.path.stat() == before


def test_a_spec_that_nothing_is_known_of_keeps_its_document(spec, settings):
    (outcome,) = write(settings, {})
    assert (outcome.learned, outcome.problem, outcome.written_at) == (None, None, None)
    assert spec.path.read_bytes() == DOCUMENT


def test_each_document_that_cannot_be_written_says_why_and_the_others_are_written(spec, settings, monkeypatch):
    for name, content in {
        "broken.json": "{",
        "list.json": "[]",
        "nameless.json": '{"model": "m"}',
        "one.json": '{"id": "twin"}',
        "other.json": '{"id": "twin"}',
        "twice.json": '{"id": "t", "_learned": 1, "_learned": 2}',
        "locked.json": '{"id": "l"}',
    }.items():
        (settings.specs / name).write_text(content)
    (settings.specs / "locked.json").chmod(0o444)
    before = {path.name: path.read_bytes() for path in settings.specs.glob("*.json")}
    outcomes = {
        outcome.path: outcome for outcome in write(settings, dict.fromkeys(["api-impl", "twin", "t", "l"], FIELDS))
    }
    assert {path.name: path.read_bytes() for path in settings.specs.glob("*.json")} == before
    for name, words in {
        "broken.json": "is not JSON",
        "list.json": "is not a JSON object",
        "nameless.json": "has no id",
        "one.json": "have the same id 'twin'",
        "other.json": "have the same id 'twin'",
        "twice.json": 'has the key "_learned" 2 times',
        "locked.json": "is read-only",
    }.items():
        assert words in outcomes[name].problem
    assert outcomes["team/api.json"].problem is None
    assert b"_learned" in spec.path.read_bytes()


def test_a_disk_that_refuses_leaves_the_document_and_is_told(spec, settings, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(spec_files.os, "replace", full)
    (outcome,) = write(settings)
    assert "No space left on device. It is as it was" in outcome.problem
    assert spec.path.read_bytes() == DOCUMENT
    assert outcome.written_at is None


@pytest.mark.usefixtures("spec")
def test_a_document_that_was_changed_again_is_found_by_its_hash(settings):
    (outcome,) = write(settings)
    hashes = {outcome.path: FIELDS["evidence_hash"]}
    assert differing(settings, hashes) == []
    assert differing(settings, {outcome.path: "another", "gone.json": "x"}) == ["gone.json", outcome.path]


class TestTheInbox:
    def test_takes_a_document_that_changed_in_learned_alone_once_and_makes_no_version_of_it(self, spec, settings):
        assert take(settings) == (["specs/team/api.json"], [("specs/team/api.json", "taken", 1)], 1)
        fingerprint = spec.fingerprint
        write(settings)
        assert spec.fingerprint == fingerprint
        # Nobody told the ledger: a refresh that was killed after the writing, say.
        assert take(settings) == (["specs/team/api.json"], [("specs/team/api.json", "taken", 0)], 1)
        write(settings)
        assert take(settings) == ([], [], 1)

    @pytest.mark.usefixtures("spec")
    def test_is_not_even_asked_when_the_ledger_was_told(self, settings):
        take(settings)
        (outcome,) = write(settings)
        with connect(settings) as con:
            assert tell_ledger(con, *outcome.change, NAIVE)
            assert account(con, "specs", 1).is_balanced
        assert take(settings) == ([], [], 1)

    def test_sees_what_a_person_changes_afterwards(self, spec, settings):
        take(settings)
        (outcome,) = write(settings)
        with connect(settings) as con:
            tell_ledger(con, *outcome.change, NAIVE)
        spec.path.write_bytes(spec.path.read_bytes().replace(b'"1.0.0"', b'"1.0.1"'))
        assert take(settings)[1:] == ([("specs/team/api.json", "taken", 1)], 2)

    def test_sees_what_a_person_changed_before_it_was_taken(self, spec, settings):
        take(settings)
        spec.path.write_bytes(DOCUMENT.replace(b'"1.0.0"', b'"1.0.1"'))
        (outcome,) = write(settings)
        with connect(settings) as con:
            assert not tell_ledger(con, *outcome.change, NAIVE)
        assert take(settings)[1:] == ([("specs/team/api.json", "taken", 1)], 2)

    def test_sees_what_a_person_saved_right_after_the_writing(self, spec, settings):
        take(settings)
        (outcome,) = write(settings)
        spec.path.write_bytes(spec.path.read_bytes().replace(b'"1.0.0"', b'"1.0.1"'))
        with connect(settings) as con:
            assert not tell_ledger(con, *outcome.change, NAIVE)
        assert take(settings)[2] == 2
