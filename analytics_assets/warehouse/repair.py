"""Line by line: the good lines of a file in canonical form, and a verdict for each of the others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from analytics_assets.contracts import Contract
from analytics_assets.contracts.entry import canonical
from analytics_assets.contracts.line import parse_line
from analytics_assets.contracts.rejection import RejectedError
from analytics_assets.settings import Settings
from analytics_assets.warehouse.taken import Taken

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Quarantined:
    """One line that is put aside; a row of ``raw.quarantined_lines``."""

    line_number: int | None
    field: str | None
    reason: str
    remedy: str
    line: str | None


def repair(
    contract: Contract, taken: Taken, target: Path, settings: Settings, now: datetime
) -> tuple[int, list[Quarantined]]:
    """Write the good records of ``taken`` to ``target``; returns how many, and the others."""
    good = 0
    bad: list[Quarantined] = []
    with taken.lines_path.open("rb") as source, target.open("wb") as copy:
        for index, (line, too_long) in enumerate(_lines(source, settings.max_line_bytes)):
            number = taken.row_lines[index] if taken.row_lines else taken.first_line + index
            line = line.removeprefix(_BOM) if number == 1 else line  # noqa: PLW2901 -- the mark is no part of the line
            if not line.strip():
                continue
            try:
                if too_long:
                    raise RejectedError(
                        None,
                        f"longer than {settings.max_line_bytes} bytes",
                        "split the record, or set ANALYTICS_MAX_LINE_BYTES higher",
                    )
                record = canonical(contract, parse_line(line), now=now)
            except RejectedError as error:
                shown = line.decode("utf-8", "backslashreplace").rstrip("\r\n")[: settings.kept_line_characters]
                bad.append(Quarantined(number, error.field, error.reason, error.remedy, shown))
                continue
            copy.write(_written(record))
            good += 1
    return good, bad


def _written(record: dict[str, Any]) -> bytes:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _lines(source: IO[bytes], limit: int) -> Iterator[tuple[bytes, bool]]:
    """Each line, and whether it is longer than the limit; of such a line only the beginning is held in memory."""
    while line := source.readline(limit + 1):
        if len(line) <= limit or line.endswith(b"\n"):
            yield line, len(line.rstrip(b"\r\n")) > limit
            continue
        start = line
        while line and not line.endswith(b"\n"):
            line = source.readline(limit)
        yield start, True
