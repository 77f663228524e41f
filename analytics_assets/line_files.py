"""Append-only files of JSON lines: one file per process and kind, each line written whole or not at all.

Only the standard library is used: applications import this through ``recorder``.
"""

from __future__ import annotations

import json
import math
import os
import threading
import weakref
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import SupportsFloat

KEPT_ERROR_CHARACTERS = 2_000
"""The head of an error says what went wrong; a stack of pages would only make the line long."""


def json_line(record: Mapping[str, object]) -> bytes:
    """One record as one line of UTF-8 JSON with its newline.

    Times become ISO 8601 in UTC (a naive datetime is local time, as everywhere in Python), an enum its text
    value, else its name (an IntEnum its number), numbers of other libraries plain ones, NaN and infinity null
    (not measured), anything else its text. A lone surrogate, which UTF-8 cannot hold, becomes a question
    mark.
    """
    text = json.dumps(_plain(record), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.encode("utf-8", errors="replace") + b"\n"


def _plain(value: object) -> object:
    """The value in JSON's own types."""
    # bool, int and str by exact type: their subclasses (enums, numpy's str_) take the long way.
    if value is None or type(value) in (bool, int, str):
        return value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, AbstractSet):
        return sorted((_plain(item) for item in value), key=str)
    return _plain_object(value)


def _plain_object(value: object) -> object:
    """What is neither a container nor a number of Python's own."""
    if isinstance(value, datetime):
        return iso(value) if value == value else None  # noqa: PLR0124 - pandas' NaT is not itself
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Enum):
        return value.value if isinstance(value.value, str) else value.name
    if isinstance(value, BaseException):
        return str(value)[:KEPT_ERROR_CHARACTERS]
    if isinstance(value, (bytes, bytearray)):
        return value.decode("utf-8", errors="replace")
    as_list = getattr(value, "tolist", None)  # numpy's arrays, and its numbers as Python's
    if callable(as_list):
        return _plain(as_list())
    return _plain(float(value)) if isinstance(value, SupportsFloat) else str(value)


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with microseconds: ``2026-01-31T12:00:00.000000Z``."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class LineFiles:
    """The files that this process appends to, one per kind, in ``folder/<kind>/``.

    A file is begun anew each UTC day and beyond ``max_bytes``, so that finished ones can be moved away, and
    when the current one was deleted. Threads take turns; processes never share a file, a forked child
    included.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.folder = folder
        self.max_bytes = max_bytes
        self._lock = threading.Lock()
        self._files: dict[str, _LineFile] = {}
        _ALIVE.add(self)

    def append(self, kind: str, line: bytes) -> None:
        """Write the line to the kind's file and hand it to the operating system before returning.

        Raises:
            OSError: it could not be written; nothing of it is left in the file.
        """
        with self._lock:
            current = self._files.get(kind)
            if current is None or not current.takes(len(line), self.max_bytes):
                if current is not None:
                    del self._files[kind]
                    current.close()
                current = self._files[kind] = _LineFile(self.folder / kind)
            try:
                current.write(line)
            except OSError:
                if current.broken:
                    del self._files[kind]
                    current.close()
                raise

    def close(self) -> None:
        """Close every file; a later line begins a new one."""
        with self._lock:
            while self._files:
                self._files.popitem()[1].close()

    def unlock(self) -> None:
        """Replace the lock, which another thread may have held at the moment of a fork."""
        self._lock = threading.Lock()


class _LineFile:
    """One file that nobody else writes to."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.process = os.getpid()
        self.day = _today()
        self.size = 0
        self.broken = False
        # The process number alone comes round again, and differs by container, not by folder.
        name = f"recorder-{self.day:%Y%m%d}-{self.process}-{os.urandom(6).hex()}.jsonl"
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)
        self.descriptor = os.open(folder / name, flags, 0o644)

    def takes(self, length: int, max_bytes: int) -> bool:
        """Whether the next line belongs in this file."""
        return (
            self.process == os.getpid()
            and self.day == _today()
            and (self.size == 0 or self.size + length <= max_bytes)
            and os.fstat(self.descriptor).st_nlink > 0
        )

    def write(self, line: bytes) -> None:
        """Append the line in one call; where that takes a part, the rest follows or the part is removed."""
        written = 0
        try:
            while written < len(line):
                written += os.write(self.descriptor, line[written:])
        except OSError:
            self._take_back(written)
            raise
        self.size += len(line)

    def _take_back(self, written: int) -> None:
        """Cut off a part of a line, so that the next one does not continue it."""
        if not written:
            return
        try:
            os.ftruncate(self.descriptor, self.size)
        except OSError:
            # The next line goes to a new file; the reader quarantines the torn one.
            self.broken = True

    def close(self) -> None:
        """Give the descriptor back; in a forked child this closes the child's copy only."""
        os.close(self.descriptor)


def _today() -> date:
    return datetime.now(UTC).date()


_ALIVE: weakref.WeakSet[LineFiles] = weakref.WeakSet()


def _unlock_all() -> None:
    for files in _ALIVE:
        files.unlock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unlock_all)
