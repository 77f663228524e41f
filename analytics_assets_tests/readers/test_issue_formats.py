"""The content of a file tells which tracker it is from."""

from __future__ import annotations

import pytest

from analytics_assets.readers.issue_formats import format_of
from analytics_assets.readers.reading import UnreadableFileError


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ('[{"number": 1, "title": "a"}]', "github"),
        ('{"items": [{"number": 1, "title": "a"}]}', "github"),
        ("Number,Title,State\n1,a,OPEN\n", "github"),
        ('{"issues": [{"key": "A-1", "fields": {}}]}', "jira"),
        ('[{"key": "A-1", "fields": {}}]', "jira"),
        ("\ufeffSummary,Issue key,Status\na,A-1,Done\n", "jira"),
        ("# Issues\n\n| ID | Issue |\n|---|---|\n| 1 | a |\n", "markdown"),
    ],
)
def test_the_content_tells_the_tracker(text, form):
    assert format_of(text) == form


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (" \n", "empty"),
        ("[]", "no issue"),
        ('{"issues": []}', "no issue"),
        ('[{"name": "x"}]', "neither GitHub's"),
        ("[1, 2", "not JSON at line 1"),
        ("hello", "no Markdown table"),
        ("a,b\n1,2\n", "no columns of GitHub or Jira"),
    ],
)
def test_what_tells_nothing_is_said_with_what_to_do(text, said):
    with pytest.raises(UnreadableFileError, match=said):
        format_of(text)
