"""What a source looked at, and so whether its silence on a pattern means that the pattern is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from analytics_assets.lib.words import percent
from analytics_assets.pattern_thresholds import SOURCE_COVERAGE, UNSTATED_LOOKS, UNSTATED_LOOKS_DAILY

Row = dict[str, Any]
"""A row of a table, by the names of its columns."""
JOINED = " -> "
"""Between the two ends of a subject that is a pair."""
RECORDS_OF = {
    "tool": "executions",
    "runs": "runs",
    "procedure": "procedure_calls",
    "pipeline": "pipelines",
    "integration": "events",
    "metric": "metrics",
}
"""Kind of the records that a signal is made of, by the first part of its name."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """The newest run of a source.

    Args:
        source: table that it writes.
        subjects: how many it meant to look at.
        examined: how many of them were looked at.
        as_of: end of the window it looked at; None before the first record, and where it did not run.
        left_out: subjects or ids of patterns that it did not look at; one that ends in ``/`` stands for all that begin
            with it.
        leaves_unnamed: whether it left out more than it names.
        did_run: whether there is a table of it at all.
        problem: why its table cannot be relied on, in words; None where nothing is wrong.
        is_cut: whether it states more patterns than are kept.
        is_daily: whether it is one of those that look once a day.
        batches: the newest batch of each kind of records that it could see; none where it does not tell.
    """

    source: str
    subjects: int = 0
    examined: int = 0
    as_of: datetime | None = None
    left_out: tuple[str, ...] = ()
    leaves_unnamed: bool = False
    did_run: bool = True
    problem: str | None = None
    is_cut: bool = False
    is_daily: bool = False
    batches: Mapping[str, int] = field(default_factory=dict)

    @property
    def coverage(self) -> float | None:
        """Share of its subjects that it looked at; 1 where there was none, None where it did not run."""
        if not self.did_run:
            return None
        return self.examined / self.subjects if self.subjects else 1.0

    @property
    def is_enough(self) -> bool | None:
        """Whether its silence means anything; None where it never ran."""
        if self.coverage is None:
            return None
        return self.problem is None and self.coverage >= SOURCE_COVERAGE.value

    @property
    def reason(self) -> str | None:
        """Why nothing of it is resolved, in words; None where what it does not state any more is over."""
        if not self.did_run:
            return "it has not run yet"
        if self.problem is not None:
            return self.problem
        if not self.is_enough:
            return (
                f"it looked at {self.examined:,} of {self.subjects:,} subjects "
                f"({percent(self.coverage or 0.0)}; needed: {percent(SOURCE_COVERAGE.value)})"
            )
        return None

    @property
    def looks_to_end(self) -> int:
        """How many looks that do not state a pattern end it."""
        return int((UNSTATED_LOOKS_DAILY if self.is_daily else UNSTATED_LOOKS).value)

    def held_because(self, row: Row) -> str | None:
        """Why a pattern that it does not state now is held; None where the pattern is over.

        Args:
            row: of ``patterns.detected_patterns``.
        """
        if self.reason is not None:
            return f"{self.source}: {self.reason}"
        if self._is_left_out(row["id"]) or any(map(self._is_left_out, _parts(row["subject"]))):
            return f"{self.source} left {row['subject']} out"
        if self.leaves_unnamed:
            return f"{self.source} left out more than it names: {row['subject']} may be among them"
        if self.is_cut:
            return f"{self.source} states more patterns than are kept"
        is_later = self.as_of is not None and self.as_of > row["observed_until"]
        if self.as_of is None or not (is_later or self.has_more(row, "observed_batch")):
            return f"{self.source} has no newer record"
        return None

    def batch_of(self, subject: str) -> int | None:
        """The newest batch with records of a subject: of its kind where it is a signal, else of any kind."""
        kind = RECORDS_OF.get(subject.partition("/")[0])
        if kind is not None and JOINED not in subject:
            return self.batches.get(kind)
        return max(self.batches.values(), default=None)

    def has_more(self, row: Row, column: str) -> bool:
        """Whether records of a pattern came since the batch in that column, be they late ones that move no end.

        Of a store that an earlier version wrote the batch is not known: then only a later end counts.
        """
        now, then = self.batch_of(row["subject"]), row.get(column)
        return now is not None and then is not None and now > then

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(self.left_out)

    @cached_property
    def _beginnings(self) -> tuple[str, ...]:
        return tuple(name for name in self.left_out if name.endswith("/"))

    def _is_left_out(self, part: str) -> bool:
        return part in self._names or part.startswith(self._beginnings)


def look_of(looks: Mapping[str, Look], source: str) -> Look:
    """The look of a source; one that is not known did not run."""
    return looks.get(source, Look(source=source, did_run=False))


def _parts(subject: str) -> tuple[str, ...]:
    return (subject, *subject.split(JOINED))
