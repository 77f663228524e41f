"""The span of time that a sample covers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

MAX_DAYS = 365
"""One year: every season is in it, and it is still written in a minute."""


@dataclass(frozen=True)
class Window:
    """From ``end - days`` to ``end``, both aware and in UTC; no record is later than ``end``."""

    end: datetime
    days: int

    def __post_init__(self) -> None:
        if not 1 <= self.days <= MAX_DAYS:
            raise ValueError(f"a sample covers 1 to {MAX_DAYS} days, not {self.days}")

    @cached_property
    def start(self) -> datetime:
        """The earliest moment of a record."""
        return self.end - timedelta(days=self.days)

    def at(self, share: float) -> datetime:
        """The full hour nearest to that share of the window: 0 is its start, 1 its end."""
        return self.start + timedelta(hours=round(share * self.days * 24))


def window(days: int, end: datetime | None) -> Window:
    """The window that ends at ``end``, by default the last full hour; a naive ``end`` is UTC.

    Raises:
        ValueError: the number of days is out of range.
    """
    if end is None:
        return Window(datetime.now(UTC).replace(minute=0, second=0, microsecond=0), days)
    return Window(end.replace(tzinfo=UTC) if end.tzinfo is None else end.astimezone(UTC), days)
