"""Issues of Jira: the JSON of its REST search (``issues[].fields``), and its CSV export with columns that repeat.

| REST | CSV | field |
|---|---|---|
| key | Issue key | id |
| summary | Summary | issue |
| labels, else the first of components | Labels, Component/s | category: see ``labels`` |
| priority | Priority | priority: Highest, Critical, Blocker 0, High, Major 1, Medium, Minor 2, Low, Lowest, Trivial 3 |
| created | Created | first_seen |
| status.statusCategory new, indeterminate | Status Category, else Status | status OPEN, IN_PROGRESS |
| statusCategory done | the same | status FIXED; WONT_FIX where the resolution says so (``WONT_FIX``) |
| resolutiondate | Resolved | fixed_date of a FIXED one |
| resolution | Resolution | resolution |
| status Reopened | Status | recurrence_count 1: it came back at least once |
| timespent, seconds | Time Spent, seconds | time_spent_minutes |
| timeoriginalestimate, seconds | Original Estimate, seconds | expected_minutes |
| reporter, else creator | Reporter, Creator | created_by |
| labels | Labels, Custom field (Root Cause) | root_cause_id |
| sprint | Sprint, the last | sprint |
| updated | Updated | updated_at |

Times of REST have their zone. Those of CSV are in the zone of who exported: ``--zone`` says which it is, and without
it a row is refused. A date in the numbers of a locale (01/02/26) is refused; ``12/Jan/26 3:04 PM``, Jira's
own form, is day, month, year. Every other field is kept under its own name, with ``jira_`` before it where the
contract has a field of that name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from analytics_assets.readers.exports import (
    Cells,
    begun,
    call_by_ids,
    csv_header,
    csv_rows,
    forget_places,
    is_json,
    item_place,
    json_documents,
    listed,
    named,
    no_object,
)
from analytics_assets.readers.foreign_values import STATUS_WORDS, minutes_of, priority_of, time_of
from analytics_assets.readers.labels import put_labels
from analytics_assets.readers.reading import (
    Found,
    NotUnderstoodError,
    Reading,
    Record,
    Source,
    default_fields,
    refuse_copies,
)

STATUS_CATEGORIES = {
    **dict.fromkeys(("new", "to do", "undefined"), "OPEN"),
    **dict.fromkeys(("indeterminate", "in progress"), "IN_PROGRESS"),
    **dict.fromkeys(("done", "complete"), "FIXED"),
}
"""Keys and English names of Jira's three categories of a status."""
STATUSES = {
    **STATUS_WORDS,
    **dict.fromkeys(("open", "reopened", "to do", "selected for development", "new"), "OPEN"),
    "in progress": "IN_PROGRESS",
    **dict.fromkeys(("done", "closed", "resolved"), "FIXED"),
}
"""Statuses of the workflows that come with Jira and the usual others, for exports without the category."""
WONT_FIX = frozenset(
    {
        *("won't fix", "won't do", "wont fix", "wont do", "declined", "rejected", "duplicate", "cannot reproduce"),
        *("not a bug", "invalid", "incomplete", "obsolete", "works as designed", "abandoned", "cancelled", "canceled"),
    }
)
"""Resolutions after which nothing was fixed."""
CSV_COLUMNS = {
    "summary": "summary",
    "priority": "priority",
    "created": "created",
    "status": "status",
    "status category": "statuscategory",
    "resolved": "resolutiondate",
    "resolution": "resolution",
    "time spent": "timespent",
    "original estimate": "timeoriginalestimate",
    "reporter": "reporter",
    "creator": "creator",
    "updated": "updated",
    "custom field (root cause)": "root_cause_id",
}
"""Columns of the CSV export and the fields of REST that they are; Labels, Component/s and Sprint may repeat."""
REPEATED = {"labels": "labels", "component/s": "components", "components": "components", "sprint": "sprint"}
MAPPED = (frozenset(CSV_COLUMNS.values()) | {"labels", "sprint"}) - {"creator"}


def is_jira(items: list[Any]) -> bool:
    """Whether items look like issues of Jira."""
    first = next((item for item in items if isinstance(item, dict)), {})
    return "key" in first and isinstance(first.get("fields"), dict)


def is_jira_csv(text: str) -> bool:
    """Whether a CSV file has the names of Jira's export."""
    return {"issue key", "summary"} <= set(csv_header(text))


def read_jira_issues(text: str, source: Source) -> Reading:
    """The issues of an export; see the module for what is read as what.

    Raises:
        UnreadableFileError: it is neither JSON nor CSV.
    """
    found = []
    for one, key, fields in _items(text, source):
        found.append(one)
        if fields is not None:
            _fill(one, key, fields, source)
    notes = default_fields([one for one in found if "id" in one.record], source)
    refuse_copies(found)
    forget_places(found, source)
    call_by_ids(found)
    return Reading(found, notes)


def _items(text: str, source: Source) -> Iterator[tuple[Found, str | None, Record | None]]:
    """Every issue with the record to fill, its key and its fields; without fields where it cannot be read."""
    if not is_json(text):
        for cells in csv_rows(text, source):
            if isinstance(cells, Found):
                yield cells, None, None
            else:
                yield begun(source, "", cells.line), *_fields_of(cells)
        return
    for index, item in enumerate(listed(json_documents(text), "issues")):
        one = begun(source, item_place(index))
        if isinstance(item, dict) and isinstance(item.get("fields"), dict):
            yield one, item.get("key"), item["fields"]
        else:
            yield no_object(one, item), None, None


def _fields_of(cells: Cells) -> tuple[str | None, Record]:
    """A row of CSV in the fields of REST."""
    fields: Record = {}
    for column, values in cells.values.items():
        if column in REPEATED:
            fields[REPEATED[column]] = values
        elif column != "issue key":
            fields[CSV_COLUMNS.get(column, column)] = values[0] if len(values) == 1 else values
    return cells.first("Issue key"), fields


def _fill(found: Found, key: str | None, fields: Record, source: Source) -> None:
    found.put("id", key, str)
    found.put("issue", fields.get("summary"), str)
    found.put("priority", named(fields.get("priority")), priority_of)
    for name, moment in (("first_seen", "created"), ("updated_at", "updated")):
        found.put(name, fields.get(moment), lambda text: time_of(text, source.zone))
    _put_status(found, fields, source)
    for name, seconds in (("time_spent_minutes", "timespent"), ("expected_minutes", "timeoriginalestimate")):
        found.put(name, fields.get(seconds), lambda given: minutes_of(given, "s"))
    found.put("created_by", named(fields.get("reporter")) or named(fields.get("creator")), str)
    found.put("root_cause_id", named(fields.get("root_cause_id")), str)
    found.put("sprint", _last(fields.get("sprint")), str)
    labels = fields.get("labels")
    put_labels(found, [str(label) for label in labels] if isinstance(labels, list) else [])
    components = fields.get("components")
    if "category" not in found.record and isinstance(components, list) and components:
        found.put("category", named(components[0]), str)
    found.keep({name: value for name, value in fields.items() if name not in MAPPED}, "jira")


def _put_status(found: Found, fields: Record, source: Source) -> None:
    """Status, resolution, when it was fixed, and whether Jira says that it came back."""
    status = fields.get("status")
    category = status.get("statusCategory") if isinstance(status, dict) else fields.get("statuscategory")
    category_key = category.get("key") if isinstance(category, dict) else category
    word, resolution = named(status), named(fields.get("resolution"))
    found.put("status", word or category_key, lambda _: _status(word, category_key, resolution))
    found.put("resolution", resolution, str)
    if found.record.get("status") == "FIXED":
        found.put("fixed_date", fields.get("resolutiondate"), lambda text: time_of(text, source.zone))
    elif fields.get("resolutiondate"):
        found.record["resolutiondate"] = fields["resolutiondate"]
    if str(word).lower() == "reopened":
        found.record["recurrence_count"] = 1
    if word:
        found.record["jira_status"] = word


def _status(word: Any, category: Any, resolution: Any) -> str:
    meant = STATUS_CATEGORIES.get(str(category).lower()) or STATUSES.get(str(word).lower())
    if meant is None:
        raise NotUnderstoodError(f"status '{word}' is not one of Jira's own", "export the field Status Category too")
    folded = str(resolution).lower().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    return "WONT_FIX" if meant == "FIXED" and folded in WONT_FIX else meant


def _last(sprints: Any) -> Any:
    """The sprint that an issue is in now: the last of those it was in."""
    if isinstance(sprints, list):
        return named(sprints[-1]) if sprints else None
    return named(sprints)
