"""Columns of the raw tables: the contract's own, and the ones that ingestion adds; and the pair that ends a window."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from analytics_assets.contracts import CONTRACTS, Child, Contract
from analytics_assets.thresholds import STALE_AFTER


@dataclass(frozen=True)
class Column:
    """One column of a table."""

    name: str
    type: str
    meaning: str
    required: bool = False


WINDOW_END = (
    Column("as_of", "TIMESTAMP", "Newest issue or review it rests on, UTC; NULL before the first one."),
    Column("is_stale", "BOOLEAN", "Whether as_of is over a day old.", required=True),
)
"""Of each table of issues: where its window ends."""
RECORDS_END = (
    Column("as_of", "TIMESTAMP", "Newest record it rests on, UTC; NULL before the first one."),
    Column("is_stale", "BOOLEAN", "Whether as_of is over a day old.", required=True),
)
"""Of each table of patterns: where its window ends."""


def is_old(as_of: datetime) -> bool:
    """Whether a window that ended then is stale by now; a time without a zone is in UTC."""
    end = as_of if as_of.tzinfo else as_of.replace(tzinfo=UTC)
    return datetime.now(UTC) - end > timedelta(hours=STALE_AFTER.value)


ORIGIN = (
    Column("extra", "VARCHAR", "Fields the contract does not know, as a JSON object."),
    Column("file_id", "BIGINT", "File it came from (raw.ingested_files).", required=True),
    Column("batch_id", "BIGINT", "Batch it was ingested in.", required=True),
    Column("ingested_at", "TIMESTAMP", "When it was ingested, UTC.", required=True),
)
VERSION_NUMBER = Column("version_number", "BIGINT", "Order of ingestion over all versions.", required=True)
IS_CURRENT = Column("is_current", "BOOLEAN", "Whether this is the version that counts.", required=True)
VERSION = (
    Column("version_at", "TIMESTAMP", "updated_at, else the time of ingestion.", required=True),
    VERSION_NUMBER,
    Column("version_hash", "VARCHAR", "MD5 of the content: a copy is not a new version.", required=True),
    IS_CURRENT,
)
NOT_SLIM = frozenset({"error_message", "extra"})
"""Columns of an execution that recounting does not need."""

LEDGER = (
    Column("file_id", "BIGINT", "Key of the row.", required=True),
    Column("path", "VARCHAR", "Path below the data folder.", required=True),
    Column("kind", "VARCHAR", "Kind of its records; NULL when the folder names none."),
    Column("format", "VARCHAR", "jsonl, csv or parquet, with .gz or .zst where packed."),
    Column("sha256", "VARCHAR", "Hash of the bytes taken."),
    Column("edges_sha256", "VARCHAR", "Hash of the first and last bytes taken, to know a growing file again."),
    Column("size_bytes", "BIGINT", "Size when it was taken."),
    Column("modified_at", "TIMESTAMP", "Modification time when it was taken, UTC."),
    Column(
        "changed_ns",
        "BIGINT",
        "Status change time, nanoseconds: a file that has the same is not looked at again.",
    ),
    Column("from_byte", "BIGINT", "Where this part begins; 0 for a whole file."),
    Column("to_byte", "BIGINT", "Where its last complete line ends: the next part begins here."),
    Column(
        "to_line",
        "BIGINT",
        "Complete lines of the file up to there, blank ones included; NULL when not counted.",
    ),
    Column("status", "VARCHAR", "taken, duplicate, empty, unreadable or unknown_kind.", required=True),
    Column("reason", "VARCHAR", "Why, where it was not simply taken."),
    Column("lines", "BIGINT", "Lines (rows) looked at, blank ones left out."),
    Column("new_records", "BIGINT", "Records that were new."),
    Column("duplicate_records", "BIGINT", "Records that were there already."),
    Column("quarantined_lines", "BIGINT", "Lines that were put aside."),
    Column("batch_id", "BIGINT", "Batch it was taken in.", required=True),
    Column("ingested_at", "TIMESTAMP", "When, UTC.", required=True),
)
QUARANTINE = (
    Column("file_id", "BIGINT", "File of the line (raw.ingested_files).", required=True),
    Column("path", "VARCHAR", "Path below the data folder.", required=True),
    Column("kind", "VARCHAR", "Kind the line was read as."),
    Column("line_number", "BIGINT", "Line (row) in the file, from 1; NULL when it is the whole file."),
    Column("field", "VARCHAR", "Field that is wrong."),
    Column("reason", "VARCHAR", "What is wrong.", required=True),
    Column("remedy", "VARCHAR", "What to do about it.", required=True),
    Column("line", "VARCHAR", "The line, its first characters when it is long."),
    Column("batch_id", "BIGINT", "Batch it was met in.", required=True),
    Column("quarantined_at", "TIMESTAMP", "When, UTC.", required=True),
)


def entry_columns(contract: Contract) -> tuple[Column, ...]:
    """Columns of a kind's raw table."""
    own = tuple(Column(f.column, f.type.column, f.meaning, f.required) for f in contract.fields)
    if contract.surrogate_key:
        made_of = ", ".join(contract.key)
        own = (Column(contract.surrogate_key, "VARCHAR", f"MD5 of {made_of}.", required=True), *own)
    return own + ORIGIN + (VERSION if contract.is_entity else ())


def child_columns(contract: Contract, child: Child) -> tuple[Column, ...]:
    """Columns of the raw table of a list inside a record."""
    parent = Column(child.parent_column, "VARCHAR", f"The record of {contract.kind} it belongs to.", required=True)
    own = tuple(Column(f.column, f.type.column, f.meaning, f.required) for f in child.fields)
    return (parent, *own, *ORIGIN, VERSION_NUMBER, IS_CURRENT)


def raw_tables() -> dict[str, tuple[str, tuple[Column, ...]]]:
    """Every raw table that people read: name -> (grain, columns)."""
    tables: dict[str, tuple[str, tuple[Column, ...]]] = {}
    for contract in CONTRACTS.values():
        grain = contract.grain
        if contract.is_entity and contract.kind != "specs":
            grain = f"{contract.grain[:-1]} and version of it."
        tables[contract.kind] = (grain, entry_columns(contract))
        for child in contract.children:
            tables[child.table] = (f"{child.grain[:-1]} and version of it.", child_columns(contract, child))
    tables["pipeline_configurations"] = (
        "One row per pipeline and configuration version.",
        (
            Column("pipeline_name", "VARCHAR", "Which pipeline.", required=True),
            Column("configuration_version", "VARCHAR", "Version of its configuration.", required=True),
            Column("configuration", "VARCHAR", "The configuration, as a JSON object."),
            Column("first_seen_at", "TIMESTAMP", "Start of the first execution with it, UTC.", required=True),
            Column("batch_id", "BIGINT", "Batch it was first met in.", required=True),
        ),
    )
    slim = tuple(c for c in entry_columns(CONTRACTS["executions"]) if c.name not in NOT_SLIM)
    tables["executions_slim"] = ("One row per tool execution older than the full record's retention.", slim)
    tables["ingested_files"] = ("One row per file, or part of a growing file, that was taken.", LEDGER)
    tables["quarantined_lines"] = ("One row per line that could not be taken.", QUARANTINE)
    return tables
