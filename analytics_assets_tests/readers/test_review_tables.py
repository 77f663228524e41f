"""Histories of runs in Markdown become reviews; ids stay as they are when later runs are added."""

from __future__ import annotations

from datetime import datetime

import pytest

from analytics_assets.contracts.entry import canonical
from analytics_assets.contracts.issues import REVIEWS
from analytics_assets.readers.foreign_values import zone_of
from analytics_assets.readers.issue_formats import readings_of
from analytics_assets.readers.reading import Source
from analytics_assets.readers.review_tables import read_review_tables

NOW = datetime(2026, 11, 20)
SOURCE = Source("optimization-history.md", "2026-02-12T10:20:00.000000Z")
HEAD = """| Date | Scope | Health | Health (Planning) | Commands | Agents | Found | Fixed | Time (h) | Trigger | Notes |
|---|---|---|---|---|---|---|---|---|---|---|
"""
HISTORY = f"""# Optimization history

{HEAD}| 2026-01-05 | All | **72 %** | 80 | 65.5% | 71/100 | 6 | 5 | 1.5 | `/optimize` | long day |
| 12 Jan 2026 | agents | - | | | 75 | 2 | 0 | 20m | manual | |
| 2026-01-12 | agents | | | | 77 | 0 | 1 | - | | |
|  |  |  |  |  |  |  |  |  |  |  |
"""
ISSUES = """| ID | Issue | Date | Scope | Fixed |
|---|---|---|---|---|
| A | b | 2026-01-05 | all | |
"""


def read(text, **options):
    return read_review_tables(text, Source(SOURCE.name, SOURCE.modified_at, **options))


def ids(text):
    return [one.record["id"] for one in read(text).found]


def rows(*cells):
    return "| Date | Scope | Health |\n|---|---|---|\n" + "".join(f"| {row} |\n" for row in cells)


def test_a_history_becomes_reviews():
    found = read(HISTORY).found
    assert not [one.problems for one in found if one.problems]
    assert found[0].record == {
        "source": "optimization-history.md:5",
        "id": "2026-01-05-all",
        "run_date": "2026-01-05",
        "scope": "All",
        "health_score_overall": 72,
        "health_score_planning": 80,
        "health_score_commands": 65.5,
        "health_score_agents": 71,
        "issues_found": "6",
        "issues_fixed": "5",
        "time_spent_minutes": 90,
        "triggered_by": "/optimize",
        "Notes": "long day",
    }
    known = [canonical(REVIEWS, one.record, now=NOW) for one in found]
    assert [review["scope"] for review in known] == ["all", "agents", "agents"]
    assert (known[1]["run_date"], known[1]["time_spent_minutes"]) == ("2026-01-12T00:00:00.000000Z", 20)
    assert "time_spent_minutes" not in known[2]


def test_what_is_called_and_what_is_kept_is_said():
    assert read(HISTORY).notes == [
        "the table at line 3: kept as they are in extra: Notes",
        "reviews without an ID are called by date and scope, a second one of both by its position too",
    ]


def test_ids_stay_when_later_runs_are_added_at_the_end_or_at_the_top():
    old = ["2026-01-05 | all | 70", "2026-01-12 | all | 72"]
    new = ["2026-01-12 | All | 75", "2026-01-19 | all | 75"]
    assert ids(rows(*old, *new)) == ["2026-01-05-all", "2026-01-12-all", "2026-01-12-all-2", "2026-01-19-all"]
    assert ids(rows(*reversed(old + new))) == list(reversed(ids(rows(*old, *new))))


def test_an_id_of_its_own_counts_and_a_second_row_with_it_does_not():
    head = "| ID | Date | Scope | Health |\n|---|---|---|---|\n"
    reading = read(f"{head}| R1 | 2026-01-05 | all | 7 |\n| R1 | 2026-01-06 | all | 8 |\n")
    assert [one.record["id"] for one in reading.found] == ["R1", "R1"]
    assert [[problem.field for problem in one.problems] for one in reading.found] == [[], ["id"]]
    assert not reading.notes


@pytest.mark.parametrize(("health", "said"), [("0.72", "share or a percentage"), ("good", "no health"), ("7x", "no")])
def test_a_health_that_needs_a_guess_is_refused(health, said):
    (one,) = read(rows(f"2026-01-05 | all | {health}")).found
    assert said in one.problems[0].reason
    assert one.record["health_score_overall"] == health


def test_a_date_of_numbers_alone_and_a_time_without_a_zone_are_refused():
    assert [one.problems[0].field for one in read(rows("01/02/26 | all | 7", "2026-01-05 10:20 | all | 7")).found] == [
        "run_date",
        "run_date",
    ]
    (one,) = read(rows("2026-01-05 10:20 | all | 7"), zone=zone_of("+02:00")).found
    assert one.record["run_date"] == "2026-01-05T08:20:00.000000Z"


def test_a_row_that_does_not_fit_its_header_is_kept_whole():
    (one,) = read(rows("2026-01-05 | all")).found
    assert (one.record["row"], one.problems[0].field) == ("| 2026-01-05 | all |", None)


def test_a_table_of_issues_is_none_of_reviews_and_each_is_read_by_its_own():
    assert not read(ISSUES).found
    assert not read(ISSUES).notes
    issues, reviews = readings_of("markdown", f"{ISSUES}\n{HISTORY}", SOURCE)
    assert (issues.kind, [one.record["id"] for one in issues.found]) == ("issues", ["A"])
    assert (reviews.kind, len(reviews.found)) == ("reviews", 3)
    assert not [note for note in issues.notes if "left alone" in note]


def test_a_file_of_reviews_alone_is_one_reading_that_tells_what_was_left_alone():
    text = f"{HISTORY}\n| ID | Root cause |\n|---|---|\n| RCA-001 | Too long |\n"
    (reading,) = readings_of("markdown", text, SOURCE)
    assert (reading.kind, len(reading.found)) == ("reviews", 3)
    assert "the table at line 10 (ID, Root cause) is left alone: it has no column Issue" in reading.notes


def test_a_history_without_a_scope_is_left_alone_with_the_reason():
    (reading,) = readings_of("markdown", "| Date | Health |\n|---|---|\n| 2026-01-05 | 7 |\n", SOURCE)
    assert not reading.found
    assert reading.notes == ["the table at line 1 (Date, Health) is left alone: it has no column Scope"]
