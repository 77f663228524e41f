"""Which tracker a file is from, told from its content, and the readers of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from analytics_assets.readers.exports import is_json, json_documents, listed
from analytics_assets.readers.github_issues import is_github, is_github_csv, read_github_issues
from analytics_assets.readers.issue_tables import read_issue_tables
from analytics_assets.readers.jira_issues import is_jira, is_jira_csv, read_jira_issues
from analytics_assets.readers.markdown_tables import tables
from analytics_assets.readers.reading import Reading, Source, UnreadableFileError
from analytics_assets.readers.review_tables import read_review_tables

READERS: Mapping[str, tuple[Callable[[str, Source], Reading], ...]] = {
    "markdown": (read_issue_tables, read_review_tables),
    "github": (read_github_issues,),
    "jira": (read_jira_issues,),
}


def readings_of(form: str, text: str, source: Source) -> list[Reading]:
    """What a file of this format holds: one reading per kind that it has records of, or a single one without any.

    Raises:
        UnreadableFileError: it is not of this format.
    """
    readings = [reader(text, source) for reader in READERS[form]]
    told = [reading for reading in readings if reading.found] or readings[:1]
    # A table that is left alone is nobody's: the first reading says so.
    others = [note for reading in readings if reading not in told for note in reading.notes]
    return [replace(told[0], notes=[*told[0].notes, *others]), *told[1:]]


def format_of(text: str) -> str:
    """``markdown``, ``github`` or ``jira``.

    Raises:
        UnreadableFileError: the content tells none of them.
    """
    remedy = f"say --format {', '.join(READERS)} if you know it"
    if not text.strip("\ufeff \t\r\n"):
        raise UnreadableFileError("it is empty: export it again")
    if is_json(text):
        items = listed(json_documents(text), "issues", "items")
        if not items:
            raise UnreadableFileError("it lists no issue: ask for more of them, as with --state all")
        found = "jira" if is_jira(items) else "github" if is_github(items) else None
        if found is None:
            raise UnreadableFileError(
                f"its JSON is neither GitHub's (number, title) nor Jira's (key, fields): {remedy}"
            )
        return found
    for name, is_one in (("jira", is_jira_csv), ("github", is_github_csv)):
        if is_one(text):
            return name
    if next(tables(text), None) is not None:
        return "markdown"
    raise UnreadableFileError(f"it has no Markdown table, and no columns of GitHub or Jira: {remedy}")
