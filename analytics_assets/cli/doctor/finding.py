"""One thing that was looked at."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """``problem``: something is wrong now. ``note``: worth knowing. ``fine``: as it should be."""

    FINE = "fine"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """``topic`` is one word, ``message`` a sentence, ``remedy`` what to do; ``details`` are lines of evidence."""

    level: Level
    topic: str
    message: str
    remedy: str | None = None
    details: tuple[str, ...] = ()

    def record(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self) | {"details": list(self.details)}


def fine(topic: str, message: str) -> Finding:
    """As it should be."""
    return Finding(Level.FINE, topic, message)


def note(topic: str, message: str, remedy: str | None = None, details: tuple[str, ...] = ()) -> Finding:
    """Worth knowing."""
    return Finding(Level.NOTE, topic, message, remedy, details)


def problem(topic: str, message: str, remedy: str, details: tuple[str, ...] = ()) -> Finding:
    """Wrong now."""
    return Finding(Level.PROBLEM, topic, message, remedy, details)
