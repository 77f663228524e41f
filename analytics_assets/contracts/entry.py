"""One record, checked and brought to canonical form: the slow and explicit reading of a contract.

The fast reading of the same contract is SQL (``analytics_assets.warehouse.typed``). What this module returns is
always accepted there; a property test holds the two together.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from analytics_assets.contracts.model import Contract, Field, Type, fold
from analytics_assets.thresholds import FUTURE_TOLERANCE

type_names = {
    dict: "an object",
    list: "a list",
    str: "text",
    bool: "true/false",
    int: "a number",
    float: "a number",
}

MAX_DEPTH = 100
"""Deepest nesting that is read; DuckDB stops at 128."""
MAX_EXACT_INT = 2**53
"""Whole numbers from here on are not exact in JSON readers that use doubles."""
MILLISECONDS_ABOVE = 1e11
"""A bare number above this is Unix milliseconds: as seconds it would be after the year 5138."""

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_OFFSET = re.compile(r"(Z|z|[+-]\d\d(:?\d\d)?)$")
_EPOCH = datetime(1970, 1, 1)


class RejectedError(ValueError):
    """A record breaks its contract: which field, why, and what to do about it."""

    def __init__(self, field: str | None, reason: str, remedy: str) -> None:
        """Keep the three parts apart: they become columns of ``raw.quarantined_lines``."""
        super().__init__(f"{field}: {reason} ({remedy})" if field else f"{reason} ({remedy})")
        self.field = field
        self.reason = reason
        self.remedy = remedy


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


def canonical(contract: Contract, value: Any, *, now: datetime) -> dict[str, Any]:
    """The record with every field in its contract's type; fields the contract does not know are kept as they are.

    ``now`` is naive UTC: times beyond it by more than the tolerance are refused.

    Raises:
        RejectedError: the record breaks the contract.
    """
    if not isinstance(value, dict):
        raise RejectedError(None, f"expected an object, found {_kind_of(value)}", "write one JSON object a line")
    record = _fields(contract.fields, value, now, where="")
    known = contract.names
    for child in contract.children:
        items = value.get(child.list_field)
        if items is None:
            continue
        items = _from_text(items)
        if not isinstance(items, list):
            raise RejectedError(child.list_field, f"expected a list, found {_kind_of(items)}", "write a JSON list")
        record[child.list_field] = [
            _child(child.fields, item, now, f"{child.list_field}[{n}].") for n, item in enumerate(items)
        ]
    record.update({name: extra for name, extra in value.items() if name not in known})
    return record


def _child(fields: tuple[Field, ...], item: Any, now: datetime, where: str) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise RejectedError(where.rstrip("."), f"expected an object, found {_kind_of(item)}", "write JSON objects")
    record = _fields(fields, item, now, where)
    names = {field.name for field in fields}
    return record | {name: extra for name, extra in item.items() if name not in names}


def _fields(fields: tuple[Field, ...], value: dict[str, Any], now: datetime, where: str) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for field in fields:
        given = value.get(field.name)
        if given is None or (given == "" and (field.required or field.type not in (Type.TEXT, Type.CHOICE))):
            if field.required:
                state = "empty" if given == "" else "null" if field.name in value else "missing"
                raise RejectedError(where + field.name, f"{state}, but it is required", f"add {field.name}")
            if given == "":
                raise RejectedError(
                    where + field.name, f"empty text where {field.type.value} is meant", "leave the field out"
                )
            continue
        if given == "" and field.type is Type.CHOICE:
            raise RejectedError(where + field.name, "empty text where a word is meant", "leave the field out")
        record[field.name] = _READERS[field.type](field, given, where + field.name, now)
    return record


def _text(field: Field, given: Any, name: str, _now: datetime) -> str:
    if isinstance(given, (dict, list)):
        raise RejectedError(name, f"expected text, found {_kind_of(given)}", "write text")
    text = _scalar_text(given)
    return text[: field.kept_characters] if field.kept_characters else text


def _number(field: Field, given: Any, name: str, _now: datetime) -> float:
    if isinstance(given, str):
        try:
            number = float(given) if given.strip() == given and "_" not in given else math.nan
        except ValueError:
            number = math.nan
    elif isinstance(given, (int, float)):
        try:
            number = float(given)
        except OverflowError:
            number = math.inf
    else:
        number = math.nan
    if not math.isfinite(number):
        raise RejectedError(name, f"{_shown(given)} is not a number", "write a number, or leave the field out")
    if (field.minimum is not None and number < field.minimum) or (field.maximum is not None and number > field.maximum):
        low = "-∞" if field.minimum is None else f"{field.minimum:g}"
        high = "∞" if field.maximum is None else f"{field.maximum:g}"
        raise RejectedError(name, f"{_shown(given)} is outside {low} to {high}", "correct the value")
    return number


def _whole(field: Field, given: Any, name: str, now: datetime) -> int:
    number = _number(field, given, name, now)
    if number != int(number) or abs(number) >= MAX_EXACT_INT:
        raise RejectedError(name, f"{_shown(given)} is not a whole number below 2^53", "write a whole number")
    return int(number)


def _boolean(_field: Field, given: Any, name: str, _now: datetime) -> bool:
    if isinstance(given, bool):
        return given
    if isinstance(given, (int, float)) and given in (0, 1):
        return bool(given)
    if isinstance(given, str) and given.lower() in _BOOLEANS:
        return _BOOLEANS[given.lower()]
    raise RejectedError(name, f"{_shown(given)} is neither true nor false", "write true or false")


_BOOLEANS = {
    "true": True,
    "t": True,
    "1": True,
    "yes": True,
    "false": False,
    "f": False,
    "0": False,
    "no": False,
}


def _time(field: Field, given: Any, name: str, now: datetime) -> str:
    moment = _moment(field, given, name)
    if moment < _EPOCH:
        raise RejectedError(name, f"{_shown(given)} is before 1970", "check the clock and the unit of the time")
    if moment > now + timedelta(days=FUTURE_TOLERANCE.value):
        raise RejectedError(
            name,
            f"{_shown(given)} is in the future ({moment.isoformat()}Z)",
            "check the clock and the unit: bare numbers are seconds, above 1e11 milliseconds",
        )
    return moment.isoformat(timespec="microseconds") + "Z"


def _moment(field: Field, given: Any, name: str) -> datetime:
    remedy = "write ISO 8601 with Z or an offset, as 2026-01-31T09:30:00Z, or Unix seconds"
    if isinstance(given, bool) or not isinstance(given, (int, float, str)):
        raise RejectedError(name, f"{_shown(given)} is not a time", remedy)
    if isinstance(given, (int, float)) or _NUMBER.fullmatch(given):
        try:
            number = float(given)
            seconds = number / 1000 if abs(number) > MILLISECONDS_ABOVE else number
            return _EPOCH + timedelta(microseconds=round(seconds * 1e6))
        except (OverflowError, ValueError):
            raise RejectedError(name, f"{_shown(given)} is not a time", remedy) from None
    if field.date_allowed and _DATE.fullmatch(given):
        given += "T00:00:00Z"
    try:
        moment = datetime.fromisoformat(given)
        if moment.tzinfo is None:
            lacking = "has no time zone" if not _OFFSET.search(given) else "is not a time"
            raise RejectedError(name, f"{_shown(given)} {lacking}", "add Z for UTC, or the offset, as +02:00")
        return moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        if isinstance(error, RejectedError):
            raise
        raise RejectedError(name, f"{_shown(given)} is not a time", remedy) from None


def _choice(field: Field, given: Any, name: str, now: datetime) -> str:
    word = _text(field, given, name, now)
    choice = field.choice
    assert choice is not None, "a choice field has a choice"
    known = choice.table.get(fold(word))
    if known is None and not choice.open:
        raise RejectedError(name, f"{_shown(word)} is not one of {', '.join(choice.values)}", "use one of these words")
    return word if known is None else known


def _mapping(_field: Field, given: Any, name: str, _now: datetime) -> Any:
    found = _from_text(given)
    if not isinstance(found, (dict, list)):
        raise RejectedError(name, f"expected an object, found {_kind_of(given)}", "write a JSON object")
    return found


def _tags(_field: Field, given: Any, name: str, _now: datetime) -> dict[str, str | None]:
    found = _from_text(given)
    if not isinstance(found, dict):
        raise RejectedError(name, f"expected an object, found {_kind_of(given)}", "write a JSON object")
    return {key: None if item is None else _scalar_text(item) for key, item in sorted(found.items())}


def _texts(_field: Field, given: Any, name: str, _now: datetime) -> list[str | None]:
    found = _from_text(given)
    if not isinstance(found, list):
        raise RejectedError(name, f"expected a list, found {_kind_of(given)}", "write a JSON list of texts")
    return [None if item is None else _scalar_text(item) for item in found]


_READERS: dict[Type, Callable[[Field, Any, str, datetime], Any]] = {
    Type.TEXT: _text,
    Type.INT: _whole,
    Type.REAL: _number,
    Type.BOOL: _boolean,
    Type.TIME: _time,
    Type.CHOICE: _choice,
    Type.MAP: _mapping,
    Type.TAGS: _tags,
    Type.TEXTS: _texts,
}


def _from_text(given: Any) -> Any:
    """An object or a list that stands in a cell of a CSV file as its JSON text."""
    if isinstance(given, str) and given[:1] in ("{", "["):
        try:
            return json.loads(given)
        except (ValueError, RecursionError):
            return given
    return given


def _scalar_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _kind_of(value: Any) -> str:
    return "null" if value is None else type_names[type(value)]


def _shown(value: Any) -> str:
    text = _scalar_text(value)
    return f"'{text[:60]}…'" if len(text) > 60 else f"'{text}'"  # noqa: PLR2004 -- fits one line of a terminal


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
