"""Change one value in the text of a JSON object, and nothing else.

The text is walked with the scanner of the standard library and is not serialised again: indentation, order of the keys,
line ends, escapes and the spelling of numbers stay as their author has them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from json.decoder import JSONDecoder
from typing import Any

_SPACE = re.compile(r"[ \t\n\r]*")
_BOM = "\ufeff"


class JsonEditError(ValueError):
    """The text cannot be changed as asked; the message says why, as the rest of a sentence on the document."""


@dataclass(frozen=True)
class _Member:
    """One member of an object: its key, where the text of its key starts and ends, and the text of its value."""

    key: str
    key_start: int
    key_end: int
    value_start: int
    value_end: int


@dataclass(frozen=True)
class _Object:
    """An object in the text: where its brace opens and closes, and its members in order."""

    start: int
    end: int
    members: tuple[_Member, ...]

    def find(self, key: str) -> _Member | None:
        """The member of this key.

        Raises:
            JsonEditError: there are several, and which of them counts differs between readers.
        """
        found = [member for member in self.members if member.key == key]
        if len(found) > 1:
            raise JsonEditError(f'has the key "{key}" {len(found)} times in one object; leave one of them')
        return found[0] if found else None


@dataclass(frozen=True)
class _Style:
    """How the document is laid out. ``indent`` is one level of it; None where everything is on one line."""

    newline: str
    indent: str | None
    colon: str
    is_ascii: bool

    def render(self, value: object, margin: str | None) -> str:
        """The value as the document would have it, at a depth of ``margin``; None on one line."""
        if margin is None or self.indent is None:
            comma = ", " if self.colon.endswith(" ") else ","
            return json.dumps(value, ensure_ascii=self.is_ascii, allow_nan=False, separators=(comma, self.colon))
        text = json.dumps(
            value, ensure_ascii=self.is_ascii, allow_nan=False, indent=self.indent, separators=(",", self.colon)
        )
        return text.replace("\n", self.newline + margin)


def parse(content: bytes) -> tuple[str, dict[str, Any]]:
    """The document's text, a byte order mark included, and its value.

    Raises:
        JsonEditError: it is not a JSON object in UTF-8.
    """
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JsonEditError(f"is not UTF-8 (byte {error.start})") from error
    try:
        value = json.loads(text.removeprefix(_BOM))
    except (ValueError, RecursionError) as error:
        raise JsonEditError(f"is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise JsonEditError("is not a JSON object")
    return text, value


def get_value(document: Any, path: Sequence[str]) -> Any:
    """The value at a path of keys; None where there is none.

    >>> get_value({"resources": {"memory": "2Gi"}}, ("resources", "memory"))
    '2Gi'
    """
    for key in path:
        if not isinstance(document, dict):
            return None
        document = document.get(key)
    return document


def set_value(content: bytes, path: Sequence[str], value: object) -> bytes:
    r"""The document with ``value`` at a path of keys; a key that is missing becomes the last of its object.

    A value that is there already leaves the content as it is, however it is laid out.

    >>> set_value(b'{"model" : "a", "n": 1.0}\r\n', ("model",), "b")
    b'{"model" : "b", "n": 1.0}\r\n'

    Raises:
        JsonEditError: it is not a JSON object in UTF-8, a key on the way stands twice or is no object.
    """
    text, document = parse(content)
    assert path, "the document itself is not replaced"
    style = _style(text)
    here, keys = _object_at(text, len(text) - len(text.removeprefix(_BOM))), list(path)
    while (member := here.find(keys[0])) is not None and len(keys) > 1:
        if text[member.value_start] != "{":
            raise JsonEditError(f'has something else than an object at "{keys[0]}"')
        here, _ = _object_at(text, member.value_start), keys.pop(0)
    if member is None:
        for key in reversed(keys[1:]):
            value = {key: value}
        start, end, inserted = _insertion(text, here, keys[0], value, style)
    else:
        if _same(get_value(document, path), value):
            return content
        margin = _margin(_lead(text, here, member))
        start, end, inserted = member.value_start, member.value_end, style.render(value, margin)
    return (text[:start] + inserted + text[end:]).encode()


def _insertion(text: str, here: _Object, key: str, value: object, style: _Style) -> tuple[int, int, str]:
    """What to put for which part of the text, so that the object has one more member."""
    name = json.dumps(key, ensure_ascii=style.is_ascii)
    if not here.members:
        # Its own depth is that of the line it stands on; an object of one line stays one.
        line = text[text.rfind("\n", 0, here.start) + 1 : here.start]
        outer = _SPACE.match(line)
        margin = None if style.indent is None or outer is None else outer.group() + style.indent
        if margin is None or outer is None:
            return here.start + 1, here.end - 1, f"{name}{style.colon}{style.render(value, None)}"
        body = f"{style.newline}{margin}{name}{style.colon}{style.render(value, margin)}{style.newline}{outer.group()}"
        return here.start + 1, here.end - 1, body
    last = here.members[-1]
    lead = _lead(text, here, last)
    if not lead and len(here.members) == 1 and style.colon.endswith(" "):
        lead = " "  # one member on one line does not show what follows a comma
    colon = text[last.key_end : last.value_start]
    if "\n" in colon:
        colon = style.colon
    return last.value_end, last.value_end, f",{lead}{name}{colon}{style.render(value, _margin(lead))}"


def _lead(text: str, here: _Object, member: _Member) -> str:
    """The white space before a member's key."""
    before = text[here.start + 1 : member.key_start]
    return before[len(before.rstrip(" \t\n\r")) :]


def _margin(lead: str) -> str | None:
    """The indentation of the line that a member begins; None where it begins none."""
    return lead.rpartition("\n")[2] if "\n" in lead else None


def _style(text: str) -> _Style:
    top = _object_at(text, len(text) - len(text.removeprefix(_BOM)))
    is_ascii = text.removeprefix(_BOM).isascii()
    if not top.members:
        return _Style("\n", None, ": ", is_ascii)
    first = top.members[0]
    colon = text[first.key_end : first.value_start]
    lead = _lead(text, top, first)
    newline = "\r\n" if "\r\n" in lead else "\n"
    return _Style(newline, _margin(lead), ": " if "\n" in colon else colon, is_ascii)


def _object_at(text: str, start: int) -> _Object:
    """The object that begins at the next character that is no white space; the text is known to be JSON."""
    start = _skip(text, start)
    members = []
    at = _skip(text, start + 1)
    while text[at] != "}":
        key, key_end = _DECODER.raw_decode(text, at)
        value_start = _skip(text, _skip(text, key_end) + 1)
        _, value_end = _DECODER.raw_decode(text, value_start)
        members.append(_Member(key, at, key_end, value_start, value_end))
        at = _skip(text, value_end)
        if text[at] == ",":
            at = _skip(text, at + 1)
    return _Object(start, at + 1, tuple(members))


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    assert space is not None, "no white space is also a match"
    return space.end()


def _same(one: object, other: object) -> bool:
    """Whether they are one JSON value: 1, 1.0 and true are three."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


_DECODER = JSONDecoder()
