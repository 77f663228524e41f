"""A file with fixed content, or the reason why it has none."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analytics_assets.settings import Settings
from analytics_assets.warehouse.inbox import InboxFile


class UnreadableError(Exception):
    """Nothing of the file can be taken: why, and what to do about it."""

    def __init__(self, reason: str, remedy: str) -> None:
        """Keep the parts apart: they become columns of ``raw.quarantined_lines``."""
        super().__init__(f"{reason} ({remedy})")
        self.reason = reason
        self.remedy = remedy


@dataclass
class Taken:
    """One file (or the new part of it) with fixed content.

    ``lines_path`` holds its records as JSON lines; ``first_line`` is the number of the first of them in the file, and
    ``row_lines`` the numbers of all of them where they do not simply follow. ``to_line`` is None when nobody counted.
    ``rest`` says what could not be unpacked.
    """

    file: InboxFile
    lines_path: Path
    sha256: str
    edges_sha256: str
    from_byte: int
    to_byte: int
    first_line: int
    to_line: int | None
    row_lines: list[int] | None = None
    rest: tuple[str, str] | None = None
    refused: list[tuple[int, str, str, str]] = field(default_factory=list)

    @property
    def in_place(self) -> bool:
        """Whether DuckDB reads the inbox file itself."""
        return self.lines_path == self.file.path


def spool_path(file: InboxFile, settings: Settings, suffix: str = "") -> Path:
    """Where a copy of the file is put; one name per inbox file."""
    settings.spool.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(file.name.encode()).hexdigest()[:24]
    return settings.spool / f"{digest}{suffix}.jsonl"


def whole(file: InboxFile, lines_path: Path, digest: str, lines: int, **more: Any) -> Taken:
    """A file that is taken at once and never followed."""
    return Taken(file, lines_path, digest, "", 0, file.size, 1, lines, **more)


def file_digest(file: InboxFile) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with file.path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
