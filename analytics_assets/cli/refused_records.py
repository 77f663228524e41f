"""Records of an import that do not count: a file of the inbox beside what landed, for the quarantine.

The next import of the same source replaces it in one step, and removes it when nothing is refused any more. The ledger
takes a file that was written anew for another one, and the quarantine of the one before is settled.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from analytics_assets.cli.landing import reserve
from analytics_assets.cli.problems import CommandError
from analytics_assets.line_files import iso, json_line
from analytics_assets.settings import Settings

IMPORTED_FROM = "imported_from"
"""Where each record names its source: files of several folders are often called alike."""
IMPORTED_AT = "imported_at"
"""With it what is refused again differs from what was: the ledger does not take it for a copy that needs no look."""


@dataclass(frozen=True)
class Refused:
    """The file of a source's refused records: None when there is and was none.

    ``is_new`` says that it holds what no refresh has seen.
    """

    path: Path | None
    is_new: bool


def replace_refused(settings: Settings, kind: str, source: Path, name: str, records: list[dict[str, Any]]) -> Refused:
    """Write the refused records of a source in place of those of its last import; without any remove the file.

    Args:
        settings: names the inbox.
        kind: the kind of the records.
        source: the file that they were read from.
        name: what landed of it is called, without ``.jsonl``.
        records: all that is refused now.

    Raises:
        CommandError: the inbox cannot be written.
    """
    folder = settings.inbox / kind
    # Names that are no UTF-8 are compared as the file can have them.
    of_source = str(source.resolve()).encode("utf-8", "replace").decode("utf-8")
    try:
        earlier = _of_source(folder, f"{name}-refused", of_source)
        if not records:
            if earlier is not None:
                earlier.unlink(missing_ok=True)
            return Refused(earlier, is_new=False)
        named = [record | {IMPORTED_FROM: of_source} for record in records]
        if earlier is not None and _content(earlier) == [json.loads(json_line(record)) for record in named]:
            return Refused(earlier, is_new=False)
        now = iso(datetime.now(UTC))
        content = b"".join(json_line(record | {IMPORTED_AT: now}) for record in named)
        target = earlier or reserve(folder, f"{name}-refused.jsonl")
        _replace(target, content, settings.settle_seconds)
    except OSError as error:
        raise CommandError(f"The inbox cannot be written: {error.strerror}: {error.filename}") from error
    return Refused(target, is_new=True)


def _of_source(folder: Path, begin: str, of_source: str) -> Path | None:
    """The file that holds what was refused of this source before."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(begin) and path.suffix == ".jsonl":
            with path.open("rb") as lines:
                first = lines.readline()
            try:
                record = json.loads(first)
            except ValueError:
                continue
            if isinstance(record, dict) and record.get(IMPORTED_FROM) == of_source:
                return path
    return None


def _content(path: Path) -> list[dict[str, Any]]:
    """The records of a file, whenever they were imported; none when somebody edited it into something else."""
    try:
        records = [json.loads(line) for line in path.read_bytes().splitlines()]
    except ValueError:
        return []
    whole = [record for record in records if isinstance(record, dict)]
    return [{name: value for name, value in record.items() if name != IMPORTED_AT} for record in whole]


def _replace(target: Path, content: bytes, settle_seconds: float) -> None:
    """Write beside the target, then rename, as ``land`` does: a reader sees the whole of the one or of the other."""
    fresh = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        fresh.write_bytes(content)
        settled = time.time() - settle_seconds
        os.utime(fresh, (settled, settled))
        fresh.replace(target)
    finally:
        fresh.unlink(missing_ok=True)
