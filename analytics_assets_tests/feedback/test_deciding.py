"""A suggestion is applied, rejected and taken back; whatever cannot be done is refused before anything is written."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from analytics_assets.feedback import deciding, journal, spec_files
from analytics_assets.feedback.deciding import apply, choose, plan_application, reject
from analytics_assets.feedback.journal import BusyError, State
from analytics_assets.feedback.json_edit import set_value
from analytics_assets.feedback.recovery import recover
from analytics_assets.feedback.spec_files import SpecFileError
from analytics_assets.feedback.undoing import plan_undo, undo
from analytics_assets.operating_thresholds import DECISION_WAIT
from analytics_assets.warehouse.connection import connect
from analytics_assets.warehouse.ingest import ingest
from analytics_assets_tests.feedback.conftest import DOCUMENT, NOW, row

APPLIED = DOCUMENT.replace(b'"2Gi"', b'"4Gi"')
ID = row()["id"]


def done(spec, suggestion=None, *, at=NOW, published=()):
    planned = plan_application(spec.settings, suggestion or row(), spec.fingerprint, published)
    return apply(spec.settings, planned, by="ada", notes="tired of kills", now=at)


def taken_back(spec, suggestion_id=ID, *, at=NOW + timedelta(hours=1)):
    planned = plan_undo(spec.settings, suggestion_id)
    return undo(spec.settings, suggestion_id, planned, by="ada", notes=None, now=at)


def refused(call, *words):
    with pytest.raises(spec_files.FeedbackError) as caught:
        call()
    said = f"{caught.value} {caught.value.remedy or ''}"
    assert [word for word in words if word not in said] == []


def untouched(spec):
    return spec.path.read_bytes() == DOCUMENT and spec.decisions() == []


class TestPlanning:
    def test_a_plan_shows_the_change_and_changes_nothing(self, spec):
        planned = plan_application(spec.settings, row(), spec.fingerprint)
        assert (planned.before, planned.after) == (DOCUMENT, APPLIED)
        assert [line for line in planned.diff.splitlines() if line[0] in "+-"] == [
            "--- a/specs/team/api.json",
            "+++ b/specs/team/api.json",
            '-\t"resources": {"memory": "2Gi", "cpu": 2},',
            '+\t"resources": {"memory": "4Gi", "cpu": 2},',
        ]
        assert untouched(spec)
        assert not spec.settings.journal.exists()

    @pytest.mark.parametrize(
        ("fields", "change"),
        [
            ({"target": "resources.cpu", "current_value": "cpu: 2", "suggested_value": "cpu: 4"}, (b"2}", b"4}")),
            (
                {"target": "resources.cpu", "current_value": "cpu: 2000m", "suggested_value": "cpu: 500m"},
                (b"2}", b'"500m"}'),
            ),
            (
                {"target": "model", "current_value": "model: medium", "suggested_value": "model: large"},
                (b'"medium"', b'"large"'),
            ),
            ({"current_value": "memory: 2048Mi"}, (b'"2Gi"', b'"4Gi"')),
        ],
    )
    def test_each_target_changes_its_own_value_in_the_authors_spelling(self, spec, fields, change):
        planned = plan_application(spec.settings, row(**fields), spec.fingerprint)
        assert planned.after == DOCUMENT.replace(*change)

    def test_a_size_that_the_document_leaves_open_is_added(self, spec):
        spec.path.write_bytes(b'{"id": "api-impl"}')
        planned = plan_application(spec.settings, row(), spec.fingerprint)
        assert json.loads(planned.after) == {"id": "api-impl", "resources": {"memory": "4Gi"}}

    def test_advice_without_a_target_says_what_to_do_instead(self, spec):
        advice = row(target=None, suggested_value="rewrite the spec")
        refused(
            lambda: plan_application(spec.settings, advice, spec.fingerprint),
            "names nothing that could be changed",
            "rewrite the spec",
            "by hand",
            "analytics reject",
        )

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"status": "applied", "decided_at": "2026-02-01T00:00:00Z"}, ["applied since 2026-02-01", "undo"]),
            ({"status": "resolved", "resolved_at": "2026-02-02T00:00:00Z"}, ["resolved since 2026-02-02"]),
            ({"status": "expired", "expires_at": "2026-02-03T00:00:00Z"}, ["expired since 2026-02-03"]),
            ({"status": "not_enough_data"}, ["not enough data", "what is missing"]),
        ],
    )
    def test_what_is_not_pending_is_refused_with_its_status_and_since_when(self, spec, fields, words):
        refused(lambda: plan_application(spec.settings, row(**fields), spec.fingerprint), ID, "not pending", *words)

    def test_a_value_that_somebody_else_changed_is_refused(self, spec):
        known = spec.fingerprint
        spec.path.write_bytes(DOCUMENT.replace(b'"2Gi"', b'"3Gi"'))
        refused(lambda: plan_application(spec.settings, row(), known), "memory: 3Gi", "memory: 2Gi", "refresh")

    def test_a_value_that_is_there_already_is_refused(self, spec):
        spec.path.write_bytes(DOCUMENT.replace(b'"2Gi"', b'"4096Mi"'))
        refused(lambda: plan_application(spec.settings, row(), spec.fingerprint), "has memory: 4Gi already")

    def test_a_document_that_was_changed_elsewhere_since_the_snapshot_is_refused(self, spec):
        known = spec.fingerprint
        spec.path.write_bytes(DOCUMENT.replace(b'"1.0.0"', b'"1.0.1"'))
        refused(lambda: plan_application(spec.settings, row(), known), "was changed since", "analytics refresh")

    def test_what_was_learned_since_is_no_change_of_the_document(self, spec):
        known = spec.fingerprint
        spec.path.write_bytes(set_value(DOCUMENT, ("_learned",), {"runs_count": 1}))
        assert plan_application(spec.settings, row(), known).after != spec.path.read_bytes()

    def test_a_document_with_a_key_twice_is_refused(self, spec):
        spec.path.write_bytes(b'{"id": "api-impl", "resources": {"memory": "2Gi", "memory": "2Gi"}}')
        refused(lambda: plan_application(spec.settings, row(), spec.fingerprint), 'has the key "memory" 2 times')

    def test_an_unknown_suggestion_names_those_that_are_close(self):
        known = [row(), row(id="sg-ffffffffffff")]
        refused(lambda: choose(known, "sg-0123456789ac"), "no suggestion 'sg-0123456789ac'", f"Did you mean {ID}?")
        refused(lambda: choose(known, "x"), "analytics suggest")


class TestApplying:
    def test_the_document_changes_in_that_value_and_the_inbox_is_told_with_the_frozen_baseline(self, spec):
        done(spec)
        assert spec.path.read_bytes() == APPLIED
        (decision,) = spec.decisions()
        assert decision | {"decision_id": None} == {
            "decision_id": None,
            "subject_type": "suggestion",
            "subject_id": ID,
            "decision": "applied",
            "decided_at": "2026-02-16T12:00:00.000000Z",
            "decided_by": "ada",
            "notes": "tired of kills",
            "baseline": {
                "as_of": "2026-02-16T11:00:00Z",
                "data_points": 47,
                "current_rate": 0.75,
                "confidence": 0.99,
                "level": "HIGH",
                "current_value": "memory: 2Gi",
                "suggested_value": "memory: 4Gi",
            },
        }

    def test_the_warehouse_takes_the_decision_and_keeps_the_baseline_among_its_extra_fields(self, spec):
        done(spec)
        with connect(spec.settings) as con:
            ingest(con, spec.settings)
            (found,) = con.execute(
                "select subject_id, decision, decided_by, extra ->> '$.baseline.level' from raw.decisions"
            ).fetchall()
            assert con.execute("select count(*) from raw.quarantined_lines").fetchall() == [(0,)]
        assert found == (ID, "applied", "ada", "HIGH")

    def test_the_journal_has_the_bytes_before_and_after(self, spec):
        entry = done(spec)
        (noted,) = journal.entries(spec.settings)
        assert noted == entry
        assert noted.state is State.DONE
        assert journal.contents(spec.settings, noted) == (DOCUMENT, APPLIED)

    def test_the_same_decision_a_second_time_is_refused_with_the_time_of_the_first(self, spec):
        done(spec)
        refused(lambda: done(spec), "was applied at 2026-02-16 12:00:00 UTC by ada", "analytics undo")
        refused(
            lambda: reject(spec.settings, row(), reason="no", by=None, now=NOW),
            "was applied at 2026-02-16 12:00:00 UTC",
        )
        assert len(spec.decisions()) == 1

    def test_once_a_refresh_has_seen_the_decision_the_published_status_counts(self, spec):
        entry = done(spec)
        spec.path.write_bytes(DOCUMENT)
        # It was resolved, and has come back: pending again.
        done(spec, published={entry.decision_id}, at=NOW + timedelta(days=30))
        assert len(spec.decisions()) == 2

    def test_a_read_only_file_is_refused_and_nothing_is_decided(self, spec):
        planned = plan_application(spec.settings, row(), spec.fingerprint)
        spec.path.chmod(0o444)
        with pytest.raises(SpecFileError, match="read-only"):
            apply(spec.settings, planned, by=None, notes=None, now=NOW)
        assert untouched(spec)
        assert [entry.state for entry in journal.entries(spec.settings)] == [State.GIVEN_UP]
        spec.path.chmod(0o644)
        done(spec, at=NOW + timedelta(minutes=1))
        assert spec.path.read_bytes() == APPLIED

    def test_a_document_that_changes_between_plan_and_apply_is_left_alone(self, spec):
        planned = plan_application(spec.settings, row(), spec.fingerprint)
        spec.path.write_bytes(DOCUMENT + b"\n")
        with pytest.raises(SpecFileError, match="changed a moment ago"):
            apply(spec.settings, planned, by=None, notes=None, now=NOW)
        assert spec.path.read_bytes() == DOCUMENT + b"\n"
        assert spec.decisions() == []


class TestRejecting:
    def test_a_rejection_is_noted_with_its_reason_and_changes_no_document(self, spec):
        reject(spec.settings, row(), reason=" seasonal ", by="ada", now=NOW)
        (decision,) = spec.decisions()
        assert (decision["decision"], decision["notes"]) == ("rejected", "seasonal")
        assert spec.path.read_bytes() == DOCUMENT
        refused(lambda: done(spec), "was rejected at 2026-02-16 12:00:00 UTC")
        refused(lambda: reject(spec.settings, row(), reason="no", by=None, now=NOW), "was rejected at")

    def test_a_rejection_without_a_reason_is_refused(self, spec):
        refused(lambda: reject(spec.settings, row(), reason=" ", by=None, now=NOW), "needs a reason")
        assert untouched(spec)

    def test_advice_without_a_target_can_be_rejected(self, spec):
        reject(spec.settings, row(target=None), reason="known", by=None, now=NOW)
        assert "decided_by" not in spec.decisions()[0]

    def test_a_rejection_can_be_taken_back(self, spec):
        reject(spec.settings, row(), reason="seasonal", by="ada", now=NOW)
        taken_back(spec)
        assert [decision["decision"] for decision in spec.decisions()] == ["rejected", "undone"]
        done(spec, at=NOW + timedelta(hours=2))
        assert spec.path.read_bytes() == APPLIED


class TestUndoing:
    def test_the_document_gets_its_bytes_back_and_the_inbox_is_told(self, spec):
        done(spec)
        taken_back(spec)
        assert spec.path.read_bytes() == DOCUMENT
        assert [decision["decision"] for decision in spec.decisions()] == ["applied", "undone"]

    def test_the_dry_run_of_an_undo_shows_the_way_back(self, spec):
        done(spec)
        assert '+\t"resources": {"memory": "2Gi"' in plan_undo(spec.settings, ID).diff
        assert spec.path.read_bytes() == APPLIED

    def test_a_document_that_was_changed_since_is_left_alone_and_the_change_is_shown(self, spec):
        done(spec)
        spec.path.write_bytes(APPLIED.replace(b'"1.0.0"', b'"2.0.0"'))
        refused(
            lambda: plan_undo(spec.settings, ID),
            "was changed after",
            '+\t"version": "2.0.0"',
            "set resources.memory to '2Gi'",
        )

    def test_a_value_that_was_set_back_by_hand_leaves_only_the_decision_to_take_back(self, spec):
        done(spec)
        by_hand = DOCUMENT.replace(b'"1.0.0"', b'"2.0.0"')
        spec.path.write_bytes(by_hand)
        assert plan_undo(spec.settings, ID).diff == ""
        taken_back(spec)
        assert spec.path.read_bytes() == by_hand
        assert [decision["decision"] for decision in spec.decisions()] == ["applied", "undone"]

    def test_what_was_learned_since_is_kept_and_does_not_stand_in_the_way(self, spec):
        done(spec)
        learned = {"runs_count": 3, "success_rate": None}
        spec.path.write_bytes(set_value(APPLIED, ("_learned",), learned))
        taken_back(spec)
        assert spec.path.read_bytes() == set_value(DOCUMENT, ("_learned",), learned)

    def test_a_later_change_of_ours_is_named_as_the_one_to_undo_first(self, spec):
        done(spec)
        model = row(id="sg-bbbbbbbbbbbb", target="model", current_value="model: medium", suggested_value="model: large")
        done(spec, model, at=NOW + timedelta(minutes=5))
        refused(lambda: plan_undo(spec.settings, ID), "Undo sg-bbbbbbbbbbbb first")
        taken_back(spec, "sg-bbbbbbbbbbbb")
        taken_back(spec, at=NOW + timedelta(hours=2))
        assert spec.path.read_bytes() == DOCUMENT

    def test_a_second_undo_is_refused_with_the_time_of_the_first(self, spec):
        done(spec)
        taken_back(spec)
        refused(lambda: plan_undo(spec.settings, ID), "was taken back at 2026-02-16 13:00:00 UTC")

    def test_what_was_never_decided_here_cannot_be_undone(self, spec):
        done(spec)
        refused(lambda: plan_undo(spec.settings, "sg-0123456789aa"), "Nothing was decided", f"Did you mean {ID}?")

    def test_it_can_be_applied_again_after_an_undo_that_no_refresh_has_seen(self, spec):
        entry = done(spec)
        taken_back(spec)
        # The published row still says applied.
        applied = row(status="applied", decided_at="2026-02-16T12:00:00Z")
        done(spec, applied, published={entry.decision_id}, at=NOW + timedelta(hours=2))
        assert spec.path.read_bytes() == APPLIED


class Killed(BaseException):
    """The process is gone at this point."""


@contextmanager
def killed(monkeypatch, step, moment="before"):
    """The process ends before or after a step of what is done in the block."""
    module = deciding if step == "replace" else journal
    real = getattr(module, step)

    def dies(*arguments, **named):
        if moment == "after":
            real(*arguments, **named)
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(module, step, dies)
        with pytest.raises(Killed):
            yield


STEPS = ["prepare", "replace", "announce", "end"]


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("step", STEPS)
class TestAKill:
    """At every moment the document is whole, and the next command knows what to do."""

    def survived(self, spec, step, moment, before, after):
        """The document is the old or the new one, and the entry is settled as the document is."""
        content = spec.path.read_bytes()
        assert content in (before, after)
        is_changed = (step, moment) not in {("prepare", "before"), ("prepare", "after"), ("replace", "before")}
        assert (content == after) is is_changed
        sentences = recover(spec.settings)
        assert recover(spec.settings) == []
        if (step, moment) in {("prepare", "before"), ("end", "after")}:
            assert sentences == []
        else:
            assert ("finished now" if is_changed else "Nothing was decided") in sentences[0]
        return is_changed

    def test_of_an_application_is_finished_or_given_up(self, spec, monkeypatch, step, moment):
        with killed(monkeypatch, step, moment):
            done(spec)
        if self.survived(spec, step, moment, DOCUMENT, APPLIED):
            assert [decision["decision"] for decision in spec.decisions()] == ["applied"]
            refused(lambda: done(spec), "was applied at 2026-02-16 12:00:00 UTC")
        else:
            assert spec.decisions() == []
            done(spec, at=NOW + timedelta(minutes=1))
            assert spec.path.read_bytes() == APPLIED

    def test_of_an_undo_is_finished_or_given_up(self, spec, monkeypatch, step, moment):
        done(spec)
        with killed(monkeypatch, step, moment):
            taken_back(spec)
        if self.survived(spec, step, moment, APPLIED, DOCUMENT):
            assert [decision["decision"] for decision in spec.decisions()] == ["applied", "undone"]
        else:
            taken_back(spec, at=NOW + timedelta(hours=2))
        assert spec.path.read_bytes() == DOCUMENT


@pytest.mark.parametrize("step", ["announce", "end"])
def test_a_rejection_that_was_interrupted_is_finished_because_the_word_was_given(spec, monkeypatch, step):
    with killed(monkeypatch, step):
        reject(spec.settings, row(), reason="seasonal", by=None, now=NOW)
    assert "finished now" in recover(spec.settings)[0]
    assert [decision["decision"] for decision in spec.decisions()] == ["rejected"]


def test_an_interrupted_application_whose_document_is_gone_is_told_until_it_can_be_seen(spec, monkeypatch):
    with killed(monkeypatch, "announce"):
        done(spec)
    content = spec.path.read_bytes()
    spec.path.unlink()
    assert "cannot be seen" in recover(spec.settings)[0]
    spec.path.write_bytes(content)
    assert "finished now" in recover(spec.settings)[0]


class TestAnotherCommandAtTheSameTime:
    """What is done is done in one turn: no step of it is taken for one that was interrupted."""

    def meanwhile(self, monkeypatch, module, step, call):
        """Call this before and after a step of what the test does."""
        real = getattr(module, step)

        def with_company(*arguments, **named):
            call()
            done = real(*arguments, **named)
            call()
            return done

        monkeypatch.setattr(module, step, with_company)

    @pytest.mark.parametrize("step", ["_write", "sync_folder", "prepare", "replace", "announce", "end"])
    def test_leaves_what_is_being_done_alone(self, spec, monkeypatch, step):
        monkeypatch.setattr(journal, "DECISION_WAIT", replace(DECISION_WAIT, value=0))
        met = []

        def settle():
            try:
                met.append(recover(spec.settings))
            except BusyError as error:
                met.append(error)

        self.meanwhile(monkeypatch, deciding if step == "replace" else journal, step, settle)
        entry = done(spec)
        assert any(isinstance(found, BusyError) for found in met)
        assert [found for found in met if not isinstance(found, BusyError) and found] == []
        assert entry.state is State.DONE
        assert [found.state for found in journal.entries(spec.settings)] == [State.DONE]
        taken_back(spec)
        assert spec.path.read_bytes() == DOCUMENT

    def test_waits_for_its_turn_and_finds_nothing_to_settle(self, spec, monkeypatch):
        waits, said = threading.Event(), []
        pause = journal.sleep
        other = threading.Thread(target=lambda: said.append(recover(spec.settings)))
        real = deciding.replace

        def sleep(seconds):
            waits.set()
            pause(seconds)

        def with_company(*arguments):
            other.start()
            assert waits.wait(timeout=60)
            real(*arguments)

        monkeypatch.setattr(journal, "sleep", sleep)
        monkeypatch.setattr(deciding, "replace", with_company)
        done(spec)
        other.join()
        assert said == [[]]
        assert [entry.state for entry in journal.entries(spec.settings)] == [State.DONE]

    def test_that_keeps_its_turn_is_told_and_nothing_is_changed(self, spec, monkeypatch):
        monkeypatch.setattr(journal, "DECISION_WAIT", replace(DECISION_WAIT, value=0))
        with journal.turn(spec.settings):
            for call in (lambda: done(spec), lambda: reject(spec.settings, row(), reason="no", by=None, now=NOW)):
                refused(call, "Another command", str(spec.settings.journal), "ask again")
        assert untouched(spec)
        assert journal.entries(spec.settings) == []

    def test_that_decided_after_the_plan_was_made_has_decided(self, spec):
        planned = plan_application(spec.settings, row(), spec.fingerprint)
        reject(spec.settings, row(), reason="seasonal", by="bob", now=NOW)
        refused(
            lambda: apply(spec.settings, planned, by="ada", notes=None, now=NOW + timedelta(minutes=1)),
            "was rejected at 2026-02-16 12:00:00 UTC by bob",
        )
        assert spec.path.read_bytes() == DOCUMENT
        assert [decision["decision"] for decision in spec.decisions()] == ["rejected"]

    @pytest.mark.parametrize("decision", ["applied", "rejected"])
    def test_that_took_it_back_leaves_nothing_to_take_back(self, spec, decision):
        if decision == "applied":
            done(spec)
        else:
            reject(spec.settings, row(), reason="seasonal", by=None, now=NOW)
        planned = plan_undo(spec.settings, ID)
        taken_back(spec)
        later = NOW + timedelta(hours=2)
        refused(lambda: undo(spec.settings, ID, planned, by=None, notes=None, now=later), "was undone at")
        assert [made["decision"] for made in spec.decisions()] == [decision, "undone"]


def test_a_half_written_entry_of_a_kill_is_cleared_away(spec):
    (spec.settings.journal / ".20260216T120000-applied-dc-1.tmp").mkdir(parents=True)
    assert recover(spec.settings) == []
    assert list(spec.settings.journal.glob(".*.tmp")) == []


def test_an_entry_that_cannot_be_read_is_named_before_anything_is_done(spec):
    broken = spec.settings.journal / "20260216T120000-applied-dc-1"
    broken.mkdir(parents=True)
    (broken / "entry.json").write_text("{")
    refused(lambda: done(spec), str(broken / "entry.json"), "cannot be read", "mend it or move")
    assert untouched(spec)


def test_a_backup_that_is_gone_is_said(spec):
    done(spec)
    (backup,) = spec.settings.journal.glob("*/before")
    backup.unlink()
    refused(lambda: plan_undo(spec.settings, ID), "backup", "cannot be read")
