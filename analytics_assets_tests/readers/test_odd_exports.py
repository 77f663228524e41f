"""Whatever an export holds, a reader gives records that can be written, or says that the file cannot be read."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_assets.line_files import json_line
from analytics_assets.readers.issue_formats import READERS, readings_of
from analytics_assets.readers.reading import Source, UnreadableFileError

SOURCE = Source("export", "2026-02-12T10:20:00.000000Z")
WORDS = st.sampled_from(
    ["P1", "Open", "CLOSED", "2026-01-05", "12/Jan/26 3:04 PM", "1h", "RCA-1: x", "", "-", "a\\|b", "\x00"]
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), st.floats(allow_nan=False), WORDS, st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["name", "key", "statusCategory", "login"]), inner, max_size=3),
    ),
    max_leaves=4,
)
GITHUB = ("number", "title", "state", "stateReason", "labels", "user", "milestone", "createdAt", "closedAt", "url")
JIRA = (
    "summary",
    "status",
    "priority",
    "resolution",
    "created",
    "labels",
    "components",
    "timespent",
    "sprint",
    "reporter",
)


def items(*names):
    return st.lists(st.one_of(VALUES, st.dictionaries(st.sampled_from(names), VALUES)), max_size=4)


def written(form, text):
    """The records of a text as lines; each knows where it is from."""
    with contextlib.suppress(UnreadableFileError):
        for one in (one for reading in readings_of(form, text, SOURCE) for one in reading.found):
            assert json.loads(json_line(one.record))["source"].startswith("export")
            assert one.record.keys() > {"source"} or one.problems or form != "markdown"


@given(items(*GITHUB))
def test_github_of_any_shape(values):
    written("github", json.dumps(values))


@given(items(*JIRA))
def test_jira_of_any_shape(values):
    written("jira", json.dumps({"issues": [{"key": "A-1", "fields": value} for value in values]}))


@given(rows=st.lists(st.lists(WORDS, min_size=1, max_size=9), max_size=5))
@pytest.mark.parametrize(
    "header",
    [
        "| ID | Issue | Category | Priority | Status | First seen | Time | Root cause | Files |",
        "| ID | Date | Scope | Health | Planning | Found | Fixed | Minutes | Notes |",
    ],
)
def test_tables_of_any_shape(header, rows):
    header += "\n|" + "---|" * 9
    written("markdown", "\n".join([header, *(f"| {' | '.join(row)} |" for row in rows)]))


@pytest.mark.parametrize("form", READERS)
@given(text=st.text(max_size=60))
def test_texts_of_any_kind(form, text):
    written(form, text)
    written(form, "number,title,Issue key,Summary\n" + text)
