"""The order of the files: whole journeys first, so that no worker is left alone with one at the end."""

from __future__ import annotations

import pytest

LONG = ("journeys/", "cli/test_starting", "test_docs", "dbt_project/", "suggesting/test_worlds")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first; the order within a file, and of all others, stays."""
    items.sort(key=lambda item: not any(name in item.path.as_posix() for name in LONG))
