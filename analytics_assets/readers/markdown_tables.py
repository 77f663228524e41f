r"""Tables in Markdown, and texts in their cells: what ``cell_of`` writes, ``original_of`` reads back to the character.

A cell is one line between pipes, and it shows its text as it is: what HTML would act on is an entity, what Markdown
would act on has a backslash before it (some renderers still link a mail address to itself). A newline is ``<br>``. A
control or bidirectional character, which would act where it is shown, is written out as ``\u202e``. An empty cell, or
a dash in it, is nothing known; an empty text is ``""``.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
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
_ACTING = re.compile(r"[\\`*_{}\[\]~$|]|:(?=//)|(?<=www)\.", re.IGNORECASE)
"""Marks of Markdown and of templates, and what makes a link of a bare address."""
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""Control characters but tab and newline, and marks that turn the direction of the text around them."""
_WRITTEN_OUT = re.compile(r"\\u([0-9a-f]{4})")
# One pass from left to right: what an escape stands for is no escape of the next.
_MEANT = re.compile(f"{_ESCAPED.pattern}|(?i:{BREAK.pattern})|{_ENTITY.pattern}")
_WRITTEN = re.compile(f"{_MEANT.pattern}|{_WRITTEN_OUT.pattern}")
LAST_CHARACTER = 0x10FFFF
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
    """The text that a person's cell means; None where it says that nothing is known."""
    return _text(cell, _MEANT)


def original_of(cell: str) -> str | None:
    r"""The text that ``cell_of`` made the cell of: here ``\u202e`` is a character, in a person's cell it is six."""
    return _text(cell, _WRITTEN)


def _text(cell: str, pattern: re.Pattern[str]) -> str | None:
    if is_nothing(cell):
        return None
    return "" if cell == EMPTY_TEXT else pattern.sub(_meaning, cell)


def _meaning(match: re.Match[str]) -> str:
    if match[1] is not None:
        return match[1]
    if match.re is _WRITTEN and match[2] is not None:
        unseen = chr(int(match[2], 16))
        return unseen if _UNSEEN.match(unseen) else match[0]
    if match[0].startswith("<"):
        return "\n"
    if match[0][1] == "#":
        # html.unescape reads some numbers as Windows did, and drops others.
        number = match[0][2:-1]
        code = int(number[1:], 16) if number[0] in "xX" else int(number)
        return chr(code) if code <= LAST_CHARACTER else match[0]
    return html.unescape(match[0])


def cell_of(text: str | None, *, line_break: str = "<br>") -> str:
    """A cell that ``original_of`` reads as exactly this text, and in which nothing acts when it is rendered."""
    if text is None:
        return ""
    if text == "":
        return EMPTY_TEXT
    said = _ACTING.sub(r"\\\g<0>", html.escape(text, quote=False))
    said = _UNSEEN.sub(lambda match: f"\\u{ord(match[0]):04x}", said)
    said = said.replace("\t", _entity("\t")).replace("\n", line_break)
    if said[0].isspace() or is_nothing(said) or said == EMPTY_TEXT:
        said = _entity(said[0]) + said[1:]
    return said[:-1] + _entity(said[-1]) if said[-1].isspace() else said


def _entity(character: str) -> str:
    return f"&#{ord(character)};"


def unmarked(cell: str) -> str:
    """A cell without the marks around it: ``**P1**``, ```a.md```, ``[OPT-1](#opt-1)`` are P1, a.md and OPT-1."""
    bare = cell.strip()
    for _ in _WRAPPED:
        for pattern in _WRAPPED:
            match = pattern.fullmatch(bare)
            bare = match[1].strip() if match else bare
    return bare


def columns_of(header: tuple[str, ...], words: Mapping[str, tuple[str, ...]]) -> dict[int, str]:
    """Position to field, by the words for each; compared without case, signs, emoji, and what stands in brackets.

    Of several columns for one field the one that ``words`` names first; ``Health (planning)`` is rather
    ``health planning`` than ``health``.
    """
    columns: dict[int, str] = {}
    for folded in ([_folded(cell) for cell in header], [_folded(re.sub(r"\(.*?\)", "", cell)) for cell in header]):
        for field, known in words.items():
            free = [None if place in columns else word for place, word in enumerate(folded)]
            place = next((free.index(word) for word in (field.replace("_", " "), *known) if word in free), None)
            if place is not None and field not in columns.values():
                columns[place] = field
    return columns


def _folded(cell: str) -> str:
    return re.sub(r"[^a-z0-9#]+", " ", unmarked(cell).lower()).strip()
