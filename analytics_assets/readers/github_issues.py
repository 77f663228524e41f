"""Issues of GitHub: ``gh issue list --json ...``, the JSON of its REST interface, and CSV with the same names.

| GitHub | field |
|---|---|
| repository and number, as ``owner/name#12``; without ``url``, ``#12`` | id |
| title | issue |
| labels | category, priority, subcategory, root_cause_id: see ``labels`` |
| createdAt | first_seen |
| state OPEN | status OPEN |
| state CLOSED with stateReason COMPLETED, or none | status FIXED; closedAt is fixed_date |
| state CLOSED with stateReason NOT_PLANNED or DUPLICATE | status WONT_FIX; the reason is resolution |
| stateReason REOPENED | recurrence_count 1: it came back at least once |
| author | created_by |
| milestone | sprint |
| updatedAt | updated_at |

Whether an issue came back is not known unless GitHub says so, and then recurrence_count is left out. REST lists pull
requests among the issues: they are left out and counted. Every other field is kept under its own name, with
``github_`` before it where the contract has a field of that name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from analytics_assets.readers.exports import (
    begun,
    call_by_ids,
    csv_header,
    csv_rows,
    forget_places,
    is_json,
    item_place,
    json_documents,
    listed,
    merged,
    named,
    no_object,
)
from analytics_assets.readers.foreign_values import time_of
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

SPELLINGS = {
    "number": ("number",),
    "title": ("title",),
    "state": ("state",),
    "reason": ("stateReason", "state_reason", "statereason"),
    "created": ("createdAt", "created_at", "createdat"),
    "closed": ("closedAt", "closed_at", "closedat"),
    "updated": ("updatedAt", "updated_at", "updatedat"),
    "labels": ("labels",),
    "author": ("author", "user"),
    "milestone": ("milestone",),
}
"""Fields as ``gh``, REST and CSV call them."""
MAPPED = frozenset(name for names in SPELLINGS.values() for name in names)
WONT_FIX = frozenset({"not_planned", "not planned", "duplicate"})
_REPOSITORY = re.compile(r"https?://[^/]+/(?:repos/)?([^/]+/[^/]+?)(?:/issues/\d+)?/?")


def is_github(items: list[Any]) -> bool:
    """Whether items look like issues of GitHub."""
    first = next((item for item in items if isinstance(item, dict)), {})
    return {"number", "title"} <= first.keys()


def is_github_csv(text: str) -> bool:
    """Whether a CSV file has GitHub's names."""
    return {"number", "title"} <= set(csv_header(text))


def read_github_issues(text: str, source: Source) -> Reading:
    """The issues of an export; see the module for what is read as what.

    Raises:
        UnreadableFileError: it is neither JSON nor CSV.
    """
    found: list[Found] = []
    pull_requests = without_reason = 0
    for one, item in _items(text, source):
        if item is not None and item.get("pull_request"):
            pull_requests += 1
            continue
        found.append(one)
        if item is not None:
            _fill(one, item, source)
            without_reason += one.record.get("status") == "FIXED" and not merged(item, SPELLINGS["reason"])
    whole = [one for one in found if "id" in one.record]
    notes = [f"left out: pull requests ({pull_requests})"] if pull_requests else []
    if any(str(one.record["id"]).startswith("#") for one in whole):
        notes.append("id: the number alone, as no url is exported; issues of two repositories would be taken for one")
    if without_reason:
        notes.append(f"status: closed without a reason counts as FIXED ({without_reason} issues)")
    notes += default_fields(whole, source)
    refuse_copies(found)
    forget_places(found, source)
    call_by_ids(found)
    return Reading(found, notes)


def _items(text: str, source: Source) -> Iterator[tuple[Found, Record | None]]:
    """Every issue of the export with the record to fill; without the issue where it cannot be read."""
    if not is_json(text):
        for cells in csv_rows(text, source):
            if isinstance(cells, Found):
                yield cells, None
            else:
                row = {name: values[0] if len(values) == 1 else values for name, values in cells.values.items()}
                yield begun(source, "", cells.line), row
        return
    for index, item in enumerate(listed(json_documents(text), "items", "issues")):
        one = begun(source, item_place(index))
        yield (one, item) if isinstance(item, dict) else (no_object(one, item), None)


def _fill(found: Found, item: Record, source: Source) -> None:
    given = {name: merged(item, spellings) for name, spellings in SPELLINGS.items()}
    if given["number"] is not None:
        found.record["id"] = f"{_repository(item)}#{given['number']}"
    found.put("issue", given["title"], str)
    for name, moment in (("first_seen", "created"), ("updated_at", "updated")):
        found.put(name, given[moment], lambda text: time_of(text, source.zone))
    _put_state(found, given, source)
    found.put("created_by", named(given["author"]), str)
    found.put("sprint", named(given["milestone"]), str)
    put_labels(found, _labels(given["labels"]))
    found.keep({name: value for name, value in item.items() if name not in MAPPED}, "github")


def _put_state(found: Found, given: Record, source: Source) -> None:
    """Status, when it was fixed, and whether GitHub says that it came back."""
    reason = str(given["reason"] or "").lower()
    found.put("status", given["state"], lambda state: _status(str(state), reason))
    status = found.record.get("status")
    if status == "FIXED":
        found.put("fixed_date", given["closed"], lambda text: time_of(text, source.zone))
    if status == "WONT_FIX":
        found.record["resolution"] = reason.replace("_", " ")
        found.keep({"closed_at": given["closed"]}, "github")
    if reason == "reopened":
        found.record["recurrence_count"] = 1


def _status(state: str, reason: str) -> str:
    if state.lower() == "open":
        return "OPEN"
    if state.lower() == "closed" and reason in ("", "completed"):
        return "FIXED"
    if state.lower() == "closed" and reason in WONT_FIX:
        return "WONT_FIX"
    raise NotUnderstoodError(
        f"state '{state}' with reason '{reason}' is none of GitHub's", "export state and stateReason as GitHub has them"
    )


def _repository(item: Record) -> str:
    """``owner/name`` of an issue, from any of its addresses; empty where it has none."""
    held = item.get("repository")
    if isinstance(held, dict):
        full = held.get("nameWithOwner") or held.get("full_name")
        if full:
            return str(full)
    for name in ("html_url", "repository_url", "url"):
        match = _REPOSITORY.fullmatch(str(item.get(name) or ""))
        if match:
            return match[1]
    return ""


def _labels(given: Any) -> list[str]:
    if isinstance(given, str):
        return [label.strip() for label in given.split(",")]
    return [str(named(label)) for label in given if named(label)] if isinstance(given, list) else []
