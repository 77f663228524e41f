"""What the UI is given to show: tables that stay tables, and columns with their meaning."""

from __future__ import annotations

from analytics_assets.metadata import column_schema, shown_rows
from analytics_assets.warehouse.columns import Column


def test_a_table_has_its_titles_and_one_line_per_row():
    assert shown_rows(("tool", "calls"), [("grep", 3), ("edit", 1)]).value == (
        "| tool | calls |\n| --- | --- |\n| grep | 3 |\n| edit | 1 |"
    )


def test_without_rows_the_titles_are_left():
    assert shown_rows(("tool",), []).value == "| tool |\n| --- |"


def test_what_is_missing_is_blank_and_zero_is_not():
    assert shown_rows(("a", "b", "c"), [(None, 0, "")]).value.splitlines()[-1] == "|  | 0 |  |"


def test_a_cell_breaks_neither_the_row_nor_the_table():
    (line,) = shown_rows(("reason",), [("a | b\nc",)]).value.splitlines()[2:]
    assert line == "| a \\| b c |"


def test_a_column_keeps_type_and_meaning_and_a_required_one_is_not_nullable():
    schema = column_schema(
        [Column("execution_id", "VARCHAR", "Key.", required=True), Column("cost_usd", "DOUBLE", "Cost, US dollars.")]
    )
    shown = [(c.name, c.type, c.description, c.constraints.nullable) for c in schema.columns]
    assert shown == [
        ("execution_id", "VARCHAR", "Key.", False),
        ("cost_usd", "DOUBLE", "Cost, US dollars.", True),
    ]
