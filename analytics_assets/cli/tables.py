"""Rows of a query as a table for people: numbers to the right, NULL visible, nothing that acts on the terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from analytics_assets.queries.snapshot import Result

_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(9), *range(11, 32), 127, *range(128, 160))}
"""Control characters but tab and newline: a log line must not write to the terminal's own settings."""


def as_table(result: Result) -> Table:
    """The rows in a Rich table."""
    from analytics_assets.queries.snapshot import json_ready

    table = Table(header_style="bold", show_edge=False, pad_edge=False)
    numeric = [_is_numeric(result.rows, position) for position in range(len(result.columns))]
    for name, is_number in zip(result.columns, numeric, strict=True):
        table.add_column(Text(plain(name)), justify="right" if is_number else "left", overflow="fold")
    for row in result.rows:
        table.add_row(*(cell(json_ready(value)) for value in row))
    return table


def cell(value: Any) -> Text:
    """One value; ``value`` is as JSON has it."""
    if value is None:
        return Text("NULL", style="dim")
    if isinstance(value, bool):
        return Text(str(value).lower())
    if isinstance(value, int | float):
        return Text(f"{value:.10g}" if isinstance(value, float) else str(value))
    return Text(plain(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)))


def plain(text: str) -> str:
    """The text with control characters written out."""
    return text.translate(_CONTROLS)


def _is_numeric(rows: list[tuple[Any, ...]], position: int) -> bool:
    from decimal import Decimal

    values = [row[position] for row in rows if row[position] is not None]
    return bool(values) and all(isinstance(v, int | float | Decimal) and not isinstance(v, bool) for v in values)
