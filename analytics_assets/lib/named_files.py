"""Which files issues name, and which path each of them had when: a file may be renamed or deleted afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

if TYPE_CHECKING:
    from analytics_assets.repository.history import FileHistory

TIME = "datetime64[us]"
TYPES = {"opened_at": TIME, "closed_at": TIME, "is_first": "bool", "named_at": TIME}
"""So that a table without rows has them too."""


class Named(NamedTuple):
    """An opening of an issue that names a file.

    ``closed_at`` is None while it is open. ``named_at`` is when the issue first named the file: with its first sight,
    or later, when somebody knew more.
    """

    file: str
    issue_id: str
    opened_at: datetime
    closed_at: datetime | None
    is_first: bool
    named_at: datetime


def named_by(named: Sequence[Named], moments: Sequence[datetime]) -> dict[datetime, set[tuple[str, datetime]]]:
    """The files that issues had named by each moment, each with when it was named first."""
    return {at: {(one.file, one.named_at) for one in named if one.named_at <= at} for at in moments}


def gone(named: Sequence[Named], moment: datetime, history: FileHistory) -> tuple[set[str], set[str]]:
    """All files that issues had named by the moment, and those of them that the repository had not then."""
    namings = named_by(named, [moment])[moment]
    there = {path for path, at in namings if history.path_at(path, at, moment) is not None}
    return {path for path, _ in namings}, {path for path, _ in namings} - there


def named_table(named: Sequence[Named]) -> pd.DataFrame:
    """One row per opening and file."""
    return pd.DataFrame(named, columns=Named._fields).astype(TYPES)


def placed(named: pd.DataFrame, at: datetime, history: FileHistory | None) -> pd.DataFrame:
    """With the paths that the files had at the moment, without the files that were not there."""
    if history is None:
        return named
    namings = zip(named["file"], named["named_at"], strict=True)
    paths = [history.path_at(file, named_at, at) for file, named_at in namings]
    return named.assign(file=pd.Series(paths, index=named.index, dtype=object)).dropna(subset=["file"])
