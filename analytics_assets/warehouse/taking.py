"""Taking a file: fix its content, hash it, and leave plain lines that DuckDB can read.

A settled file of plain lines is read where it lies. Anything else is copied to the spool first: the new lines of a
growing file, an unpacked archive, a converted table.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import IO

from analytics_assets.settings import Settings
from analytics_assets.warehouse.conversion import take_csv, take_document, take_parquet
from analytics_assets.warehouse.inbox import Format, InboxFile
from analytics_assets.warehouse.ledger import Known
from analytics_assets.warehouse.taken import Taken, UnreadableError, file_digest, spool_path, whole
from analytics_assets.warehouse.unpacking import unpack

_CHUNK = 2**20
_EDGE = 4096
_GLOB = re.compile(r"[*?\[\]{}]")
"""In such a path DuckDB would look for a pattern, so the file is read from a copy."""


def take(file: InboxFile, known: Known | None, settings: Settings) -> Taken | None:
    """Fix a file's content; None when it has no complete new line yet.

    Raises:
        UnreadableError: nothing of it can be read.
    """
    try:
        if file.is_followed:
            return _take_lines(file, known, settings)
        spool = spool_path(file, settings)
        if file.format is Format.JSONL:
            return _take_packed(file, spool, settings)
        if file.format is Format.CSV:
            return take_csv(file, spool, settings)
        if file.format is Format.PARQUET:
            return take_parquet(file, spool, settings)
        return take_document(file, spool, settings)
    except OSError as error:
        raise UnreadableError(
            f"cannot be read: {error.strerror or error}", "check that the file exists and its permissions"
        ) from error


def _take_lines(file: InboxFile, known: Known | None, settings: Settings) -> Taken | None:
    settled = file.is_settled(settings.settle_seconds)
    with file.path.open("rb") as source:
        start, line = _resume(source, file, known)
        if start == 0 and settled and not _GLOB.search(str(file.path)):
            digest = hashlib.file_digest(source, "sha256").hexdigest()
            end = _end_of_lines(source, file.size)
            return Taken(file, file.path, digest, _edges(source, end), 0, end, 1, None)
        spool = spool_path(file, settings)
        source.seek(start)
        with spool.open("wb") as target:
            digest, lines, length = _hash(source, target)
            if not settled:
                # Somebody may be writing: the line after the last newline is not complete yet.
                target.truncate(length)
        if length == 0 and (not settled or spool.stat().st_size == 0):
            return None
        if not settled:
            with spool.open("rb") as copy:
                digest = hashlib.file_digest(copy, "sha256").hexdigest()
        end = start + length
        return Taken(file, spool, digest, _edges(source, end), start, end, line + 1, line + lines)


def _resume(source: IO[bytes], file: InboxFile, known: Known | None) -> tuple[int, int]:
    """Byte and line after which a file that was taken before goes on; (0, 0) when it is not the same file."""
    if known is None or known.status not in ("taken", "duplicate") or not 0 < known.to_byte <= file.size:
        return 0, 0
    if _edges(source, known.to_byte) != known.edges_sha256:
        return 0, 0
    return known.to_byte, _lines_before(source, known.to_byte) if known.to_line is None else known.to_line


def _lines_before(source: IO[bytes], end: int) -> int:
    """Lines of the first bytes: counted when a file grows, for most files never do."""
    source.seek(0)
    lines = 0
    while end > 0 and (chunk := source.read(min(_CHUNK, end))):
        lines += chunk.count(b"\n")
        end -= len(chunk)
    return lines


def _end_of_lines(source: IO[bytes], size: int) -> int:
    """Where the last complete line ends."""
    end = size
    while end > 0:
        start = max(0, end - _CHUNK)
        source.seek(start)
        last = source.read(end - start).rfind(b"\n")
        if last >= 0:
            return start + last + 1
        end = start
    return 0


def _hash(source: IO[bytes], copy: IO[bytes] | None) -> tuple[str, int, int]:
    """SHA-256 from here to the end, complete lines, and bytes up to the end of the last of them."""
    digest = hashlib.sha256()
    lines = position = complete = 0
    while chunk := source.read(_CHUNK):
        digest.update(chunk)
        lines += chunk.count(b"\n")
        last = chunk.rfind(b"\n")
        if last >= 0:
            complete = position + last + 1
        position += len(chunk)
        if copy is not None:
            copy.write(chunk)
    return digest.hexdigest(), lines, complete


def _edges(source: IO[bytes], end: int) -> str:
    """Hash of the first and last bytes before ``end``: enough to know a file that only grew."""
    digest = hashlib.sha256()
    for start in (0, max(0, end - _EDGE)):
        source.seek(start)
        digest.update(source.read(min(_EDGE, end - start)))
    return digest.hexdigest()


def _take_packed(file: InboxFile, spool: Path, settings: Settings) -> Taken:
    rest = unpack(file, spool, settings)
    with spool.open("rb") as lines:
        _, count, _ = _hash(lines, None)
    return whole(file, spool, file_digest(file), count, rest=rest)
