"""A report replaces the one before in one step, or leaves it."""

from __future__ import annotations

import pytest

from analytics_assets.reports.files import replace_file


def test_the_file_has_the_new_content_and_nothing_is_left_beside_it(tmp_path):
    for content in ("first", "second ↓"):
        replace_file(tmp_path / "a.md", content)
    assert (tmp_path / "a.md").read_text(encoding="utf-8") == "second ↓"
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]


def test_what_was_there_stays_when_the_new_content_cannot_be_written(tmp_path):
    (tmp_path / "a.md").write_text("first")
    with pytest.raises(UnicodeEncodeError):
        replace_file(tmp_path / "a.md", "\ud800")
    assert (tmp_path / "a.md").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["a.md"]
