"""Tables in Markdown, and texts in their cells: what ``cell_of`` writes, ``text_of`` reads back to the character.

A cell is one line between pipes. A pipe or a backslash in it has a backslash before it, a newline is ``<br>``, a
character that Markdown would drop is an entity. An empty cell, or a dash in it, is nothing known; an empty text is
``""``.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

NOTHING = frozenset({"", "-", "--", "\N{EN DASH}", "\N{EM DASH}", "n/a", "na", "none", "null", "tbd", "?"})
"""What people write into a cell for which they know nothing."""
EMPTY_TEXT = '""'
BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
_DELIMITER = re.compile(r"\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_PIPE = re.compile(r"(?:[^|\\]|\\.|\\$)*")
_ENTITY = re.compile(r"&(?:#\d+|#[xX][0-9a-fA-F]+|\w+);")
_ESCAPED = re.compile(r"""\\([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~])""")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
_WRAPPED = (
    re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)"),
    re.compile(r"(?:\*\*|__|~~)(.+)(?:\*\*|__|~~)"),
    re.compile(r"[*_`](.+)[*_`]"),
)


@dataclass(frozen=True)
class Row:
    """A row with its line in the file; ``cells`` are as they were written."""

    line: int
    text: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table with the line of its header."""

    line: int
    header: tuple[str, ...]
    rows: tuple[Row, ...]


def tables(text: str) -> Iterator[Table]:
    """Every table of a document; what stands in a fence of code is none."""
    # Not splitlines: it also breaks at characters that stand within a cell.
    lines = [line.rstrip("\r") for line in text.removeprefix("\ufeff").split("\n")]
    fence = None
    number = 0
    while number < len(lines):
        mark = _FENCE.match(lines[number])
        if mark and (fence is None or mark[1].startswith(fence)):
            fence = mark[1] if fence is None else None
        elif fence is None and _is_header(lines, number):
            rows = list(_rows(lines, number + 2))
            yield Table(number + 1, split(lines[number]), tuple(rows))
            number += 1 + len(rows)
        number += 1


def _is_header(lines: list[str], number: int) -> bool:
    if "|" not in lines[number] or number + 1 == len(lines):
        return False
    below = lines[number + 1].strip()
    return bool(_DELIMITER.fullmatch(below)) and len(split(below)) == len(split(lines[number]))


def _rows(lines: list[str], start: int) -> Iterator[Row]:
    for number in range(start, len(lines)):
        line = lines[number]
        if "|" not in line:
            return
        yield Row(number + 1, line, split(line))


def split(line: str) -> tuple[str, ...]:
    """The cells of a row; the pipes at its ends are its frame."""
    inner = line.strip().removeprefix("|")
    cells = []
    position = 0
    while True:
        match = _PIPE.match(inner, position)
        assert match is not None, "the pattern matches nothing too"
        cells.append(match[0].strip())
        position = match.end() + 1
        if position > len(inner):
            break
    if len(cells) > 1 and cells[-1] == "" and inner.endswith("|"):
        cells.pop()
    return tuple(cells)


def is_nothing(cell: str) -> bool:
    """Whether a cell says that nothing is known."""
    return cell.strip().lower() in NOTHING


def text_of(cell: str) -> str | None:
    """The text that a cell means; None where it says that nothing is known."""
    if is_nothing(cell):
        return None
    if cell == EMPTY_TEXT:
        return ""
    # In one pass from left to right: what an escape stands for is no escape of the next.
    pattern = re.compile(f"{_ESCAPED.pattern}|{BREAK.pattern}|{_ENTITY.pattern}", re.IGNORECASE)
    return pattern.sub(_meant, cell)


def _meant(match: re.Match[str]) -> str:
    if match[1] is not None:
        return match[1]
    if match[0].startswith("<"):
        return "\n"
    if match[0][1] == "#":
        # html.unescape reads some numbers as Windows did, and drops others.
        number = match[0][2:-1]
        code = int(number[1:], 16) if number[0] in "xX" else int(number)
        return chr(code) if code <= LAST_CHARACTER else match[0]
    return html.unescape(match[0])


LAST_CHARACTER = 0x10FFFF


def cell_of(text: str | None, *, line_break: str = "<br>") -> str:
    """A cell that ``text_of`` reads as exactly this text."""
    if text is None:
        return ""
    if text == "":
        return EMPTY_TEXT
    said = re.sub(r"[\\|]", r"\\\g<0>", text)
    said = _ENTITY.sub(lambda match: "&amp;" + match[0][1:], said)
    said = BREAK.sub(lambda match: "&lt;" + match[0][1:], said)
    said = said.replace("\n", line_break)
    said = _UNSEEN.sub(lambda match: _entity(match[0]), said)
    if said[0] in "*_`[~" and not said.startswith("\\"):
        said = "\\" + said
    if said[0].isspace() or is_nothing(said) or said == EMPTY_TEXT:
        said = _entity(said[0]) + said[1:]
    return said[:-1] + _entity(said[-1]) if said[-1].isspace() else said


def _entity(character: str) -> str:
    return f"&#{ord(character)};"


def plain(cell: str) -> str:
    """A cell without the marks around it: ``**P1**``, ```a.md```, ``[OPT-1](#opt-1)`` are P1, a.md and OPT-1."""
    bare = cell.strip()
    for _ in _WRAPPED:
        for pattern in _WRAPPED:
            match = pattern.fullmatch(bare)
            bare = match[1].strip() if match else bare
    return bare
