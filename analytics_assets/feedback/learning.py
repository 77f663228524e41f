"""Writing what was learned into the documents of the specs, and telling the ledger that the change is ours."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from analytics_assets.feedback.json_edit import JsonEditError, parse
from analytics_assets.feedback.learned import Fields, noted
from analytics_assets.feedback.spec_files import SpecFile, SpecFileError, read, read_folder, replace
from analytics_assets.feedback.targets import LEARNED
from analytics_assets.settings import Settings
from analytics_assets.warehouse import ledger
from analytics_assets.warehouse.connection import transaction

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

NEWEST_OF_A_PATH = """
    select sha256, batch_id, kind, format from raw.ingested_files
    where path = ? order by file_id desc limit 1
"""


@dataclass(frozen=True)
class Outcome:
    """What became of one document: what it holds now, and what it was and is where it was changed."""

    path: str
    spec_id: str | None
    fields: Fields | None
    learned: dict[str, Any] | None
    problem: str | None
    change: tuple[SpecFile, bytes] | None = None

    @property
    def written_at(self) -> datetime | None:
        """When ``_learned`` was last written, naive UTC; None where it was not, or where it does not say."""
        said = (self.learned or {}).get("last_updated")
        try:
            return datetime.fromisoformat(str(said)).astimezone(UTC).replace(tzinfo=None) if said else None
        except ValueError:
            return None


def write_learned(settings: Settings, learned: Mapping[str, Fields], now: datetime) -> list[Outcome]:
    """Write ``_learned`` where there is news; one outcome per document, in the order of their names.

    A document that cannot be written keeps its content, and its outcome says why.
    """
    folder = read_folder(settings)
    ids = Counter(file.spec_id for file in folder.files)
    outcomes = [Outcome(name, None, None, None, _said(problem)) for name, problem in folder.problems.items()]
    for file in folder.files:
        fields = learned.get(file.spec_id or "")
        try:
            if file.spec_id is None:
                raise SpecFileError(f"{settings.specs / file.name} has no id.", 'Give it one: "id": "..."')
            if ids[file.spec_id] > 1:
                folder.of(file.spec_id)  # says which they are
            after = file.content if fields is None else noted(file.content, fields, now)
            replace(settings, file, after)
        except JsonEditError as error:
            problem = _said(SpecFileError(f"{settings.specs / file.name} {error}."))
            outcomes.append(Outcome(file.name, file.spec_id, fields, _learned_in(file.document), problem))
        except SpecFileError as error:
            outcomes.append(Outcome(file.name, file.spec_id, fields, _learned_in(file.document), _said(error)))
        else:
            change = (file, after) if after != file.content else None
            holds = _learned_in(parse(after)[1])
            outcomes.append(Outcome(file.name, file.spec_id, fields, holds, None, change))
    return sorted(outcomes, key=lambda outcome: outcome.path)


def differing(settings: Settings, hashes: Mapping[str, str | None]) -> list[str]:
    """Documents whose ``_learned`` has another evidence hash than is said here, or that are gone; by their names."""
    wrong = []
    for name, expected in hashes.items():
        try:
            found = _learned_in(read(settings, name).document) or {}
        except SpecFileError:
            wrong.append(name)
            continue
        if found.get("evidence_hash") != expected:
            wrong.append(name)
    return sorted(wrong)


def tell_ledger(con: DuckDBPyConnection, before: SpecFile, after: bytes, now: datetime) -> bool:
    """Note a document that we changed as known, so that the inbox does not take it for a new one; says whether it did.

    Only where the ledger had taken exactly what we changed, and what we wrote is still there: anything else is a
    person's change, and is to be seen.
    """
    path = f"specs/{before.name}"
    row = con.execute(NEWEST_OF_A_PATH, [path]).fetchone()
    if row is None or row[0] != hashlib.sha256(before.content).hexdigest():
        return False
    _, batch_id, kind, form = row
    state = before.path.stat()
    if before.path.read_bytes() != after:
        return False
    report = ledger.FileReport(
        file_id=ledger.next_id(con, "file_id"),
        path=path,
        kind=kind,
        format=form,
        size_bytes=state.st_size,
        changed_ns=state.st_ctime_ns,
        modified_ns=state.st_mtime_ns,
        batch_id=batch_id,
        status="duplicate",
        reason="only what was learned of it has changed",
        sha256=hashlib.sha256(after).hexdigest(),
        edges_sha256="",
        to_byte=len(after),
    )
    with transaction(con):
        ledger.write(con, [report], now)
    return True


def _learned_in(document: Mapping[str, Any]) -> dict[str, Any] | None:
    found = document.get(LEARNED)
    return found if isinstance(found, dict) else None


def _said(problem: SpecFileError) -> str:
    return f"{problem} {problem.remedy}" if problem.remedy else str(problem)
