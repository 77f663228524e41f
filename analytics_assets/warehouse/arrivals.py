"""What a refresh has to do: which files are new or grown, and which kinds lack their answer."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from analytics_assets.contracts import CONTRACTS
from analytics_assets.operating_thresholds import RETRY_AFTER, RETRY_AT_LEAST_EVERY
from analytics_assets.settings import Settings
from analytics_assets.warehouse.inbox import InboxFile, scan
from analytics_assets.warehouse.ledger import KNOWN_FILES, Known, by_path, is_known
from analytics_assets.warehouse.touched import intended


@dataclass(frozen=True)
class Plan:
    """What lies before a refresh.

    ``files`` can be taken, ``waiting`` are too young to be complete; ``kinds`` are those of the files and those that a
    broken refresh left behind; ``state`` is the same for the same files with the same sizes and times.
    """

    kinds: frozenset[str]
    files: tuple[InboxFile, ...]
    waiting: tuple[InboxFile, ...]
    unpublished: frozenset[str]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.files and not self.unpublished

    @property
    def state(self) -> str:
        """Names what arrived: the files, and only without any the kinds that are unpublished.

        Every refresh has its kinds unpublished until its last step: they are no second reason beside its files.
        """
        files = sorted((f.name, f.size, f.changed_ns) for f in self.files)
        return hashlib.sha256(repr(files or sorted(self.unpublished)).encode()).hexdigest()[:16]

    @property
    def reason(self) -> str:
        """In words, why there is or is not something to do."""
        if self.files:
            names = ", ".join(f.name for f in self.files[:3]) + (" …" if len(self.files) > 3 else "")  # noqa: PLR2004
            return f"{len(self.files)} new or changed: {names}"
        if self.unpublished:
            return f"an earlier refresh ended before it published {', '.join(sorted(self.unpublished))}"
        if self.waiting:
            return f"{self.waiting[0].name} was written a moment ago and may not be complete"
        return "nothing new in the inbox"


def plan(settings: Settings, known: Mapping[str, Known] | None = None) -> Plan:
    """Compare the inbox with the ledger, by sizes and times alone.

    ``known`` defaults to the ledger of the published snapshot, which is never locked.
    """
    ledger = published_ledger(settings) if known is None else known
    fresh = [f for f in scan(settings) if not is_known(ledger.get(f.name), f.size, f.changed_ns)]
    ready = [f for f in fresh if f.is_settled(settings.settle_seconds) or (f.is_followed and f.size > 0)]
    unpublished = frozenset(intended(settings))
    return Plan(
        kinds=frozenset(f.kind for f in ready if f.kind) | unpublished,
        files=tuple(ready[: settings.max_files_per_batch]),
        waiting=tuple(f for f in fresh if not f.is_settled(settings.settle_seconds)),
        unpublished=unpublished,
    )


@dataclass(frozen=True)
class RefreshRun:
    """An earlier refresh; ``state`` is the inbox's when it was asked for, and ``attempt`` counts from 0."""

    state: str
    attempt: int
    is_waiting: bool
    ended_at: datetime | None


@dataclass(frozen=True)
class Wait:
    """Ask for nothing now."""

    reason: str


@dataclass(frozen=True)
class Ask:
    """Ask for a refresh; each attempt at a state has a run key of its own, because Dagster never runs a key twice."""

    state: str
    attempt: int
    reason: str


def decide(arrived: Plan, runs: Sequence[RefreshRun], now: datetime) -> Ask | Wait:
    """Whether to ask for a refresh, given those that wait or run, and all earlier ones of the same state.

    A state of the inbox that is still there after a refresh of it has ended was not dealt with: the disk was full, or
    the run was killed. It is tried again after 30 s, and after twice as long each time up to an hour.
    """
    if arrived.is_empty:
        return Wait(arrived.reason)
    if any(run.is_waiting for run in runs):
        return Wait(f"{arrived.reason}; a refresh that will see it waits to start")
    if not arrived.files and any(not run.is_waiting and run.ended_at is None for run in runs):
        return Wait("a refresh is running that has not published yet")
    tries = [run for run in runs if run.state == arrived.state]
    if any(run.ended_at is None for run in tries):
        return Wait(f"{arrived.reason}; a refresh of it is running")
    # The same kinds may be left unpublished again months later: those tries are another story.
    story = timedelta(seconds=2 * RETRY_AT_LEAST_EVERY.value)
    ends = [run.ended_at for run in tries if run.ended_at is not None and now - run.ended_at < story]
    if ends:
        delay = min(RETRY_AFTER.value * 2 ** (len(ends) - 1), RETRY_AT_LEAST_EVERY.value)
        next_try = max(ends) + timedelta(seconds=delay)
        if now < next_try:
            at = f"{next_try:%H:%M:%S} UTC"
            return Wait(f"{arrived.reason}; {len(ends)} refreshes have not dealt with it, the next try is at {at}")
    return Ask(arrived.state, 1 + max((run.attempt for run in tries), default=-1), arrived.reason)


def published_ledger(settings: Settings) -> dict[str, Known]:
    """The ledger as of the last publication; empty before the first."""
    from analytics_assets.queries.errors import NoSnapshotError
    from analytics_assets.queries.snapshot import run_sql

    if not settings.pointer.exists():
        return {}
    try:
        return by_path(run_sql(settings, KNOWN_FILES).rows)
    except NoSnapshotError:
        # A pointer that leads nowhere: everything counts as new, and the warehouse's own ledger knows better.
        return {}


def suggestion(folder: str | None) -> str:
    """Where a file of an unknown folder probably belongs."""
    close = difflib.get_close_matches(folder or "", CONTRACTS, n=1)
    if close:
        return f"inbox/{close[0]}/"
    return f"the folder of its kind: {', '.join(CONTRACTS)}"
