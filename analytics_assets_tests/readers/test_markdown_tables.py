"""Tables are found where Markdown has them, and a cell gives back the text it was made of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics_assets.readers.markdown_tables import cell_of, plain, split, tables, text_of

NASTY = st.text(
    alphabet=st.sampled_from("ab|\\\n\r\t &#;<>br/*_`[]~\"'-.,\u2028\u00a0\u200b\N{ROCKET}é0x&lt;"), max_size=20
)


@given(st.one_of(NASTY, st.text(max_size=30)))
def test_a_text_comes_back_from_its_cell_to_the_character(text):
    cell = cell_of(text)
    (alone,) = split(f"| {cell} |")
    assert text_of(alone) == text
    assert "\n" not in cell
    assert split(f"| a | {cell} | b |") == ("a", cell, "b")


@pytest.mark.parametrize("text", ["-", "n/a", "None", '""', "&amp;", "<br>", "\\|", "|", "\\", " x ", "&#10;", "a\\"])
def test_texts_that_mean_something_in_a_cell_come_back_as_texts(text):
    assert text_of(split(f"| {cell_of(text)} |")[0]) == text


def test_nothing_and_an_empty_text_are_two_things():
    assert text_of(cell_of(None)) is None
    assert text_of(cell_of("")) == ""
    assert text_of("\N{EM DASH}") is None


def test_a_cell_that_a_person_wrote_means_what_markdown_shows():
    assert text_of(r"a \| b, C:\dir and R&amp;D<br/>second") == "a | b, C:\\dir and R&D\nsecond"


@pytest.mark.parametrize(
    ("cell", "bare"),
    [
        ("**P1**", "P1"),
        ("`a.md`", "a.md"),
        ("[OPT-1](#opt-1)", "OPT-1"),
        ("[`x`](y)", "x"),
        ("__init__.py", "__init__.py"),
    ],
)
def test_marks_around_a_cell_are_taken_off(cell, bare):
    assert plain(cell) == bare


def test_tables_are_found_with_their_lines_and_code_is_none():
    text = "# T\r\n\r\n| a | b |\r\n|---|:-:|\r\n| 1 | 2 |\r\n\r\n"
    text += "```\n| no | no |\n|---|---|\n```\nx | y\n--|--\n3 | 4\n| a |\n"
    first, second = tables(text)
    assert (first.line, first.header, [row.cells for row in first.rows]) == (3, ("a", "b"), [("1", "2")])
    assert (second.line, second.header) == (11, ("x", "y"))
    assert [(row.line, row.cells) for row in second.rows] == [(13, ("3", "4")), (14, ("a",))]


def test_a_line_with_pipes_is_no_table_without_its_rule():
    assert not list(tables("a | b\nc | d\n"))
    assert not list(tables("| a | b |\n|---|\n"))


def test_the_last_cell_may_be_empty():
    assert split("| a |  |") == ("a", "")
    assert split("a | b") == ("a", "b")
    assert split("||") == ("",)
