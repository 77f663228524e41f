"""What was known besides the runs: load of the machines, errors of the tools, changes, dependencies."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Surroundings:
    """What surrounds runs; empty where nothing of it is known.

    Args:
        cpu: mean use of the CPU of all components, percent, by the hour (naive UTC) it was measured in.
        tool_errors: share of tool executions that failed, 0 to 1, by the hour they ended in.
        changes: moments of deployments and new configurations, in order.
        dependencies: by spec, when it was told how many tasks it waits for, and how many; in order. Of what is not in
            it, nothing is known.
        notes: what could not be read, a sentence each.
    """

    cpu: Mapping[datetime, float] = field(default_factory=dict)
    tool_errors: Mapping[datetime, float] = field(default_factory=dict)
    changes: tuple[datetime, ...] = ()
    dependencies: Mapping[str, tuple[tuple[datetime, int], ...]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def system_load(self, at: datetime) -> float:
        """Mean use of the CPU in the last hour that was over, percent; NaN where it was not measured."""
        return self.cpu.get(_last_hour(at), math.nan)

    def tool_error_rate(self, at: datetime) -> float:
        """Share of tool executions of the last hour that was over, 0 to 1; NaN where there was none."""
        return self.tool_errors.get(_last_hour(at), math.nan)

    def hours_since_change(self, at: datetime) -> float:
        """Hours since the last deployment or new configuration; NaN before the first."""
        place = bisect_right(self.changes, at)
        return (at - self.changes[place - 1]) / HOUR if place else math.nan

    def dependencies_of(self, spec_id: str, at: datetime) -> float:
        """Tasks the spec waits for, as was told last by then; NaN where it was no known task."""
        told = self.dependencies.get(spec_id, ())
        place = bisect_right(told, at, key=_when)
        return float(told[place - 1][1]) if place else math.nan

    def as_known_at(self, moment: datetime) -> Surroundings:
        """Without what was measured in hours that were not over, and without what was changed or told later."""
        return replace(
            self,
            cpu={hour: value for hour, value in self.cpu.items() if hour + HOUR <= moment},
            tool_errors={hour: value for hour, value in self.tool_errors.items() if hour + HOUR <= moment},
            changes=self.changes[: bisect_right(self.changes, moment)],
            dependencies={
                spec: told[: bisect_right(told, moment, key=_when)] for spec, told in self.dependencies.items()
            },
        )


def _when(told: tuple[datetime, int]) -> datetime:
    return told[0]


def _last_hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0) - HOUR
