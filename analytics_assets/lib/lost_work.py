"""Hours of work: the one unit in which recommendations of every kind are compared.

What the last seven days of a component took, times 30 / 7, is what the next 30 days take if nothing is done. A response
time that could be a third shorter gives back a third of the hours; an error rate that could be a third lower, a third
of the failures, each as long as a call usually takes. Money is turned into hours by what an hour of runs costs here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from analytics_assets.pattern_thresholds import RECENT_WORK, WORK_MONTH

PER_MONTH = WORK_MONTH.value / RECENT_WORK.value
_SECONDS = {"s": 1.0, "ms": 0.001}
SIGNALS = f"""
    select component_kind, component, metric_type, unit, sum(value * samples) as total, sum(samples) as samples
    from summaries.hourly_signals
    where component_kind <> 'metric' and hour > as_of - interval {RECENT_WORK.value:.0f} day
    group by all
"""
"""What ``Work.of`` reads."""


class Gain(NamedTuple):
    """What 30 days would give back; None where it is not known."""

    hours: float | None = None
    usd: float | None = None


@dataclass
class Part:
    """Of one component, in 30 days: seconds of timed calls, their number, failures, calls, US dollars."""

    seconds: float = 0.0
    timed: float = 0.0
    failures: float = 0.0
    calls: float = 0.0
    usd: float = 0.0

    @property
    def successes(self) -> float:
        """Calls that did not fail."""
        return max(0.0, self.calls - self.failures)

    @property
    def mean_seconds(self) -> float | None:
        """Of a timed call; None without one."""
        return self.seconds / self.timed if self.timed else None

    @property
    def failed_hours(self) -> float:
        """A failure lasts as long as any call; untimed ones are not counted."""
        return self.failures * (self.mean_seconds or 0.0) / 3600


@dataclass(frozen=True)
class Work:
    """By kind and name of component, as ``hourly_signals`` has them."""

    parts: Mapping[tuple[str, str], Part] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]]) -> Work:
        """From the rows of ``SIGNALS``."""
        parts: dict[tuple[str, str], Part] = {}
        for row in rows:
            part = parts.setdefault((row["component_kind"], row["component"]), Part())
            total, samples = float(row["total"]) * PER_MONTH, float(row["samples"]) * PER_MONTH
            match row["metric_type"]:
                case "response_time":
                    part.seconds += total * _SECONDS.get(row["unit"], 0.0)
                    part.timed += samples
                case "error_rate":
                    part.failures += total
                    part.calls += samples
                case "cost":
                    part.usd += total
        return cls(parts)

    def gain(self, kind: str, component: str, metric_type: str, share: float) -> Gain:
        """What it gives back when a figure of a component becomes smaller by this share."""
        part = self.parts.get((kind, component))
        if part is None:
            return Gain()
        if metric_type == "response_time":
            return Gain(hours=share * part.seconds / 3600)
        if metric_type == "error_rate":
            return Gain(hours=None if part.mean_seconds is None else share * part.failed_hours)
        return Gain(usd=share * part.usd) if metric_type == "cost" else Gain()

    def gain_of_link(self, link: str, metric_type: str, share: float) -> Gain:
        """The same of a link of two systems, as ``source>target``: its parts are of one type of event each.

        Hours are those of the types whose events are timed.
        """
        own = (name for kind, name in self.parts if kind == "integration" and f"{name}/".startswith(f"{link}/"))
        gains = [self.gain("integration", name, metric_type, share) for name in own]
        hours = [gain.hours for gain in gains if gain.hours is not None]
        return Gain(hours=sum(hours) if hours else None)

    def part(self, kind: str, component: str) -> Part:
        """What is known of it; nothing, where it did not work in seven days."""
        return self.parts.get((kind, component), Part())

    def all_of(self, kind: str) -> Part:
        """The components of a kind together."""
        own = [part for (its_kind, _), part in self.parts.items() if its_kind == kind]
        return Part(
            *(sum(getattr(part, name) for part in own) for name in ("seconds", "timed", "failures", "calls", "usd"))
        )

    @property
    def failed_hours(self) -> float:
        """Hours of everything that failed. A tool that fails within a failing run is counted with both."""
        return sum(part.failed_hours for part in self.parts.values())

    @property
    def usd_per_hour(self) -> float | None:
        """What an hour of runs costs; None where none is both timed and priced."""
        runs = self.all_of("runs")
        return runs.usd / (runs.seconds / 3600) if runs.usd > 0 and runs.seconds > 0 else None

    def in_hours(self, gain: Gain) -> float | None:
        """Its hours; where none are known, its money at what an hour of runs costs; None where neither is known."""
        rate = self.usd_per_hour
        if gain.hours is not None:
            return gain.hours
        return None if gain.usd is None or rate is None else gain.usd / rate
