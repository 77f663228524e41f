"""Files of a commit, and how long and how complex they are."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from math import sqrt
from typing import NamedTuple

from analytics_assets.repository.commits import path_of
from analytics_assets.repository.git import Git, RepositoryError

INDENTED = re.compile(rb"^([ \t]*)[^\s]", re.MULTILINE)
LEVEL = 4
"""Columns of a level of indentation, as of a tab."""
TEXT_STARTS = 8_000
"""Bytes in which git, too, looks for a NUL to tell a binary file."""
FILE_MODES = (b"100644", b"100755", b"100664")


class Blob(NamedTuple):
    """The content of a file: git's name of it, and its bytes counted."""

    id: str
    size: int


class Measure(NamedTuple):
    """Lines of a file, and its complexity; both None for a binary file."""

    lines: int | None
    complexity: float | None


NOT_MEASURED = Measure(None, None)


def files_of(git: Git, commit: str) -> dict[str, Blob]:
    """Every regular file of a commit; neither links nor submodules, whose content is a name.

    Raises:
        RepositoryError: git fails, or the time is over.
    """
    with git.stream("ls-tree", "-r", "-z", "-l", "--full-tree", commit) as output:
        entries = output.read().split(b"\0")[:-1]
    found = {}
    for entry in entries:
        facts, _, name = entry.partition(b"\t")
        mode, _, blob, size = facts.split()
        if mode in FILE_MODES:
            found[path_of(name)] = Blob(blob.decode(), int(size))
    return found


def measures(git: Git, blobs: Iterable[str]) -> Iterator[tuple[str, Measure]]:
    """Lines and complexity of each content.

    Raises:
        RepositoryError: git fails, a content is missing, or the time is over.
    """
    names = list(blobs)
    with git.stream("cat-file", "--batch", given="".join(f"{name}\n" for name in names).encode()) as output:
        for name in names:
            header = output.readline().split()
            if len(header) != 3:  # noqa: PLR2004 - name, type and size; two words say that it is missing
                raise RepositoryError(
                    f"{git.folder} lacks the content {name}: it is incomplete or a partial clone.",
                    "it is incomplete or a partial clone",
                )
            size = int(header[2])
            content = output.read(size + 1)
            if len(content) <= size:
                raise RepositoryError(f"git ended in the middle of the content {name}.", "git cannot read it")
            yield name, measured(content[:-1])


def measured(content: bytes) -> Measure:
    r"""Lines, and the standard deviation of the indentation of those that are not blank, in levels.

    It needs no parser and follows McCabe's and Halstead's measures: A. Hindle, M. W. Godfrey, R. C. Holt, "Reading
    beside the lines: indentation as a proxy for complexity metrics", ICPC 2008. Their sum of it does too, but grows
    with the lines, which are a figure of their own.

    >>> measured(b"a\n    b\n\n        c\n")
    Measure(lines=4, complexity=0.816496580927726)
    >>> measured(b"\x00\x01")
    Measure(lines=None, complexity=None)
    """
    if b"\0" in content[:TEXT_STARTS]:
        return NOT_MEASURED
    lines = content.count(b"\n") + (not content.endswith(b"\n") and content != b"")
    depths: Counter[float] = Counter()
    for indentation, count in Counter(INDENTED.findall(content)).items():
        depths[len(indentation.expandtabs(LEVEL)) / LEVEL] += count
    written = depths.total()
    if not written:
        return Measure(lines, 0.0)
    mean = sum(depth * count for depth, count in depths.items()) / written
    return Measure(lines, sqrt(sum(count * (depth - mean) ** 2 for depth, count in depths.items()) / written))
