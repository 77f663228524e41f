"""Markdown trackers become records; what is no issue is left alone with a word."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_assets.contracts.entry import canonical
from analytics_assets.contracts.issues import ISSUES
from analytics_assets.readers.issue_tables import BACKUP_HEADER, backup_row, read_issue_tables
from analytics_assets.readers.reading import Source

NOW = datetime(2026, 11, 20)
SOURCE = Source("issue-tracker.md", "2026-02-12T10:20:00.000000Z")
TRACKER = """# Issues

## Open

| ID | Issue | Category | Priority | Status | First Seen | Files | Owner |
|----|-------|----------|----------|--------|-----------:|-------|-------|
| **OPT-001** | Too long: `a \\| b` | Commands | 🔴 P0 | 🔄 Doing | 2026-01-05 | `a.md`, [b.md](x)<br>c.md | ana |
| OPT-002 | Duplicate text | agents | high | Open | 5 Jan 2026 | - | |
|  |  |  |  |  |  |  |  |

## Fixed

| ID | Issue | Category | P | Found | Fixed | Time (h) | Root cause |
|---|---|---|---|---|---|---|---|
| OPT-003 | Broken reference | planning | 2 | 2026-01-01 | 2026-01-03 | 1.5 | RCA-001: too long |
| OPT-004 | Old | planning | 3 | 2026-01-01 | | | |

## Root causes

| ID | Root cause | Issues |
|---|---|---|
| RCA-001 | Oversized files | 9 |
"""


def read(text, **options):
    return read_issue_tables(text, Source(SOURCE.name, SOURCE.modified_at, **options))


def row(cells, header="ID | Issue | Category | Priority | Status | First seen"):
    bars = "|".join(["---"] * len(header.split("|")))
    return f"| {header} |\n|{bars}|\n| {cells} |\n"


def test_a_tracker_with_several_tables_is_read_and_every_record_is_one():
    reading = read(TRACKER)
    records = [one.record for one in reading.found]
    assert [record["id"] for record in records] == ["OPT-001", "OPT-002", "OPT-003", "OPT-004"]
    assert records[0] == {
        "source": "issue-tracker.md:7",
        "id": "OPT-001",
        "issue": "Too long: `a | b`",
        "category": "Commands",
        "priority": 0,
        "status": "Doing",
        "first_seen": "2026-01-05",
        "files_affected": ["a.md", "b.md", "c.md"],
        "Owner": "ana",
        "updated_at": SOURCE.modified_at,
    }
    assert records[2]["time_spent_minutes"] == 90
    assert (records[2]["root_cause_id"], records[2]["root_cause"]) == ("RCA-001", "RCA-001: too long")
    assert [record["status"] for record in records[2:]] == ["FIXED", "OPEN"]
    assert "files_affected" not in records[1]
    assert "time_spent_minutes" not in records[3]
    assert all(canonical(ISSUES, record, now=NOW) for record in records)


def test_what_was_left_alone_and_what_stands_in_is_said():
    notes = read(TRACKER).notes
    assert "the table at line 20 (ID, Root cause, Issues) is left alone: it has no column Issue" in notes
    assert any(
        "line 5 has no column Updated: the file's modification time counts, 2026-02-12T10:20:00Z" in n for n in notes
    )
    assert any("line 13 has no column Status: 1 with a date of the fix are FIXED, 1 OPEN" in note for note in notes)
    assert any("line 5: kept as they are in extra: Owner" in note for note in notes)


def test_signs_beside_a_status_are_no_part_of_it():
    words = {
        "✅ Fixed": "Fixed",
        "❌ Won\N{RIGHT SINGLE QUOTATION MARK}t fix": "Won't fix",
        "✅": "FIXED",
        "Closed (dup)": "Closed",
    }
    for cell, word in words.items():
        (one,) = read(row(f"A | b | agents | 1 | {cell} | 2026-01-01")).found
        assert one.record["status"] == word
        assert canonical(ISSUES, one.record, now=NOW)["status"] in ("FIXED", "WONT_FIX")


@pytest.mark.parametrize(
    ("written", "status"),
    [("Blocked", "IN_PROGRESS"), ("⏸ On-hold", "IN_PROGRESS"), ("In review", "IN_PROGRESS"), ("Backlog", "OPEN")],
)
def test_a_status_of_another_tracker_is_the_nearest_one_and_stays_as_it_was_written(written, status):
    (one,) = read(row(f"A | b | agents | 1 | {written} | 2026-01-01")).found
    assert canonical(ISSUES, one.record, now=NOW)["status"] == status
    assert one.record["column_status"] == written


def test_a_table_that_says_neither_status_nor_fix_lists_what_is_open():
    reading = read(row("A | b | agents | 1 | 2026-01-01", "ID | Issue | Category | Priority | First seen"))
    assert canonical(ISSUES, reading.found[0].record, now=NOW)["status"] == "OPEN"
    assert "the table at line 1 has no column Status: 0 with a date of the fix are FIXED, 1 OPEN" in reading.notes


def test_the_usual_words_for_when_are_known():
    header = "ID | Issue | Category | Priority | Discovered | Done on"
    (one,) = read(row("A | b | agents | 1 | 2026-01-01 | 2026-01-03", header)).found
    record = canonical(ISSUES, one.record, now=NOW)
    assert (record["first_seen"][:10], record["fixed_date"][:10], record["status"]) == (
        "2026-01-01",
        "2026-01-03",
        "FIXED",
    )


def test_columns_that_no_field_is_for_are_named_where_a_field_has_none():
    (one,) = read(row("A | b | agents | 2026-01-01 | ana | 1", "ID | Issue | Category | Frist seen | Owner | P")).found
    assert one.hints == {"first_seen": "columns not used: Frist seen, Owner; did you mean first_seen by Frist seen?"}
    (one,) = read(row("A | b | agents | ana", "ID | Issue | Category | Owner")).found
    assert one.hints == dict.fromkeys(("priority", "first_seen"), "columns not used: Owner")
    (one,) = read(row("A | b | agents", "ID | Issue | Category")).found
    assert not one.hints


def test_a_sign_that_could_mean_anything_is_no_status():
    (one,) = read(row("A | b | agents | 1 | 🔴 | 2026-01-01")).found
    assert [(problem.field, problem.reason) for problem in one.problems] == [("status", "'🔴' is no status")]


def test_what_is_not_understood_stays_as_it_was_written_with_its_reason():
    (one,) = read(row("A | b | agents | P7 | Open | 01/02/26")).found
    assert (one.record["priority"], one.record["first_seen"]) == ("P7", "01/02/26")
    assert [problem.field for problem in one.problems] == ["priority", "first_seen"]


def test_a_row_with_too_few_or_too_many_cells_is_kept_whole_and_the_others_are_read():
    table = row("A | b | agents | 1 | Open | 2026-01-01") + "| B | c|d | agents | 1 | Open | 2026-01-01 |\n| C |\n"
    good, long, short = read(table).found
    assert good.record["id"] == "A"
    assert (long.record["row"], long.place) == ("| B | c|d | agents | 1 | Open | 2026-01-01 |", "line 4")
    assert "7 cells where the header has 6" in long.problems[0].reason
    assert "1 cells" in short.problems[0].reason


def test_of_two_rows_with_one_id_the_first_counts():
    first, second = read(
        row("A | b | agents | 1 | Open | 2026-01-01") + "| A | b | agents | 1 | Fixed | 2026-01-01 |\n"
    ).found
    assert not first.problems
    assert "A stands at line 3 too" in second.problems[0].reason


def test_a_category_and_a_priority_can_stand_in_and_that_is_said():
    text = "| ID | Issue | Status | First seen |\n|---|---|---|---|\n| A | b | Open | 2026-01-01 |\n"
    reading = read(text, category="commands", priority=2)
    assert canonical(ISSUES, reading.found[0].record, now=NOW)["category"] == "commands"
    assert "priority: 2 where none is given (1 of 1 issues)" in reading.notes


def test_an_own_column_for_the_update_wins_and_an_empty_cell_of_it_is_not_known():
    header = "ID | Issue | Category | Priority | Status | First seen | Updated"
    cells = "A | b | agents | 1 | Open | 2026-01-01 | 2026-01-03T00:00:00Z"
    assert read(row(cells, header)).found[0].record["updated_at"] == "2026-01-03T00:00:00.000000Z"
    assert "updated_at" not in read(row(cells[:-20], header)).found[0].record


TEXTS = st.one_of(
    st.text(max_size=12), st.text(alphabet="<br>&lt;[](){}\\|`*_~$!: u202e\u202e\u2066\x1b\n", max_size=12)
)
RECORDS = st.fixed_dictionaries(
    {
        "id": TEXTS.filter(str.strip),
        "issue": TEXTS.filter(str.strip),
        "category": st.sampled_from(["commands", "agents"]),
        "priority": st.integers(0, 3),
        "first_seen": st.just("2026-01-05T10:20:30.123456Z"),
        "status": st.sampled_from(["OPEN", "FIXED"]),
    },
    optional={
        "time_spent_minutes": st.floats(0, 1e6),
        "recurrence_count": st.integers(0, 5),
        "resolution": TEXTS,
        "files_affected": st.lists(st.one_of(st.none(), TEXTS), max_size=4),
        "updated_at": st.just("2026-02-05T00:00:00.000000Z"),
        "extra": st.dictionaries(
            st.sampled_from(["a", "b|c"]), st.one_of(TEXTS, st.integers(), st.lists(TEXTS)), min_size=1
        ),
    },
)


@given(st.lists(RECORDS, max_size=4, unique_by=lambda record: record["id"]))
def test_an_exported_table_is_read_back_as_it_was(records):
    rows = [record | ({"extra": json.dumps(record["extra"])} if "extra" in record else {}) for record in records]
    lines = [f"| {' | '.join(BACKUP_HEADER)} |", f"|{'---|' * len(BACKUP_HEADER)}", *map(backup_row, rows)]
    found = read_issue_tables("\n".join(lines), SOURCE).found
    assert not [one.problems for one in found if one.problems]
    back = [canonical(ISSUES, one.record, now=NOW) for one in found]
    expected = [
        canonical(
            ISSUES,
            {name: value for name, value in record.items() if name != "extra"} | record.get("extra", {}),
            now=NOW,
        )
        for record in records
    ]
    assert back == expected


def test_a_broken_extra_of_an_export_is_a_problem_and_no_crash():
    cells = ["A", "b", "agents", "", "1", "2026-01-01", "", "OPEN", *[""] * 11, "{not json"]
    text = f"| {' | '.join(BACKUP_HEADER)} |\n|{'---|' * len(BACKUP_HEADER)}\n| {' | '.join(cells)} |"
    (one,) = read_issue_tables(text, SOURCE).found
    assert [problem.field for problem in one.problems] == ["extra"]
    assert one.record["extra"] == "{not json"


def test_a_broken_list_of_an_export_is_a_problem_and_no_crash():
    cells = ["A", "b", "agents", "", "1", "2026-01-01", "", "OPEN", *[""] * 4, "[not json", *[""] * 7]
    text = f"| {' | '.join(BACKUP_HEADER)} |\n|{'---|' * len(BACKUP_HEADER)}\n| {' | '.join(cells)} |"
    (one,) = read_issue_tables(text, SOURCE).found
    assert [problem.field for problem in one.problems] == ["files_affected"]
