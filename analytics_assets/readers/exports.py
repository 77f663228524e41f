"""Exports of trackers as rows: JSON documents, one after the other, and CSV with columns that repeat."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from analytics_assets.readers.reading import Found, Problem, Record, Source, UnreadableFileError


@dataclass(frozen=True)
class Cells:
    """One row of a CSV file: of each column every value that it has, as a column may stand there several times."""

    line: int
    values: dict[str, list[str]]

    def first(self, column: str) -> str | None:
        """The first value of a column; None without one."""
        return next(iter(self.values.get(column.lower(), [])), None)


def json_documents(text: str) -> list[Any]:
    """The JSON values of a text; pages that were fetched one by one stand behind each other.

    Raises:
        UnreadableFileError: it is not JSON.
    """
    decoder = json.JSONDecoder()
    rest = text.removeprefix("\ufeff").strip()
    documents = []
    position = 0
    try:
        while position < len(rest):
            value, position = decoder.raw_decode(rest, position)
            documents.append(value)
            while position < len(rest) and rest[position].isspace():
                position += 1
    except json.JSONDecodeError as error:
        raise UnreadableFileError(
            f"it is not JSON at line {error.lineno}, character {error.colno}: export it again"
        ) from error
    except RecursionError as error:
        raise UnreadableFileError("its JSON is nested too deep: export less of it") from error
    return documents


def listed(documents: list[Any], *lists: str) -> list[Any]:
    """The items of documents that are lists, objects that hold one under these names, or items themselves."""
    items: list[Any] = []
    for document in documents:
        if isinstance(document, list):
            items += document
        elif isinstance(document, dict):
            held = next((document[name] for name in lists if isinstance(document.get(name), list)), None)
            items += [document] if held is None else held
        else:
            items.append(document)
    return items


def begun(source: Source, place: str, line: int | None = None) -> Found:
    """A record that knows where it is from."""
    where = f": {place}" if line is None else f":{line}"
    return Found(place if line is None else f"line {line}", {"source": f"{source.name}{where}"})


def forget_places(found: list[Found], source: Source) -> None:
    """Name only the file as the source of an issue that its id finds there.

    A place in an export moves with every new issue: with it each unchanged issue would be a new version each time.
    """
    for one in found:
        if "id" in one.record and not one.problems:
            one.record["source"] = source.name


def item_place(index: int) -> str:
    """Where an item of a list of JSON stands, as people count."""
    return f"item {index + 1}"


def call_by_ids(found: list[Found]) -> None:
    """Let an item of JSON stand under its id, which people find sooner than they count; copies are counted."""
    times = Counter(str(one.record.get("id")) for one in found)
    for one in found:
        key = str(one.record.get("id"))
        if "id" in one.record and times[key] == 1 and one.place.startswith("item "):
            one.place = key


def no_object(found: Found, item: Any) -> Found:
    """What to say of an item that is no object."""
    found.problems.append(Problem(None, "not an object with fields", "export the issues as objects"))
    found.record["item"] = item
    return found


def is_json(text: str) -> bool:
    """Whether a text begins as JSON does."""
    return text.lstrip("\ufeff \t\r\n")[:1] in ("[", "{")


def csv_header(text: str) -> list[str]:
    """The column names of a CSV file, in small letters; none where its first line is no header."""
    try:
        return [name.strip().lower() for name in next(csv.reader(io.StringIO(text.removeprefix("\ufeff"))), [])]
    except csv.Error:
        return []


def csv_rows(text: str, source: Source) -> Iterator[Cells | Found]:
    """Every row, or the record that says what is wrong with it.

    Raises:
        UnreadableFileError: the first row is no header.
    """
    # A description may be longer than the 128 KB that are the usual limit; the text is in memory anyway.
    csv.field_size_limit(max(len(text), csv.field_size_limit()))
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        header = [name.strip().lower() for name in next(rows, [])]
    except csv.Error as error:
        raise UnreadableFileError(f"its first row is not a CSV header ({error}): export it again") from error
    while True:
        line = rows.line_num + 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield _broken(source, line, f"not a CSV row: {error}", "")
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            reason = f"{len(cells)} cells where the header has {len(header)}"
            yield _broken(source, line, reason, ",".join(cells))
            continue
        values: dict[str, list[str]] = {}
        for name, cell in zip(header, cells, strict=True):
            if cell.strip():
                values.setdefault(name, []).append(cell.strip())
        yield Cells(line, values)


def _broken(source: Source, line: int, reason: str, row: str) -> Found:
    found = begun(source, "", line)
    found.problems.append(Problem(None, reason, "quote cells that hold commas or newlines, or export it again"))
    found.record["row"] = row
    return found


def named(value: Any) -> Any:
    """The name of an object that has one: a person, a status, a label."""
    if not isinstance(value, dict):
        return value
    names = ("displayName", "name", "login", "title", "value", "key")
    return next((value[name] for name in names if value.get(name)), None)


def merged(record: Record, names: tuple[str, ...]) -> Any:
    """The first of several spellings of a field that has a value."""
    return next((record[name] for name in names if record.get(name) not in (None, "")), None)
