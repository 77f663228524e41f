"""One line as JSON: what Python's reader takes and the others do not is refused."""

from __future__ import annotations

import json
import re
from typing import Any

from analytics_assets.contracts.rejection import RejectedError

MAX_DEPTH = 100
"""Deepest nesting that is read; DuckDB stops at 128."""


def parse_line(line: bytes) -> Any:
    """The JSON value of a line.

    Raises:
        RejectedError: it is not UTF-8 or not JSON, is nested too deep, or names a field twice.
    """
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RejectedError(
            None, f"invalid UTF-8 at byte {error.start + 1} of the line", "write the file as UTF-8"
        ) from None
    if line.count(b"[") + line.count(b"{") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise RejectedError(None, f"nested deeper than {MAX_DEPTH} levels", "flatten the record")
    try:
        value = json.loads(text, object_pairs_hook=_unique_pairs, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        ended = error.pos >= len(text.rstrip())
        what = "the line ends in the middle of a record" if ended else f"{error.msg} at character {error.pos + 1}"
        raise RejectedError(None, f"not JSON: {what}", "write one complete JSON object a line") from None
    if "\\u" in text:
        _no_lone_surrogates(value)
    return value


def _depth(text: str) -> int:
    """Deepest nesting of brackets outside of strings."""
    deepest = depth = 0
    for mark in re.findall(r'"(?:[^"\\]|\\.)*"|[\[\]{}]', text):
        if mark in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in "]}":
            depth -= 1
    return deepest


def _unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise RejectedError(twice, "the field stands twice in one object", "keep one of them")
    return record


def _no_constant(word: str) -> Any:
    raise RejectedError(None, f"{word} is not JSON", "leave the field out where nothing was measured")


def _no_lone_surrogates(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise RejectedError(None, "half of a surrogate pair in a text", "write the character as UTF-8") from None
