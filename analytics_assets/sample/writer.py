"""Writing a sample: a few files of JSON lines per kind, whole or not at all, the same bytes for the same records."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TextIO

from analytics_assets.contracts import CONTRACTS
from analytics_assets.line_files import iso
from analytics_assets.sample.world import Record, World

FILES_PER_KIND = 8
"""A year in eight files a kind makes a hundred files in all: quick to list, and none is too large to load."""
_UNFINISHED = ".tmp"
"""The inbox leaves names with this ending alone."""


def write_records(out: Path, world: World, kind: str, records: Iterable[Record]) -> tuple[int, list[Path]]:
    """Write ``out/kind/sample-<tag>-<first day>.jsonl``, each a span of days of the record's time.

    Returns the number of records (versions of an entity count each) and the files, in order.
    """
    folder = out / kind
    folder.mkdir(parents=True, exist_ok=True)
    window = world.window
    span = timedelta(days=-(-window.days // FILES_PER_KIND))
    time_field = CONTRACTS[kind].time_field
    assert time_field is not None, "what is written as lines has a time"
    files: dict[int, TextIO] = {}
    count = 0
    with ExitStack() as stack:
        for record in records:
            moment = record[time_field]
            assert isinstance(moment, datetime), f"{kind} without {time_field}"
            part = min((moment - window.start) // span, FILES_PER_KIND - 1)
            if part not in files:
                path = folder / f"sample-{world.tag}-{window.start + part * span:%Y%m%d}.jsonl{_UNFINISHED}"
                files[part] = stack.enter_context(path.open("w", encoding="utf-8", newline="\n"))
            files[part].write(_line(record))
            count += 1
    written = [Path(file.name) for _, file in sorted(files.items())]
    return count, [path.replace(path.with_suffix("")) for path in written]


def refuse_other_sample(out: Path, world: World) -> None:
    """Two samples in one folder would have one truth between them.

    Raises:
        ValueError: the folder holds files of a sample with another seed or window.
    """
    for file in sorted(out.glob("*/sample-*.jsonl")):
        if not file.name.startswith(f"sample-{world.tag}-"):
            raise ValueError(f"{out} holds another sample ({file.name}): remove it, or choose another folder")


def write_document(path: Path, content: Any) -> Path:
    """Write a JSON document for people to read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + _UNFINISHED)
    unfinished.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    unfinished.replace(path)
    return path


def _line(record: Record) -> str:
    """One line; what was not measured is left out."""
    return _ENCODER.encode({name: value for name, value in record.items() if value is not None}) + "\n"


def _plain(value: object) -> object:
    """Times within a record; anything else that is not JSON is a mistake of a topic."""
    if isinstance(value, datetime):
        return iso(value)
    raise TypeError(f"{type(value).__name__} is not a value of a record")


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain)
