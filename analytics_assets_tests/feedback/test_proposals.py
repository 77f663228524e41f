"""A pull request for a spec: which suggestions are in it, and what it says."""

from __future__ import annotations

import subprocess

import pytest

from analytics_assets.feedback.changes import DecisionError
from analytics_assets.feedback.proposals import Proposal, applicable, propose
from analytics_assets.feedback.spec_files import find
from analytics_assets_tests.feedback.conftest import DOCUMENT, row

MODEL = row(
    id="sg-bbbbbbbbbbbb",
    target="model",
    current_value="model: medium",
    suggested_value="model: large",
    level="MED",
    confidence=0.8,
)


def proposal(spec, *suggestions) -> Proposal:
    return propose(spec.settings, find(spec.settings, "api-impl"), suggestions, spec.fingerprint)


def test_the_surest_pending_suggestion_of_each_target_is_in_it():
    rows = [
        MODEL,
        row(),
        row(id="sg-1", suggested_value="memory: 8Gi", confidence=0.91),
        row(id="sg-2", target="resources.cpu", level="LOW"),
        row(id="sg-3", target="resources.cpu", status="rejected"),
        row(id="sg-4", target=None),
        row(id="sg-5", spec_id="other"),
    ]
    assert [suggestion["id"] for suggestion in applicable(rows, "api-impl")] == [row()["id"], MODEL["id"]]


def test_all_of_them_change_the_document_in_one_diff(spec):
    made = proposal(spec, row(), MODEL)
    assert made.after == DOCUMENT.replace(b'"2Gi"', b'"4Gi"').replace(b'"medium"', b'"large"')
    assert made.diff.count("\n+\t") == 2
    assert made.title == "api-impl: memory: 2Gi -> 4Gi, model: medium -> large"
    assert made.suggestion_ids == (row()["id"], MODEL["id"])
    assert spec.path.read_bytes() == DOCUMENT


def test_its_text_has_the_numbers_the_evidence_and_the_ways_out(spec):
    body = proposal(spec, row()).body
    for part in (
        "| memory: 2Gi | 44 | 33 (75%) |",
        "| memory: 4Gi | 3 | 0 (0%) |",
        "HIGH: 99% sure from 47 runs (measured)",
        "95 % interval -86% to -20%",
        "Expected in 30 days: 33.0 failures fewer.",
        "It would be wrong if: Kills at 4Gi.",
        "```sql\nselect 1\n```",
        "as of 2026-02-16T11:00:00Z",
        "How to undo it",
    ):
        assert part in body


def test_what_is_not_known_is_left_out_and_nothing_is_certain(spec):
    untried = row(suggested_runs=None, suggested_failures=None, suggested_rate=None, difference=None, confidence=0.9999)
    body = proposal(spec, untried | {"expected_fewer_failures": None}).body
    assert "| memory: 4Gi |" not in body
    assert "Difference" not in body
    assert "over 99% sure" in body
    assert "Expected in 30 days: not known." in body


def test_a_cost_is_no_saving(spec):
    assert "33.0 failures fewer, 2.50 US dollars more spent." in proposal(spec, row(expected_saving_usd=-2.5)).body
    assert "2.50 US dollars saved." in proposal(spec, row(expected_saving_usd=2.5)).body


def test_words_of_the_data_start_no_markup_and_no_new_line(spec):
    odd = row(reasoning="<img src=x> [a](b) @team\n# head `x` | y", evidence_sql="select '```'")
    body = proposal(spec, odd).body
    assert r"\<img src=x\> \[a\](b) \@team \# head \`x\` \| y" in body
    assert "````sql\nselect '```'\n````" in body


@pytest.mark.parametrize("spec_id", ["api-impl", "a b/c..d", "-x.lock", "ü@{~^:?*[", "x" * 300, "🦊"])
def test_its_branch_has_a_name_that_git_takes(spec, spec_id):
    made = Proposal(spec_id, find(spec.settings, "api-impl"), (row(),), DOCUMENT)
    done = subprocess.run(["git", "check-ref-format", "--branch", made.branch], check=False, capture_output=True)  # noqa: S607
    assert done.returncode == 0
    assert made.branch.startswith("analytics/")
    assert made.branch == Proposal(spec_id, made.file, (row(),), b"").branch
    assert made.branch != Proposal(spec_id, made.file, (MODEL,), b"").branch


def test_nothing_to_propose_and_a_changed_document_are_refused(spec):
    with pytest.raises(DecisionError, match="Nothing is pending for 'api-impl'"):
        proposal(spec)
    file = find(spec.settings, "api-impl")
    with pytest.raises(DecisionError, match="was changed since"):
        propose(spec.settings, file, [row()], "another fingerprint")
