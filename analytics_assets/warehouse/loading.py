"""Loading the files of one kind in one transaction: records, lists inside them, touched hours and ledger together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from analytics_assets.contracts import Contract
from analytics_assets.settings import Settings
from analytics_assets.thresholds import CLOCK_SKEW, FUTURE_TOLERANCE
from analytics_assets.warehouse import ledger, typed, versions
from analytics_assets.warehouse.columns import QUARANTINE
from analytics_assets.warehouse.connection import transaction
from analytics_assets.warehouse.ledger import FileReport
from analytics_assets.warehouse.repair import Quarantined
from analytics_assets.warehouse.taken import Taken
from analytics_assets.warehouse.touched import HOURLY_KINDS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_MAX_UNKNOWN_FIELDS = 200
"""More unknown names than this come from data used as keys; the files then go line by line."""


class ContractBrokenError(Exception):
    """A file holds a record that the fast reading refuses."""


class ChangedWhileReadError(Exception):
    """A file was changed or deleted between taking and committing."""

    def __init__(self, files: list[Taken]) -> None:
        """Name the files: they are left for the next refresh."""
        super().__init__(", ".join(taken.file.name for taken in files))
        self.files = files


@dataclass(frozen=True)
class Part:
    """One taken file on its way in: its ledger row and the lines that were put aside."""

    taken: Taken
    report: FileReport
    quarantined: tuple[Quarantined, ...] = ()


@dataclass(frozen=True)
class Batch:
    """What all files of one ingestion share.

    Args:
        con: connection of the writer.
        settings: of this installation.
        batch_id: of the ingestion.
        now: naive UTC.
        is_checked: the lines are those that were read one by one: see ``typed.converted``.
    """

    con: DuckDBPyConnection
    settings: Settings
    batch_id: int
    now: datetime
    is_checked: bool = False


def load(batch: Batch, contract: Contract, parts: list[Part]) -> None:
    """Take the records of some files of one kind.

    Raises:
        ContractBrokenError: a record is refused; nothing was written.
        ChangedWhileReadError: a file is not what it was when it was taken; nothing was written.
    """
    import duckdb

    data_errors = (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.OutOfRangeException)
    try:
        try:
            _load_and_commit(batch, contract, parts, in_order=contract.is_entity)
        except versions.OrderMattersError:
            _load_and_commit(batch, contract, parts, in_order=True)
    except data_errors as error:
        raise ContractBrokenError(str(error).splitlines()[0]) from error
    except (duckdb.IOException, FileNotFoundError):
        _refuse_changed(parts)
        raise


def _load_and_commit(batch: Batch, contract: Contract, parts: list[Part], *, in_order: bool) -> None:
    # Keeping the order of lines costs a fifth of the loading time, and it rarely matters.
    batch.con.execute(f"set preserve_insertion_order = {in_order}")
    with transaction(batch.con):
        _load(batch, contract, parts, in_order=in_order)
        _refuse_changed(parts)


def _load(batch: Batch, contract: Contract, parts: list[Part], *, in_order: bool) -> None:
    con = batch.con
    _refuse_changed(parts)
    readable = [part for part in parts if part.taken.lines_path.stat().st_size > 0]
    first_id = min(part.report.file_id for part in parts)
    if readable:
        lines, unknown = _lines_and_unknown_fields(batch, contract, readable)
        versions.prepare(con, contract)
        _insert(batch, contract, readable, unknown)
        _refuse_violations(batch, contract, first_id)
        versions.settle(con, contract, first_id, batch.batch_id, in_order=in_order, is_checked=batch.is_checked)
        new = versions.new_records(con, contract, first_id)
        for part in parts:
            part.report.lines = lines.get(str(part.taken.lines_path), 0) + len(part.quarantined)
            part.report.new_records = new.get(part.report.file_id, 0)
            part.report.quarantined_lines = len(part.quarantined)
            part.report.duplicate_records = part.report.lines - part.report.new_records - part.report.quarantined_lines
        if contract.kind in HOURLY_KINDS:
            versions.touch_hours(con, contract, first_id, batch.batch_id)
        _advance_clock(batch, contract, first_id)
    else:
        for part in parts:
            part.report.lines = part.report.quarantined_lines = len(part.quarantined)
    write_quarantine(batch, parts)
    ledger.write(con, [part.report for part in parts], batch.now)


def _lines_and_unknown_fields(batch: Batch, contract: Contract, parts: list[Part]) -> tuple[dict[str, int], list[str]]:
    """Lines of each file, and every field name that the contract does not know: one look at all lines."""
    paths = [str(part.taken.lines_path) for part in parts]
    rows = batch.con.execute(
        f"select filename, any_value(json_keys(json)), count(*), max(strlen(json::varchar)) "
        f"from {typed.objects_of(paths, batch.settings.max_line_bytes)} group by filename, hash(json_keys(json))"
    ).fetchall()
    lines: dict[str, int] = {}
    names: set[str] = set()
    for path, keys, count, longest in rows:
        if longest > batch.settings.max_line_bytes:
            # DuckDB's own limit is a buffer's, and lets somewhat longer lines through.
            raise ContractBrokenError("a line is too long")
        lines[path] = lines.get(path, 0) + count
        names.update(keys or ())
    unknown = sorted(names - contract.names)
    # Names that differ in case alone would be one column to DuckDB.
    folded = {name.lower() for name in names | contract.names}
    if len(unknown) > _MAX_UNKNOWN_FIELDS or len(folded) < len(names | contract.names):
        raise ContractBrokenError("field names that differ in case alone, or too many that are unknown")
    return lines, unknown


def _insert(batch: Batch, contract: Contract, parts: list[Part], unknown: list[str]) -> None:
    con = batch.con
    paths = [str(part.taken.lines_path) for part in parts]
    source = typed.records_of(contract, unknown, paths, batch.settings.max_line_bytes)
    chosen = [*typed.select_list(contract, unknown, is_checked=batch.is_checked), *versions.list_columns(contract)]
    if len(parts) == 1:
        file_id = str(parts[0].report.file_id)
    else:
        con.execute("create or replace temp table taken_files (filename varchar, file_id bigint)")
        con.executemany(
            "insert into taken_files values (?, ?)",
            [[str(part.taken.lines_path), part.report.file_id] for part in parts],
        )
        source = f"{source} as records join taken_files using (filename)"
        file_id = "taken_files.file_id"
    con.execute(
        f"insert into {versions.target(contract)} by name select {', '.join(chosen)}, {file_id} as file_id, "
        f"{batch.batch_id}::bigint as batch_id, {_literal(batch.now)} as ingested_at from {source}"
    )


def _refuse_violations(batch: Batch, contract: Contract, first_id: int) -> None:
    newest = batch.now + timedelta(days=FUTURE_TOLERANCE.value)
    broken = " or ".join(typed.violations(contract, _literal(newest)))
    row = batch.con.execute(
        f"select 1 from {versions.target(contract)} where file_id >= {first_id} and ({broken}) limit 1"
    ).fetchone()
    if row is not None:
        raise ContractBrokenError("a required field is missing, or a time is out of range")


def is_changed(taken: Taken) -> bool:
    """Whether the inbox file is no longer the one that was taken."""
    try:
        stat = taken.file.path.stat()
    except OSError:
        return True
    return (stat.st_size, stat.st_ctime_ns) != (taken.file.size, taken.file.changed_ns)


def _refuse_changed(parts: list[Part]) -> None:
    """A copy in the spool stays as it is; a file that DuckDB reads in the inbox may not."""
    changed = [part.taken for part in parts if part.taken.in_place and is_changed(part.taken)]
    if changed:
        raise ChangedWhileReadError(changed)


def _advance_clock(batch: Batch, contract: Contract, first_id: int) -> None:
    """Move the newest event time of the kind, never beyond now.

    A clock that is seconds ahead counts as now; a time further ahead is a mistake and moves nothing.
    """
    if contract.time_field is None:
        return
    time = typed.name(contract.time_field)
    latest = batch.now + timedelta(seconds=CLOCK_SKEW.value)
    # A batch of nothing but copies has no newest time, and least() would take now for it: it skips NULL.
    batch.con.execute(
        f"insert into raw.event_clock select '{contract.kind}', least(newest, {_literal(batch.now)}) from "
        f"(select max({time}) as newest from raw.{contract.kind} "
        f"where file_id >= {first_id} and {time} <= {_literal(latest)}) where newest is not null"
    )
    batch.con.execute(
        f"delete from raw.event_clock where kind = '{contract.kind}' and newest_event_at < "
        f"(select max(newest_event_at) from raw.event_clock where kind = '{contract.kind}')"
    )
    batch.con.execute(
        f"delete from raw.event_clock where kind = '{contract.kind}' and rowid > "
        f"(select min(rowid) from raw.event_clock where kind = '{contract.kind}')"
    )


def write_quarantine(batch: Batch, parts: list[Part]) -> None:
    """Replace what was put aside of these files; a part that was completed since is no longer put aside."""
    for part in parts:
        batch.con.execute(
            "delete from raw.quarantined_lines where path = ? and (line_number is null or line_number >= ?)",
            [part.report.path, part.taken.first_line],
        )
    rows = [
        (*_origin(part), bad.line_number, bad.field, bad.reason, bad.remedy, bad.line, batch.batch_id, batch.now)
        for part in parts
        for bad in part.quarantined
    ]
    if rows:
        marks = ", ".join("?" for _ in QUARANTINE)
        batch.con.executemany(f"insert into raw.quarantined_lines values ({marks})", rows)


def _origin(part: Part) -> tuple[int, str, str | None]:
    return part.report.file_id, part.report.path, part.report.kind


def _literal(moment: datetime) -> str:
    return f"timestamp '{moment.isoformat(sep=' ')}'"
