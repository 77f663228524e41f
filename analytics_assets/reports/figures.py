"""Figures as people read them; what is not known is None and stays visible as such."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from analytics_assets.lib import words

MINUTE, HOUR = 60, 3600
NEARLY = 0.99
"""Above it a share of evidence is not told to the decimal: nothing that is counted is certain."""
UNKNOWN = "NULL"
Row = dict[str, Any]
"""One row of an answer, as JSON has it."""
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(9), *range(11, 32), 127, *range(128, 160))} | {
    code: f"\\u{code:04x}" for code in (0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A))
}
"""Control characters but tab and newline: a log line must not write to the terminal's own settings. And the marks of
direction: a name must not turn the text around it.
"""


class Column(NamedTuple):
    """A column of a table for people: its title and what of a row stands in it; numbers stand to the right."""

    title: str
    shown: Callable[[Row], str | None]
    is_number: bool = True


def text(title: str, name: str) -> Column:
    """A column of words."""
    return Column(title, lambda row: row[name], is_number=False)


def figure(title: str, name: str, form: Callable[[Any], str | None]) -> Column:
    """A column of figures in one form."""
    return Column(title, lambda row: form(row[name]))


def interval(title: str, name: str) -> Column:
    """A column of a share's 95 % interval: ``name_low`` and ``name_high``."""
    return Column(title, lambda row: between(row[f"{name}_low"], row[f"{name}_high"]))


def count(value: float | None) -> str | None:
    """1,200."""
    return None if value is None else words.figures(value)


def share(value: float | None) -> str | None:
    """89 %."""
    return None if value is None else words.percent(value)


def between(low: float | None, high: float | None) -> str | None:
    """60 to 85 %."""
    return None if low is None or high is None else words.between(low, high)


def usd(value: float | None) -> str | None:
    """$12.50, small ones to three figures: $0.0385."""
    if value is None:
        return None
    sign = "-" if value < 0 else ""
    return f"{sign}${words.figures(abs(value), ',.2f')}" if abs(value) >= 1 or not value else f"{sign}${abs(value):.3g}"


def seconds(value: float | None) -> str | None:
    """45 s, 12.7 min, 3.4 h."""
    if value is None:
        return None
    if value < MINUTE:
        return f"{value:.3g} s"
    return f"{value / MINUTE:.1f} min" if value < HOUR else f"{words.figures(value / HOUR, '.1f')} h"


def megabytes(value: float | None) -> str | None:
    """1,234 MB."""
    return None if value is None else f"{words.figures(value)} MB"


def mcores(value: float | None) -> str | None:
    """789 m, in thousandths of a core."""
    return None if value is None else f"{words.figures(value)} m"


def moment(value: str | None) -> str | None:
    """2026-01-05 10:20, UTC, from an ISO 8601 text."""
    return None if value is None else value[:16].replace("T", " ")


def rows_in_words(number: int) -> str:
    """1 row, 1,200 rows."""
    return "1 row" if number == 1 else f"{number:,} rows"


def certainty(value: float) -> str:
    """87 %, and never 100 %: what is near it is over 99 %."""
    return f"over {words.percent(NEARLY)}" if value > NEARLY else words.percent(value)


def said(value: Any) -> str:
    """A value within a sentence; nothing in it acts on the terminal."""
    return UNKNOWN if value is None else plain(str(value))


def plain(text: str) -> str:
    """The text with control characters and marks of direction written out."""
    return text.translate(_CONTROLS)


def in_line(text: str) -> str:
    """The text in one line, tabs and newlines written out: a name must not make a row of its own."""
    return plain(text.replace("\t", "\\t").replace("\n", "\\n"))
