"""A report as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from analytics_assets.reports.figures import UNKNOWN, Column, Row, plain
from analytics_assets.reports.section import Case, Section, lead

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~&])")


def as_markdown(title: str, sections: Sequence[Section]) -> str:
    """The whole text; nothing in a figure, a name or a sentence is markup."""
    return "\n".join(line for part in (_head(title), *map(_section, sections)) for line in part)


def escaped(text: str) -> str:
    r"""A text that is shown as it is: nothing in it is markup, and it stays on its line.

    >>> escaped("a|b *c*\nd")
    'a\\|b \\*c\\* d'
    """
    return _MARKS.sub(r"\\\1", plain(" ".join(text.split())))


def _head(title: str) -> Iterator[str]:
    yield f"# {escaped(title)}"
    yield ""


def _section(section: Section) -> Iterator[str]:
    yield f"## {escaped(section.title)}"
    yield ""
    for sentence in section.sentences:
        yield escaped(sentence)
        yield ""
    yield from _points(section.points)
    if section.rows:
        yield from _table(section.columns, section.rows)
        yield ""
    elif section.columns and not (section.sentences or section.points):
        yield "Nothing."
        yield ""
    for case in section.cases:
        yield from _case(case)


def _points(points: Sequence[tuple[str, str]]) -> Iterator[str]:
    for name, said in points:
        yield f"- {escaped(lead(name))} {escaped(said)}"
    if points:
        yield ""


def _table(columns: Sequence[Column], rows: Sequence[Row]) -> Iterator[str]:
    yield f"| {' | '.join(escaped(column.title) for column in columns)} |"
    yield f"|{'|'.join('---:' if column.is_number else '---' for column in columns)}|"
    for row in rows:
        cells = (column.shown(row) for column in columns)
        yield f"| {' | '.join(UNKNOWN if cell is None else escaped(cell) for cell in cells)} |"


def _case(case: Case) -> Iterator[str]:
    yield f"### {escaped(f'[{case.level}] {case.title}')}"
    yield ""
    yield from _points(case.facts)
    fence = "`" * (1 + max([2, *(len(ticks) for ticks in re.findall("`+", case.sql))]))
    yield f"{fence}sql"
    yield plain(case.sql)
    yield fence
    yield ""
