"""Keeping a few processes alive: start in order, restart what dies, end all.

Each process leads a session of its own, so that Ctrl-C reaches the supervisor alone and everything a process started
ends with it. Processes are ended by the ids that were started here, never by name.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from analytics_assets.operating_thresholds import UP_RESTARTS, UP_STABLE

START_TIMEOUT_SECONDS = 120.0
"""The same as Dagster's own for loading code, in dagster.yaml."""
END_TIMEOUT_SECONDS = 10.0
"""Dagster's processes end within 3 s of SIGTERM; after this they are killed."""
LOG_BYTES = 10 * 2**20
"""A larger log is put aside, one per part is kept. A run writes about 50 KB, so this holds the last 200."""
TAIL_LINES = 15
_POLL_SECONDS = 0.2


class NotStartedError(RuntimeError):
    """A process did not become ready, or died too often; the message has the end of its log."""


@dataclass(frozen=True)
class Part:
    """One process: its command, a question that says when it is ready, and what to put right when it has died."""

    name: str
    command: tuple[str, ...]
    is_ready: Callable[[], bool]
    after_death: Callable[[], object] = lambda: None


@dataclass
class _Running:
    part: Part
    process: subprocess.Popen[bytes]
    started_at: float
    deaths: int = 0
    start_again_at: float | None = None


def pause_before_restart(deaths: int) -> float | None:
    """Seconds to wait after so many deaths in a row; None when it is time to give up.

    >>> [pause_before_restart(deaths) for deaths in range(1, 7)]
    [1.0, 2.0, 4.0, 8.0, 16.0, None]
    """
    return float(2 ** (deaths - 1)) if deaths <= UP_RESTARTS.value else None


class Processes:
    """Parts that run until ``stop``; every method is called from one thread.

    Args:
        logs: folder of one log per part.
        environment: variables of all parts.
        folder: their working directory.
        say: told of every death and restart.
    """

    def __init__(self, logs: Path, environment: Mapping[str, str], folder: Path, say: Callable[[str], None]) -> None:
        self._logs = logs
        self._environment = dict(environment)
        self._folder = folder
        self._say = say
        self._running: list[_Running] = []

    def start(self, part: Part, keep_waiting: Callable[[], bool] = lambda: True) -> None:
        """Start a part and wait until it is ready, or ``keep_waiting`` says no.

        Raises:
            NotStartedError: it died or did not get ready in time.
        """
        running = _Running(part, self._spawn(part), time.monotonic())
        self._running.append(running)
        deadline = running.started_at + START_TIMEOUT_SECONDS
        while keep_waiting() and not part.is_ready():
            if running.process.poll() is not None:
                raise NotStartedError(f"The {part.name} ended at once.{self._tail(part)}")
            if time.monotonic() > deadline:
                raise NotStartedError(
                    f"The {part.name} was not ready in {START_TIMEOUT_SECONDS:.0f} s.{self._tail(part)}"
                )
            time.sleep(_POLL_SECONDS)

    def look_after(self) -> None:
        """Restart what has died and waited for long enough; called again and again.

        Raises:
            NotStartedError: a part died too often in a row.
        """
        now = time.monotonic()
        for running in self._running:
            self._put_aside_large_log(running.part)
            if running.start_again_at is not None:
                if now >= running.start_again_at:
                    running.process, running.started_at = self._spawn(running.part), now
                    running.start_again_at = None
            elif running.process.poll() is not None:
                self._plan_restart(running, now)

    def _plan_restart(self, running: _Running, now: float) -> None:
        lived = now - running.started_at
        running.deaths = 1 if lived >= UP_STABLE.value else running.deaths + 1
        _end_group(running.process.pid, signal.SIGKILL)
        running.part.after_death()
        pause = pause_before_restart(running.deaths)
        name, how = running.part.name, _how_it_ended(running.process.returncode)
        if pause is None:
            raise NotStartedError(f"The {name} ended {running.deaths} times in a row.{self._tail(running.part)}")
        self._say(f"the {name} {how} after {lived:.0f} s; it starts again in {pause:.0f} s (log: {self._log(name)})")
        running.start_again_at = now + pause

    def stop(self, *names: str) -> None:
        """End the named parts, or all, the last one first, with everything that they started."""
        for running in reversed(self._running.copy()):
            if not names or running.part.name in names:
                self._running.remove(running)
                _end(running.process)

    def _spawn(self, part: Part) -> subprocess.Popen[bytes]:
        log = self._log(part.name)
        log.parent.mkdir(parents=True, exist_ok=True)
        tether = (sys.executable, "-m", "analytics_assets.supervisor.tether", str(os.getpid()))
        with log.open("ab") as handle:
            return subprocess.Popen(
                [*tether, *part.command],
                stdin=subprocess.DEVNULL,
                stdout=handle,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                env=self._environment,
                start_new_session=True,
            )

    def _put_aside_large_log(self, part: Part) -> None:
        """Copy and empty it: the process goes on writing to the file that it has open."""
        log = self._log(part.name)
        if log.stat().st_size > LOG_BYTES:
            shutil.copyfile(log, log.with_suffix(".old.log"))
            os.truncate(log, 0)

    def _log(self, name: str) -> Path:
        return self._logs / f"{name.replace(' ', '-')}.log"

    def _tail(self, part: Part) -> str:
        log = self._log(part.name)
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL_LINES:] if log.exists() else []
        return "\n".join(["", f"The end of {log}:", *lines]) if lines else ""


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(END_TIMEOUT_SECONDS)
    _end_group(process.pid, signal.SIGKILL)
    process.wait()


def _end_group(leader: int, how: signal.Signals) -> None:
    """Signal what a process started, and itself where it still lives."""
    with suppress(ProcessLookupError):
        os.killpg(leader, how)


def _how_it_ended(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
