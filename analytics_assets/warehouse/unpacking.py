"""Unpacking .gz and .zst files, within bounds."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from analytics_assets.settings import Settings
from analytics_assets.warehouse.inbox import InboxFile
from analytics_assets.warehouse.taken import UnreadableError

_CHUNK = 2**20
_BOMB_FROM = 64 * 2**20
"""Below this size (bytes) nobody fears a bomb, and tiny files may well pack a thousandfold."""


@contextmanager
def _unpacked(file: InboxFile) -> Iterator[IO[bytes]]:
    with file.path.open("rb") as source:
        if file.packing == "gz":
            with gzip.open(source) as stream:
                yield cast("IO[bytes]", stream)
        elif file.packing == "zst":
            import zstandard

            with zstandard.ZstdDecompressor().stream_reader(source, read_across_frames=True) as stream:
                yield cast("IO[bytes]", stream)
        else:
            yield source


def unpack(file: InboxFile, target: Path, settings: Settings) -> tuple[str, str] | None:
    """Unpack into ``target``; returns what is wrong with the rest when the archive ends early.

    Raises:
        UnreadableError: it is no archive at all, or it unpacks to more than is allowed.
    """
    import zstandard

    written = 0
    with _unpacked(file) as stream, target.open("wb") as copy:
        while True:
            try:
                chunk = stream.read(_CHUNK)
            except (EOFError, zlib.error, gzip.BadGzipFile, zstandard.ZstdError) as error:
                if written == 0:
                    raise UnreadableError(f"is not a .{file.packing} file: {error}", "pack it again") from error
                return (
                    f"the .{file.packing} stream is damaged after {written} bytes: {error}",
                    "land the file again",
                )
            if not chunk:
                return None
            written += len(chunk)
            if written > settings.max_unpacked_bytes:
                raise UnreadableError(
                    f"unpacks to more than {settings.max_unpacked_bytes} bytes",
                    "split it, or set ANALYTICS_MAX_UNPACKED_BYTES higher",
                )
            if written > max(_BOMB_FROM, file.size * settings.max_unpack_ratio):
                raise UnreadableError(
                    f"unpacks to over {settings.max_unpack_ratio} times its size: it looks like a decompression bomb",
                    "pack it as plain lines, or set ANALYTICS_MAX_UNPACK_RATIO higher",
                )
            copy.write(chunk)
