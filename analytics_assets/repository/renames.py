"""Which path a file had at any moment, along the renames of the main line."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

from analytics_assets.repository.commits import Commit


class _Event(NamedTuple):
    """The commit in which a file left a path, came to it by a rename, or (neither) was made where one had left."""

    number: int
    left_to: str | None
    came_from: str | None


class Renames:
    """Renames of commits that were added oldest first."""

    def __init__(self) -> None:
        self._times: list[datetime] = []
        self._events: defaultdict[str, list[_Event]] = defaultdict(list)

    def add(self, commit: Commit) -> None:
        """Take one more commit."""
        number = len(self._times)
        self._times.append(commit.at)
        moved = [(change.renamed_from, change.path) for change in commit.changes if change.renamed_from is not None]
        # Names may be swapped within a commit: every file leaves before one comes.
        for old, new in moved:
            self._events[old].append(_Event(number, new, None))
        for old, new in moved:
            self._events[new].append(_Event(number, None, old))
        for change in commit.changes:
            events = self._events.get(change.path)
            if events and events[-1].left_to is not None:
                events.append(_Event(number, None, None))

    def path_at(self, path: str, named_at: datetime, moment: datetime) -> str | None:
        """The path at the moment of the file that was called so at another; None where it was not made yet.

        A file that was deleted keeps its last path. A name that its file has left is still that file's, until another
        one is made there.
        """
        if path not in self._events:
            return path
        begin, end = (bisect_right(self._times, time) for time in (named_at, moment))
        last = self._last_before(path, begin)
        if last is not None and last.left_to is not None:
            begin = last.number
        return self._later(path, begin, end) if begin < end else self._earlier(path, begin, end)

    def _later(self, path: str, begin: int, end: int) -> str:
        while (event := self._next_leaving(path, begin)) is not None and event.number < end:
            assert event.left_to is not None
            path, begin = event.left_to, event.number + 1
        return path

    def _earlier(self, path: str, begin: int, end: int) -> str | None:
        while (event := self._last_before(path, begin)) is not None and event.number >= end:
            if event.came_from is None:
                return None
            path, begin = event.came_from, event.number
        return path

    def _next_leaving(self, path: str, begin: int) -> _Event | None:
        events = self._events.get(path, [])
        later = events[bisect_left(events, begin, key=lambda event: event.number) :]
        return next((event for event in later if event.left_to is not None), None)

    def _last_before(self, path: str, begin: int) -> _Event | None:
        events = self._events.get(path, [])
        place = bisect_left(events, begin, key=lambda event: event.number)
        return events[place - 1] if place else None
