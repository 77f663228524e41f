"""One value in the type of its field: a reader per type."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from analytics_assets.contracts.model import Field, Type, fold
from analytics_assets.contracts.rejection import RejectedError, kind_of
from analytics_assets.thresholds import FUTURE_TOLERANCE

MAX_EXACT_INT = 2**53
"""Whole numbers from here on are not exact in JSON readers that use doubles."""
MILLISECONDS_ABOVE = 1e11
"""A bare number above this is Unix milliseconds: as seconds it would be after the year 5138."""

BLANKS = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""What ``str.strip`` takes away, for the SQL of the same contract: DuckDB's own trim knows the space alone."""

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_OFFSET = re.compile(r"(Z|z|[+-]\d\d(:?\d\d)?)$")
_EPOCH = datetime(1970, 1, 1)


def in_type(field: Field, given: Any, name: str, now: datetime) -> Any:
    """The value as its field's type has it; ``name`` is the field's place in the record, ``now`` naive UTC.

    Raises:
        RejectedError: the value is not of this type, or out of range.
    """
    return _READERS[field.type](field, given, name, now)


def is_blank(given: Any) -> bool:
    """Whether a text says nothing: it is empty, or of blanks alone."""
    return isinstance(given, str) and not given.strip()


def _text(field: Field, given: Any, name: str, _now: datetime) -> str:
    if isinstance(given, (dict, list)):
        raise RejectedError(name, f"expected text, found {kind_of(given)}", "write text")
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
    found = from_text(given)
    if not isinstance(found, (dict, list)):
        raise RejectedError(name, f"expected an object, found {kind_of(given)}", "write a JSON object")
    return found


def _tags(_field: Field, given: Any, name: str, _now: datetime) -> dict[str, str | None]:
    found = from_text(given)
    if not isinstance(found, dict):
        raise RejectedError(name, f"expected an object, found {kind_of(given)}", "write a JSON object")
    return {key: None if item is None else _scalar_text(item) for key, item in sorted(found.items())}


def _texts(_field: Field, given: Any, name: str, _now: datetime) -> list[str | None]:
    found = from_text(given)
    if not isinstance(found, list):
        raise RejectedError(name, f"expected a list, found {kind_of(given)}", "write a JSON list of texts")
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


def from_text(given: Any) -> Any:
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


def _shown(value: Any) -> str:
    text = _scalar_text(value)
    return f"'{text[:60]}…'" if len(text) > 60 else f"'{text}'"  # noqa: PLR2004 -- fits one line of a terminal
