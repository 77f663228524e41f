"""The commits of the main line, oldest first, and what each changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO

from analytics_assets.repository.git import Git

CHUNK = 2**16
EPOCH = datetime(1970, 1, 1)
HEADER = b"\x01"
"""Begins the line of a commit: counts of lines begin with a digit or a dash, and names follow counts."""


@dataclass(frozen=True)
class Change:
    """A file in a commit. ``renamed_from`` is its path before; lines are 0 for a binary file."""

    path: str
    renamed_from: str | None
    added: int
    deleted: int


@dataclass(frozen=True)
class Commit:
    """A commit; ``at`` is naive UTC and never before that of an older commit, whatever its machine's clock said."""

    id: str
    at: datetime
    changes: tuple[Change, ...]


def commits(git: Git, newest: int) -> Iterator[Commit]:
    """At most so many of the newest commits that HEAD's first parents lead to, oldest first.

    A merge counts as one commit with all that it brought: that is when the main line got it.

    Raises:
        RepositoryError: git fails, or the time is over.
    """
    words = ("log", "--first-parent", "--diff-merges=first-parent", "--reverse", f"--max-count={newest}")
    shown = ("-z", "--numstat", "--find-renames", "--no-ext-diff", "--no-textconv", "--format=%x01%H %ct")
    with git.stream(*words, *shown, "HEAD", "--") as output:
        yield from _parsed(_tokens(output))


def path_of(name: bytes) -> str:
    """A path as text; bytes that are no UTF-8 become replacement characters, as no table could hold them."""
    return name.decode(errors="replace")


def _tokens(output: IO[bytes]) -> Iterator[bytes]:
    rest = b""
    while chunk := output.read(CHUNK):
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole


def _parsed(tokens: Iterator[bytes]) -> Iterator[Commit]:
    header: tuple[str, datetime] | None = None
    changes: list[Change] = []
    latest = EPOCH
    for token in tokens:
        if token.startswith(HEADER):
            if header is not None:
                yield Commit(*header, tuple(changes))
            name, seconds = token[1:].decode().split(" ")
            latest = max(latest, datetime.fromtimestamp(int(seconds), UTC).replace(tzinfo=None))
            header, changes = (name, latest), []
        else:
            changes.append(_change(token.removeprefix(b"\n"), tokens))
    if header is not None:
        yield Commit(*header, tuple(changes))


def _change(token: bytes, tokens: Iterator[bytes]) -> Change:
    """Counts and path; of a rename the path is empty, and the old and the new one follow."""
    added, deleted, name = token.split(b"\t", 2)
    renamed_from = None
    if not name:
        renamed_from, name = path_of(next(tokens)), next(tokens)
    return Change(path_of(name), renamed_from, _count(added), _count(deleted))


def _count(number: bytes) -> int:
    return 0 if number == b"-" else int(number)
