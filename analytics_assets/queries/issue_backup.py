"""Every issue as it is now, as its record: for a copy that can be read back."""

from __future__ import annotations

from analytics_assets.contracts.issues import ISSUES
from analytics_assets.queries.answers import Row, rows
from analytics_assets.queries.snapshot import Snapshot, reading

_FIELDS = ", ".join(field.name for field in ISSUES.fields)
CURRENT = f"select {_FIELDS}, extra from raw.issues where is_current order by id"
"""As they were written: what is staged has its paths and words cleaned."""


def get_issue_records(snapshot: Snapshot | None = None) -> list[Row]:
    """The current version of every issue, in the order of their ids: the fields of the contract, and ``extra``.

    ``extra`` is the JSON text of the fields that the contract does not know.

    Raises:
        NotAnsweredYetError: nothing was ever taken in what is published.
    """
    with reading(snapshot) as current:
        return [_whole_numbers(row) for row in rows(current, CURRENT)]


def _whole_numbers(row: Row) -> Row:
    """30 minutes are 30 and not 30.0, as people write them."""
    return {
        name: int(value) if isinstance(value, float) and value.is_integer() else value for name, value in row.items()
    }
