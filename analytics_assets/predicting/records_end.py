"""How far the records of runs reach: the clock of everything that is predicted of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CLOCK = "select as_of, is_stale from staging.stg_as_of where kind = 'runs'"


def end_of_records(con: DuckDBPyConnection) -> dict[str, Any]:
    """``as_of`` and ``is_stale`` of the runs, naive UTC; None and stale without one."""
    as_of, is_stale = con.execute(CLOCK).fetchone() or (None, True)
    return {"as_of": as_of, "is_stale": bool(is_stale)}
