"""What was known of each file at some moments: nothing from after a moment is in its figures."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from analytics_assets.issue_thresholds import GIT_MAX_BLOB, GIT_MAX_COMMITS, GIT_SECONDS, RISK_MAX_FILES, RISK_RECENT
from analytics_assets.repository.commits import Commit, commits
from analytics_assets.repository.contents import NOT_MEASURED, Blob, Measure, files_of, measures
from analytics_assets.repository.git import Git, RepositoryError
from analytics_assets.repository.renames import Renames

RECENT = timedelta(days=RISK_RECENT.value)


@dataclass(frozen=True)
class FileFacts:
    """A file at a moment. Lines and complexity are None for a binary or a very large file."""

    lines: int | None
    age_days: float
    complexity: float | None
    changes_90d: int
    lines_grown_90d: int


@dataclass(frozen=True)
class Tree:
    """The files of a moment: all of their paths, and the facts of those that count first.

    ``paths`` is None before the first commit: then nothing tells which files there were.
    """

    paths: frozenset[str] | None = None
    facts: Mapping[str, FileFacts] = field(default_factory=dict)


@dataclass(frozen=True)
class FileHistory:
    """The files at each moment; ``notes`` say in sentences where the repository knows less than it might."""

    at: Mapping[datetime, Tree]
    renames: Renames = field(default_factory=Renames)
    notes: tuple[str, ...] = ()

    def path_at(self, path: str, named_at: datetime, moment: datetime) -> str | None:
        """The path at one of the moments of the file that was named so at another time; None where it was not there.

        Before the first commit it is the one that was named.
        """
        return _placed(self.renames, self.at[moment].paths, path, named_at, moment)


def file_history(
    folder: Path,
    named: Mapping[datetime, Collection[tuple[str, datetime]]],
    *,
    max_commits: int = int(GIT_MAX_COMMITS.value),
    max_files: int = int(RISK_MAX_FILES.value),
    seconds: float = GIT_SECONDS.value,
) -> FileHistory:
    """The files of a repository at each moment, from the last commit of its main line before it.

    A renamed file keeps its age and its changes. A moment before the first commit has no file.

    Args:
        folder: the top of a repository, or a bare one.
        named: moment (naive UTC) -> paths that are looked at first, each with the time at which an issue named it. Of
            all others the most changed ones follow, up to ``max_files``.
        max_commits: newest commits that are read.
        max_files: files at one moment.
        seconds: for all of it.

    Raises:
        RepositoryError: there is no repository that git reads, it has no commit, or the time is over.
    """
    git = Git(folder, seconds)
    notes = _notes(git)
    replay = _Replay()
    looks: dict[datetime, _Look] = {}
    read = 0
    ahead = sorted(named)
    for commit in commits(git, max_commits):
        read += 1
        while ahead and commit.at > ahead[0]:
            moment = ahead.pop(0)
            looks[moment] = replay.look(git, moment, named[moment], max_files)
        replay.add(commit)
    for moment in ahead:
        looks[moment] = replay.look(git, moment, named[moment], max_files)
    if read == max_commits:
        notes.append(f"Only the newest {read} commits are read: a file is at least as old as the first of them.")
    blobs = {blob.id for look in looks.values() for blob in look.blobs.values() if blob.size <= GIT_MAX_BLOB.value}
    measured = dict(measures(git, sorted(blobs)))
    trees = {moment: Tree(look.paths, look.facts(measured)) for moment, look in looks.items()}
    return FileHistory(trees, replay.renames, tuple(notes))


def _notes(git: Git) -> list[str]:
    """Refuse what is no repository of its own; say where its history is cut."""
    is_bare = git.text("rev-parse", "--is-bare-repository") == "true"
    top = Path(git.text("rev-parse", "--absolute-git-dir" if is_bare else "--show-toplevel"))
    if top.resolve() != git.folder.resolve():
        raise RepositoryError(
            f"{git.folder} is within the repository {top}: name that one.", "it is a folder within a repository"
        )
    try:
        git.text("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    except RepositoryError:
        raise RepositoryError(f"{git.folder} has no commit yet.", "it has no commit yet") from None
    if git.text("rev-parse", "--is-shallow-repository") == "true":
        return ["The clone is shallow: a file is at least as old as its first commit. git fetch --unshallow"]
    return []


@dataclass(frozen=True)
class _Look:
    """The files of one moment, before their contents are counted."""

    moment: datetime
    paths: frozenset[str] | None
    blobs: Mapping[str, Blob]
    born: Mapping[str, datetime]
    recent: Mapping[str, tuple[int, int]]

    def facts(self, measured: Mapping[str, Measure]) -> dict[str, FileFacts]:
        found = {}
        for path, blob in self.blobs.items():
            lines, complexity = measured.get(blob.id, NOT_MEASURED)
            changes, grown = self.recent[path]
            age = (self.moment - self.born[path]) / timedelta(days=1)
            found[path] = FileFacts(lines, age, complexity, changes, grown)
        return found


class _Replay:
    """The main line as far as it was replayed."""

    def __init__(self) -> None:
        self.renames = Renames()
        self._last: Commit | None = None
        self._first_at: datetime | None = None
        self._born: dict[str, datetime] = {}
        self._changes: defaultdict[str, list[tuple[datetime, int]]] = defaultdict(list)

    def add(self, commit: Commit) -> None:
        """Take one more commit."""
        self.renames.add(commit)
        self._last = commit
        self._first_at = self._first_at or commit.at
        # Names may be swapped within a commit: all old ones are taken away before a new one is given.
        moved = {
            change.path: (self._born.pop(change.renamed_from, commit.at), self._changes.pop(change.renamed_from, []))
            for change in commit.changes
            if change.renamed_from is not None
        }
        for change in commit.changes:
            if change.path in moved:
                self._born[change.path], self._changes[change.path] = moved[change.path]
            self._born.setdefault(change.path, commit.at)
            self._changes[change.path].append((commit.at, change.added - change.deleted))

    def look(self, git: Git, moment: datetime, named: Collection[tuple[str, datetime]], max_files: int) -> _Look:
        """The files of the moment, those that count first."""
        if self._last is None or self._first_at is None:
            return _Look(moment, None, {}, {}, {})
        files = files_of(git, self._last.id)
        # One copy of a name serves all moments.
        paths = frozenset(map(sys.intern, files))
        recent = {path: self._recent(path, moment) for path in files}
        wanted = {_placed(self.renames, paths, path, named_at, moment) for path, named_at in named}
        order = sorted(files, key=lambda path: (path not in wanted, -recent[path][0], path))
        chosen = list(islice(order, max_files))
        return _Look(
            moment,
            paths,
            {path: files[path] for path in chosen},
            {path: self._born.get(path, self._first_at) for path in chosen},
            {path: recent[path] for path in chosen},
        )

    def _recent(self, path: str, moment: datetime) -> tuple[int, int]:
        """Changes of the last quarter, and the lines by which the file grew."""
        grown = list(_after(moment - RECENT, self._changes.get(path, [])))
        return len(grown), sum(grown)


def _placed(
    renames: Renames, paths: frozenset[str] | None, path: str, named_at: datetime, moment: datetime
) -> str | None:
    if paths is None:
        return path
    placed = renames.path_at(path, named_at, moment)
    return placed if placed in paths else None


def _after(start: datetime, changes: list[tuple[datetime, int]]) -> Iterator[int]:
    """Newest first, and no further back than needed."""
    for at, lines in reversed(changes):
        if at <= start:
            return
        yield lines
