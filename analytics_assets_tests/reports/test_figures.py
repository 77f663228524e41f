"""Texts of others within our own: nothing in them acts where they are shown."""

from __future__ import annotations

import unicodedata

from analytics_assets.reports.figures import plain

SIDES = ("LEFT-TO-RIGHT", "RIGHT-TO-LEFT")
BIDI_CONTROLS = [
    unicodedata.lookup(name)
    for name in (
        "ARABIC LETTER MARK",
        "POP DIRECTIONAL FORMATTING",
        "POP DIRECTIONAL ISOLATE",
        "FIRST STRONG ISOLATE",
        *(f"{side} {what}" for side in SIDES for what in ("MARK", "EMBEDDING", "OVERRIDE", "ISOLATE")),
    )
]
"""What Unicode calls Bidi_Control."""


def test_control_characters_are_written_out_and_tab_and_newline_stay():
    assert plain("a\x1b[2J\x9b\tb\n\x7f") == "a\\x1b[2J\\x9b\tb\n\\x7f"


def test_marks_of_direction_are_written_out():
    assert plain("invoice\u202etxt.exe\u202c") == "invoice\\u202etxt.exe\\u202c"
    assert plain("".join(BIDI_CONTROLS)) == "".join(f"\\u{ord(sign):04x}" for sign in BIDI_CONTROLS)


def test_letters_of_every_direction_stay():
    text = "\u05d0\u05d1 \u0627\u0628 ab \N{ROCKET}"
    assert plain(text) == text
