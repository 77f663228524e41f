"""The claims that a batch must stand up to before anything is built on it, and how each is judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagster as dg

from analytics_assets.contracts import CONTRACTS
from analytics_assets.defs.raw.tables import CHILDREN, CONFIGURATIONS, LEDGER, QUARANTINE, SLIM, key
from analytics_assets.lib.verdicts import at_most
from analytics_assets.metadata import Metadata, shown_rows
from analytics_assets.thresholds import QUARANTINED_SHARE
from analytics_assets.warehouse import accounting

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

REASONS = ("reason", "lines", "example", "remedy")

Judge = Callable[["DuckDBPyConnection", str, int], dg.AssetCheckResult]
"""From the warehouse, the table's name and the batch to the verdict."""


@dataclass(frozen=True)
class BatchCheck:
    """One claim about one table. A blocking one that fails stops everything downstream."""

    table: str
    name: str
    claim: str
    judge: Judge
    blocking: bool = False

    @property
    def spec(self) -> dg.AssetCheckSpec:
        """The claim as Dagster lists it."""
        return dg.AssetCheckSpec(self.name, asset=key(self.table), description=self.claim, blocking=self.blocking)

    def result(self, con: DuckDBPyConnection, batch_id: int) -> dg.AssetCheckResult:
        """The verdict on a batch."""
        return self.judge(con, self.table, batch_id)._replace(asset_key=key(self.table), check_name=self.name)


def batch_checks(table: str) -> list[BatchCheck]:
    """Every claim about a raw table."""
    if table in CONTRACTS:
        balance = "Every line of the batch is a new record, a duplicate or quarantined."
        return [
            BatchCheck(table, "every_line_accounted_for", balance, _accounted_for, blocking=True),
            BatchCheck(table, "no_line_quarantined", "No line of the batch was quarantined.", _none_put_aside),
        ]
    if table in CHILDREN:
        claim = "Every row belongs to a record that is there, in the same version."
        return [BatchCheck(table, "every_row_has_its_record", claim, _no_orphan, blocking=True)]
    return {
        LEDGER: [BatchCheck(table, "every_file_read", "Every file of the batch could be read.", _files_read)],
        QUARANTINE: [
            BatchCheck(table, "few_lines_quarantined", "Few of the batch's lines were quarantined.", _few_aside)
        ],
        SLIM: [
            BatchCheck(
                table,
                "no_execution_kept_twice",
                "No new execution also stands among the slim ones.",
                _not_kept_twice,
                blocking=True,
            )
        ],
        CONFIGURATIONS: [
            BatchCheck(
                table,
                "one_row_per_version",
                "Each version of a configuration stands once.",
                _no_version_twice,
                blocking=True,
            )
        ],
    }[table]


def _accounted_for(con: DuckDBPyConnection, table: str, batch_id: int) -> dg.AssetCheckResult:
    balance = accounting.account(con, table, batch_id)
    return _claim(
        balance.is_balanced,
        {
            "lines": balance.lines,
            "new_records": balance.new_records,
            "duplicate_records": balance.duplicate_records,
            "quarantined_lines": balance.quarantined_lines,
            "rows_stored": balance.rows_stored,
            "lines_put_aside": balance.lines_put_aside,
            "why": "lines = new + duplicate + quarantined, and the tables hold what the ledger notes",
        },
    )


def _none_put_aside(con: DuckDBPyConnection, table: str, batch_id: int) -> dg.AssetCheckResult:
    found = accounting.reasons(con, table, batch_id)
    lines = sum(lines for _, lines, _, _ in found)
    metadata: Metadata = {"quarantined_lines": lines}
    if found:
        metadata["reasons"] = shown_rows(REASONS, found)
        metadata["query"] = f"select * from raw.quarantined_lines where batch_id = {batch_id} and kind = '{table}'"
    return _claim(not found, metadata, severity=dg.AssetCheckSeverity.WARN)


def _few_aside(con: DuckDBPyConnection, _table: str, batch_id: int) -> dg.AssetCheckResult:
    lines, aside = accounting.lines_and_quarantined(con, batch_id)
    metadata: Metadata = {"lines": lines, "quarantined_lines": aside}
    if aside:
        metadata["reasons"] = shown_rows(REASONS, accounting.reasons(con, None, batch_id))
    return at_most(aside / lines if lines else 0.0, QUARANTINED_SHARE, metadata)


def _files_read(con: DuckDBPyConnection, _table: str, batch_id: int) -> dg.AssetCheckResult:
    unread = accounting.unread_files(con, batch_id)
    metadata: Metadata = {"unread_files": len(unread)}
    if unread:
        metadata["files"] = shown_rows(("path", "status", "reason"), unread[: accounting.EXAMPLES])
    return _claim(not unread, metadata, severity=dg.AssetCheckSeverity.WARN)


def _no_orphan(con: DuckDBPyConnection, table: str, batch_id: int) -> dg.AssetCheckResult:
    return _none("rows_without_record", accounting.orphans(con, CHILDREN[table], table, batch_id))


def _not_kept_twice(con: DuckDBPyConnection, _table: str, batch_id: int) -> dg.AssetCheckResult:
    return _none("executions_kept_twice", accounting.kept_twice(con, batch_id))


def _no_version_twice(con: DuckDBPyConnection, _table: str, _batch_id: int) -> dg.AssetCheckResult:
    return _none("repeated_versions", accounting.repeated_configurations(con))


def _none(what: str, found: int) -> dg.AssetCheckResult:
    return _claim(found == 0, {what: found})


def _claim(
    passed: bool, metadata: Metadata, severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR
) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=passed, severity=severity, metadata=metadata)
