"""Issues of Jira become records, from its search and from its CSV export."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from analytics_assets.contracts.entry import canonical
from analytics_assets.contracts.issues import ISSUES
from analytics_assets.readers.foreign_values import zone_of
from analytics_assets.readers.jira_issues import read_jira_issues
from analytics_assets.readers.reading import Source

NOW = datetime(2026, 11, 20)
SOURCE = Source("jira.json", "2026-02-12T10:20:00.000000Z")
HEADER = (
    "Summary,Issue key,Issue Type,Status,Status Category,Priority,Resolution,Created,Updated,Resolved,Labels,Labels"
)
HEADER += ",Component/s,Time Spent,Original Estimate,Sprint,Sprint,Custom field (Root Cause)"
ROW = (
    '"Broken, badly",OPS-7,Bug,Done,Done,Highest,Done,12/Jan/26 3:04 PM,13/Jan/26 8:00 AM,13/Jan/26 8:00 AM,x,planning'
)
ROW += ",Core,5400,3600,Sprint 1,Sprint 2,RCA-002"


def issue(key="OPS-7", **fields):
    usual = {
        "summary": "Broken",
        "issuetype": {"name": "Bug"},
        "status": {"name": "To Do", "statusCategory": {"key": "new", "name": "To Do"}},
        "priority": {"name": "High"},
        "resolution": None,
        "created": "2026-01-12T15:04:05.000+0100",
        "updated": "2026-01-13T15:04:05.000+0000",
        "resolutiondate": None,
        "labels": ["agents", "RCA-001"],
        "components": [{"name": "Core"}],
        "timespent": None,
        "timeoriginalestimate": 3600,
        "reporter": {"displayName": "Ana"},
    }
    return {"key": key, "fields": usual | fields}


def read(*items):
    return read_jira_issues(json.dumps({"total": len(items), "issues": items}), SOURCE)


def record(**fields):
    (one,) = read(issue(**fields)).found
    return one.record


def test_an_issue_of_the_search_becomes_a_record_and_keeps_the_rest():
    assert record() == {
        "source": "jira.json",
        "id": "OPS-7",
        "issue": "Broken",
        "priority": 1,
        "first_seen": "2026-01-12T14:04:05.000000Z",
        "updated_at": "2026-01-13T15:04:05.000000Z",
        "status": "OPEN",
        "jira_status": "To Do",
        "expected_minutes": 60,
        "created_by": "Ana",
        "category": "agents",
        "root_cause_id": "RCA-001",
        "labels": ["agents", "RCA-001"],
        "components": [{"name": "Core"}],
        "issuetype": {"name": "Bug"},
    }
    assert canonical(ISSUES, record(), now=NOW)


@pytest.mark.parametrize(
    ("category", "resolution", "status"),
    [
        ("new", None, "OPEN"),
        ("indeterminate", None, "IN_PROGRESS"),
        ("done", "Fixed", "FIXED"),
        ("done", None, "FIXED"),
        ("done", "Won't Do", "WONT_FIX"),
        ("done", "Won\N{RIGHT SINGLE QUOTATION MARK}t Fix", "WONT_FIX"),
        ("done", "Duplicate", "WONT_FIX"),
    ],
)
def test_the_category_of_the_status_and_the_resolution_say_where_it_stands(category, resolution, status):
    found = record(
        status={"name": "Whatever", "statusCategory": {"key": category}},
        resolution=resolution and {"name": resolution},
        resolutiondate="2026-01-14T00:00:00.000+0000" if category == "done" else None,
    )
    assert found["status"] == status
    assert found.get("fixed_date") == ("2026-01-14T00:00:00.000000Z" if status == "FIXED" else None)
    assert found.get("resolution") == resolution


def test_an_issue_that_was_opened_again_came_back_at_least_once():
    assert record(status={"name": "Reopened", "statusCategory": {"key": "new"}})["recurrence_count"] == 1
    assert "recurrence_count" not in record()


@pytest.mark.parametrize(
    ("name", "priority"), [("Highest", 0), ("Blocker", 0), ("Major", 1), ("Medium", 2), ("Lowest", 3)]
)
def test_priorities_of_both_schemes_are_known(name, priority):
    assert record(priority={"name": name})["priority"] == priority


def test_without_a_label_the_first_component_is_the_category():
    assert record(labels=[])["category"] == "Core"
    assert "category" not in record(labels=[], components=[])


def test_csv_with_repeated_columns_is_read_in_the_zone_that_is_said():
    source = Source("jira.csv", SOURCE.modified_at, zone=zone_of("Europe/Berlin"))
    (one,) = read_jira_issues(f"{HEADER}\n{ROW}\n", source).found
    assert not one.problems
    assert one.record == {
        "source": "jira.csv",
        "id": "OPS-7",
        "issue": "Broken, badly",
        "priority": 0,
        "first_seen": "2026-01-12T14:04:00.000000Z",
        "updated_at": "2026-01-13T07:00:00.000000Z",
        "fixed_date": "2026-01-13T07:00:00.000000Z",
        "status": "FIXED",
        "jira_status": "Done",
        "resolution": "Done",
        "time_spent_minutes": 90,
        "expected_minutes": 60,
        "root_cause_id": "RCA-002",
        "sprint": "Sprint 2",
        "category": "planning",
        "labels": ["x", "planning"],
        "components": ["Core"],
        "issue type": "Bug",
    }


def test_csv_without_a_zone_is_refused_and_says_what_helps():
    (one,) = read_jira_issues(f"{HEADER}\n{ROW}\n", SOURCE).found
    assert {problem.field for problem in one.problems} == {"first_seen", "updated_at", "fixed_date"}
    assert "--zone" in one.problems[0].remedy


def test_a_status_of_an_own_workflow_needs_its_category():
    (known,) = read(issue(status="Blocked")).found
    assert (known.record["status"], known.record["jira_status"]) == ("IN_PROGRESS", "Blocked")
    (one,) = read(issue(status="Cooking")).found
    assert one.place == "OPS-7"
    assert [(problem.field, problem.remedy) for problem in one.problems] == [
        ("status", "export the field Status Category too")
    ]
    assert one.record["status"] == "Cooking"


def test_a_broken_row_is_told_with_its_line_and_the_others_are_read():
    text = f"{HEADER}\n{ROW}\na,b\n{ROW.replace('OPS-7', 'OPS-8')}\n"
    found = read_jira_issues(text, Source("jira.csv", SOURCE.modified_at, zone=zone_of("UTC"))).found
    assert [one.place for one in found] == ["line 2", "line 3", "line 4"]
    assert found[1].record == {"source": "jira.csv:3", "row": "a,b"}
    assert "2 cells where the header has 18" in found[1].problems[0].reason


def test_a_row_that_goes_over_several_lines_is_told_by_its_first():
    text = f"{HEADER}\n" + ROW.replace("Broken, badly", "Broken\nbadly") + "\n" + ROW.replace("OPS-7", "OPS-8")
    assert [one.place for one in read_jira_issues(text, SOURCE).found] == ["line 2", "line 4"]
