"""What lies in the inbox: which files, of which kind and format, and whether they are complete."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from analytics_assets.contracts import CONTRACTS, FOREIGN_FORMATS
from analytics_assets.settings import Settings

FORMATS = ("jsonl", "jsonl.gz", "jsonl.zst", "csv", "csv.gz", "csv.zst", "parquet")
_SPELLINGS = {"ndjson": "jsonl"}
SAMPLE_TRUTH = "truth.json"
"""What is planted in a sample; ``analytics sample --out data/inbox`` leaves it beside the records."""
_UNFINISHED = (".tmp", ".part", ".partial", ".swp", ".crdownload", "~")


class Format(Enum):
    """How a file's records are written."""

    JSONL = "jsonl"
    CSV = "csv"
    PARQUET = "parquet"
    DOCUMENT = "json"


@dataclass(frozen=True)
class InboxFile:
    """One file as it was seen: ``kind`` and ``format`` are None where the place or the name tells nothing."""

    path: Path
    name: str
    kind: str | None
    format: Format | None
    packing: str | None
    size: int
    modified_ns: int
    changed_ns: int
    is_folder: bool = False
    """A folder that cannot be listed: what lies in it is not lost, but not seen either."""

    @property
    def is_named_in_utf8(self) -> bool:
        """Whether its path can be written down; ``name`` shows the bytes that cannot in hexadecimal."""
        try:
            str(self.path).encode()
        except UnicodeEncodeError:
            return False
        return True

    @property
    def format_name(self) -> str | None:
        """As the ledger writes it: ``jsonl.gz``."""
        if self.format is None:
            return None
        return self.format.value + (f".{self.packing}" if self.packing else "")

    @property
    def is_followed(self) -> bool:
        """Whether the file can be taken while it grows: plain lines can, a packed file or a table cannot."""
        return self.format is Format.JSONL and self.packing is None

    def is_settled(self, settle_seconds: float) -> bool:
        """Whether it was left alone for long enough to be complete.

        A file that is renamed into place keeps its old time of modification, and one from another machine may have one
        of the future: the earlier of its two times counts.
        """
        return time.time() - min(self.modified_ns, self.changed_ns) / 1e9 >= settle_seconds


def scan(settings: Settings) -> list[InboxFile]:
    """Every file of the inbox and every spec document, oldest first, then by name.

    Folders of foreign formats are left alone, and so are names that say a file is unfinished, and the truth of a
    sample that was written into the inbox.
    """
    strangers = {*FOREIGN_FORMATS, SAMPLE_TRUTH}
    found = [f for f in _walk(settings.inbox, settings.data_dir) if _folder(f, settings) not in strangers]
    found += [f for f in _walk(settings.specs, settings.data_dir, documents=True) if f.name.endswith(".json")]
    return sorted(found, key=lambda f: (f.modified_ns, f.name))


def foreign_files(settings: Settings) -> dict[str, int]:
    """How many files wait in the folders of formats that this version does not read."""
    counts: dict[str, int] = {}
    for file in _walk(settings.inbox, settings.data_dir):
        folder = _folder(file, settings)
        if folder in FOREIGN_FORMATS:
            counts[folder] = counts.get(folder, 0) + 1
    return counts


def _folder(file: InboxFile, settings: Settings) -> str:
    return file.path.relative_to(settings.inbox).parts[0]


def _walk(
    folder: Path, root: Path, *, documents: bool = False, above: frozenset[tuple[int, int]] = frozenset()
) -> Iterator[InboxFile]:
    """Files below a folder, linked folders included; the folders ``above`` end a circle of links."""
    try:
        here = folder.stat()
        entries = list(os.scandir(folder))
    except FileNotFoundError:
        return
    except PermissionError:
        yield _seen(folder, root, folder.stat(), is_folder=True)
        return
    identity = (here.st_dev, here.st_ino)
    if identity in above:
        return
    for entry in entries:
        if is_unfinished(entry.name):
            continue
        path = Path(entry.path)
        try:
            if entry.is_dir():
                yield from _walk(path, root, documents=documents, above=above | {identity})
                continue
            stat = entry.stat()
        except OSError:
            continue  # gone between the listing and the look, or a link to nothing: there is nothing to take
        yield _seen(path, root, stat, documents=documents)


def _seen(
    path: Path, root: Path, stat: os.stat_result, *, documents: bool = False, is_folder: bool = False
) -> InboxFile:
    kind, form, packing = ("specs", Format.DOCUMENT, None) if documents else _place(path, root)
    return InboxFile(
        path=path,
        name=os.fsencode(path.relative_to(root)).decode("utf-8", "backslashreplace"),
        kind=kind,
        format=form,
        packing=packing,
        size=stat.st_size,
        modified_ns=stat.st_mtime_ns,
        changed_ns=stat.st_ctime_ns,
        is_folder=is_folder,
    )


def is_unfinished(name: str) -> bool:
    """Whether a file's name says that somebody is still writing it."""
    return name.startswith(".") or name.endswith(_UNFINISHED)


def format_of(name: str) -> tuple[Format | None, str | None]:
    """Format and packing by the endings of a file's name; no format where they tell none that is read."""
    endings = name.lower().split(".")[1:]
    packing = endings.pop() if endings and endings[-1] in ("gz", "zst") else None
    ending = _SPELLINGS.get(endings[-1], endings[-1]) if endings else ""
    form = next((f for f in (Format.JSONL, Format.CSV, Format.PARQUET) if f.value == ending), None)
    if form is Format.PARQUET and packing:
        form = None
    return form, packing


def _place(path: Path, root: Path) -> tuple[str | None, Format | None, str | None]:
    """Kind by the folder below ``inbox``, format and packing by the endings of the name; specs may be documents."""
    parts = path.relative_to(root).parts
    kind = parts[1] if len(parts) > 2 and parts[1] in CONTRACTS else None  # noqa: PLR2004 -- inbox/<kind>/<file>
    if kind == "specs" and path.suffix == ".json":
        return kind, Format.DOCUMENT, None
    return kind, *format_of(path.name)
