"""What a batch did, proved from the tables themselves: lines against records, children against parents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics_assets.contracts import CONTRACTS
from analytics_assets.warehouse.connection import count

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

EXAMPLES = 10
"""Rows shown of what is wrong; the rest is one query away."""


@dataclass(frozen=True)
class Account:
    """Lines of one kind in one batch, as the ledger notes them and as the tables hold them."""

    lines: int
    new_records: int
    duplicate_records: int
    quarantined_lines: int
    rows_stored: int
    lines_put_aside: int

    @property
    def is_balanced(self) -> bool:
        """Every line is a new record, a duplicate or put aside, and what is noted is really there."""
        noted = self.new_records + self.duplicate_records + self.quarantined_lines
        return (
            self.lines == noted
            and self.rows_stored == self.new_records
            and self.lines_put_aside == self.quarantined_lines
        )


def account(con: DuckDBPyConnection, kind: str, batch_id: int) -> Account:
    """Balance one kind of a batch; of a batch without files of the kind, all zeros."""
    noted = con.execute(
        "select coalesce(sum(lines), 0), coalesce(sum(new_records), 0), coalesce(sum(duplicate_records), 0), "
        "coalesce(sum(quarantined_lines), 0) from raw.ingested_files where kind = ? and batch_id = ?",
        [kind, batch_id],
    ).fetchone()
    assert noted is not None, "an aggregate returns a row"
    stored = count(con, f"select count(*) from raw.{kind} where batch_id = ?", batch_id)
    aside = count(con, f"select count(*) from raw.quarantined_lines where kind = '{kind}' and batch_id = ?", batch_id)
    lines, new, duplicate, quarantined = map(int, noted)
    return Account(lines, new, duplicate, quarantined, rows_stored=stored, lines_put_aside=aside)


def orphans(con: DuckDBPyConnection, kind: str, child_table: str, batch_id: int) -> int:
    """Rows of a list whose record, in that version, is not there; of one batch."""
    contract = CONTRACTS[kind]
    (child,) = (c for c in contract.children if c.table == child_table)
    parent = f"parent.{contract.key_column} = child.{child.parent_column}"
    return count(
        con,
        f"select count(*) from raw.{child_table} as child where batch_id = ? and not exists "
        f"(select 1 from raw.{kind} as parent where {parent} and parent.version_number = child.version_number)",
        batch_id,
    )


def kept_twice(con: DuckDBPyConnection, batch_id: int) -> int:
    """New executions of a batch that also stand among the slim ones."""
    return count(
        con,
        "select count(*) from raw.executions_slim where execution_id in "
        "(select execution_id from raw.executions where batch_id = ?)",
        batch_id,
    )


def repeated_configurations(con: DuckDBPyConnection) -> int:
    """Configuration versions that stand more than once."""
    return count(
        con,
        "select count(*) from (select 1 from raw.pipeline_configurations "
        "group by pipeline_name, configuration_version having count(*) > 1)",
    )


def reasons(
    con: DuckDBPyConnection, kind: str | None = None, batch_id: int | None = None
) -> list[tuple[str, int, str, str]]:
    """Why lines were put aside: reason, lines, an example as path:line, remedy; the commonest first.

    Of one kind and one batch where they are given, of all else.
    """
    return con.execute(
        "select coalesce(field || ': ', '') || reason as why, count(*) as lines, "
        "min(path || coalesce(':' || line_number, '')), min(remedy) from raw.quarantined_lines "
        "where ($batch is null or batch_id = $batch) and ($kind is null or kind = $kind) "
        "group by why order by lines desc, why limit $most",
        {"batch": batch_id, "kind": kind, "most": EXAMPLES},
    ).fetchall()


def lines_and_quarantined(con: DuckDBPyConnection, batch_id: int) -> tuple[int, int]:
    """Lines looked at in a batch, and those of them that were put aside."""
    row = con.execute(
        "select coalesce(sum(lines), 0), coalesce(sum(quarantined_lines), 0) "
        "from raw.ingested_files where batch_id = ?",
        [batch_id],
    ).fetchone()
    assert row is not None, "an aggregate returns a row"
    return int(row[0]), int(row[1])


def unread_files(con: DuckDBPyConnection, batch_id: int) -> list[tuple[str, str, str]]:
    """Files of a batch that could not be read or belong to no kind: path, status, reason."""
    return con.execute(
        "select path, status, reason from raw.ingested_files "
        "where batch_id = ? and status in ('unreadable', 'unknown_kind') order by path",
        [batch_id],
    ).fetchall()


def newest_files(con: DuckDBPyConnection) -> list[tuple[object, ...]]:
    """The files taken last: path, kind, status, new, duplicate and quarantined, reason."""
    return con.execute(
        "select path, kind, status, new_records, duplicate_records, quarantined_lines, reason "
        "from raw.ingested_files order by file_id desc limit ?",
        [EXAMPLES],
    ).fetchall()
