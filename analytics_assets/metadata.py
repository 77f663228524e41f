"""Metadata as the Dagster UI shows it: column schemas, small tables, pictures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import dagster as dg

from analytics_assets.warehouse.columns import Column

Metadata = dict[str, Any]
"""Names and values of one materialization or check, as Dagster takes them."""
Materialized = dg.MaterializeResult[Any]
"""Of an asset whose table was written by its own step."""


def column_schema(columns: Iterable[Column]) -> dg.TableSchema:
    """The columns with types and meanings; a required one is marked as not nullable."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=column.name,
                type=column.type,
                description=column.meaning,
                constraints=dg.TableColumnConstraints(nullable=not column.required),
            )
            for column in columns
        ]
    )


def shown_rows(
    titles: Sequence[str], rows: Iterable[Sequence[object]], *, numbers: str = ""
) -> dg.MarkdownMetadataValue:
    """A few rows as a Markdown table; what is missing is left blank, and ``numbers`` is the format of a float."""
    lines = [_line(titles), _line(["---"] * len(titles)), *(_line(row, numbers) for row in rows)]
    return dg.MetadataValue.md("\n".join(lines))


def _line(cells: Iterable[object], numbers: str = "") -> str:
    told = (format(cell, numbers) if isinstance(cell, float) else cell for cell in cells)
    shown = ("" if cell is None else str(cell).replace("|", "\\|").replace("\n", " ") for cell in told)
    return f"| {' | '.join(shown)} |"
