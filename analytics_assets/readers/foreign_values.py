"""Words, times and durations of other trackers, as the contracts have them; what needs a guess is refused."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from analytics_assets.line_files import iso
from analytics_assets.readers.reading import NotUnderstoodError

PRIORITY_WORDS = {
    **dict.fromkeys(("critical", "blocker", "highest", "urgent"), 0),
    **dict.fromkeys(("high", "major"), 1),
    **dict.fromkeys(("medium", "normal", "moderate", "minor"), 2),
    **dict.fromkeys(("low", "lowest", "trivial"), 3),
}
"""Words of the usual schemes, each in its order: critical, major, minor, trivial and highest, high, medium, low."""
STATUS_WORDS = {
    **dict.fromkeys(("backlog", "triage", "ready", "ready for development", "planned", "not started"), "OPEN"),
    **dict.fromkeys(("review", "in review", "testing", "in testing", "started", "active", "wip"), "IN_PROGRESS"),
    **dict.fromkeys(("blocked", "on hold", "waiting", "paused"), "IN_PROGRESS"),
}
"""Words of other trackers' statuses beside those of the contract. Work that waits was begun and is not done."""
ZONE_REMEDY = "say --zone with the zone of these times, as --zone Europe/Berlin or --zone UTC"
_MONTHS = {
    month: n
    for n, month in enumerate(("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)
}
_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ].+)?")
_DAY_FIRST = re.compile(
    r"(\d{1,2})\.?[ /-]([A-Za-z]{3,9})\.?,?[ /-](\d{4}|\d\d)(?:,? (\d{1,2}):(\d\d)(?: ?([AaPp])[Mm])?)?"
)
_MONTH_FIRST = re.compile(r"([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})")
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
_DURATION = re.compile(r"(\d+(?:\.\d+)?) ?([a-z]*)")
_MINUTES = {
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 1.0),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 60.0),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), 1 / 60),
}
HOURS_OF_NOON = 12
CENTURY = 2000


def priority_of(given: Any) -> int:
    """0 to 3, of ``P1``, ``1``, ``high``, ``P1 (high)``.

    Raises:
        NotUnderstoodError: no word of a priority stands there, or several that differ.
    """
    words = re.findall(r"[a-z0-9]+", str(given).lower())
    named = {int(word[-1]) for word in words if re.fullmatch("p?[0-3]", word)}
    named = named or {PRIORITY_WORDS[word] for word in words if word in PRIORITY_WORDS}
    if len(named) != 1 or any(re.fullmatch(r"p?\d+", word) and int(word.lstrip("p")) not in named for word in words):
        raise NotUnderstoodError(f"'{given}' is no priority that is known", "write P0 (critical) to P3 (low)")
    return named.pop()


def minutes_of(given: Any, bare_unit: str = "min") -> float:
    """Minutes, of ``30``, ``~30 min``, ``1h 30m``, ``1.5 hours``; a number alone is in the bare unit.

    Raises:
        NotUnderstoodError: it is no duration; days are none, as nobody says how many hours a day has.
    """
    text = str(given).strip().lower().lstrip("~≈ ")
    parts = _DURATION.findall(text)
    rest = _DURATION.sub("", text).strip()
    if not parts or rest or any((unit or bare_unit) not in _MINUTES for _, unit in parts):
        raise NotUnderstoodError(f"'{given}' is no time in hours and minutes", "write minutes, as 90, or 1h 30m")
    minutes = sum(float(number) * _MINUTES[unit or bare_unit] for number, unit in parts)
    return round(minutes, 4)


def zone_of(given: str) -> tzinfo:
    """The zone of ``Europe/Berlin``, ``UTC``, ``+02:00``.

    Raises:
        NotUnderstoodError: there is no such zone.
    """
    offset = _OFFSET.fullmatch(given)
    if offset:
        sign, hours, minutes = offset.groups()
        return timezone((-1 if sign == "-" else 1) * timedelta(hours=int(hours), minutes=int(minutes)))
    try:
        return UTC if given.upper() in ("UTC", "Z") else ZoneInfo(given)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise NotUnderstoodError(
            f"'{given}' is no time zone", "write it as Europe/Berlin, America/New_York, UTC or +02:00"
        ) from None


def time_of(given: Any, zone: tzinfo | None) -> str:
    """ISO 8601 in UTC, or the bare date where no more is given.

    Taken are ISO 8601, ``12/Jan/26 3:04 PM`` (Jira's own form), ``12 Jan 2026`` and ``January 12, 2026``. A date of
    numbers alone, as 01/02/26, is read differently by different people and refused.

    Raises:
        NotUnderstoodError: it is no such time, or has no zone and none is given.
    """
    text = str(given).strip()
    try:
        if _ISO.fullmatch(text):
            return text if len(text) == len("2026-01-31") else _in_utc(datetime.fromisoformat(text), zone, text)
        day_first, month_first = _DAY_FIRST.fullmatch(text), _MONTH_FIRST.fullmatch(text)
        if month_first:
            month, day, year = month_first.groups()
            return f"{_date(year, month, day):%Y-%m-%d}"
        if day_first:
            return _written(day_first, zone, text)
    except (ValueError, KeyError) as error:
        if isinstance(error, NotUnderstoodError):
            raise
    raise NotUnderstoodError(f"'{text}' can be read in more than one way, or not at all", "write it as 2026-01-31")


def _written(found: re.Match[str], zone: tzinfo | None, text: str) -> str:
    day, month, year, hour, minute, half = found.groups()
    date = _date(year, month, day)
    if hour is None:
        return f"{date:%Y-%m-%d}"
    hours = int(hour)
    if half:
        if not 1 <= hours <= HOURS_OF_NOON:
            raise ValueError(text)
        hours = hours % HOURS_OF_NOON + (HOURS_OF_NOON if half in "Pp" else 0)
    return _in_utc(date.replace(hour=hours, minute=int(minute)), zone, text)


def _date(year: str, month: str, day: str) -> datetime:
    full_year = int(year) if len(year) > len("26") else CENTURY + int(year)
    return datetime(full_year, _MONTHS[month[:3].lower()], int(day))


def _in_utc(moment: datetime, zone: tzinfo | None, text: str) -> str:
    if moment.tzinfo is not None:
        return iso(moment)
    if zone is None:
        raise NotUnderstoodError(f"'{text}' has no time zone", ZONE_REMEDY)
    local = moment.replace(tzinfo=zone)
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        raise NotUnderstoodError(f"'{text}' is twice or never on a clock of {zone}", "write it with its offset")
    return iso(local)
