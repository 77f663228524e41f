"""Issues of GitHub become records, whichever of its three forms they come in."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from analytics_assets.contracts.entry import canonical
from analytics_assets.contracts.issues import ISSUES
from analytics_assets.readers.github_issues import read_github_issues
from analytics_assets.readers.reading import Source, UnreadableFileError

NOW = datetime(2026, 11, 20)
SOURCE = Source("issues.json", "2026-02-12T10:20:00.000000Z")


def issue(number=12, **fields):
    """As ``gh issue list --json`` writes it."""
    return {
        "id": "I_kw",
        "number": number,
        "title": "Too long",
        "state": "OPEN",
        "stateReason": "",
        "labels": [{"id": "L1", "name": "P1", "color": "f00"}, {"name": "area: agents"}, {"name": "bug"}],
        "author": {"login": "octo", "is_bot": False},
        "milestone": {"title": "Sprint 7", "dueOn": None},
        "createdAt": "2026-01-05T10:00:00Z",
        "closedAt": None,
        "updatedAt": "2026-01-06T10:00:00Z",
        "url": "https://github.com/octo/specs/issues/12",
        **fields,
    }


def read(*items, **options):
    return read_github_issues(json.dumps(items), Source(SOURCE.name, SOURCE.modified_at, **options))


def record(**fields):
    (one,) = read(issue(**fields)).found
    return one.record


def test_an_issue_of_the_command_line_becomes_a_record_and_keeps_the_rest():
    assert record() == {
        "source": "issues.json",
        "id": "octo/specs#12",
        "issue": "Too long",
        "status": "OPEN",
        "priority": 1,
        "category": "agents",
        "labels": ["P1", "area: agents", "bug"],
        "created_by": "octo",
        "sprint": "Sprint 7",
        "first_seen": "2026-01-05T10:00:00.000000Z",
        "updated_at": "2026-01-06T10:00:00.000000Z",
        "github_id": "I_kw",
        "url": "https://github.com/octo/specs/issues/12",
    }
    assert canonical(ISSUES, record(), now=NOW)


@pytest.mark.parametrize(
    ("state", "reason", "expected"),
    [
        ("CLOSED", "COMPLETED", {"status": "FIXED", "fixed_date": "2026-01-07T00:00:00.000000Z"}),
        ("closed", "completed", {"status": "FIXED", "fixed_date": "2026-01-07T00:00:00.000000Z"}),
        ("CLOSED", "NOT_PLANNED", {"status": "WONT_FIX", "resolution": "not planned"}),
        ("closed", "duplicate", {"status": "WONT_FIX", "resolution": "duplicate"}),
        ("OPEN", "REOPENED", {"status": "OPEN", "recurrence_count": 1}),
        ("OPEN", None, {"status": "OPEN"}),
    ],
)
def test_the_state_and_its_reason_say_where_it_stands(state, reason, expected):
    found = record(state=state, stateReason=reason, closedAt="2026-01-07T00:00:00Z" if state != "OPEN" else None)
    names = ("status", "fixed_date", "resolution", "recurrence_count")
    assert {name: found[name] for name in names if name in found} == expected


def test_an_issue_that_is_closed_without_a_reason_counts_as_fixed_and_that_is_said():
    reading = read(issue(state="CLOSED", stateReason=None, closedAt="2026-01-07T00:00:00Z"), issue(13))
    assert reading.found[0].record["status"] == "FIXED"
    assert "status: closed without a reason counts as FIXED (1 issues)" in reading.notes


def test_issues_of_rest_are_the_same_and_pull_requests_are_left_out():
    rest = {
        "number": 12,
        "title": "Too long",
        "state": "closed",
        "state_reason": "completed",
        "labels": [{"name": "priority/0"}, {"name": "commands"}, {"name": "RCA-001"}],
        "user": {"login": "octo"},
        "created_at": "2026-01-05T10:00:00Z",
        "closed_at": "2026-01-06T10:00:00Z",
        "updated_at": "2026-01-06T10:00:00Z",
        "html_url": "https://github.com/octo/specs/issues/12",
        "url": "https://api.github.com/repos/octo/specs/issues/12",
    }
    reading = read(rest, rest | {"number": 13, "pull_request": {"url": "x"}})
    (one,) = reading.found
    assert (one.record["id"], one.record["status"], one.record["priority"]) == ("octo/specs#12", "FIXED", 0)
    assert (one.record["category"], one.record["root_cause_id"]) == ("commands", "RCA-001")
    assert "left out: pull requests (1)" in reading.notes


def test_pages_one_after_the_other_and_a_search_are_read():
    pages = json.dumps([issue(1, url="")]) + "\n" + json.dumps({"total_count": 1, "items": [issue(2, url="")]})
    reading = read_github_issues(pages, SOURCE)
    assert [one.record["id"] for one in reading.found] == ["#1", "#2"]
    assert any("issues of two repositories would be taken for one" in note for note in reading.notes)


def test_csv_has_the_same_names():
    text = 'number,title,state,stateReason,labels,createdAt\n7,"a ""b"", c",OPEN,,"P2, planning",2026-01-05T10:00:00Z\n'
    (one,) = read_github_issues(text, Source("issues.csv", SOURCE.modified_at)).found
    assert canonical(ISSUES, one.record, now=NOW)["issue"] == 'a "b", c'
    assert (one.record["source"], one.record["priority"], one.record["category"]) == ("issues.csv", 2, "planning")


def test_labels_that_contradict_each_other_are_a_problem():
    (one,) = read(issue(labels=[{"name": "P1"}, {"name": "P2"}])).found
    assert [(problem.field, problem.reason) for problem in one.problems] == [
        ("priority", "its labels name several: P1, P2")
    ]


def test_labels_that_say_the_same_twice_are_none():
    (one,) = read(issue(labels=[{"name": "P1"}, {"name": "priority: high"}, {"name": "agents"}])).found
    assert one.record["priority"] == 1
    assert not one.problems


def test_what_no_label_says_is_left_out_unless_something_stands_in():
    (one,) = read(issue(labels=[])).found
    assert not {"priority", "category", "labels", "recurrence_count", "time_spent_minutes"} & one.record.keys()
    (one,) = read(issue(labels=[]), category="agents", priority=3).found
    assert (one.record["priority"], one.record["category"]) == (3, "agents")


def test_an_issue_that_did_not_change_is_the_same_record_wherever_it_stands():
    (alone,) = read(issue(12)).found
    _, moved = read(issue(13), issue(12)).found
    assert alone.record == moved.record


def test_an_issue_with_a_problem_says_where_it_stands():
    good, bad = read(issue(12), issue(13, state="LOST")).found
    assert bad.record["source"] == "issues.json: item 2"
    assert (good.place, bad.place) == ("octo/specs#12", "octo/specs#13")


def test_copies_are_told_by_where_they_stand():
    first, second = read(issue(12), issue(12)).found
    assert (first.place, second.place) == ("item 1", "item 2")
    assert second.problems[0].reason == "octo/specs#12 stands at item 1 too, and that one counts"


def test_what_is_no_object_and_what_is_no_json_are_said():
    good, bad = read(issue(), "hello").found
    assert not good.problems
    assert (bad.place, bad.problems[0].reason) == ("item 2", "not an object with fields")
    with pytest.raises(UnreadableFileError, match="line 1, character 2"):
        read_github_issues("[}", SOURCE)
