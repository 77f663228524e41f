"""Where a file was before and after it was named."""

from __future__ import annotations

import pytest

from analytics_assets.repository.commits import Change, Commit
from analytics_assets.repository.renames import Renames
from analytics_assets_tests.repository.worked import day


def renames(*commits):
    """One commit a day from day 1: pairs of old and new path, or the path of a file that was changed or made."""
    found = Renames()
    for number, changes in enumerate(commits, start=1):
        pairs = [(None, change) if isinstance(change, str) else change for change in changes]
        found.add(Commit(str(number), day(number), tuple(Change(new, old, 1, 0) for old, new in pairs)))
    return found


@pytest.mark.parametrize(
    ("path", "named", "moment", "placed"),
    [
        ("a", 0.5, 0.9, "a"),
        ("a", 0.5, 1, "b"),
        ("a", 0.5, 3, "c"),
        ("b", 1.5, 3, "c"),
        ("c", 2.5, 1.5, "b"),
        ("c", 2.5, 0.5, "a"),
        ("other", 2.5, 0.5, "other"),
    ],
)
def test_a_file_is_followed_forwards_and_backwards(path, named, moment, placed):
    assert renames([("a", "b")], [("b", "c")]).path_at(path, day(named), day(moment)) == placed


def test_names_that_change_places_in_one_commit_are_told_apart():
    swapped = renames([("a", "b"), ("b", "a")])
    assert [swapped.path_at(path, day(0), day(2)) for path in "ab"] == ["b", "a"]
    assert [swapped.path_at(path, day(2), day(0)) for path in "ab"] == ["b", "a"]


def test_a_name_that_is_still_used_is_of_the_file_that_left_it():
    moved = renames([("old", "new")], ["other"])
    assert moved.path_at("old", day(1.5), day(2)) == "new"
    assert moved.path_at("old", day(1.5), day(0.5)) == "old"


def test_a_file_that_was_made_where_another_had_left_is_not_that_one():
    made = renames([("old", "new")], ["old"])
    assert made.path_at("old", day(2.5), day(3)) == "old"
    assert made.path_at("old", day(0.5), day(3)) == "new"
    assert made.path_at("old", day(2.5), day(0.5)) is None


def test_a_name_that_comes_later_is_that_of_the_file_that_gets_it():
    assert renames([("a", "b")]).path_at("b", day(0.5), day(2)) == "b"
