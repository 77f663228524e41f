"""What was known of past runs at a moment, kept while time goes on."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Hashable, Sequence
from datetime import datetime, timedelta
from heapq import heappop, heappush

from analytics_assets.predicting.runs import Run, at_least_zero
from analytics_assets.predicting_thresholds import ACTIVE_AT_MOST, ERRORS_REMEMBERED, FADING

CENTS = 100


class Tally:
    """What came of the runs of one group, in the order in which it was known."""

    __slots__ = (
        "cost",
        "faded_failures",
        "faded_n",
        "faded_seconds",
        "faded_timed",
        "failures",
        "n",
        "priced",
        "seconds",
        "streak",
        "timed",
    )

    def __init__(self) -> None:
        self.n = self.failures = self.streak = self.timed = self.priced = 0
        self.faded_n = self.faded_failures = self.faded_timed = 0.0
        self.seconds = self.faded_seconds = self.cost = 0.0

    def add(self, is_failed: bool, seconds: float, cost: float) -> None:
        """One more outcome.

        Args:
            is_failed: whether it failed.
            seconds: logarithm of its time; NaN where it is not known.
            cost: logarithm of its cost; NaN where it is not known.
        """
        kept = FADING.value
        self.n += 1
        self.failures += is_failed
        self.streak = self.streak + 1 if is_failed else 0
        self.faded_n = kept * self.faded_n + 1
        self.faded_failures = kept * self.faded_failures + is_failed
        if not math.isnan(seconds):
            self.timed += 1
            self.seconds += seconds
            self.faded_timed = kept * self.faded_timed + 1
            self.faded_seconds = kept * self.faded_seconds + seconds
        if not math.isnan(cost):
            self.priced += 1
            self.cost += cost

    def rate(self, parent: float, weight: float) -> float:
        """Share that failed, drawn to its parent's as if that had been seen ``weight`` times."""
        return (self.failures + weight * parent) / (self.n + weight)

    def recent_rate(self) -> float:
        """The same of late: each outcome counts less by every one after it. NaN before the first."""
        return self.faded_failures / self.faded_n if self.n else math.nan

    def mean_seconds(self, parent: float, weight: float) -> float:
        """Mean logarithm of the time, drawn to its parent's; NaN where neither is known."""
        return _drawn(self.seconds, self.timed, parent, weight)

    def mean_cost(self, parent: float, weight: float) -> float:
        """Mean logarithm of the cost, drawn to its parent's; NaN where neither is known."""
        return _drawn(self.cost, self.priced, parent, weight)

    def trend_of_seconds(self) -> float:
        """By how much the logarithm of the time was longer of late than ever; NaN before the first."""
        return self.faded_seconds / self.faded_timed - self.seconds / self.timed if self.timed else math.nan


NOTHING = Tally()
"""Of a group that nothing came of yet; nobody adds to it."""


class SpecPast:
    """What is remembered of one spec besides its tally."""

    __slots__ = (
        "cpu",
        "cpu_n",
        "errors",
        "failed_at",
        "last_errors",
        "memory",
        "memory_n",
        "oom",
        "oom_n",
        "transient",
        "transient_n",
    )

    def __init__(self) -> None:
        self.errors: deque[str | None] = deque(maxlen=int(ERRORS_REMEMBERED.value))
        self.last_errors: deque[str | None] = deque(maxlen=2)
        self.failed_at: datetime | None = None
        self.memory = self.cpu = 0.0
        self.memory_n = self.cpu_n = self.oom = self.oom_n = self.transient = self.transient_n = 0

    def add(self, run: Run, is_failed: bool, told_at: datetime) -> None:
        """One more outcome of the spec."""
        self.errors.append(run.error_type if is_failed else None)
        if is_failed:
            self.failed_at = told_at
            self.last_errors.append(run.error_type)
        if run.is_oom is not None:
            self.oom_n += 1
            self.oom += run.is_oom
        if run.is_transient is not None:
            self.transient_n += 1
            self.transient += run.is_transient
        memory = _used(run.memory_peak_mb, run.memory_limit_mb)
        if memory is not None:
            self.memory_n += 1
            self.memory += memory
        cpu = _used(run.cpu_peak_mcores, run.cpu_limit_mcores)
        if cpu is not None:
            self.cpu_n += 1
            self.cpu += cpu


class History:
    """Past runs up to a moment that only goes forward."""

    def __init__(self, runs: Sequence[Run]) -> None:
        """Begin before the first of these; they are in the order of their places."""
        self._runs = runs
        self._begun = 0
        self._ends: list[tuple[datetime, datetime, str, int]] = []
        self._open: deque[int] = deque()
        self._is_over = bytearray(len(runs))
        self._starts: list[datetime] = []
        self.tallies: defaultdict[Hashable, Tally] = defaultdict(Tally)
        self.specs: defaultdict[str, SpecPast] = defaultdict(SpecPast)
        self.active: defaultdict[Hashable, int] = defaultdict(int)
        self.first_seen: dict[Hashable, datetime] = {}
        self.last_start: dict[str, datetime] = {}
        self.starts_since: defaultdict[Hashable, int] = defaultdict(int)

    def advance(self, at: datetime) -> None:
        """Know all that was known at this moment: what had begun before it, and what had come of that by then."""
        while self._begun < len(self._runs) and self._runs[self._begun].started_at < at:
            self._begin(self._begun)
            self._begun += 1
        while self._ends and self._ends[0][0] <= at:
            self._end(heappop(self._ends)[-1])
        # What never ended is no load for ever.
        oldest = at - timedelta(hours=ACTIVE_AT_MOST.value)
        while self._open and self._runs[self._open[0]].started_at < oldest:
            self._leave(self._open.popleft())

    def told(self, *group: Hashable) -> Tally:
        """What came of a group so far, by the parts of its key."""
        # Asked by get: a group that was never seen is not made.
        return self.tallies.get(group) or NOTHING

    def starts(self, begin: datetime, end: datetime) -> int:
        """Runs that started in [begin, end); both lie before what is known now."""
        return bisect_left(self._starts, end) - bisect_left(self._starts, begin)

    @property
    def begins_at(self) -> datetime | None:
        """The first start that is known."""
        return self._starts[0] if self._starts else None

    def _begin(self, number: int) -> None:
        run = self._runs[number]
        self._starts.append(run.started_at)
        self._open.append(number)
        for key in _active_keys(run):
            self.active[key] += 1
        for seen in (version_key(run), ("model", run.model)):
            if None not in seen:
                self.first_seen.setdefault(seen, run.started_at)
                self.starts_since[seen] += 1
        self.last_start[run.spec_id] = run.started_at
        if run.told_at is not None:
            heappush(self._ends, (run.told_at, run.started_at, run.run_id, number))

    def _leave(self, number: int) -> None:
        if not self._is_over[number]:
            self._is_over[number] = True
            for key in _active_keys(self._runs[number]):
                self.active[key] -= 1

    def _end(self, number: int) -> None:
        run = self._runs[number]
        self._leave(number)
        if run.is_failed is None or run.told_at is None:
            return
        seconds = math.log1p(at_least_zero(run.duration_seconds))
        cost = math.log1p(CENTS * at_least_zero(run.llm_cost_usd))
        for key in tally_keys(run):
            if None not in key:
                self.tallies[key].add(run.is_failed, seconds, cost)
        self.specs[run.spec_id].add(run, run.is_failed, run.told_at)


def tally_keys(run: Run) -> tuple[tuple[object, ...], ...]:
    """The groups a run belongs to; one with None is not known to belong to any of that kind."""
    return (
        ("all",),
        ("spec_type", run.spec_type),
        ("spec", run.spec_id),
        ("model", run.model),
        ("model_spec_type", run.model, run.spec_type),
        ("model_spec", run.model, run.spec_id),
        ("agent", run.agent_id),
        ("project", run.project_id),
        ("hour", run.started_at.hour),
        ("weekday", run.started_at.weekday()),
    )


def version_key(run: Run) -> tuple[object, ...]:
    """The spec as it was then; its last part is None where neither hash nor version is known."""
    return "version", run.spec_id, run.spec_fingerprint or run.spec_version


def _active_keys(run: Run) -> tuple[tuple[str, str | None], ...]:
    return ("all", ""), ("agent", run.agent_id)


def _used(peak: float | None, limit: float | None) -> float | None:
    """Share of its limit that a run used at its peak; None where one of the two is not known."""
    used, allowed = at_least_zero(peak), at_least_zero(limit)
    return used / allowed if allowed > 0 and not math.isnan(used) else None


def _drawn(total: float, n: int, parent: float, weight: float) -> float:
    if math.isnan(parent):
        return total / n if n else math.nan
    return (total + weight * parent) / (n + weight)
