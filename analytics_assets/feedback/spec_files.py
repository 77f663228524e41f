"""The spec documents on disk: finding the one of a spec, and replacing its content whole or not at all."""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analytics_assets.feedback.json_edit import JsonEditError, parse
from analytics_assets.settings import Settings
from analytics_assets.warehouse.conversion import spec_record
from analytics_assets.warehouse.inbox import is_unfinished


class FeedbackError(Exception):
    """Something a person can act on: what is wrong, and what to do about it."""

    def __init__(self, message: str, remedy: str | None = None) -> None:
        super().__init__(message)
        self.remedy = remedy


class SpecFileError(FeedbackError):
    """A document cannot be found, read or written."""


@dataclass(frozen=True)
class SpecFile:
    """One document as it was read. ``name`` is its path below the folder of the specs."""

    name: str
    path: Path
    content: bytes
    document: dict[str, Any]

    @property
    def spec_id(self) -> str | None:
        """What the document calls itself; None where it has no id that is a text."""
        given = self.document.get("id")
        return given if isinstance(given, str) and given else None

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the document without ``_learned``, as the warehouse has it."""
        return str(spec_record(self.document, self.name)["fingerprint"])


@dataclass(frozen=True)
class Folder:
    """Every document below the folder of the specs; ``problems`` are those that cannot be read, by name."""

    root: Path
    files: tuple[SpecFile, ...]
    problems: dict[str, SpecFileError]

    def of(self, spec_id: str) -> SpecFile:
        """The document of a spec.

        Raises:
            SpecFileError: there is none, or more than one.
        """
        found = [file for file in self.files if file.spec_id == spec_id]
        if len(found) > 1:
            names = " and ".join(str(self.root / file.name) for file in found)
            raise SpecFileError(
                f"{names} have the same id '{spec_id}'.", "Give each its own id, or remove all but one."
            )
        if found:
            return found[0]
        for name, problem in self.problems.items():
            if Path(name).stem == spec_id:
                raise problem
        unread = f" {len(self.problems)} that cannot be read: {', '.join(self.problems)}." if self.problems else ""
        raise SpecFileError(
            f"No document in {self.root} has the id '{spec_id}'.{unread}",
            f"Put the spec's document into {self.root}; one in the inbox is read and never written.",
        )


def read_folder(settings: Settings) -> Folder:
    """Read every ``*.json`` below the folder of the specs, in the order of their names; unfinished names are left."""
    files: list[SpecFile] = []
    problems: dict[str, SpecFileError] = {}
    seen: set[Path] = set()
    for path in _paths(settings.specs):
        name = path.relative_to(settings.specs).as_posix()
        try:
            file = read(settings, name)
        except SpecFileError as problem:
            problems[name] = problem
            continue
        # A link and what it leads to are one document.
        if file.path not in seen:
            seen.add(file.path)
            files.append(file)
    return Folder(settings.specs, tuple(files), problems)


def find(settings: Settings, spec_id: str) -> SpecFile:
    """The document of a spec.

    Raises:
        SpecFileError: there is none or more than one, or it cannot be read.
    """
    return read_folder(settings).of(spec_id)


def read(settings: Settings, name: str) -> SpecFile:
    """The document at a path below the folder of the specs.

    Raises:
        SpecFileError: it is not there, not a JSON object, or outside of the folder.
    """
    shown = settings.specs / name
    path = shown.resolve()
    if not path.is_relative_to(settings.specs.resolve()):
        raise SpecFileError(
            f"{shown} leads out of the folder of the specs, to {path}.",
            f"Put the document itself into {settings.specs}.",
        )
    try:
        content = path.read_bytes()
        _, document = parse(content)
    except OSError as error:
        raise SpecFileError(f"{shown} cannot be read: {error.strerror or error}.") from error
    except JsonEditError as error:
        raise SpecFileError(f"{shown} {error}.", "Mend the document; nothing was changed.") from error
    return SpecFile(name, path, content, document)


def replace(settings: Settings, file: SpecFile, content: bytes) -> None:
    """Let the document have this content: whole or, after any failure, the content it had. Its mode stays.

    Our own writers take turns. An editor that saves in the instant between the comparison and the rename is not seen.

    Raises:
        SpecFileError: it was changed since it was read, or it cannot be written.
    """
    if content == file.content:
        return
    shown = settings.specs / file.name
    fresh = file.path.with_name(f".{file.path.name}.{os.getpid()}.tmp")
    try:
        with _turn(settings):
            mode = _writable_mode(file.path)
            with fresh.open("wb") as handle:
                handle.write(content)
                handle.flush()
                os.fchmod(handle.fileno(), mode)
                os.fsync(handle.fileno())
            if file.path.read_bytes() != file.content:
                raise SpecFileError(f"{shown} was changed a moment ago.", "Look at it, and ask again.")
            os.replace(fresh, file.path)  # noqa: PTH105 -- the tests let this very call fail
    except OSError as error:
        raise SpecFileError(
            f"{shown} cannot be written: {error.strerror or error}. It is as it was.",
            f"Allow writing {shown.parent} and {settings.journal}, and ask again.",
        ) from error
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
    # It is replaced; a file system that cannot promise to keep it through a power cut does not undo that.
    with suppress(OSError):
        sync_folder(file.path.parent)


def _writable_mode(path: Path) -> int:
    """The mode of a file that may be replaced.

    A file marked read-only could be replaced all the same, the mark being on it and not on the folder: it is respected.
    """
    for place in (path, path.parent):
        mode = stat.S_IMODE(place.stat().st_mode)
        if not mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
            kind = "folder" if place is not path else "file"
            raise SpecFileError(
                f"The {kind} {place} is read-only ({stat.filemode(place.stat().st_mode)}).", f"chmod u+w {place}"
            )
    return stat.S_IMODE(path.stat().st_mode)


def sync_folder(folder: Path) -> None:
    """Let a rename within the folder outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _turn(settings: Settings) -> Iterator[None]:
    settings.journal.mkdir(parents=True, exist_ok=True)
    with (settings.journal / ".lock").open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _paths(root: Path) -> Iterator[Path]:
    """Documents in the order of their names; a folder that was seen is not entered again through a link."""
    entered: set[Path] = set()
    for folder, folders, names in os.walk(root, followlinks=True):
        here = Path(folder)
        entered.add(here.resolve())
        folders[:] = sorted(f for f in folders if not is_unfinished(f) and (here / f).resolve() not in entered)
        yield from (here / name for name in sorted(names) if name.endswith(".json") and not is_unfinished(name))
