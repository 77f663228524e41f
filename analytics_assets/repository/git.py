"""Running git to read: bounded in time, without a shell, and without anything that a repository could make it run."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

KEPT = frozenset({"GIT_CONFIG_GLOBAL", "GIT_EXEC_PATH"})
"""Variables of git that say where the user's git and its trust are; every other could point to another repository."""
SAFE = (
    "--no-pager",
    "--no-optional-locks",
    "--no-replace-objects",
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "log.showSignature=false"),
    # A partial clone would fetch what is missing.
    *("-c", "protocol.allow=never"),
)


class RepositoryError(Exception):
    """The repository cannot be read; the message says why and what helps, in a sentence.

    It names folders of this machine. ``problem`` does not: what everybody may read says only that.
    """

    def __init__(self, message: str, problem: str) -> None:
        super().__init__(message)
        self.problem = problem


class Git:
    """One repository, read until a deadline.

    Raises:
        RepositoryError: the folder is not there.
    """

    def __init__(self, folder: Path, seconds: float) -> None:
        if not folder.is_dir():
            raise RepositoryError(f"{folder} is not a folder.", "the folder is not there")
        self.folder = folder
        self.seconds = seconds
        self._until = time.monotonic() + seconds

    def text(self, *words: str) -> str:
        """What git says, without the last line break.

        Raises:
            RepositoryError: git fails, is missing, or the time is over.
        """
        with self.stream(*words) as output:
            return output.read().decode(errors="replace").removesuffix("\n")

    @contextmanager
    def stream(self, *words: str, given: bytes = b"") -> Iterator[IO[bytes]]:
        """The output while git writes it; the rest is dropped when the block ends.

        Raises:
            RepositoryError: git fails, is missing, or the time is over.
        """
        # Files instead of pipes: git never waits for us to read its complaints, nor we for it to read its input.
        with tempfile.TemporaryFile() as standard_input, tempfile.TemporaryFile() as complaints:
            standard_input.write(given)
            standard_input.seek(0)
            process = self._started(words, standard_input, complaints)
            is_over = threading.Event()
            watchdog = threading.Timer(max(0.0, self._until - time.monotonic()), _end, (process, is_over))
            watchdog.start()
            broken: Exception | None = None
            assert process.stdout is not None
            try:
                yield process.stdout
            except Exception as error:  # noqa: BLE001 - raised below, unless it only shows that git ended early
                broken = error
            finally:
                is_cut = bool(process.stdout.read(1))
                if is_cut:
                    process.kill()
                code = process.wait()
                watchdog.cancel()
                process.stdout.close()
            if is_over.is_set():
                raise RepositoryError(
                    f"Reading {self.folder} with git took longer than {self.seconds:.0f} s.",
                    f"reading it took longer than {self.seconds:.0f} s",
                ) from broken
            if code and not is_cut:
                complaints.seek(0)
                raise self._error(complaints.read().decode(errors="replace")) from broken
            if broken is not None:
                raise broken

    def _started(
        self, words: tuple[str, ...], standard_input: IO[bytes], complaints: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        surroundings = {n: v for n, v in os.environ.items() if not n.startswith("GIT_") or n in KEPT}
        try:
            return subprocess.Popen(
                ["git", "-C", str(self.folder), *SAFE, *words],  # noqa: S607 -- the user's own git, wherever it is
                stdin=standard_input,
                stdout=subprocess.PIPE,
                stderr=complaints,
                env=surroundings
                | {"GIT_CONFIG_NOSYSTEM": "1", "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
            )
        except FileNotFoundError:
            raise RepositoryError("git is not installed.", "git is not installed") from None

    def _error(self, said: str) -> RepositoryError:
        if "dubious ownership" in said:
            remedy = f"git config --global --add safe.directory {self.folder}"
            return RepositoryError(
                f"git does not read {self.folder}, because another user owns it. If you trust it: {remedy}",
                "another user owns it",
            )
        if "not a git repository" in said:
            return RepositoryError(f"{self.folder} is no git repository.", "it is no git repository")
        lines = [line for line in said.splitlines() if line.strip()]
        why = lines[0] if lines else "it does not say why"
        return RepositoryError(f"git cannot read {self.folder}: {why}", "git cannot read it")


def _end(process: subprocess.Popen[bytes], is_over: threading.Event) -> None:
    is_over.set()
    process.kill()
