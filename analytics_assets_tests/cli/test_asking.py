"""`analytics suggest -i`: one at a time, with a, v, i, n and q."""

from __future__ import annotations

import json

import pytest

from analytics_assets_tests.cli.analysed import publish_analysis, suggested
from analytics_assets_tests.cli.suggested import APPLIED, ID
from analytics_assets_tests.feedback.conftest import DOCUMENT

OTHER = "sg-00000000000b"


@pytest.fixture
def document(cli):
    return publish_analysis(cli.settings, suggested(), suggested(id=OTHER, target=None, level="LOW"))


def decisions(cli):
    files = (cli.settings.inbox / "decisions").glob("*.jsonl")
    return {(line := json.loads(file.read_text()))["subject_id"]: line for file in files}


def test_apply_shows_the_change_asks_and_does_it(cli, document):
    said = cli.run("suggest", "-i", stdin="a\ny\nq\n").stdout
    assert '"memory": "4Gi"' in said
    assert f"applied; to take it back: analytics undo {ID} --yes" in said
    assert "1 decided of 2." in said
    assert document.read_bytes() == APPLIED
    assert decisions(cli)[ID]["decision"] == "applied"


def test_a_change_that_is_not_confirmed_is_not_made_and_the_question_stands(cli, document):
    said = cli.run("suggest", "-i", stdin="a\nn\nq\n").stdout
    assert said.count("[a] apply") == 2
    assert "0 decided of 2." in said
    assert document.read_bytes() == DOCUMENT
    assert decisions(cli) == {}


@pytest.mark.usefixtures("document")
def test_view_runs_the_query_of_the_evidence_and_shows_its_answer(cli):
    said = cli.run("suggest", "-i", stdin="v\nq\n").stdout
    assert "from staging.stg_judged_runs where spec_id = 'api-impl'" in said
    (line,) = [line for line in said.splitlines() if line.startswith("current")]
    assert line.split() == ["current", "│", "1", "│", "1"]
    assert "What would prove it wrong: Kills at 4Gi." in said


@pytest.mark.usefixtures("document")
def test_ignore_asks_for_the_reason_and_keeps_it(cli):
    cli.run("suggest", "-i", stdin="n\ni\nseasonal work\n")
    assert decisions(cli)[OTHER]["decision"] == "rejected"
    assert decisions(cli)[OTHER]["notes"] == "seasonal work"
    assert ID not in decisions(cli)


@pytest.mark.usefixtures("document")
def test_without_a_reason_nothing_is_ignored_and_it_is_asked_again(cli):
    said = cli.run("suggest", "-i", stdin="i\n\nq\n").stdout
    assert "needs a reason" in said
    assert decisions(cli) == {}


@pytest.mark.usefixtures("document")
def test_what_cannot_be_applied_is_said_and_the_question_stands(cli):
    said = cli.run("suggest", "-i", stdin="n\na\nq\n").stdout
    assert "names nothing that could be changed" in said
    assert said.count("[a] apply") == 3


def test_a_document_that_changed_in_between_is_not_touched(cli, document):
    changed = DOCUMENT.replace(b'"1.0.0"', b'"2.0.0"')
    document.write_bytes(changed)
    said = cli.run("suggest", "-i", stdin="a\nq\n").stdout
    assert "was changed since" in said
    assert document.read_bytes() == changed


@pytest.mark.usefixtures("document")
@pytest.mark.parametrize("typed", ["", "q\n", "n\n"])
def test_the_end_of_the_input_and_quit_end_it_quietly(cli, typed):
    assert "0 decided of 2." in cli.run("suggest", "--interactive", stdin=typed).stdout


@pytest.mark.usefixtures("document")
def test_what_was_decided_is_not_asked_again(cli):
    cli.run("suggest", "-i", stdin="i\nbecause\ni\nbecause\n")
    assert set(decisions(cli)) == {ID, OTHER}
    assert "No suggestion waits for a decision." in cli.run("suggest", "-i", stdin="").stdout
