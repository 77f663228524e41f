"""Reviews that are tracked in tables of a Markdown file, one row per run.

A table is read when it has no column for an issue, but columns for the date and the scope, and one of health, found or
fixed. Headers are compared as those of issues:

| column | field | a cell |
|---|---|---|
| ID, Review ID, Run ID, Key | id | any text; without it the date and the scope are the id |
| Date, Run date, Ran | run_date | `2026-01-31`, `31 Jan 2026`, ISO 8601 |
| Scope | scope | `all`, `planning`, `commands`, `agents` |
| Health, Overall, Health overall | health_score_overall | `72`, `72 %`, `72/100` |
| Planning, Commands, Agents, each with or without Health | health_score_planning, _commands, _agents | the same |
| Found, Issues found | issues_found | a number |
| Fixed, Issues fixed | issues_fixed | a number |
| Minutes, Time, Time spent, Duration | time_spent_minutes | `90`, `1h 30m`; hours where the header says `(h)` |
| Triggered by, Trigger, Command | triggered_by | `/optimize`, `/system-review`, `manual`, any other word |

Any other column is kept under its own header. A review never changes: a row that is edited later is the one that is
known already.
"""

from __future__ import annotations

import re
from functools import partial

from analytics_assets.contracts.issues import REVIEWS
from analytics_assets.contracts.model import fold
from analytics_assets.readers.foreign_values import minutes_of, time_of
from analytics_assets.readers.markdown_tables import Row, Table, columns_of, tables, text_of, unmarked
from analytics_assets.readers.reading import Found, NotUnderstoodError, Reading, Source, refuse_copies
from analytics_assets.readers.table_rows import filled, found_in, header_at, kept_in_extra, left_alone, unit_of

PARTS = ("planning", "commands", "agents")
HEADERS = {
    "id": ("id", "review id", "run id", "key"),
    "run_date": ("run date", "date", "ran", "ran on"),
    "scope": ("scope",),
    "health_score_overall": ("health overall", "overall health", "overall", "health", "health score"),
    **{f"health_score_{part}": (f"health {part}", f"{part} health", part) for part in PARTS},
    "issues_found": ("found", "issues found"),
    "issues_fixed": ("fixed", "issues fixed"),
    "time_spent_minutes": ("minutes", "time", "time spent", "duration"),
    "triggered_by": ("triggered by", "trigger", "command"),
}
ISSUE = {"issue": ("issue", "title", "summary", "description", "problem")}
"""A column of a list of issues, which has a date and a scope at times."""
SCORES = frozenset({"health_score_overall", *(f"health_score_{part}" for part in PARTS)})
TELLING = SCORES | {"issues_found", "issues_fixed"}
_OWN_NAMES = REVIEWS.names | {"source"}
_SCORE = re.compile(r"(\d+(?:\.\d+)?) ?(%|/ ?100)?")


def is_of_reviews(table: Table) -> bool:
    """Whether a table lists reviews, also one that lacks a column that they must have."""
    fields = set(columns_of(table.header, HEADERS).values())
    is_dated = "run_date" in fields and bool(fields & (SCORES | {"scope"})) and bool(fields & TELLING)
    return is_dated and not columns_of(table.header, ISSUE)


def read_review_tables(text: str, source: Source) -> Reading:
    """The reviews of every table that has some; see the module for what is read as what."""
    found: list[Found] = []
    notes: list[str] = []
    for table in tables(text):
        if not is_of_reviews(table):
            continue
        columns = columns_of(table.header, HEADERS)
        if "scope" not in columns.values():
            notes.append(left_alone(table, "it has no column Scope"))
            continue
        found += [_review(table, columns, row, source) for row in filled(table)]
        notes += kept_in_extra(table, columns)
    unnamed = [one for one in found if "id" not in one.record and "row" not in one.record]
    if unnamed:
        _name(unnamed)
        notes.append("reviews without an ID are called by date and scope, a second one of both by its position too")
    refuse_copies(found)
    return Reading(found, notes, REVIEWS.kind)


def _review(table: Table, columns: dict[int, str], row: Row, source: Source) -> Found:
    found = found_in(table, row, source)
    if found.problems:
        return found
    for place, cell in enumerate(row.cells):
        name, given = columns.get(place), text_of(unmarked(cell))
        if name is None:
            found.keep({header_at(table, place): text_of(cell)}, "column", _OWN_NAMES)
        elif name == "run_date":
            found.put(name, given, lambda said: time_of(said, source.zone))
        elif name == "time_spent_minutes":
            found.put(name, given, partial(minutes_of, bare_unit=unit_of(table.header[place])))
        else:
            found.put(name, given, _score if name in SCORES else str)
    return found


def _score(given: str) -> float:
    """0 to 100, of ``72``, ``72 %``, ``72/100``."""
    written = _SCORE.fullmatch(given.strip())
    if written is None:
        raise NotUnderstoodError(f"'{given}' is no health of 0 to 100", "write it as 72 %")
    score = float(written[1])
    if 0 < score <= 1 and not written[2]:
        raise NotUnderstoodError(f"'{given}' may be a share or a percentage", "write it as 72 %")
    return score


def _name(found: list[Found]) -> None:
    """Ids of reviews that have none, which stay the same when later runs are added at the end or at the top."""
    dates = [str(one.record.get("run_date", "")) for one in found]
    seen: dict[str, int] = {}
    for one in found if dates[0] <= dates[-1] else reversed(found):
        name = f"{one.record.get('run_date', '')}-{fold(str(one.record.get('scope', '')))}"
        seen[name] = seen.get(name, 0) + 1
        one.record["id"] = name if seen[name] == 1 else f"{name}-{seen[name]}"
