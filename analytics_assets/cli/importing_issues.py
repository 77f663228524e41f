"""Exports of other trackers as files of the inbox: what landed, and what became of what was not plain.

Issues land in the inbox's folder of issues, reviews in that of reviews; a file may hold both.
"""

from __future__ import annotations

import re
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from analytics_assets.cli.landing import land
from analytics_assets.cli.problems import MISUSED, CommandError
from analytics_assets.cli.refused_records import replace_refused
from analytics_assets.contracts import CONTRACTS
from analytics_assets.contracts.entry import rejections
from analytics_assets.contracts.rejection import RejectedError
from analytics_assets.issue_thresholds import IMPORT_PLACES_SHOWN
from analytics_assets.lib.words import plural
from analytics_assets.line_files import iso, json_line
from analytics_assets.readers.foreign_values import zone_of
from analytics_assets.readers.issue_formats import format_of, readings_of
from analytics_assets.readers.reading import Found, NotUnderstoodError, Problem, Reading, Source, UnreadableFileError
from analytics_assets.reports.figures import plain
from analytics_assets.settings import Settings

SENT_BACK = "id_as_written"
"""Where the id of a record stands that must not count: without ``id`` the entry refuses it, for the quarantine."""
_VALUE = re.compile(r"'[^']*'")


def land_issues(
    settings: Settings,
    files: list[Path],
    console: Console,
    *,
    form: str | None = None,
    category: str | None = None,
    priority: int | None = None,
    zone: str | None = None,
) -> None:
    """Land the issues and reviews of each file in the inbox, and say what became of what was not plain.

    Records that the entry will refuse land in a file of their own, so that the quarantine has them.

    Raises:
        CommandError: a file cannot be read, is of no known format or has no record that counts; the others landed.
    """
    try:
        of_times = None if zone is None else zone_of(zone)
    except NotUnderstoodError as error:
        raise CommandError(f"--zone: {error.reason}", error.remedy, exit_code=MISUSED) from error
    failed: list[CommandError] = []
    landed = False
    for file in files:
        try:
            text, modified = _content(file)
            source = Source(file.name, iso(modified), category, priority, of_times)
            readings = readings_of(form or format_of(text), text, source)
        except UnreadableFileError as error:
            failed.append(CommandError(f"{file.name} was not imported: {error}", exit_code=MISUSED))
            continue
        except CommandError as error:
            failed.append(error)
            continue
        for reading in readings:
            try:
                landed |= _land(settings, file, reading, console)
            except CommandError as error:
                failed.append(error)
    if landed:
        console.print("next: `analytics refresh`, or nothing where `analytics up` runs", style="dim")
    if len(failed) == 1:
        raise failed[0]
    if failed:
        words = "\n".join(f"{error} {error.remedy or ''}".rstrip() for error in failed)
        raise CommandError(words, exit_code=max(error.exit_code for error in failed))


def _content(file: Path) -> tuple[str, datetime]:
    """The text of a file and when it was last changed: now, for one that says it is from the future."""
    try:
        content = file.read_bytes()
        modified = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        return content.decode("utf-8"), min(modified, datetime.now(UTC))
    except UnicodeDecodeError as error:
        raise CommandError(
            f"{file.name} was not imported: it is not UTF-8 (byte {error.start + 1}).", "Save it as UTF-8."
        ) from error
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.", exit_code=MISUSED) from error


def _land(settings: Settings, file: Path, reading: Reading, console: Console) -> bool:
    """Write what counts of a reading as a file of the inbox, the rest as another; whether anything new landed."""
    name, kind, word = plain(file.name), reading.kind, reading.kind.removesuffix("s")
    judged = [one for one in reading.found if _is_judged_good(one, kind)]
    bad = [one for one in reading.found if one.problems]
    if not judged:
        reasons = [*reading.notes, *_complaints(bad)]
        raise CommandError("\n".join([f"{file.name} was not imported: it has no {word} that counts.", *reasons]))
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder, _landing_name(file, kind))
        lines.write_bytes(b"".join(json_line(one.record) for one in judged))
        landing = land(settings, lines, kind)
    refused = replace_refused(settings, kind, file, lines.stem, [one.record for one in bad])
    for copy in landing.present.values():
        console.print(f"{name}: already there, as {kind}/{plain(copy.name)}", markup=False)
    for copy in landing.landed.values():
        console.print(f"{name}: {plural(len(judged), word)} landed in {kind}/{plain(copy.name)}", markup=False)
        for note in reading.notes:
            console.print(f"  {plain(note)}", style="dim", markup=False)
    aside = f"{kind}/{plain(refused.path.name)}" if refused.path else None
    if bad:
        told = f"{plural(len(bad), word)} not imported, for the quarantine in {aside}:"
        console.print(f"  {told}", style="yellow", markup=False)
        for complaint in _complaints(bad):
            console.print(f"    {plain(complaint)}", style="yellow", markup=False)
    elif aside:
        console.print(f"  none is refused any more: {aside} is removed", markup=False)
    return bool(landing.landed) or refused.is_new


def _is_judged_good(one: Found, kind: str) -> bool:
    """Whether the entry will take a record; one that must not count is made so that it will not."""
    now = datetime.now(UTC).replace(tzinfo=None)
    against = rejections(CONTRACTS[kind], one.record, now=now)
    if one.problems and not against:
        one.record[SENT_BACK] = one.record.pop("id")
    known = {problem.field for problem in one.problems}
    # Without fields, as a row that does not fit its header, it lacks all of them.
    for error in against if None not in known else ():
        if error.field not in known:
            one.problems.append(Problem(error.field, _reason(one, error), _remedy(error)))
    return not one.problems


def _reason(one: Found, error: RejectedError) -> str:
    hint = one.hints.get(error.field or "")
    return f"{error.reason}; {hint}" if hint and error.reason.startswith("missing") else error.reason


def _remedy(error: RejectedError) -> str:
    """What to do, with the option that helps for all issues at once."""
    option = {"category": "say --category NAME for all that have none", "priority": "say --priority 2 for all"}
    is_missing = error.reason.startswith(("missing", "null", "empty", "blank"))
    return f"{error.remedy}, or {option[error.field]}" if is_missing and error.field in option else error.remedy


def _complaints(bad: list[Found]) -> list[str]:
    """One line per reason with the places where it is so, and of values that differ the first one."""
    first: dict[tuple[str | None, str, str], Problem] = {}
    places: dict[tuple[str | None, str, str], list[str]] = {}
    for one in bad:
        for problem in one.problems:
            alike = (problem.field, _VALUE.sub("", problem.reason), problem.remedy)
            first.setdefault(alike, problem)
            places.setdefault(alike, []).append(one.place)
    most = int(IMPORT_PLACES_SHOWN.value)
    lines = []
    for alike, problem in first.items():
        found = places[alike]
        more = f" and {len(found) - most} more" if len(found) > most else ""
        said = f"{problem.field}: {problem.reason}" if problem.field else problem.reason
        lines.append(f"{_listed(found[:most])}{more}: {said} ({problem.remedy})")
    return lines


def _listed(places: list[str]) -> str:
    """Places as one reads them: lines 3, 4, 5."""
    for noun in ("line", "item"):
        if len(places) > 1 and all(place.startswith(f"{noun} ") for place in places):
            return f"{noun}s {', '.join(place.removeprefix(f'{noun} ') for place in places)}"
    return ", ".join(places)


def _landing_name(file: Path, kind: str) -> str:
    """A name that the inbox takes: UTF-8, not hidden, ``.jsonl``."""
    stem = file.name.encode("utf-8", "replace").decode("utf-8").rsplit(".", 1)[0].lstrip(".")
    return f"{stem or kind}.jsonl"
