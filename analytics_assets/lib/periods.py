"""What a stretch of time held: runs, successes, money and the values behind their medians."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any, NamedTuple, Self

from analytics_assets.lib.effects import evenly_spaced
from analytics_assets.lib.rates import success_rate
from analytics_assets.thresholds import OUTCOME_MIN_DAYS

DAY = timedelta(days=1)


class Run(NamedTuple):
    """A judged run. Values are None where they were not measured."""

    is_success: bool
    duration_seconds: float | None
    cost_usd: float | None
    infrastructure_cost_eur: float | None


VALUES = Run._fields[1:]
"""What is compared by ranks and medians."""


@dataclass(frozen=True)
class Period:
    """The judged runs of ``start`` < started_at <= ``end``.

    Args:
        start: exclusive.
        end: inclusive.
        days: how long it was watched, at least a day: less than ``end - start`` where the first run came later.
        runs: judged runs.
        successes: of these.
        priced_runs: runs whose cost is known.
        priced_successes: successes among them.
        total_cost_usd: of the priced runs; None without one.
        values: of each name in ``VALUES``, at most 500 values at evenly spaced ranks.
    """

    start: datetime
    end: datetime
    days: float
    runs: int
    successes: int
    priced_runs: int
    priced_successes: int
    total_cost_usd: float | None
    values: Mapping[str, list[float]] = field(repr=False)

    @classmethod
    def of(cls, runs: Iterable[Run], start: datetime, end: datetime, first_run_at: datetime | None = None) -> Self:
        """Count runs. ``first_run_at`` is the first run ever seen: the days before it are no days without runs."""
        every = list(runs)
        priced = [run for run in every if run.cost_usd is not None]
        watched_from = start if first_run_at is None else max(start, first_run_at)
        return cls(
            start=start,
            end=end,
            days=max(OUTCOME_MIN_DAYS.value, (end - watched_from) / DAY),
            runs=len(every),
            successes=sum(run.is_success for run in every),
            priced_runs=len(priced),
            priced_successes=sum(run.is_success for run in priced),
            total_cost_usd=sum(run.cost_usd or 0.0 for run in priced) if priced else None,
            values={name: evenly_spaced(_known(every, name)) for name in VALUES},
        )

    @property
    def success_rate(self) -> float | None:
        """Share of successes; None without runs."""
        return success_rate(self.successes, self.runs)

    @property
    def cost_per_success_usd(self) -> float | None:
        """Cost of all priced runs per success among them: failures are paid for too. None without such a success."""
        if self.total_cost_usd is None or not self.priced_successes:
            return None
        return self.total_cost_usd / self.priced_successes

    def median(self, name: str) -> float | None:
        """The middle one of its values; None without one."""
        return median(self.values[name]) if self.values[name] else None

    def columns(self, prefix: str) -> dict[str, Any]:
        """Its columns, as ``baseline_runs``; ``from_columns`` makes the period of them again."""
        return {
            f"{prefix}_from": self.start,
            f"{prefix}_to": self.end,
            f"{prefix}_days": self.days,
            f"{prefix}_runs": self.runs,
            f"{prefix}_successes": self.successes,
            f"{prefix}_success_rate": self.success_rate,
            f"{prefix}_priced_runs": self.priced_runs,
            f"{prefix}_priced_successes": self.priced_successes,
            f"{prefix}_total_cost_usd": self.total_cost_usd,
            f"{prefix}_cost_per_success_usd": self.cost_per_success_usd,
            f"{prefix}_median_cost_usd": self.median("cost_usd"),
            f"{prefix}_median_duration_seconds": self.median("duration_seconds"),
            f"{prefix}_values": json.dumps(self.values),
        }

    @classmethod
    def from_columns(cls, prefix: str, row: Mapping[str, Any]) -> Self:
        """The period that ``columns`` wrote down."""
        written = {name: row[f"{prefix}_{name}"] for name in ("days", "runs", "successes", "priced_runs")}
        return cls(
            start=row[f"{prefix}_from"],
            end=row[f"{prefix}_to"],
            priced_successes=row[f"{prefix}_priced_successes"],
            total_cost_usd=row[f"{prefix}_total_cost_usd"],
            values=json.loads(row[f"{prefix}_values"]),
            **written,
        )


def _known(runs: Iterable[Run], name: str) -> list[float]:
    return [value for run in runs if (value := getattr(run, name)) is not None]
