"""A stretch of time as it is asked for on the command line."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import typer

from analytics_assets.cli.problems import MISUSED, CommandError
from analytics_assets.warehouse import typed


@dataclass(frozen=True)
class Span:
    """A stretch of time, UTC where it is naive: ``start`` included, ``end`` not; None is open."""

    start: datetime | None = None
    end: datetime | None = None

    def __post_init__(self) -> None:
        if self.start and self.end and in_utc(self.start) >= in_utc(self.end):
            raise CommandError(
                f"Nothing is between {self.start} and {self.end}.",
                "--start is the first moment, --end the first one after it.",
                exit_code=MISUSED,
            )

    @property
    def is_open(self) -> bool:
        """Whether it is all time."""
        return self.start is None and self.end is None

    def condition(self, column: str) -> str:
        """The rows of it, in SQL."""
        ends = ((self.start, ">="), (self.end, "<"))
        return " and ".join(
            f"{typed.name(column)} {comparison} timestamp {typed.quoted(in_utc(moment).isoformat(sep=' '))}"
            for moment, comparison in ends
            if moment is not None
        )

    def record(self) -> dict[str, str | None]:
        """Both ends as JSON has them."""
        ends = {"start": self.start, "end": self.end}
        return {name: None if moment is None else f"{in_utc(moment).isoformat()}Z" for name, moment in ends.items()}


def in_utc(moment: datetime) -> datetime:
    """As the warehouse has times: naive, in UTC."""
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def moment_of(value: str) -> datetime:
    """A day or a time as it is typed; UTC where it names no zone.

    Raises:
        BadParameter: it is neither.
    """
    try:
        return datetime.fromisoformat(value)
    except ValueError as error:
        raise typer.BadParameter(f"'{value}' is no day and no time: write it as 2026-01-31") from error
