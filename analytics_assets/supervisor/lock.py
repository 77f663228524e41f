"""One ``analytics up`` per data folder, and who holds a lock file."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from analytics_assets.settings import Settings

_TRIES = 50
_PAUSE_SECONDS = 0.02
"""A look at who holds the lock takes microseconds: after a second of tries somebody keeps it."""


class AlreadyUpError(RuntimeError):
    """Another ``analytics up`` serves this data folder."""


def lock_file(settings: Settings) -> Path:
    """The file whose lock a running ``analytics up`` holds."""
    return settings.dagster_home / "up.lock"


@contextmanager
def the_only_one(settings: Settings) -> Iterator[None]:
    """Be the one ``analytics up`` of the data folder until the end of the block.

    Raises:
        AlreadyUpError: another process is.
    """
    path = lock_file(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as handle:
        _lock(handle, path, settings)
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
        try:
            yield
        finally:
            handle.truncate(0)


def _lock(handle: IO[str], path: Path, settings: Settings) -> None:
    """Take the lock, or say who has it; one who looks who has it is waited for."""
    for _ in range(_TRIES):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            process = holder(path)
        else:
            return
        if process is not None:
            break
        time.sleep(_PAUSE_SECONDS)
    raise AlreadyUpError(f"`analytics up` already runs for {settings.data_dir} (process {process or 'unknown'}).")


def holder(path: Path) -> str | None:
    """Process number of who holds the lock of a file that names its holder; None when it is free."""
    try:
        with path.open(encoding="utf-8") as handle:
            try:
                # Held for an instant and shared: who wants the lock itself tries again.
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return handle.read().strip() or "unknown"
            fcntl.flock(handle, fcntl.LOCK_UN)
    except FileNotFoundError:
        return None
    return None
