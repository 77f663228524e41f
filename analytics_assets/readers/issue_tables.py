"""Issues that are tracked in tables of a Markdown file.

A table is read when it has columns for the id and the issue, and one of priority, status, category, first seen or
fixed; other tables are left alone with a word. Headers are compared without case, signs and emoji:

| column | field | a cell |
|---|---|---|
| ID, Key, #, Ticket | id | `OPT-001`, also bold or as a link |
| Issue, Title, Summary, Description, Problem | issue | any text |
| Category, Area, Component | category | a word |
| Subcategory, Type | subcategory | a word |
| Priority, Prio, P, Severity | priority | `P1`, `1`, `high`, `P1 (high)` |
| Status, State | status | `Open`, `✅ Fixed`; the words of the contract and their synonyms, and ``STATUS_WORDS`` |
| First seen, Found, Discovered, Opened, Created, Reported (on), Date | first_seen | `2026-01-31`, `31 Jan 2026` |
| Fixed, Closed, Resolved (on), Done on, Completed on | fixed_date | the same, or ISO 8601 with a time |
| Time, Time spent, Spent, Actual | time_spent_minutes | `90`, `1h 30m`; hours where the header says `(h)` |
| Expected, Estimate, Estimated | expected_minutes | the same |
| Recurrences, Recurrence, Recurred, Reopened | recurrence_count | a number |
| Root cause, RCA | root_cause_id | `RCA-001`; of `RCA-001: too long` the rest stays in `root_cause` |
| Files, File, Files affected | files_affected | separated by commas or `<br>` |
| Lines over, Lines over limit | lines_over_limit | a number |
| Duplicates, Copies | duplicate_count | a number |
| Resolution, Fix, Solution | resolution | any text |
| Created by, Found by, Source, Reporter | created_by | any text |
| Sprint, Milestone | sprint | any text |
| Updated, Last updated | updated_at | a time |

Any other column is kept under its own header. A table without a column Updated has the file's modification time as
``updated_at``: a later edit wins, and an issue that is opened again is a new version. In a table without a column
Status a date of the fix means FIXED, none OPEN. A row is a problem when it has more or fewer cells than the header. A
status that is one of ``STATUS_WORDS`` stays in ``column_status`` as it was written.

``analytics export-issues`` writes a table whose header is that of the contract; it is read back as it was.
"""

from __future__ import annotations

import json
import re
from typing import Any

from analytics_assets.contracts.issues import ISSUES
from analytics_assets.contracts.model import Type, fold
from analytics_assets.readers.foreign_values import STATUS_WORDS, minutes_of, priority_of, time_of
from analytics_assets.readers.markdown_tables import (
    BREAK,
    Row,
    Table,
    cell_of,
    columns_of,
    original_of,
    tables,
    text_of,
    unmarked,
)
from analytics_assets.readers.reading import (
    Found,
    NotUnderstoodError,
    Reading,
    Record,
    Source,
    default_fields,
    refuse_copies,
)
from analytics_assets.readers.review_tables import is_of_reviews
from analytics_assets.readers.table_rows import (
    filled,
    found_in,
    header_at,
    hints_of,
    kept_in_extra,
    left_alone,
    unit_of,
)

BACKUP_HEADER = (*(field.name for field in ISSUES.fields), "extra")
"""The header of a table that ``analytics export-issues`` wrote."""
HEADERS = {
    "id": ("id", "issue id", "key", "#", "ticket"),
    "issue": ("issue", "title", "summary", "description", "problem"),
    "category": ("category", "area", "component"),
    "subcategory": ("subcategory", "type"),
    "priority": ("priority", "prio", "p", "severity"),
    "status": ("status", "state"),
    "first_seen": (
        *("first seen", "found", "found on", "date found", "discovered", "discovered on", "detected", "detected on"),
        *("identified", "identified on", "raised on", "logged on", "opened", "opened on"),
        *("created", "created on", "created at", "reported", "reported on", "date"),
    ),
    "fixed_date": (
        *("fixed", "fixed date", "fixed on", "date fixed", "closed", "closed on", "closed date", "resolved"),
        *("resolved on", "resolved date", "completed on", "done on", "finished on"),
    ),
    "time_spent_minutes": ("time", "time spent", "spent", "actual", "time spent minutes"),
    "expected_minutes": ("expected", "estimate", "estimated", "expected minutes", "expected time"),
    "recurrence_count": ("recurrences", "recurrence", "recurrence count", "recurred", "reopened"),
    "root_cause_id": ("root cause", "root cause id", "rca"),
    "files_affected": ("files", "file", "files affected"),
    "lines_over_limit": ("lines over", "lines over limit", "over limit"),
    "duplicate_count": ("duplicates", "duplicate count", "copies"),
    "resolution": ("resolution", "fix", "solution"),
    "created_by": ("created by", "found by", "source", "reporter"),
    "sprint": ("sprint", "milestone"),
    "updated_at": ("updated", "updated at", "last updated", "updated on"),
}
TELLING = frozenset({"priority", "status", "category", "first_seen", "fixed_date"})
"""A list of root causes has an id and a description too; one of these makes it a list of issues."""
NEEDED = {field.name: HEADERS[field.name] for field in ISSUES.fields if field.required and field.name != "status"}
"""What a row must say, with the words of its header; a status stands in where no column has one."""
DONE_SIGNS = frozenset("✅✔☑")
_CAUSE = re.compile(r"([A-Z]{2,}-\d+)\b\W*(.*)", re.DOTALL)
_SEPARATOR = re.compile(rf"{BREAK.pattern}|(?<!\\),", re.IGNORECASE)


def read_issue_tables(text: str, source: Source) -> Reading:
    """The issues of every table that has some; see the module for what is read as what. Reviews are left to theirs."""
    found: list[Found] = []
    notes: list[str] = []
    for table in tables(text):
        if table.header == BACKUP_HEADER:
            found += [_restored(table, row) for row in table.rows]
            continue
        if is_of_reviews(table):
            continue
        columns = columns_of(table.header, HEADERS)
        lacking = _lacking(set(columns.values()))
        if lacking:
            notes.append(left_alone(table, lacking))
            continue
        of_table = [_issue(table, columns, row, source) for row in filled(table)]
        hints = hints_of(table, columns, NEEDED)
        for one in of_table:
            one.hints = hints
        notes += _stand_ins(table, columns, of_table, source)
        found += of_table
    notes += default_fields([one for one in found if "row" not in one.record], source)
    refuse_copies(found)
    return Reading(found, notes)


def _lacking(fields: set[str]) -> str | None:
    if "id" not in fields:
        return "it has no column ID"
    if "issue" not in fields:
        return "it has no column Issue"
    return None if fields & TELLING else "nothing in it says priority, status, category or when"


def _issue(table: Table, columns: dict[int, str], row: Row, source: Source) -> Found:
    found = found_in(table, row, source)
    if found.problems:
        return found
    for place, cell in enumerate(row.cells):
        name, given = columns.get(place), text_of(cell)
        if given is None:
            continue
        if name is None:
            found.keep({header_at(table, place): given}, "column")
        else:
            _put(found, name, cell, table.header[place], source)
    if "updated_at" not in columns.values():
        found.record["updated_at"] = source.modified_at
    if "status" not in columns.values():
        found.record["status"] = "FIXED" if "fixed_date" in found.record else "OPEN"
    return found


def _put(found: Found, name: str, cell: str, header: str, source: Source) -> None:
    """One cell as its field means it."""
    bare = text_of(unmarked(cell))
    if name in ("issue", "resolution"):
        found.put(name, text_of(cell), str)
    elif name == "priority":
        found.put(name, bare, priority_of)
    elif name == "status":
        _put_status(found, bare)
    elif name in ("first_seen", "fixed_date", "updated_at"):
        found.put(name, bare, lambda given: time_of(given, source.zone))
    elif name in ("time_spent_minutes", "expected_minutes"):
        found.put(name, bare, lambda given: minutes_of(given, unit_of(header)))
    elif name == "files_affected":
        files = [text_of(unmarked(file)) for file in _SEPARATOR.split(cell)]
        found.put(name, [file for file in files if file], list)
    elif name == "root_cause_id":
        _put_cause(found, bare)
    else:
        found.put(name, bare, str)


def _put_cause(found: Found, given: str | None) -> None:
    coded = _CAUSE.fullmatch(given or "")
    found.put("root_cause_id", coded[1] if coded else given, str)
    if coded and coded[2]:
        found.record["root_cause"] = given


def _put_status(found: Found, given: str | None) -> None:
    found.put("status", given, _status)
    meant = STATUS_WORDS.get(fold(str(found.record.get("status"))).replace("_", " "))
    if meant is not None:
        found.record["status"] = meant
        found.keep({"status": given}, "column")


def _status(given: str) -> str:
    """The words of a status without the signs beside them; the contract knows the words."""
    words = re.sub(r"\(.*?\)", "", given).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    bare = re.sub(r"^[^A-Za-z]+|[^A-Za-z]+$", "", words)
    if bare:
        return bare
    if DONE_SIGNS & set(given):
        return "FIXED"
    raise NotUnderstoodError(f"'{given}' is no status", "write Open, In progress, Fixed or Won't fix")


def _stand_ins(table: Table, columns: dict[int, str], found: list[Found], source: Source) -> list[str]:
    """What fields were filled with that the table has no column for."""
    if not found:
        return []
    notes = []
    at = f"the table at line {table.line}"
    fields = set(columns.values())
    if "updated_at" not in fields:
        notes.append(f"{at} has no column Updated: the file's modification time counts, {source.modified_at[:19]}Z")
    if "status" not in fields:
        fixed = sum(one.record.get("status") == "FIXED" for one in found)
        notes.append(f"{at} has no column Status: {fixed} with a date of the fix are FIXED, {len(found) - fixed} OPEN")
    return notes + kept_in_extra(table, columns)


def _restored(table: Table, row: Row) -> Found:
    """A row of our own export: the record that it was made of, and nothing else."""
    found = found_in(table, row)
    if found.problems:
        return found
    *cells, extra = row.cells
    for field, cell in zip(ISSUES.fields, cells, strict=True):
        if field.type is Type.TEXTS:
            found.put(field.name, cell, _restored_list)
        elif (value := original_of(cell)) is not None:
            found.record[field.name] = value
    found.put("extra", original_of(extra), json_object)
    if isinstance(found.record.get("extra"), dict):
        found.record.update(found.record.pop("extra"))
    return found


def _restored_list(cell: str) -> list[Any]:
    # A name that begins with a bracket has a backslash before it.
    if not cell.startswith("["):
        return [original_of(part) for part in cell.split("<br>")]
    try:
        items = json.loads(original_of(cell) or "")
    except ValueError:
        items = None
    if not isinstance(items, list):
        raise NotUnderstoodError("it is not a JSON list", "take the row from the export again")
    return items


def backup_row(record: Record) -> str:
    """The row of a record in a table with ``BACKUP_HEADER``; ``extra`` is the JSON text of the unknown fields."""
    cells = [_backup_cell(record.get(name)) for name in BACKUP_HEADER]
    return f"| {' | '.join(cells)} |"


def _backup_cell(value: Any) -> str:
    if isinstance(value, list):
        if not value or None in value:
            return "[" + cell_of(json.dumps(value, ensure_ascii=False)[1:])
        return "<br>".join(cell_of(item, line_break="&#10;") for item in value)
    return cell_of(value if value is None or isinstance(value, str) else json.dumps(value))


def json_object(given: str) -> dict[str, Any]:
    """The object of a JSON text.

    Raises:
        NotUnderstoodError: it is none.
    """
    try:
        value = json.loads(given)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise NotUnderstoodError("extra is not a JSON object", "take the row from the export again")
    return value
