"""Tables are found where Markdown has them, and a cell gives back the text it was made of."""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from analytics_assets.readers.markdown_tables import cell_of, columns_of, original_of, split, tables, text_of, unmarked

NASTY = st.text(
    alphabet=st.sampled_from(
        "ab|\\\n\r\t &#;<>br/*_`[](){}!:=~$\"'-.,u0x\x00\x1b\u2028\u202e\u2066\u061c\u200f\u00a0\u200b\N{ROCKET}é"
    ),
    max_size=20,
)
LIVE = [
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "</td></tr></table><b>out</b>",
    "[x](javascript:y)",
    "![x](http://example.com/pixel)",
    "[x]: javascript:y",
    "<javascript:alert(1)>",
    "<http://example.com>",
    "see https://example.com/a_b and ftp://example.com",
    "&lt;img src=x onerror=y&gt; &#60;b&#62;",
    "**bold** __bold__ *it* _it_ ~~gone~~ `code`",
    "\\<b> \\\\<b> \\[x](y) \\`<b>`",
    "a | b ` | ` c",
    "log \x1b[2J and \u202etxt.exe\u202c, \u2066x\u2069",
]


class Shown(HTMLParser):
    """The elements of a page, and the text that is seen in each cell."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.cells, self.is_in_cell = [], [], False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, *attrs))
        if tag == "td":
            self.cells.append("")
            self.is_in_cell = True
        elif tag == "br":
            self.cells[-1] += "\n"

    def handle_endtag(self, tag):
        self.is_in_cell &= tag != "td"

    def handle_data(self, data):
        if self.is_in_cell:
            self.cells[-1] += data


def rendered(cell):
    """A cell as an independent renderer shows it, which takes HTML, tables and bare addresses for what they are."""
    renderer = MarkdownIt("commonmark", {"html": True, "linkify": True}).enable(["table", "strikethrough", "linkify"])
    renderer.linkify.set({"fuzzy_link": False, "fuzzy_email": False})
    return Shown(renderer.render(f"| a | b |\n|---|---|\n| {cell} | z |\n"))


INERT = {(tag,) for tag in ("table", "thead", "tbody", "tr", "th", "td", "br")}


@given(st.one_of(NASTY, st.text(max_size=30)))
def test_a_text_comes_back_from_its_cell_to_the_character(text):
    cell = cell_of(text)
    (alone,) = split(f"| {cell} |")
    assert original_of(alone) == text
    assert "\n" not in cell
    assert split(f"| a | {cell} | b |") == ("a", cell, "b")


@pytest.mark.parametrize(
    "text", ["-", "n/a", "None", '""', "&amp;", "<br>", "\\|", "|", "\\", " x ", "&#10;", "a\\", r"\u202e", *LIVE]
)
def test_texts_that_mean_something_in_a_cell_come_back_as_texts(text):
    assert original_of(split(f"| {cell_of(text)} |")[0]) == text


@pytest.mark.parametrize("text", LIVE)
def test_nothing_acts_where_a_cell_is_rendered_and_the_text_is_shown_as_it_is(text):
    shown = rendered(cell_of(text))
    assert set(shown.elements) <= INERT
    seen, last = shown.cells
    assert last == "z"
    assert seen == re.sub("[\x1b\u202c\u202e\u2066\u2069]", lambda found: f"\\u{ord(found[0]):04x}", text)


@given(st.one_of(NASTY, st.text(max_size=30), st.lists(st.sampled_from(LIVE), max_size=3).map("".join)))
def test_no_text_becomes_an_element_or_turns_the_text_around_it(text):
    shown = rendered(cell_of(text))
    assert set(shown.elements) <= INERT
    assert shown.cells[-1] == "z"
    assert not [sign for sign in "".join(shown.cells) if unicodedata.bidirectional(sign) in TURNING]


TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def test_the_renderer_of_these_tests_does_act_on_what_is_not_a_cell():
    for text in ("<img src=x onerror=alert(1)>", "[x](y)", "see https://example.com", "**x**"):
        assert set(rendered(text).elements) - INERT


def test_an_address_is_no_link_to_those_who_take_www_for_one():
    assert cell_of("www.example.com") == r"www\.example.com"


def test_a_cell_of_an_older_export_comes_back():
    assert original_of(r"a \| b_c \\ &lt;br> &amp;amp;<br>x&#8238;y [z](w)") == "a | b_c \\ <br> &amp;\nx\u202ey [z](w)"


def test_what_a_person_writes_of_a_character_stays_six_characters():
    assert text_of(r"shows \u202e as is") == r"shows \u202e as is"


def test_nothing_and_an_empty_text_are_two_things():
    assert original_of(cell_of(None)) is None
    assert original_of(cell_of("")) == ""
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
    assert unmarked(cell) == bare


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


def test_columns_are_found_by_their_words_and_brackets_tell_apart():
    words = {"overall": ("health",), "planning": ("health planning",), "minutes": ("time",)}
    assert columns_of(("**Health** (planning)", "Health", "Time (h)", "?"), words) == {
        0: "planning",
        1: "overall",
        2: "minutes",
    }
    assert columns_of(("Health (planning)", "Health (overall)"), words) == {0: "planning", 1: "overall"}
    assert columns_of(("Issue", "Description"), {"issue": ("issue", "description")}) == {0: "issue"}
