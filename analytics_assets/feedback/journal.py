"""The journal: what a person decided, what it changes in a document, and how far that got.

One folder per decision, made whole before anything else happens: ``entry.json``, and the document's bytes ``before``
and ``after``. An entry is ``prepared`` until its decision is in the inbox; one that was interrupted is finished or
given up by the next command. Who writes here has the ``turn``: what is prepared or half written while one has it was
left by a process that ended.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from analytics_assets.feedback.spec_files import FeedbackError, sync_folder
from analytics_assets.line_files import iso, json_line
from analytics_assets.operating_thresholds import DECISION_WAIT
from analytics_assets.settings import Settings

_POLL_SECONDS = 0.05


class State(StrEnum):
    """How far a decision got."""

    PREPARED = "prepared"
    """It is known what shall be done; it may be done in part."""
    DONE = "done"
    """The document is changed, and the decision is in the inbox."""
    GIVEN_UP = "given up"
    """It was interrupted before the document was changed: nothing was decided."""


class JournalError(FeedbackError):
    """An entry cannot be read."""


class BusyError(FeedbackError):
    """Another command has the turn."""


@dataclass(frozen=True)
class Change:
    """What happens to a document: the value at ``target`` (keys with dots), and the hashes of the whole content."""

    name: str
    target: str
    value_before: Any
    value_after: Any
    sha256_before: str
    sha256_after: str


@dataclass(frozen=True)
class Entry:
    """One decision. ``decided_at`` is in UTC; ``change`` is None where no document is changed."""

    decision_id: str
    suggestion_id: str
    decision: str
    decided_at: datetime
    decided_by: str | None
    notes: str | None
    baseline: dict[str, Any] | None = None
    change: Change | None = None
    state: State = State.PREPARED

    def record(self) -> dict[str, Any]:
        """The decision as the inbox takes it; ``baseline`` lands among its extra fields."""
        given = {
            "decision_id": self.decision_id,
            "subject_type": "suggestion",
            "subject_id": self.suggestion_id,
            "decision": self.decision,
            "decided_at": iso(self.decided_at),
            "decided_by": self.decided_by,
            "notes": self.notes,
            "baseline": self.baseline,
        }
        return {name: value for name, value in given.items() if value is not None}


def new_id() -> str:
    """Key of a decision."""
    return f"dc-{secrets.token_hex(8)}"


@contextmanager
def turn(settings: Settings) -> Iterator[None]:
    """Be the one who decides or settles until the end of the block; not to be taken again within it.

    The lock is the operating system's: it is gone with the process that held it. Taken before the lock of the
    documents, never within it.

    Raises:
        BusyError: another command kept it for longer than ``DECISION_WAIT``.
    """
    settings.journal.mkdir(parents=True, exist_ok=True)
    path = settings.journal / ".turn"
    deadline = monotonic() + DECISION_WAIT.value
    with path.open("a") as handle:
        while not _is_locked(handle.fileno()):
            if monotonic() > deadline:
                raise BusyError(
                    f"Another command has been deciding for over {DECISION_WAIT.value:g} s: it holds {path}.",
                    "Wait for it or end it, and ask again; nothing was changed.",
                )
            sleep(_POLL_SECONDS)
        yield


def _is_locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def prepare(settings: Settings, entry: Entry, contents: tuple[bytes, bytes] | None) -> None:
    """Note what is about to be done, with the document's bytes before and after it; whole or not at all."""
    folder = _folder(settings, entry)
    fresh = folder.with_name(f".{folder.name}.tmp")
    fresh.mkdir(parents=True)
    try:
        for name, content in zip(("before", "after"), contents or (), strict=False):
            _write(fresh / name, content)
        _write(fresh / "entry.json", _text(entry))
        sync_folder(fresh)
        fresh.rename(folder)
    except BaseException:  # also Ctrl-C: half an entry would say that something was begun
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    sync_folder(settings.journal)


def announce(settings: Settings, entry: Entry) -> None:
    """Put the decision into the inbox; a second time changes nothing, because its key is the same."""
    folder = settings.inbox / "decisions"
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".{entry.decision_id}.tmp"
    _write(fresh, json_line(entry.record()))
    fresh.replace(folder / f"{entry.decision_id}.jsonl")
    sync_folder(folder)


def end(settings: Settings, entry: Entry, state: State) -> Entry:
    """Note how it ended."""
    ended = replace(entry, state=state)
    folder = _folder(settings, entry)
    _write(folder / "entry.tmp", _text(ended))
    (folder / "entry.tmp").replace(folder / "entry.json")
    sync_folder(folder)
    return ended


def entries(settings: Settings, suggestion_id: str | None = None) -> list[Entry]:
    """Every entry, or those of one suggestion, oldest first.

    Raises:
        JournalError: one cannot be read.
    """
    found = [_read(path) for path in sorted(settings.journal.glob("[!.]*/entry.json"))]
    found.sort(key=lambda entry: entry.decided_at)
    return [entry for entry in found if suggestion_id in (None, entry.suggestion_id)]


def last_decision(settings: Settings, suggestion_id: str) -> Entry | None:
    """The last decision about a suggestion that was not given up.

    Raises:
        JournalError: an entry cannot be read.
    """
    decided = [entry for entry in entries(settings, suggestion_id) if entry.state is not State.GIVEN_UP]
    return decided[-1] if decided else None


def contents(settings: Settings, entry: Entry) -> tuple[bytes, bytes]:
    """The document's bytes before and after the decision.

    Raises:
        JournalError: they are gone.
    """
    folder = _folder(settings, entry)
    try:
        return (folder / "before").read_bytes(), (folder / "after").read_bytes()
    except OSError as error:
        raise JournalError(f"The backup in {folder} cannot be read: {error.strerror}.") from error


def _folder(settings: Settings, entry: Entry) -> Path:
    return settings.journal / f"{entry.decided_at:%Y%m%dT%H%M%S}-{entry.decision}-{entry.decision_id}"


def _text(entry: Entry) -> bytes:
    fields = entry.record() | {"state": entry.state.value, "change": entry.change and vars(entry.change)}
    return json.dumps(fields, indent=2, ensure_ascii=False).encode() + b"\n"


def _read(path: Path) -> Entry:
    try:
        given = json.loads(path.read_bytes())
        return Entry(
            decision_id=given["decision_id"],
            suggestion_id=given["subject_id"],
            decision=given["decision"],
            decided_at=datetime.fromisoformat(given["decided_at"]).astimezone(UTC),
            decided_by=given.get("decided_by"),
            notes=given.get("notes"),
            baseline=given.get("baseline"),
            change=given["change"] and Change(**given["change"]),
            state=State(given["state"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise JournalError(
            f"{path} cannot be read ({type(error).__name__}: {error}).",
            f"It tells what was decided and not yet computed: look at it, then mend it or move {path.parent} away.",
        ) from error


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
