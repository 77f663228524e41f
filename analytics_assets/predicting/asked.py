"""What was asked of models: one line of JSON per question, one file per day, until the warehouse takes it up.

Whoever asks is no writer of the warehouse: the line waits in ``data/models/asked`` for the next refresh. A process that
is killed while it writes leaves part of a line; the next line starts anew, and the part is skipped with a word.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics_assets.line_files import json_line
from analytics_assets.predicting_thresholds import ASKED_LINE, PREDICTIONS_KEPT_DAYS

if TYPE_CHECKING:
    from analytics_assets.settings import Settings

KEPT_DAYS = int(PREDICTIONS_KEPT_DAYS.value)
NEEDED: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("id", "model_id", "model_name", "version", "role", "subject_id", "input_hash"), (str,)),
    **dict.fromkeys(("prediction_input", "prediction_output", "context_metadata"), (dict, str)),
    **dict.fromkeys(("predicted_value", "latency_ms"), (int, float)),
    "asked_at": (str,),
}
"""Without them nothing can be said of an answer; with the types that they have."""


@dataclass(frozen=True)
class Taken:
    """The lines that could be read, in the order of their files, and what is to be said of the others."""

    rows: list[dict[str, Any]]
    skipped: list[str]


def folder(settings: Settings) -> Path:
    """Where the files are."""
    return settings.models / "asked"


def append(settings: Settings, answer: Mapping[str, Any], *, now: datetime | None = None) -> Path:
    """Write down one answer; several processes may.

    Args:
        settings: where the data folder is.
        answer: columns of ``model_predictions``; those of ``NEEDED`` must be there. ``asked_at`` is filled in.
        now: with a zone; by default the clock.

    Raises:
        OSError: it could not be written.
        ValueError: something needed is missing or of another type.
    """
    at = (now or datetime.now(UTC)).astimezone(UTC)
    record = {"asked_at": at.replace(tzinfo=None).isoformat(), **answer}
    wrong = _wrong(record)
    if wrong:
        raise ValueError(f"an answer cannot be kept without a right {', '.join(wrong)}")
    path = folder(settings) / f"{at:%Y-%m-%d}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
    with os.fdopen(descriptor, "r+b", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        line = json_line(record)
        left = memoryview(line if _ends_whole(file.fileno()) else b"\n" + line)
        while left:
            left = left[file.write(left) or 0 :]
    return path


def _ends_whole(descriptor: int) -> bool:
    """Whether the file ends with a whole line: with the lock held, what does not was torn by a crash."""
    size = os.fstat(descriptor).st_size
    return size == 0 or os.pread(descriptor, 1, size - 1) == b"\n"


def take(settings: Settings, since: date | None = None) -> Taken:
    """The answers of the files from that day on. Files stay: what was taken before is known by its id."""
    rows: list[dict[str, Any]] = []
    skipped: list[str] = []
    for path in sorted(folder(settings).glob("????-??-??.jsonl")):
        if since is not None and path.stem < since.isoformat():
            continue
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.isspace():
                    continue
                row = _read(line)
                if isinstance(row, str):
                    skipped.append(f"{path.name}, line {number}: {row}")
                else:
                    rows.append(row)
    return Taken(rows, skipped)


def _read(line: bytes) -> dict[str, Any] | str:
    if len(line) > ASKED_LINE.value:
        return f"skipped, {len(line):,} bytes are no answer of ours"
    try:
        row = json.loads(line)
    except ValueError:
        return "skipped, it was not written to its end or is no JSON"
    wrong = list(NEEDED) if not isinstance(row, dict) else _wrong(row)
    if wrong:
        return f"skipped, it has no right {', '.join(wrong)}"
    try:
        asked_at = datetime.fromisoformat(row["asked_at"])
    except ValueError:
        return "skipped, asked_at is no time"
    row["asked_at"] = asked_at.astimezone(UTC).replace(tzinfo=None) if asked_at.tzinfo else asked_at
    return dict(row)


def _wrong(row: Mapping[str, Any]) -> list[str]:
    return [name for name, kinds in NEEDED.items() if not isinstance(row.get(name), kinds)]


def forget(settings: Settings, before: date) -> int:
    """Delete the files of days before; returns how many. What they held is older than what the warehouse keeps."""
    old = [path for path in folder(settings).glob("????-??-??.jsonl") if path.stem < before.isoformat()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)
