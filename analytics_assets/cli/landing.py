"""Landing files in the inbox: which kind each one is, and a copy that is complete the moment it is seen."""

from __future__ import annotations

import difflib
import filecmp
import os
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from analytics_assets.cli.problems import MISUSED, CommandError
from analytics_assets.contracts import CONTRACTS, FOREIGN_FORMATS
from analytics_assets.settings import Settings
from analytics_assets.warehouse.inbox import FORMATS, format_of, is_unfinished

KINDS: tuple[str, ...] = (*CONTRACTS, *FOREIGN_FORMATS)


@dataclass
class Landing:
    """What became of the files: ``landed`` and ``present`` (same content there already) name the copies by source.

    ``left_out`` has the reason of each file that is not one for the inbox.
    """

    landed: dict[Path, Path] = field(default_factory=dict)
    present: dict[Path, Path] = field(default_factory=dict)
    left_out: dict[Path, str] = field(default_factory=dict)


def land(settings: Settings, path: Path, kind: str | None = None) -> Landing:
    """Copy a file, or every file below a folder, into the inbox; nothing is moved or overwritten.

    Args:
        settings: names the inbox and the folder of the specs.
        path: a file or a folder.
        kind: kind or foreign format of all of them; by default each file's folder or name tells.

    Raises:
        CommandError: the path is not there or cannot be read, or the kind is unknown.
    """
    if kind is not None and kind not in KINDS:
        raise CommandError(f"'{kind}' is not a kind.", _kinds_in_words(kind), exit_code=MISUSED)
    if not path.exists():
        raise CommandError(f"{path} is not there.", exit_code=MISUSED)
    landing = Landing()
    for source in _files(path, landing):
        found = kind or kind_of(source, path)
        reason = reason_against(source, found)
        if reason is not None:
            landing.left_out[source] = reason
            continue
        assert found is not None, "without a kind there is a reason"
        try:
            _land_one(source, settings.specs if found == "specs" else settings.inbox / found, landing, settings)
        except OSError as error:
            if error.filename is not None and Path(error.filename) != source:
                raise CommandError(f"The inbox cannot be written: {error.strerror}: {error.filename}") from error
            landing.left_out[source] = f"it cannot be read: {error.strerror}"
    return landing


def kind_of(source: Path, root: Path) -> str | None:
    """Kind by the nearest folder that is named as one, from the file up to ``root``; else by the file's own name.

    >>> kind_of(Path("logs/executions/a.jsonl"), Path("logs"))
    'executions'
    >>> kind_of(Path("task_executions-2026.jsonl.gz"), Path("task_executions-2026.jsonl.gz"))
    'task_executions'
    """
    folders = [source.parent, *source.parent.parents]
    top = folders.index(root) if root in folders else 0
    for folder in folders[: top + 1]:
        name = folder.resolve().name if folder.name in ("", "..") else folder.name
        if name in KINDS:
            return name
    stem = source.name.lower().split(".")[0]
    named = [kind for kind in KINDS if stem == kind or re.match(rf"{kind}[^a-z]", stem)]
    return max(named, key=len, default=None)


def reason_against(source: Path, kind: str | None) -> str | None:
    """Why a file is not for the inbox, with the remedy; None when it is."""
    if is_unfinished(source.name):
        return "its name says that it is not finished"
    if kind is None:
        return "neither its folder nor its name tells a kind"
    if kind in FOREIGN_FORMATS:
        return None
    if kind == "specs":
        return None if source.suffix.lower() == ".json" else "a spec document is a .json file"
    if format_of(source.name)[0] is None:
        return f"its name tells no format that is read: {', '.join(f'.{ending}' for ending in FORMATS)}"
    return None


def _files(path: Path, landing: Landing) -> Iterator[Path]:
    """The files below a folder in the order of their names; folders that cannot be read are left out."""
    if not path.is_dir():
        yield path
        return

    def note(error: OSError) -> None:
        landing.left_out[Path(error.filename)] = f"it cannot be read: {error.strerror}"

    for folder, folders, names in os.walk(path, onerror=note):
        folders.sort()
        yield from (Path(folder, name) for name in sorted(names))


def _land_one(source: Path, folder: Path, landing: Landing, settings: Settings) -> None:
    """Copy beside the target, then rename: a reader of the inbox never sees a part of it."""
    folder.mkdir(parents=True, exist_ok=True)
    same = _same_content(source, folder)
    if same is not None:
        landing.present[source] = same
        return
    fresh = folder / f".{source.name}.{os.getpid()}.tmp"
    try:
        shutil.copyfile(source, fresh)
        # The rename completes it, so it need not settle: even a file written just now is taken by the next refresh.
        modified = min(source.stat().st_mtime, time.time() - settings.settle_seconds)
        os.utime(fresh, (modified, modified))
        target = reserve(folder, source.name)
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
    landing.landed[source] = target


def _same_content(source: Path, folder: Path) -> Path | None:
    size = source.stat().st_size
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.is_file() and entry.stat().st_size == size and not is_unfinished(entry.name):
            path = Path(entry.path)
            if path.samefile(source) or filecmp.cmp(source, path, shallow=False):
                return path
    return None


def reserve(folder: Path, name: str) -> Path:
    """A name of its own, made at once: two commands that land ``a.jsonl`` both keep their file."""
    base, *endings = name.split(".")
    number = 1
    while True:
        path = folder / ".".join([base if number == 1 else f"{base}-{number}", *endings])
        try:
            path.open("x").close()
        except FileExistsError:
            number += 1
        else:
            return path


def unnamed(path: Path) -> CommandError:
    """What to say when nothing of a path could land because nothing tells a kind."""
    return CommandError(f"No kind is known for {path}.", _kinds_in_words(path.name.split(".")[0]), exit_code=MISUSED)


def _kinds_in_words(wrong: str) -> str:
    close = difflib.get_close_matches(wrong, KINDS, n=1)
    guess = f"Did you mean --kind {close[0]}? " if close else ""
    return (
        f"{guess}Say --kind KIND, put it into a folder named as its kind, or name it KIND.jsonl. "
        f"Kinds: {', '.join(CONTRACTS)}; foreign formats: {', '.join(FOREIGN_FORMATS)}."
    )
