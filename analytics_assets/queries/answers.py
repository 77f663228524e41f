"""What the answers of the read functions share: rows, and the ``as_of`` and ``is_stale`` of every answer."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import duckdb

from analytics_assets.queries.errors import NotAnsweredYetError, StatementFailedError
from analytics_assets.warehouse.columns import is_old

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analytics_assets.queries.snapshot import Snapshot

Row = dict[str, Any]
Answer = dict[str, Any]
"""What a read function returns: ready for JSON."""

EXECUTIONS_END = "select as_of, is_stale from staging.stg_as_of where kind = 'executions'"


def rows(snapshot: Snapshot, sql: str, parameters: Mapping[str, object] | None = None) -> list[Row]:
    """The rows of our own statement.

    Raises:
        NotAnsweredYetError: the snapshot lacks the table; its job has not run since the warehouse was made.
    """
    try:
        return snapshot.query(sql, parameters).records()
    except StatementFailedError as problem:
        if isinstance(problem.__cause__, duckdb.CatalogException):
            words = str(problem).splitlines()[0]
            raise NotAnsweredYetError(f"this is not computed yet: run `analytics refresh` ({words})") from problem
        raise


def rows_if_there(snapshot: Snapshot, sql: str, parameters: Mapping[str, object] | None = None) -> list[Row]:
    """The same of a table that may not be computed yet: then none."""
    try:
        return rows(snapshot, sql, parameters)
    except NotAnsweredYetError:
        return []


def freshness(snapshot: Snapshot, dated: Sequence[Row] = ()) -> Row:
    """``as_of`` and ``is_stale``: where the window of the rows ends.

    Of rows of several ages the newest counts; without a row it is where the windows of executions end, and
    both are None before the first record. A snapshot grows old while nothing is published, so its own mark is
    only the first reason to call it stale.
    """
    ends = [row for row in dated if row["as_of"] is not None] or rows(snapshot, EXECUTIONS_END)
    newest = max((row["as_of"] for row in ends if row["as_of"] is not None), default=None)
    if newest is None:
        return {"as_of": None, "is_stale": None}
    marked = any(row["is_stale"] for row in ends if row["as_of"] == newest)
    return {"as_of": newest, "is_stale": marked or is_old(datetime.fromisoformat(newest))}


def aged(row: Row) -> Row:
    """The row with its ``is_stale`` as of now: a snapshot grows old while nothing is published."""
    end = row["as_of"]
    return row | {"is_stale": bool(row["is_stale"]) or (end is not None and is_old(datetime.fromisoformat(end)))}


def without_window(dated: Sequence[Row]) -> list[Row]:
    """The rows without the columns that stand once, at the top of the answer."""
    return [{name: value for name, value in row.items() if name not in ("as_of", "is_stale")} for row in dated]
