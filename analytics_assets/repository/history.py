"""What was known of each file at some moments: nothing from after a moment is in its figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from analytics_assets.issue_thresholds import GIT_MAX_BLOB, GIT_MAX_COMMITS, GIT_SECONDS, RISK_MAX_FILES, RISK_RECENT
from analytics_assets.repository.commits import Commit, commits
from analytics_assets.repository.contents import NOT_MEASURED, Blob, Measure, files_of, measures
from analytics_assets.repository.git import Git, RepositoryError

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
class FileHistory:
    """Facts by moment and path; ``notes`` say in sentences where the repository knows less than it might."""

    at: Mapping[datetime, Mapping[str, FileFacts]]
    notes: tuple[str, ...]


def file_history(
    folder: Path,
    named: Mapping[datetime, Collection[str]],
    *,
    max_commits: int = int(GIT_MAX_COMMITS.value),
    max_files: int = int(RISK_MAX_FILES.value),
    seconds: float = GIT_SECONDS.value,
) -> FileHistory:
    """Facts of the files of a repository at each moment, from the last commit of its main line before it.

    A renamed file keeps its age and its changes. A moment before the first commit has no file.

    Args:
        folder: the top of a repository, or a bare one.
        named: moment (naive UTC) -> paths that are looked at first, as issues named them by then. Of all others the
            most changed ones follow, up to ``max_files``.
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
    return FileHistory({moment: look.facts(measured) for moment, look in looks.items()}, tuple(notes))


def _notes(git: Git) -> list[str]:
    """Refuse what is no repository of its own; say where its history is cut."""
    is_bare = git.text("rev-parse", "--is-bare-repository") == "true"
    top = Path(git.text("rev-parse", "--absolute-git-dir" if is_bare else "--show-toplevel"))
    if top.resolve() != git.folder.resolve():
        raise RepositoryError(f"{git.folder} is within the repository {top}: name that one.")
    try:
        git.text("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    except RepositoryError:
        raise RepositoryError(f"{git.folder} has no commit yet.") from None
    if git.text("rev-parse", "--is-shallow-repository") == "true":
        return ["The clone is shallow: a file is at least as old as its first commit. git fetch --unshallow"]
    return []


@dataclass(frozen=True)
class _Look:
    """The files of one moment, before their contents are counted."""

    moment: datetime
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
        self._last: Commit | None = None
        self._first_at: datetime | None = None
        self._born: dict[str, datetime] = {}
        self._changes: defaultdict[str, list[tuple[datetime, int]]] = defaultdict(list)

    def add(self, commit: Commit) -> None:
        """Take one more commit."""
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

    def look(self, git: Git, moment: datetime, named: Collection[str], max_files: int) -> _Look:
        """The files of the moment, those that count first."""
        if self._last is None or self._first_at is None:
            return _Look(moment, {}, {}, {})
        files = files_of(git, self._last.id)
        recent = {path: self._recent(path, moment) for path in files}
        wanted = frozenset(named)
        order = sorted(files, key=lambda path: (path not in wanted, -recent[path][0], path))
        chosen = list(islice(order, max_files))
        return _Look(
            moment,
            {path: files[path] for path in chosen},
            {path: self._born.get(path, self._first_at) for path in chosen},
            {path: recent[path] for path in chosen},
        )

    def _recent(self, path: str, moment: datetime) -> tuple[int, int]:
        """Changes of the last quarter, and the lines by which the file grew."""
        grown = list(_after(moment - RECENT, self._changes.get(path, [])))
        return len(grown), sum(grown)


def _after(start: datetime, changes: list[tuple[datetime, int]]) -> Iterator[int]:
    """Newest first, and no further back than needed."""
    for at, lines in reversed(changes):
        if at <= start:
            return
        yield lines
