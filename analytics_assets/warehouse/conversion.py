"""Tables and documents as JSON lines: the rows of CSV and Parquet files, and spec documents."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from analytics_assets.contracts import CONTRACTS
from analytics_assets.settings import Settings
from analytics_assets.warehouse import typed
from analytics_assets.warehouse.inbox import InboxFile
from analytics_assets.warehouse.taken import Taken, UnreadableError, file_digest, whole
from analytics_assets.warehouse.unpacking import unpack

_JSON_SCALAR = re.compile(r"true|false|-?(0|[1-9]\d{0,14})(\.\d{1,15})?")
_SHOWN_HEADER = 200


def take_csv(file: InboxFile, spool: Path, settings: Settings) -> Taken:
    """Rows become JSON lines of texts; an empty cell is a field that is not there."""
    plain = file.path
    rest = None
    if file.packing:
        plain = spool.with_suffix(".csv")
        rest = unpack(file, plain, settings)
    row_lines: list[int] = []
    refused: list[tuple[int, str, str, str]] = []
    csv.field_size_limit(settings.max_line_bytes)
    with (
        plain.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as source,
        spool.open("wb") as target,
    ):
        rows = csv.reader(source, strict=True)
        known = CONTRACTS[str(file.kind)].names
        header = _header(rows, str(file.kind), known)
        while True:
            line = rows.line_num + 1
            try:
                cells = next(rows)
            except StopIteration:
                break
            except csv.Error as error:
                refused.append((line, f"not a CSV row: {error}", "close the quotes and keep cells short", ""))
                continue
            if not cells:
                continue
            if len(cells) != len(header):
                reason = f"{len(cells)} cells where the header has {len(header)}"
                refused.append((line, reason, "quote cells that hold commas", ",".join(cells)))
                continue
            given = {name: cell for name, cell in zip(header, cells, strict=True) if cell != ""}
            record = {name: cell if name in known else _scalar(cell) for name, cell in given.items()}
            target.write(json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogateescape") + b"\n")
            row_lines.append(line)
    if plain is not file.path:
        plain.unlink()
    return whole(file, spool, file_digest(file), rows.line_num, row_lines=row_lines, rest=rest, refused=refused)


def _scalar(cell: str) -> str | float | bool:
    """A cell of a field the contract does not know, as a JSON line would have it: 0.5 is a number, 007 is a text."""
    return cast("str | float | bool", json.loads(cell)) if _JSON_SCALAR.fullmatch(cell) else cell


def _header(rows: Iterator[list[str]], kind: str, known: frozenset[str]) -> list[str]:
    try:
        header = [name.strip() for name in next(rows)]
    except StopIteration:
        return []
    except csv.Error as error:
        raise UnreadableError(f"its first row is not a CSV header: {error}", "write the field names first") from error
    if not known & set(header):
        shown = ",".join(header)[:_SHOWN_HEADER]
        raise UnreadableError(
            f"its first row names no field of {kind}: {shown}", "write the field names first, separated by commas"
        )
    if len(set(header)) < len(header):
        twice = next(name for name in header if header.count(name) > 1)
        raise UnreadableError(f"its header names {twice!r} twice", "name each column once")
    return header


def take_parquet(file: InboxFile, spool: Path, settings: Settings) -> Taken:
    """Rows become JSON lines; a timestamp without a zone is UTC."""
    import duckdb

    with duckdb.connect(config={"memory_limit": settings.warehouse_memory}) as con:
        con.execute("set TimeZone = 'UTC'")
        try:
            source = con.read_parquet(str(file.path))
            columns = ", ".join(
                _as_json(name, str(kind)) for name, kind in zip(source.columns, source.types, strict=True)
            )
            rows = con.execute(
                f"copy (select {columns} from read_parquet(?)) to {typed.quoted(str(spool))} (format json)",
                [str(file.path)],
            ).fetchall()
        except duckdb.Error as error:
            first = str(error).splitlines()[0]
            raise UnreadableError(f"is not a readable Parquet file: {first}", "write it again") from error
    return whole(file, spool, file_digest(file), int(rows[0][0]))


def _as_json(column: str, kind: str) -> str:
    name = '"' + column.replace('"', '""') + '"'
    if kind.startswith("TIMESTAMP"):
        utc = f"{name} at time zone 'UTC'" if "TIME ZONE" in kind else name
        return f"strftime(({utc})::timestamp, '%Y-%m-%dT%H:%M:%S.%fZ') as {name}"
    return name


def take_document(file: InboxFile, spool: Path, settings: Settings) -> Taken:
    """A spec document becomes one line, with what is derived from it."""
    if file.size > settings.max_line_bytes:
        raise UnreadableError(f"is larger than {settings.max_line_bytes} bytes", "a spec document is small")
    content = file.path.read_bytes()
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(f"is not JSON: {error}", "mend the document") from error
    if not isinstance(document, dict):
        raise UnreadableError("is not a JSON object", "a spec is an object with an id")
    spool.write_text(json.dumps(spec_record(document, file.name), ensure_ascii=False) + "\n", encoding="utf-8")
    return whole(file, spool, hashlib.sha256(content).hexdigest(), 1)


def spec_record(document: dict[str, Any], path: str) -> dict[str, Any]:
    """The record of a spec document; ``_learned`` is ours and no part of it."""
    own = {key: value for key, value in document.items() if key != "_learned"}
    asked = own.get("resources")
    resources = asked if isinstance(asked, dict) else {}
    tasks = own.get("tasks")
    content = json.dumps(own, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    derived = {
        "task_count": len(tasks) if isinstance(tasks, list) else None,
        "memory_limit": _quantity(resources.get("memory")),
        "cpu_limit": _quantity(resources.get("cpu")),
        "fingerprint": hashlib.sha256(content.encode()).hexdigest(),
        "path": path,
    }
    return own | derived


def _quantity(value: Any) -> str | None:
    return None if value is None else str(value)
