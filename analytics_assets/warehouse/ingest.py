"""From files in the inbox to rows in ``raw``: each file once, each record once, each bad line with its reason."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from analytics_assets.contracts import CONTRACTS, Contract
from analytics_assets.settings import Settings
from analytics_assets.warehouse import inbox, ledger, loading, repair, taking, touched
from analytics_assets.warehouse.arrivals import suggestion
from analytics_assets.warehouse.connection import transaction
from analytics_assets.warehouse.inbox import Format, InboxFile
from analytics_assets.warehouse.ledger import FileReport, Known
from analytics_assets.warehouse.loading import Batch, ChangedWhileReadError, ContractBrokenError, Part
from analytics_assets.warehouse.repair import Quarantined
from analytics_assets.warehouse.schema import create_schema
from analytics_assets.warehouse.taken import Taken, UnreadableError, spool_path

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Progress = Callable[[str], None]


@dataclass(frozen=True)
class KindReport:
    """Sums over the files of one kind in a batch."""

    new_records: int
    duplicate_records: int
    quarantined_lines: int


@dataclass
class BatchReport:
    """What one ingestion did; ``left`` names files that changed under our hands and wait for the next one."""

    batch_id: int
    files: list[FileReport] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def by_kind(self) -> dict[str, KindReport]:
        """Sums per kind, for the kinds that had files."""
        kinds = sorted({file.kind for file in self.files if file.kind})
        return {
            kind: KindReport(
                *(
                    sum(getattr(file, count) for file in self.files if file.kind == kind)
                    for count in ("new_records", "duplicate_records", "quarantined_lines")
                )
            )
            for kind in kinds
        }


def ingest(
    con: DuckDBPyConnection,
    settings: Settings,
    kinds: Collection[str] | None = None,
    progress: Progress = lambda _: None,
) -> BatchReport:
    """Take every file of the inbox that is new, grown or changed; of the named kinds only, where some are named.

    Files of no known kind are noted in any case. Each kind is one transaction; when a file of it holds a bad line,
    the files are halved until the bad ones stand alone, and those go line by line.

    Raises:
        duckdb.Error: the warehouse itself cannot be written (disk, memory); a bad file never raises.
    """
    create_schema(con)
    known = ledger.known_files(con)
    found = [
        file
        for file in inbox.scan(settings)
        if not _is_known(known, file) and (kinds is None or file.kind is None or file.kind in kinds)
    ][: settings.max_files_per_batch]
    report = BatchReport(ledger.next_id(con, "batch_id"))
    if not found:
        return report
    touched.mark_intent(settings, {file.kind for file in found if file.kind})
    now = datetime.now(UTC).replace(tzinfo=None)
    try:
        _Ingestion(Batch(con, settings, report.batch_id, now), report, known, progress).run(found)
    finally:
        shutil.rmtree(settings.spool, ignore_errors=True)
    con.execute("checkpoint")
    return report


def _is_known(known: dict[str, Known], file: InboxFile) -> bool:
    return ledger.is_known(known.get(file.name), file.size, file.changed_ns)


def _objection(file: InboxFile) -> tuple[str, str, str] | None:
    """Why a file is not even opened: status, reason, remedy."""
    if not file.is_named_in_utf8:
        return "unreadable", "its name is not UTF-8", "rename it"
    if file.is_folder:
        return "unreadable", "the folder cannot be listed", "allow reading it"
    if file.kind is None:
        folder = file.name.split("/")[1] if file.name.count("/") > 1 else None
        reason = f"unknown kind '{folder}'" if folder else "it lies outside the folders of the kinds"
        return "unknown_kind", reason, f"move it to {suggestion(folder)}"
    if file.format is None:
        return "unreadable", "its name does not tell a format that is read", f"name it .{', .'.join(inbox.FORMATS)}"
    return None


class _Ingestion:
    """One batch on its way in."""

    def __init__(self, batch: Batch, report: BatchReport, known: dict[str, Known], progress: Progress) -> None:
        self._batch = batch
        self._report = report
        self._known = known
        self._progress = progress
        self._next_file_id = ledger.next_id(batch.con, "file_id")
        self._contents = ledger.contents_taken(batch.con)
        self._copies: list[Taken] = []

    def run(self, files: list[InboxFile]) -> None:
        by_kind: dict[str, dict[str, Taken]] = {}
        for file in files:
            taken = self._take(file)
            if taken is None:
                continue
            assert file.kind is not None, "a file without a kind is not taken"
            of_kind = by_kind.setdefault(file.kind, {})
            # A part of a growing file is never a copy of a whole one.
            content = taken.sha256 if taken.from_byte == 0 else file.name
            if content in of_kind:
                self._copies.append(taken)
            else:
                of_kind[content] = taken
        for kind, taken_files in by_kind.items():
            self._progress(f"loading {len(taken_files)} file{'s' * (len(taken_files) > 1)} of {kind}")
            self._load(CONTRACTS[kind], list(taken_files.values()))
        for copy in self._copies:
            # Only what was committed makes another file of the same content a copy.
            if self._is_taken(copy):
                self._note_copy(copy)
            else:
                self._report.left.append(copy.file.name)

    def _take(self, file: InboxFile) -> Taken | None:
        """Fix a file's content; a file with nothing to load gets its ledger row at once."""
        settings = self._batch.settings
        if not file.is_followed and not file.is_settled(settings.settle_seconds):
            return None
        objection = _objection(file)
        if objection is not None:
            self._refuse(file, *objection)
            return None
        if file.size == 0 and file.is_settled(settings.settle_seconds):
            self._refuse(file, "empty", "the file is empty", "remove it, or write its records")
            return None
        self._progress(f"reading {file.name}")
        known = self._known.get(file.name)
        try:
            taken = taking.take(file, known, settings)
        except UnreadableError as error:
            self._refuse(file, "unreadable", error.reason, error.remedy)
            return None
        if taken is None:
            if known is not None and file.is_settled(settings.settle_seconds):
                self._note_unchanged(file, known)
            return None
        if self._is_taken(taken):
            self._note_copy(taken)
            return None
        return taken

    def _is_taken(self, taken: Taken) -> bool:
        """Whether its whole content was committed; a document counts anew, because it may return to an old version."""
        is_whole = taken.from_byte == 0 and taken.file.format is not Format.DOCUMENT
        return is_whole and (taken.file.kind, taken.sha256) in self._contents

    def _load(self, contract: Contract, files: list[Taken]) -> None:
        parts = [self._part(taken) for taken in files]
        # Rows and pieces that could not be unpacked are known already; lines get their verdict only when they must.
        try:
            loading.load(self._batch, contract, parts)
        except ChangedWhileReadError as error:
            self._report.left += [taken.file.name for taken in error.files]
            rest = [taken for taken in files if taken not in error.files]
            if rest:
                self._load(contract, rest)
        except ContractBrokenError:
            if len(files) > 1:
                half = len(files) // 2
                self._load(contract, files[:half])
                self._load(contract, files[half:])
            else:
                self._load_line_by_line(contract, files[0])
        else:
            self._commit(parts)

    def _commit(self, parts: list[Part]) -> None:
        self._report.files += [part.report for part in parts]
        self._contents |= {(str(part.taken.file.kind), part.taken.sha256) for part in parts}

    def _load_line_by_line(self, contract: Contract, taken: Taken) -> None:
        batch = self._batch
        self._progress(f"reading {taken.file.name} line by line")
        repaired = spool_path(taken.file, batch.settings, suffix="-good")
        try:
            _, bad = repair.repair(contract, taken, repaired, batch.settings, batch.now)
        except FileNotFoundError:
            self._report.left.append(taken.file.name)
            return
        if taken.in_place and loading.is_changed(taken):
            # Its hash is that of another content than the one just read.
            self._report.left.append(taken.file.name)
            return
        part = self._part(replace(taken, lines_path=repaired), extra=bad)
        try:
            loading.load(replace(batch, is_checked=True), contract, [part])
        except ContractBrokenError as error:
            # The two readings of the contract differ: a fault of ours, which must not cost the other files.
            reason = f"no reading of the contract takes it: {error}"
            self._refuse(taken.file, "unreadable", reason, "report this with the file")
            return
        self._commit([part])

    def _part(self, taken: Taken, extra: Collection[Quarantined] = ()) -> Part:
        report = self._new_report(taken.file)
        for name in ("sha256", "edges_sha256", "from_byte", "to_byte", "to_line"):
            setattr(report, name, getattr(taken, name))
        bad = [Quarantined(line, None, reason, remedy, text) for line, reason, remedy, text in taken.refused]
        if taken.rest:
            bad.append(Quarantined(None, None, *taken.rest, None))
            report.reason = taken.rest[0]
        return Part(taken, report, (*bad, *extra))

    def _new_report(self, file: InboxFile) -> FileReport:
        report = FileReport(
            file_id=self._next_file_id,
            path=file.name,
            kind=file.kind,
            format=file.format_name,
            size_bytes=file.size,
            changed_ns=file.changed_ns,
            modified_ns=file.modified_ns,
            batch_id=self._batch.batch_id,
        )
        self._next_file_id += 1
        return report

    def _refuse(self, file: InboxFile, status: str, reason: str, remedy: str) -> None:
        report = self._new_report(file)
        report.status, report.reason = status, reason
        report.lines = report.quarantined_lines = 1
        whole = Taken(file, file.path, "", "", 0, 0, 1, 0)
        part = Part(whole, report, (Quarantined(None, None, reason, remedy, None),))
        with transaction(self._batch.con):
            loading.write_quarantine(self._batch, [part])
            ledger.write(self._batch.con, [report], self._batch.now)
        self._report.files.append(report)

    def _note_copy(self, taken: Taken) -> None:
        report = self._part(taken).report
        report.status, report.reason = "duplicate", "the same content was taken before under another name"
        self._note(report)

    def _note_unchanged(self, file: InboxFile, known: Known) -> None:
        report = self._new_report(file)
        report.status, report.reason = "duplicate", "nothing new since it was last taken"
        report.from_byte = report.to_byte = known.to_byte
        report.to_line, report.edges_sha256 = known.to_line, known.edges_sha256
        self._note(report)

    def _note(self, report: FileReport) -> None:
        with transaction(self._batch.con):
            ledger.write(self._batch.con, [report], self._batch.now)
        self._report.files.append(report)
