"""Rows of a query as a table for people: numbers to the right, NULL visible, nothing that acts on the terminal."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from rich.table import Table
from rich.text import Text

from analytics_assets.reports.figures import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analytics_assets.queries.snapshot import Result
    from analytics_assets.reports.figures import Column, Row


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


def table_of(rows: Sequence[Row], columns: Sequence[Column]) -> Table:
    """The rows as a table: NULL visible, nothing that acts on the terminal."""
    table = Table(header_style="bold", show_edge=False, pad_edge=False)
    for column in columns:
        table.add_column(Text(column.title), justify="right" if column.is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(cell(column.shown(row)) for column in columns))
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


def _is_numeric(rows: list[tuple[Any, ...]], position: int) -> bool:
    from decimal import Decimal

    values = [row[position] for row in rows if row[position] is not None]
    return bool(values) and all(isinstance(v, int | float | Decimal) and not isinstance(v, bool) for v in values)
